// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type inner struct {
	Data []byte `json:"data"`
}

type unexported struct{ Promoted []byte }

type outer struct {
	Z     []byte `json:"z"`
	A     inner
	None  []byte  `json:"none"`
	Omit  []byte  `json:"omit,omitempty"`
	Skip  []byte  `json:"-"`
	Ptr   *inner  `json:"ptr,omitempty"`
	List  []inner `json:"list,omitempty"`
	Any   any     `json:"any,omitempty"`
	inner         // unexported, but its field is promoted
	unexported
}

type selfMarshaler []byte

func (s selfMarshaler) MarshalJSON() ([]byte, error) { return []byte(`"mine"`), nil }

func ph(n string) string { return `{"_placeholder":true,"num":` + n + `}` }

func TestEncoderValue(t *testing.T) {
	var nilBytes []byte
	for _, tt := range []struct {
		name   string
		args   []any
		want   string
		binary []string
	}{
		{"V120", []any{1, "2", map[string]any{"a": []any{true, nil}}}, `1,"2",{"a":[true,null]}`, nil},
		{"V123", []any{[]byte{1}, map[string]any{"x": []byte{2}, "y": []byte{3}}}, ph("0") + `,{"x":` + ph("1") + `,"y":` + ph("2") + `}`, []string{"\x01", "\x02", "\x03"}},
		{"V124", []any{[]byte("x")}, ph("0"), []string{"x"}},
		{"V125", []any{time.Unix(0, 0), nil}, `"1970-01-01T00:00:00.000Z",null`, nil},
		{"R216 maps are sorted", []any{map[string][]byte{"b": {2}, "a": {1}, "c": {3}}}, `{"a":` + ph("0") + `,"b":` + ph("1") + `,"c":` + ph("2") + `}`, []string{"\x01", "\x02", "\x03"}},
		{"R218 empty", []any{[]byte{}, inner{Data: []byte{}}}, ph("0") + `,{"data":` + ph("1") + `}`, []string{"", ""}},
		{"nil is null", []any{nilBytes, inner{}}, `null,{"data":null}`, nil},
		{"R236 no HTML escaping", []any{"<&>", map[string]string{"a": "<&>"}}, `"<&>",{"a":"<&>"}`, nil},
		{"R237 separator", []any{"\x1e", []string{"\x1e"}}, `"\u001e",["\u001e"]`, nil},
		{"R245 bad UTF-8", []any{"a\xffb"}, "\"a\ufffdb\"", nil},
		{"strings", []any{"\"\\\b\f\n\r\t\u2028é😀"}, `"\"\\\b\f\n\r\t` + "\u2028é😀\"", nil},
		{"structs", []any{outer{Z: []byte("z"), A: inner{[]byte("a")}, Omit: []byte{}, Skip: []byte("s"),
			Ptr: &inner{[]byte("p")}, List: []inner{{[]byte("l")}}, Any: &inner{[]byte("i")},
			inner: inner{[]byte("e")}, unexported: unexported{[]byte("u")}}},
			`{"z":` + ph("0") + `,"A":{"data":` + ph("1") + `},"none":null,"ptr":{"data":` + ph("2") + `},"list":[{"data":` + ph("3") +
				`}],"any":{"data":` + ph("4") + `},"data":` + ph("5") + `,"Promoted":` + ph("6") + `}`, []string{"z", "a", "p", "l", "i", "e", "u"}},
		{"arrays", []any{[2][]byte{{1}, {2}}, [3]byte{1, 2, 3}}, `[` + ph("0") + `,` + ph("1") + `],[1,2,3]`, []string{"\x01", "\x02"}},
		{"types that marshal themselves", []any{selfMarshaler{1}, json.RawMessage(`{"a": 1}`), []any{selfMarshaler{1}, []byte{7}}}, `"mine",{"a":1},["mine",` + ph("0") + `]`, []string{"\x07"}},
		{"numbers", []any{int64(math.MinInt64), uint64(math.MaxUint64), 1.5, int8(3), true}, `-9223372036854775808,18446744073709551615,1.5,3,true`, nil},
		{"no binary, lookalike", []any{map[string]any{"_placeholder": true, "num": 0}}, ph("0"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := NewEncoder()
			defer e.Release()
			for _, v := range tt.args {
				if err := e.Value(v); err != nil {
					t.Fatal(err)
				}
			}
			if string(e.B) != tt.want {
				t.Errorf("B = %s\nwant %s", e.B, tt.want)
			}
			var got []string
			for _, a := range e.Attachments {
				got = append(got, string(a))
			}
			if diff := cmp.Diff(tt.binary, got); diff != "" {
				t.Errorf("attachments (-want +got):\n%s", diff)
			}
			text := AppendEvent(nil, "/chat", 3, true, "e", e)
			p, err := Parse(text, Limits{})
			if err != nil || p.Args.Len() != len(tt.args) || p.Attachments != len(tt.binary) {
				t.Errorf("Parse(%s) = %+v, %v", text, flatten(p), err)
			}
		})
	}
}

func TestEncoderValueLeavesItsArgumentAlone(t *testing.T) {
	in := &inner{Data: []byte("data")}
	v := map[string]any{"list": []any{[]byte("a")}, "in": in}
	e := NewEncoder()
	defer e.Release()
	if err := e.Value(v); err != nil {
		t.Fatal(err)
	}
	if string(in.Data) != "data" || string(v["list"].([]any)[0].([]byte)) != "a" || v["in"] != any(in) {
		t.Errorf("Value changed its argument: %v", v)
	}
	in.Data[0] = 'X'
	if string(e.Attachments[0]) != "data" {
		t.Error("the attachment shares its bytes with the argument")
	}
}

type cyclic struct {
	Next *cyclic
	Data []byte
}

func TestEncoderErrors(t *testing.T) {
	loop := &cyclic{}
	loop.Next = loop
	for _, tt := range []struct {
		name string
		args []any
		want string
	}{
		{"NaN", []any{math.NaN()}, "encode argument 1: json: unsupported value: NaN"},
		{"infinity within", []any{1, []float64{math.Inf(1)}}, "encode argument 2"},
		{"channel", []any{make(chan int)}, "unsupported type"},
		{"cycle", []any{loop}, "nested too deeply"},
		{"raw", []any{json.RawMessage(`{`)}, "unexpected end"},
		{"lookalike first", []any{map[string]any{"_placeholder": true, "num": 0}, []byte{1}}, "looks like a placeholder"},
		{"lookalike last", []any{[]byte{1}, json.RawMessage(`{"a":{"_placeholder":true}}`)}, "looks like a placeholder"},
		{"escaped lookalike", []any{[]byte{1}, json.RawMessage(`{"\u005fplaceholder":true}`)}, "looks like a placeholder"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := NewEncoder()
			defer e.Release()
			for _, v := range tt.args {
				e.Value(v)
			}
			if err := e.Err(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Err = %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestEncoderFirstErrorWinsAndResetForgets(t *testing.T) {
	e := NewEncoder()
	defer e.Release()
	first := errors.New("first")
	e.Fail(nil)
	e.Fail(first)
	e.Fail(errors.New("second"))
	if e.Err() != first {
		t.Errorf("Err = %v", e.Err())
	}
	e.AppendBytes([]byte("x"))
	e.Reset()
	if e.Err() != nil || len(e.B) != 0 || len(e.Attachments) != 0 || e.Len() != 0 {
		t.Errorf("after Reset: %+v", e)
	}
}

func TestEncoderPad(t *testing.T) {
	for _, tt := range []struct {
		places int
		args   []any
		want   string
	}{
		{0, nil, ""},
		{1, nil, "null"},
		{3, []any{"a"}, `"a",null,null`},
		{2, []any{"a", 1}, `"a",1`},
		{1, []any{"a", 1}, `"a",1`},
	} {
		e := NewEncoder()
		e.reserve(tt.places)
		for _, a := range tt.args {
			e.Value(a)
		}
		e.pad()
		e.pad()
		if string(e.B) != tt.want || e.Len() != max(tt.places, len(tt.args)) {
			t.Errorf("%d places, %v: %s with %d arguments", tt.places, tt.args, e.B, e.Len())
		}
		e.Reset()
		e.pad()
		if e.Len() != 0 {
			t.Error("Reset keeps the places")
		}
		e.Release()
	}
}

// parsed returns the arguments of text with the given attachments.
func parsed(t *testing.T, text string, attachments ...string) Args {
	t.Helper()
	p, err := Parse([]byte(text), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range attachments {
		p.Args.Attachments = append(p.Args.Attachments, []byte(a))
	}
	return p.Args
}

func TestEncoderForward(t *testing.T) {
	for _, tt := range []struct {
		name, text  string
		attachments []string
		want        string
		binary      []string
	}{
		{"V60", `51-["emitback",` + p0 + `]`, []string{"a"}, `51-["back",` + p0 + `]`, []string{"a"}},
		{"V61", `52-["emitback",` + p1 + `,` + p0 + `]`, []string{"a", "b"}, `52-["back",` + p0 + `,` + p1 + `]`, []string{"b", "a"}},
		{"V62", `51-["emitback",` + p0 + `,` + p0 + `]`, []string{"a"}, `52-["back",` + p0 + `,` + p1 + `]`, []string{"a", "a"}},
		{"V63", `52-["emitback",` + p0 + `]`, []string{"a", "b"}, `51-["back",` + p0 + `]`, []string{"a"}},
		{"V64", `51-["emitback",{"a":[{"b":` + p0 + `}]}]`, []string{"a"}, `51-["back",{"a":[{"b":` + p0 + `}]}]`, []string{"a"}},
		{"V66", `51-["emitback",{"_placeholder":"true","num":0}]`, []string{"a"}, `2["back",{"_placeholder":"true","num":0}]`, nil},
		{"V67", `2["emitback",` + p0 + `]`, nil, `2["back",` + p0 + `]`, nil},
		{"V69", `510-["emitback"]`, []string{"1", "1", "1", "1", "1", "1", "1", "1", "1", "1"}, `2["back"]`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := parsed(t, tt.text, tt.attachments...)
			for name, forward := range map[string]func(e *Encoder) error{
				"Forward": func(e *Encoder) error { return e.Forward(args) },
				"Value":   func(e *Encoder) error { return e.Value(args) },
			} {
				e := NewEncoder()
				defer e.Release()
				if err := forward(e); err != nil {
					t.Fatal(name, err)
				}
				if got := AppendEvent(nil, "/", 0, false, "back", e); string(got) != tt.want {
					t.Errorf("%s: got %s\nwant %s", name, got, tt.want)
				}
				var got []string
				for _, a := range e.Attachments {
					got = append(got, string(a))
				}
				if diff := cmp.Diff(tt.binary, got); diff != "" {
					t.Errorf("%s: attachments (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func TestArgsDecode(t *testing.T) {
	a := parsed(t, `52-["x",{"data":`+p1+`,"n":1},`+p0+`,"s",4]`, "first", "second")
	var v struct {
		Data []byte
		N    int
	}
	if err := a.Decode(0, &v); err != nil || string(v.Data) != "second" || v.N != 1 {
		t.Errorf("Decode(0) = %+v, %v", v, err)
	}
	var b []byte
	if err := a.Decode(1, &b); err != nil || string(b) != "first" {
		t.Errorf("Decode(1) = %q, %v", b, err)
	}
	var s string
	if err := a.Decode(2, &s); err != nil || s != "s" {
		t.Errorf("Decode(2) = %q, %v", s, err)
	}
	var n int
	if err := a.Decode(3, &n); err != nil || n != 4 || string(a.At(3)) != "4" {
		t.Errorf("Decode(3) = %d, %v", n, err)
	}
	if err := a.Decode(4, &n); err == nil {
		t.Error("Decode of an argument that is not there succeeds")
	}
	if num, ok := Placeholder(a.At(1)); !ok || num != 0 {
		t.Errorf("Placeholder(%s) = %d, %v", a.At(1), num, ok)
	}
	if _, ok := Placeholder(a.At(0)); ok {
		t.Error("an object around a placeholder counts as one")
	}
}

// One attachment must not become gigabytes because many placeholders name it (S-07).
func TestArgsDecodeBoundsFanOut(t *testing.T) {
	a := parsed(t, `51-["x",[`+strings.Repeat(p0+",", 3000)+p0+`]]`, strings.Repeat("a", 900_000))
	var v [][]byte
	if err := a.Decode(0, &v); !errors.Is(err, errFanOut) {
		t.Errorf("Decode = %v", err)
	}
}

func TestAppend(t *testing.T) {
	e := NewEncoder()
	defer e.Release()
	e.Next()
	e.AppendBytes([]byte{0xff})
	for _, tt := range []struct{ name, got, want string }{
		{"V1", string(AppendConnect(nil, "/", []byte(`{"sid":"s"}`))), `0{"sid":"s"}`},
		{"V6", string(AppendConnect(nil, "/admin", []byte(`{"sid":"s"}`))), `0/admin,{"sid":"s"}`},
		{"V8", string(AppendConnectError(nil, "/unknown", []byte(`{"message":"Invalid namespace"}`))), `4/unknown,{"message":"Invalid namespace"}`},
		{"V35", string(AppendAck(nil, "/", 7, nil)), `37[]`},
		{"V122", string(AppendEvent(nil, "/", 0, true, "q", nil)), `20["q"]`},
		{"V124", string(AppendAck(nil, "/", 12, e)), `61-12[` + p0 + `]`},
		{"V127", string(AppendDisconnect(nil, "/")), `1`},
		{"V127 chat", string(AppendDisconnect(nil, "/chat")), `1/chat,`},
		{"binary event", string(AppendEvent(nil, "/chat", 0, false, "b", e)), `51-/chat,["b",` + p0 + `]`},
		{"quoted name", string(AppendEvent(nil, "/", 0, false, "a\"b", nil)), `2["a\"b"]`},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, tt.got, tt.want)
		}
	}
	for _, name := range []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"} {
		if !Reserved(name) {
			t.Errorf("Reserved(%q) = false", name)
		}
	}
	if Reserved("error") || Reserved("connection") {
		t.Error("a name that only looks special is reserved")
	}
	if Event.String() != "EVENT" || Type('x').String() != `Type("x")` {
		t.Error("String of a Type")
	}
}

func TestTypedEncodingDoesNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 256)
	if got := testing.AllocsPerRun(100, func() {
		e := NewEncoder()
		e.Next()
		e.B = append(e.B, `{"text":"hello"}`...)
		dst = AppendEvent(dst[:0], "/chat", 1, true, "message:posted", e)
		e.Release()
	}); got > 0 {
		t.Errorf("%v allocations", got)
	}
}

func BenchmarkAppendEvent(b *testing.B) {
	dst := make([]byte, 0, 1024)
	text := strings.Repeat("lorem ipsum ", 25)
	b.ReportAllocs()
	for b.Loop() {
		e := NewEncoder()
		e.Next()
		e.B = AppendString(e.B, text)
		dst = AppendEvent(dst[:0], "/chat", 1, true, "message:posted", e)
		e.Release()
	}
}

func BenchmarkEncoderValue(b *testing.B) {
	v := outer{Z: []byte("z"), A: inner{[]byte("a")}}
	b.ReportAllocs()
	for b.Loop() {
		e := NewEncoder()
		if err := e.Value(v); err != nil {
			b.Fatal(err)
		}
		e.Release()
	}
}
