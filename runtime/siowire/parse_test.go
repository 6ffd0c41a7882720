// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// flat is a Packet as a table can spell it.
type flat struct {
	Type        Type
	Namespace   string
	ID          uint64
	HasID       bool
	Name        string
	NumericName bool
	Args        []string
	Data        string
	Attachments int
}

func flatten(p Packet) flat {
	f := flat{Type: p.Type, Namespace: p.Namespace, ID: p.ID, HasID: p.HasID, Name: p.Name,
		NumericName: p.NumericName, Data: string(p.Data), Attachments: p.Attachments}
	for i := range p.Args.Len() {
		f.Args = append(f.Args, string(p.Args.At(i)))
	}
	return f
}

const p0, p1 = `{"_placeholder":true,"num":0}`, `{"_placeholder":true,"num":1}`

// accepted drives parsing, appending and the fuzz seeds. again is what Append makes
// of the packet, where it differs from text. The names are the vectors and
// rules of docs/protocol.md.
var accepted = []struct {
	name, text string
	want       flat
	again      string
}{
	{"V1", `0`, flat{Type: Connect, Namespace: "/"}, ""},
	{"V2", `0{"a":1}`, flat{Type: Connect, Namespace: "/", Data: `{"a":1}`}, ""},
	{"V4", `01`, flat{Type: Connect, Namespace: "/", ID: 1, HasID: true}, `0`},
	{"V5", `0/`, flat{Type: Connect, Namespace: "/"}, `0`},
	{"V5 comma", `0/,`, flat{Type: Connect, Namespace: "/"}, `0`},
	{"V6", `0/admin`, flat{Type: Connect, Namespace: "/admin"}, `0/admin,`},
	{"V6 comma", `0/admin,`, flat{Type: Connect, Namespace: "/admin"}, ""},
	{"V7", `0/admin?x=1,`, flat{Type: Connect, Namespace: "/admin?x=1"}, ""},
	{"R141", `0/été,`, flat{Type: Connect, Namespace: "/été"}, ""},
	{"R160", `0/custom,{"token":"abc"}`, flat{Type: Connect, Namespace: "/custom", Data: `{"token":"abc"}`}, ""},
	{"V12 disconnect", `1`, flat{Type: Disconnect, Namespace: "/"}, ""},
	{"R138", `1/custom`, flat{Type: Disconnect, Namespace: "/custom"}, `1/custom,`},
	{"V12 ack", `30[]`, flat{Type: Ack, Namespace: "/", HasID: true}, ""},
	{"V12 event", `2["x"]`, flat{Type: Event, Namespace: "/", Name: "x"}, ""},
	{"R137", `2/chat,17["x"]`, flat{Type: Event, Namespace: "/chat", ID: 17, HasID: true, Name: "x"}, ""},
	{"R137 binary", `51-/chat,17["x",` + p0 + `]`, flat{Type: BinaryEvent, Namespace: "/chat", ID: 17, HasID: true, Name: "x", Args: []string{p0}, Attachments: 1}, ""},
	{"R143", "2[ \"x\" ,\t1 ]\r\n ", flat{Type: Event, Namespace: "/", Name: "x", Args: []string{"1"}}, `2["x",1]`},
	{"R174", `2["message",1,"2",{"3":[true]}]`, flat{Type: Event, Namespace: "/", Name: "message", Args: []string{`1`, `"2"`, `{"3":[true]}`}}, ""},
	{"V29", `2[1,"a"]`, flat{Type: Event, Namespace: "/", Name: "1", NumericName: true, Args: []string{`"a"`}}, ""},
	{"V30", `2["",1]`, flat{Type: Event, Namespace: "/", Args: []string{"1"}}, ""},
	{"V32 proto", `2["__proto__",1]`, flat{Type: Event, Namespace: "/", Name: "__proto__", Args: []string{"1"}}, ""},
	{"V32 error", `2["error",1]`, flat{Type: Event, Namespace: "/", Name: "error", Args: []string{"1"}}, ""},
	{"V32 connection", `2["connection",1]`, flat{Type: Event, Namespace: "/", Name: "connection", Args: []string{"1"}}, ""},
	{"V34", `212["ack","a",{"b":1}]`, flat{Type: Event, Namespace: "/", ID: 12, HasID: true, Name: "ack", Args: []string{`"a"`, `{"b":1}`}}, ""},
	{"V35", `2007["ack"]`, flat{Type: Event, Namespace: "/", ID: 7, HasID: true, Name: "ack"}, `27["ack"]`},
	{"R182", `29007199254740991["ack"]`, flat{Type: Event, Namespace: "/", ID: MaxID, HasID: true, Name: "ack"}, ""},
	{"V37", `399["x"]`, flat{Type: Ack, Namespace: "/", ID: 99, HasID: true, Args: []string{`"x"`}}, ""},
	{"V37 no id", `3["x"]`, flat{Type: Ack, Namespace: "/", Args: []string{`"x"`}}, ""},
	{"V37 bare", `31`, flat{Type: Ack, Namespace: "/", ID: 1, HasID: true}, `31[]`},
	{"V39", `2/,["emitback",1]`, flat{Type: Event, Namespace: "/", Name: "emitback", Args: []string{"1"}}, `2["emitback",1]`},
	{"V43", `2["emitback",12345678901234567890,1.0,1e2,-0,"\u0041\ud83d\ude00\/"]`, flat{Type: Event, Namespace: "/", Name: "emitback",
		Args: []string{"12345678901234567890", "1.0", "1e2", "-0", `"\u0041\ud83d\ude00\/"`}}, ""},
	{"V44", `2["emitback",{"__proto__":{"a":1},"b":2,"b":3}]`, flat{Type: Event, Namespace: "/", Name: "emitback", Args: []string{`{"__proto__":{"a":1},"b":2,"b":3}`}}, ""},
	{"R238", `2["x","\ud800"]`, flat{Type: Event, Namespace: "/", Name: "x", Args: []string{`"\ud800"`}}, ""},
	{"escaped name", `2["\u0061\n\ud83d\ude00\ud83dx"]`, flat{Type: Event, Namespace: "/", Name: "a\n😀\ufffdx"}, `2["a\n😀` + "\ufffd" + `x"]`},
	{"V60", `51-["emitback",` + p0 + `]`, flat{Type: BinaryEvent, Namespace: "/", Name: "emitback", Args: []string{p0}, Attachments: 1}, ""},
	{"V61", `52-["emitback",` + p1 + `,` + p0 + `]`, flat{Type: BinaryEvent, Namespace: "/", Name: "emitback", Args: []string{p1, p0}, Attachments: 2}, ""},
	{"V62", `51-["emitback",` + p0 + `,` + p0 + `]`, flat{Type: BinaryEvent, Namespace: "/", Name: "emitback", Args: []string{p0, p0}, Attachments: 1}, ""},
	{"V63", `52-["emitback",` + p0 + `]`, flat{Type: BinaryEvent, Namespace: "/", Name: "emitback", Args: []string{p0}, Attachments: 2}, ""},
	{"V64", `51-["emitback",{"a":[{"b":` + p0 + `}]}]`, flat{Type: BinaryEvent, Namespace: "/", Name: "emitback", Args: []string{`{"a":[{"b":` + p0 + `}]}`}, Attachments: 1}, ""},
	{"V66", `51-["emitback",{"_placeholder":"true","num":0}]`, flat{Type: BinaryEvent, Namespace: "/", Name: "emitback", Args: []string{`{"_placeholder":"true","num":0}`}, Attachments: 1}, ""},
	{"V67", `2["emitback",{"_placeholder":true,"num":7}]`, flat{Type: Event, Namespace: "/", Name: "emitback", Args: []string{`{"_placeholder":true,"num":7}`}}, ""},
	{"V69", `510-["emitback"]`, flat{Type: BinaryEvent, Namespace: "/", Name: "emitback", Attachments: 10}, ""},
	{"V72", `501-["emitback"]`, flat{Type: BinaryEvent, Namespace: "/", Name: "emitback", Attachments: 1}, `51-["emitback"]`},
	{"V78", `61-5[` + p0 + `]`, flat{Type: BinaryAck, Namespace: "/", ID: 5, HasID: true, Args: []string{p0}, Attachments: 1}, ""},
	{"V81", `51-/b,7["x",` + p0 + `]`, flat{Type: BinaryEvent, Namespace: "/b", ID: 7, HasID: true, Name: "x", Args: []string{p0}, Attachments: 1}, ""},
	{"V23", `4{"message":"x"}`, flat{Type: ConnectError, Namespace: "/", Data: `{"message":"x"}`}, ""},
	{"V120", `2["hello",1,"2",{"a":[true,null]}]`, flat{Type: Event, Namespace: "/", Name: "hello", Args: []string{`1`, `"2"`, `{"a":[true,null]}`}}, ""},
	{"depth 64", `2["x",` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `]`, flat{Type: Event, Namespace: "/", Name: "x", Args: []string{strings.Repeat("[", 63) + strings.Repeat("]", 63)}}, ""},
	{"name of 256 bytes", `2["` + strings.Repeat("n", 256) + `"]`, flat{Type: Event, Namespace: "/", Name: strings.Repeat("n", 256)}, ""},
	{"namespace of 128 bytes", `0/` + strings.Repeat("n", 127) + `,`, flat{Type: Connect, Namespace: "/" + strings.Repeat("n", 127)}, ""},
	{"number of 64 characters", `2["x",` + strings.Repeat("1", 64) + `]`, flat{Type: Event, Namespace: "/", Name: "x", Args: []string{strings.Repeat("1", 64)}}, ""},
	{"10,000 values", `2["x",[` + strings.Repeat("1,", 9996) + `1]]`, flat{Type: Event, Namespace: "/", Name: "x", Args: []string{`[` + strings.Repeat("1,", 9996) + `1]`}}, ""},
}

var refused = []struct {
	name, text, want string // want is the official text (R154)
}{
	{"V3 array", `0[]`, "invalid payload"},
	{"V3 string", `0"x"`, "invalid payload"},
	{"V3 null", `0null`, "invalid payload"},
	{"V3 open", `0{`, "invalid payload"},
	{"V23 string", `4"x"`, "invalid payload"},
	{"V23 none", `4`, "invalid payload"},
	{"V26", `1{}`, "invalid payload"},
	{"V27 empty", ``, "unknown packet type (empty text)"},
	{"V27 7", `7`, "unknown packet type 7"},
	{"V27 9", `9["x"]`, "unknown packet type 9"},
	{"V27 abc", `abc`, "unknown packet type a"},
	{"R144 type", ` `, "unknown packet type 0x20"},
	{"V28 empty", `2[]`, "invalid payload"},
	{"V28 object", `2{}`, "invalid payload"},
	{"V28 null", `2[null]`, "invalid payload"},
	{"V28 {}", `2[{}]`, "invalid payload"},
	{"V28 true", `2[true]`, "invalid payload"},
	{"S-08", `2[["a"]]`, "invalid payload"},
	{"V31 connect", `2["connect",1]`, "invalid payload"},
	{"V31 connect_error", `2["connect_error",1]`, "invalid payload"},
	{"V31 disconnect", `2["disconnect",1]`, "invalid payload"},
	{"V31 disconnecting", `2["disconnecting",1]`, "invalid payload"},
	{"V31 newListener", `2["newListener",1]`, "invalid payload"},
	{"V31 removeListener", `2["removeListener",1]`, "invalid payload"},
	{"V31 escaped", `2["dis\u0063onnect",1]`, "invalid payload"},
	{"V33 rest", `2["x"]zzz`, "invalid payload"},
	{"V33 open", `2["x"`, "invalid payload"},
	{"V36 minus", `2-1["ack"]`, "invalid payload"},
	{"V36 fraction", `21.5["ack"]`, "invalid payload"},
	{"V36 letters", `2abc["ack"]`, "invalid payload"},
	{"V38", `31{}`, "invalid payload"},
	{"V40", `2/admin["x"]`, "invalid payload"},
	{"R144", `2 ["a"]`, "invalid payload"},
	{"R144 twice", `2 12 ["a"]`, "invalid payload"},
	{"R149", `2`, "invalid payload"},
	{"R149 id", `25`, "invalid payload"},
	{"R149 binary", `51-`, "invalid payload"},
	{"R182", `29007199254740992["a"]`, "invalid payload"},
	{"R182 long", `299999999999999999999999["a"]`, "invalid payload"},
	{"R182 zeros", `200000000000000001["a"]`, "invalid payload"},
	{"comma", `2,["a"]`, "invalid payload"},
	{"V65 range", `51-["emitback",` + p1 + `]`, "illegal attachments"},
	{"V65 negative", `51-["emitback",{"_placeholder":true,"num":-1}]`, "illegal attachments"},
	{"V65 string", `51-["emitback",{"_placeholder":true,"num":"0"}]`, "illegal attachments"},
	{"V65 splice", `51-["emitback",{"_placeholder":true,"num":"splice"}]`, "illegal attachments"},
	{"R206 fraction", `51-["emitback",{"_placeholder":true,"num":0.5}]`, "illegal attachments"},
	{"R206 exponent", `51-["emitback",{"_placeholder":true,"num":0e1}]`, "illegal attachments"},
	{"R206 missing", `51-["emitback",{"_placeholder":true}]`, "illegal attachments"},
	{"R206 null", `51-["emitback",{"_placeholder":true,"num":null}]`, "illegal attachments"},
	{"R206 repeated", `51-["emitback",{"_placeholder":true,"num":0,"num":9}]`, "illegal attachments"},
	{"R206 repeated mark", `51-["emitback",{"_placeholder":true,"num":0,"_placeholder":false}]`, "illegal attachments"},
	{"R206 escaped", `51-["emitback",{"\u005fplaceholder":true,"n\u0075m":1}]`, "illegal attachments"},
	{"R206 nested", `51-["emitback",[[{"a":{"num":1,"_placeholder":true}}]]]`, "illegal attachments"},
	{"R208", `51-[` + p0 + `]`, "invalid payload"},
	{"V68", `50-["emitback",1]`, "Illegal attachments"},
	{"V70", `511-["emitback"]`, "too many attachments"},
	{"S-03", `5999999999999999999999-["a",` + p0 + `]`, "too many attachments"},
	{"V71 none", `5-["x"]`, "Illegal attachments"},
	{"V71 no dash", `51["x"]`, "Illegal attachments"},
	{"V71 letter", `5a-["x"]`, "Illegal attachments"},
	{"V71 twice", `5-1-["x"]`, "Illegal attachments"},
	{"V71 fraction", `51.5-["x"]`, "Illegal attachments"},
	{"exponent", `51e0-["x"]`, "Illegal attachments"},
	{"hex", `50x1-["x"]`, "Illegal attachments"},
	{"plus", `5+1-["x"]`, "Illegal attachments"},
	{"space", `5 1-["x"]`, "Illegal attachments"},
	{"V77", `51-["disconnect",` + p0 + `]`, "invalid payload"},
	{"binary ack without payload", `61-5`, "invalid payload"},
	{"S-11 depth", `2["x",` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `]`, "invalid payload"},
	{"S-11 million", `2["x",` + strings.Repeat("[", 1_000_000), "invalid payload"},
	{"S-11 number", `2["x",` + strings.Repeat("1", 65) + `]`, "invalid payload"},
	{"S-08 name", `2["` + strings.Repeat("n", 257) + `"]`, "invalid payload"},
	{"S-08 escaped name", `2["` + strings.Repeat(`\u006e`, 257) + `"]`, "invalid payload"},
	{"S-14 size", `0{"a":"` + strings.Repeat("a", 16<<10) + `"}`, "invalid payload"},
	{"S-14 depth", `0` + strings.Repeat(`{"a":`, 17) + `1` + strings.Repeat(`}`, 17), "invalid payload"},
	{"S-15 length", `0/` + strings.Repeat("n", 128) + `,`, "invalid payload"},
	{"S-15 control", "0/a\x1eb,", "invalid payload"},
	{"S-15 UTF-8", "0/\xff,", "invalid payload"},
	{"V46", "2\xff", "invalid payload"},
	{"UTF-8 in a string", "2[\"x\",\"abc\xff\"]", "invalid payload"},
	{"UTF-8 surrogate", "2[\"x\",\"\xed\xa0\x80\"]", "invalid payload"},
	{"UTF-8 in a name", "2[\"\xc3\"]", "invalid payload"},
	{"control character", "2[\"x\",\"a\nb\"]", "invalid payload"},
	{"escape", `2["x","\x41"]`, "invalid payload"},
	{"short escape", `2["x","\u00`, "invalid payload"},
	{"open escape", `2["x","\`, "invalid payload"},
	{"leading zero", `2["x",01]`, "invalid payload"},
	{"lone minus", `2["x",-]`, "invalid payload"},
	{"open fraction", `2["x",1.]`, "invalid payload"},
	{"open exponent", `2["x",1e+]`, "invalid payload"},
	{"trailing comma", `2["x",]`, "invalid payload"},
	{"no comma", `2["x" 1]`, "invalid payload"},
	{"literal", `2["x",nul]`, "invalid payload"},
	{"NaN", `2["x",NaN]`, "invalid payload"},
	{"object comma", `2["x",{"a":1,}]`, "invalid payload"},
	{"object colon", `2["x",{"a" 1}]`, "invalid payload"},
	{"object key", `2["x",{a:1}]`, "invalid payload"},
	{"object end", `2["x",{"a":1`, "invalid payload"},
	{"array end", `2["x",[1`, "invalid payload"},
}

func TestParse(t *testing.T) {
	for _, tt := range accepted {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse([]byte(tt.text), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, flatten(p)); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", tt.text, diff)
			}
			again := tt.again
			if again == "" {
				again = tt.text
			}
			if got := Append(nil, p); string(got) != again {
				t.Errorf("Append = %q, want %q", got, again)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse([]byte(tt.text), Limits{})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("Parse = %+v, %v; want an *Error", flatten(p), err)
			}
			if e.Text() != tt.want {
				t.Errorf("Text = %q, want %q (%v)", e.Text(), tt.want, err)
			}
			if !errors.Is(err, e.Kind) || e.Offset < 0 || e.Offset > len(tt.text) {
				t.Errorf("error %v: kind or offset do not fit", err)
			}
		})
	}
}

func TestParseLimitsAreFields(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		lim        Limits
	}{
		{"attachments", `52-["x"]`, Limits{Attachments: 1}},
		{"depth", `2["x",[[1]]]`, Limits{Depth: 2}},
		{"values", `2["x",1,2]`, Limits{Values: 3}},
		{"number", `2["x",123]`, Limits{NumberLength: 2}},
		{"name", `2["xyz"]`, Limits{NameLength: 2}},
		{"namespace", `0/abc`, Limits{NamespaceBytes: 3}},
		{"auth bytes", `0{"a":1}`, Limits{AuthBytes: 6}},
		{"auth depth", `0{"a":{}}`, Limits{AuthDepth: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Parse([]byte(tt.text), Limits{}); err != nil {
				t.Errorf("with defaults: %v", err)
			}
			if _, err := Parse([]byte(tt.text), tt.lim); err == nil {
				t.Error("accepted beyond the limit")
			}
		})
	}
}

// Parse looks at no byte often: ten times the text takes about ten times as long.
// The bound is generous because the machine is shared; quadratic work would cross
// it a hundredfold.
func TestParseIsLinear(t *testing.T) {
	shapes := map[string]func(n int) string{
		"string":       func(n int) string { return `2["x","` + strings.Repeat("a", n) + `"]` },
		"escapes":      func(n int) string { return `2["x","` + strings.Repeat(`\u0000`, n/6) + `"]` },
		"white space":  func(n int) string { return `2["x",` + strings.Repeat(" ", n) + `1]` },
		"deep":         func(n int) string { return `2["x",` + strings.Repeat("[", n) },
		"objects":      func(n int) string { return `2["x"` + strings.Repeat(",{}", n/3) + `]` },
		"arguments":    func(n int) string { return `2["x"` + strings.Repeat(",1", n/2) + `]` },
		"numbers":      func(n int) string { return `2["x",[1` + strings.Repeat(",1", n/2) + `]]` },
		"placeholders": func(n int) string { return `51-["x"` + strings.Repeat(","+p0, n/30) + `]` },
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			cost := func(n int) time.Duration {
				text := []byte(shape(n))
				best := time.Hour
				for range 20 {
					start := time.Now()
					Parse(text, Limits{})
					best = min(best, time.Since(start))
				}
				return best
			}
			// A busy machine stretches one of the two, but not again and again.
			var small, large time.Duration
			for range 20 {
				small, large = cost(20_000), cost(200_000)
				if large <= 60*small+200*time.Microsecond {
					return
				}
			}
			t.Errorf("20 kB take %v, 200 kB take %v", small, large)
		})
	}
}

// A Parser asks its words for the names of events and namespaces, and for nothing else.
func TestParserWords(t *testing.T) {
	var asked []string
	p := NewParser(Limits{}, func(text []byte) string {
		asked = append(asked, string(text))
		return "<" + string(text) + ">"
	})
	packet, err := p.Parse([]byte(`2/chat,["message","a"]`))
	if err != nil || packet.Namespace != "</chat>" || packet.Name != "<message>" {
		t.Errorf("namespace %q, name %q, %v", packet.Namespace, packet.Name, err)
	}
	if _, err := p.Parse([]byte(`2[1,"a"]`)); err != nil {
		t.Error(err)
	}
	if want := []string{"/chat", "message"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
	if _, err := NewParser(Limits{Attachments: 1}, nil).Parse([]byte(`52-["x"]`)); !errors.Is(err, ErrTooManyAttachments) {
		t.Errorf("two attachments of one: %v", err)
	}
}

func TestParseAllocations(t *testing.T) {
	for _, tt := range []struct {
		text string
		want float64
	}{
		{`212["x",{"a":[1,2,3],"b":"c"}]`, 0}, // a name of one byte is shared
		{`2["message","hello"]`, 1},           // the name
		{`2/chat,["message","a","b"]`, 2},     // and the namespace
	} {
		text := []byte(tt.text)
		if got := testing.AllocsPerRun(100, func() { Parse(text, Limits{}) }); got > tt.want {
			t.Errorf("Parse(%s) allocates %v times, want at most %v", tt.text, got, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range accepted {
		f.Add([]byte(tt.text))
	}
	for _, tt := range refused {
		f.Add([]byte(tt.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Parse(text, Limits{})
		if err != nil {
			return
		}
		wire := Append(nil, p)
		again, err := Parse(wire, Limits{})
		if err != nil {
			t.Fatalf("Append made %q of %q: %v", wire, text, err)
		}
		want, got := flatten(p), flatten(again)
		if p.Type != Event && p.Type != BinaryEvent && p.Type != Ack && p.Type != BinaryAck {
			want.ID, want.HasID = 0, false // an id means nothing there and is not written
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q came back as %q (-first +second):\n%s", text, wire, diff)
		}
		for i := range p.Args.Len() {
			if p.Attachments > 0 {
				Placeholder(p.Args.At(i))
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, tt := range []struct{ name, text string }{
		{"event", `2["clientMessage","hello, I am a message"]`},
		{"chat", `2/chat,17["message:send",{"room":"general","text":"` + strings.Repeat("lorem ipsum ", 25) + `","replyTo":12}]`},
		{"1MB", `2["x","` + strings.Repeat("a", 1_000_000) + `"]`},
	} {
		b.Run(tt.name, func(b *testing.B) {
			text := []byte(tt.text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(text, Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
