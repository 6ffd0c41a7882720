// SPDX-License-Identifier: Apache-2.0

package siowire

//lint:file-ignore SA5008 strange tags are what is tested
//lint:file-ignore U1000 fields that encoding/json ignores, too

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What encoding/json can be told about a field, an embedded struct and a type's
// methods, with binary values in every place.
type (
	blob  []byte
	octet byte
	named []octet // of a named byte: still base64
	spelt byte    // marshals itself, so a slice of it is an array
	spell []spelt

	selfValue struct{ D []byte }
	selfPtr   struct{ D []byte } // marshals itself where it has an address
	selfText  struct{ D []byte }
	selfToo   struct{ E []byte }
	zeroLen   []byte
	zeroPtr   struct{ D []byte }
	zeroOdd   struct{ D []byte } // a mark looks zero to it

	leafs struct {
		A     []byte
		B     blob          `json:"b"`
		C     named         `json:"c,omitempty"`
		D     spell         `json:"d"`
		E     [3]byte       `json:"e"`
		F     *[]byte       `json:"f,omitempty"`
		G     [2][]byte     `json:"g"`
		H     []byte        `json:"-"`
		I     []byte        `json:"-,"`
		J     []byte        `json:",omitemptyish"`
		K     []byte        `json:"k,string"`
		L     []blob        `json:"l"`
		M     map[int]blob  `json:"m"`
		N     **blob        `json:"n"`
		Text  string        `json:"text"`
		Raw   rawly         `json:"raw"`
		At    time.Time     `json:"at"`
		Wait  time.Duration `json:"wait,string"`
		plain []byte
	}
	methods struct {
		A selfValue            `json:"a"`
		B selfPtr              `json:"b"`
		C selfText             `json:"c"`
		D *selfPtr             `json:"d"`
		E []selfPtr            `json:"e"`
		F map[string]selfPtr   `json:"f"`
		G [2]selfPtr           `json:"g"`
		H map[string]selfValue `json:"h"`
		I any                  `json:"i"`
		J map[string]*selfPtr  `json:"j"`
	}
	omits struct {
		A []byte         `json:"a,omitempty"`
		B []byte         `json:"b,omitzero"`
		C zeroLen        `json:"c,omitzero"`
		D zeroPtr        `json:"d,omitzero"`
		E *zeroPtr       `json:"e,omitzero"`
		F any            `json:"f,omitempty,omitzero"`
		G [2][]byte      `json:"g,omitzero"`
		H map[string]any `json:"h,omitempty"`
		I *blob          `json:"i,omitempty"`
		J selfValue      `json:"j,omitzero"`
	}

	root struct {
		Data []byte `json:"root"`
		Name string `json:"name"`
		*deeper
	}
	deeper struct {
		Data []byte // hidden by what is less deep
		More blob   `json:"more,omitempty"`
	}
	Shown struct{ Shown, Twice []byte }
	other struct{ Other, Twice []byte } // Twice is there twice, so it is nowhere
	loop  struct {
		*loop
		Own []byte `json:"own"`
	}
	byPointer struct{ *root }
	byValue   struct{ root }
	both      struct {
		*Shown
		other
		Data string `json:"Data"`
	}
	tagged struct {
		*root  `json:"in"`
		deeper `json:"deep"`
		*Shown `json:"-"`
		blob   // not exported and no struct
		*octet
	}
	levels struct {
		*byPointer
		*loop
		Later []byte
	}
	contested struct { // both marshal themselves, so neither speaks for it
		selfValue
		*selfToo
	}
	Contested  struct{ *selfPtr } // speaks for it where it has an address
	everything struct {
		List  []byPointer
		Map   map[string]byPointer
		Ptr   *byPointer
		Deep  []map[string][]*levels
		Array [2]levels
		Any   []any
	}
)

// rawly is JSON already.
type rawly = json.RawMessage

func (s spelt) MarshalText() ([]byte, error)     { return hex.AppendEncode(nil, []byte{byte(s)}), nil }
func (s selfValue) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `"%x"`, s.D), nil }
func (s selfToo) MarshalJSON() ([]byte, error)   { return fmt.Appendf(nil, `"%x"`, s.E), nil }
func (s *selfPtr) MarshalJSON() ([]byte, error) {
	if s == nil { // of an embedded pointer
		return []byte("null"), nil
	}
	return fmt.Appendf(nil, `"%x"`, s.D), nil
}
func (s selfText) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, s.D), nil }
func (z zeroLen) IsZero() bool                  { return len(z) == 0 }
func (z *zeroPtr) IsZero() bool                 { return len(z.D) == 0 }
func (z zeroOdd) IsZero() bool                  { return len(z.D) > 10 }

var zoo = []reflect.Type{
	reflect.TypeFor[leafs](), reflect.TypeFor[methods](), reflect.TypeFor[omits](), reflect.TypeFor[byPointer](),
	reflect.TypeFor[byValue](), reflect.TypeFor[both](), reflect.TypeFor[tagged](), reflect.TypeFor[levels](),
	reflect.TypeFor[contested](), reflect.TypeFor[Contested](), reflect.TypeFor[everything](), reflect.TypeFor[loop](),
	reflect.TypeFor[selfPtr](), reflect.TypeFor[blob](), reflect.TypeFor[spell](), reflect.TypeFor[[]byte](),
	reflect.TypeFor[map[string]any](), reflect.TypeFor[[]any](), reflect.TypeFor[map[string]root](),
	reflect.TypeFor[map[octet][]*root](), reflect.TypeFor[string](), reflect.TypeFor[float64](),
}

// wrapped returns typ, or a type that holds it.
func wrapped(t *rapid.T, typ reflect.Type) reflect.Type {
	for range rapid.IntRange(0, 2).Draw(t, "wrappers") {
		switch rapid.IntRange(0, 3).Draw(t, "wrapper") {
		case 0:
			typ = reflect.PointerTo(typ)
		case 1:
			typ = reflect.SliceOf(typ)
		case 2:
			typ = reflect.MapOf(reflect.TypeFor[string](), typ)
		case 3:
			typ = reflect.ArrayOf(2, typ)
		}
	}
	return typ
}

// marker is how every binary value of a test begins: its base64 is "+/+/".
var marker = []byte{0xfb, 0xff, 0xbf}

// fill makes v something, left levels deep at most.
func fill(t *rapid.T, v reflect.Value, left int) {
	some := func() bool { return left > 0 && rapid.IntRange(0, 3).Draw(t, "none") < 3 }
	switch v.Kind() {
	case reflect.Slice:
		n := rapid.IntRange(-1, 2).Draw(t, "length")
		switch {
		case n < 0:
		case v.Type() == reflect.TypeFor[rawly]():
			v.SetBytes([]byte(`{"raw":[1]}`))
		case v.Type().Elem().Kind() == reflect.Uint8:
			v.SetBytes(nonNil(append(bytes.Clone(marker)[:3*min(n, 1)], strings.Repeat("x", 9*max(0, n-1))...)))
		case left > 0:
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(t, v.Index(i), left-1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), left-1)
		}
	case reflect.Map:
		if !some() {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for range rapid.IntRange(0, 2).Draw(t, "entries") {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(t, key, 1)
			fill(t, value, left-1)
			v.SetMapIndex(key, value)
		}
	case reflect.Pointer:
		if some() {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), left-1)
		}
	case reflect.Interface:
		if some() {
			value := reflect.New(wrapped(t, rapid.SampledFrom(zoo).Draw(t, "type"))).Elem()
			fill(t, value, left-1)
			v.Set(value)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			f := v.Field(i)
			fill(t, reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem(), left-1)
		}
	case reflect.String:
		v.SetString(rapid.SampledFrom([]string{"", "a", "<&>", "ä"}).Draw(t, "text"))
	case reflect.Float64:
		v.SetFloat(float64(rapid.IntRange(-3, 3).Draw(t, "number")))
	case reflect.Uint8:
		v.SetUint(uint64(rapid.IntRange(0, 3).Draw(t, "octet")))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(rapid.IntRange(0, 3).Draw(t, "int")))
	}
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// asJSON returns what encoding/json makes of v, without HTML escaping.
func asJSON(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// inlined returns the one argument of e with base64 in place of its attachments,
// which must be numbered in the order of the text.
func inlined(e *Encoder) string {
	text := string(e.B)
	for i, a := range e.Attachments {
		place := fmt.Sprintf(`{"_placeholder":true,"num":%d}`, i)
		before, after, _ := strings.Cut(text, place)
		if strings.Contains(before, "_placeholder") {
			return "out of order: " + string(e.B)
		}
		text = before + `"` + base64.StdEncoding.EncodeToString(a) + `"` + after
	}
	return text
}

// An attachment is found exactly where encoding/json writes base64, and everything
// else is as encoding/json has it.
func TestAttachmentsAreWhereBase64WouldBe(t *testing.T) {
	for _, typ := range zoo {
		t.Run(typ.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { compare(t, wrapped(t, typ)) })
		})
	}
}

// compare makes a value of type typ and holds what Encoder.Value does with it against
// encoding/json.
func compare(t *rapid.T, typ reflect.Type) {
	v := reflect.New(typ).Elem()
	fill(t, v, 7)
	want, refused := asJSON(v.Interface())
	e := NewEncoder()
	defer e.Release()
	if refused != nil {
		if e.Value(v.Interface()) == nil {
			t.Fatalf("%v: got %s, and encoding/json has no form of it: %v", typ, inlined(e), refused)
		}
		return
	}
	if err := e.Value(v.Interface()); err != nil {
		t.Fatalf("%v: %v", typ, err)
	}
	if got := inlined(e); got != want {
		t.Fatalf("%v:\n got %s\nwant %s", typ, got, want)
	}
	if strings.Contains(string(e.B), "+/+/") {
		t.Fatalf("%v: base64 is left in %s", typ, e.B)
	}
	if after, _ := asJSON(v.Interface()); after != want {
		t.Fatalf("%v was changed to %s, from %s", typ, after, want)
	}
}

func TestAttachmentsBehindEmbeddedPointers(t *testing.T) {
	data := func(n byte) []byte { return append(bytes.Clone(marker), n) }
	in := &root{Data: data(1), deeper: &deeper{Data: data(2), More: data(3)}}
	for _, test := range []struct {
		name string
		v    any
		want string
		n    int
	}{
		{"pointer", byPointer{in}, `{"root":0,"name":"","Data":1,"more":2}`, 3},
		{"pointer to it", &byPointer{in}, `{"root":0,"name":"","Data":1,"more":2}`, 3},
		{"nil pointer", byPointer{}, `{}`, 0},
		{"value", byValue{*in}, `{"root":0,"name":"","Data":1,"more":2}`, 3},
		{"in a map", map[string]byPointer{"a": {in}}, `{"a":{"root":0,"name":"","Data":1,"more":2}}`, 3},
		{"in a slice", []byPointer{{in}, {}}, `[{"root":0,"name":"","Data":1,"more":2},{}]`, 3},
		{"in an interface", []any{byPointer{&root{}}}, `[{"root":null,"name":""}]`, 0},
		{"hidden", both{Shown: &Shown{data(1), data(2)}, other: other{data(3), data(4)}}, `{"Shown":0,"Other":1,"Data":""}`, 2},
		{"with a name", tagged{root: in, blob: data(9)}, `{"in":{"root":0,"name":"","Data":1,"more":2},"deep":{"Data":null}}`, 3},
		{"within itself", loop{Own: data(1), loop: &loop{Own: data(2)}}, `{"own":0}`, 1},
		{"two marshalers", contested{selfValue{data(1)}, &selfToo{data(2)}}, `{"D":0,"E":1}`, 2},
		{"a marshaler without an address", selfPtr{data(1)}, `{"D":0}`, 1},
		{"a marshaler with an address", &selfPtr{data(1)}, `"fbffbf01"`, 0},
		{"zero but not nil", omits{C: zeroLen{}, D: zeroPtr{[]byte{}}, E: &zeroPtr{[]byte{}}}, `{"j":"","g":null}`, 0},
	} {
		e := NewEncoder()
		if err := e.Value(test.v); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		got := string(e.B)
		for i := range e.Attachments {
			got = strings.ReplaceAll(got, fmt.Sprintf(`{"_placeholder":true,"num":%d}`, i), fmt.Sprint(i))
		}
		want, err := asJSON(test.v)
		if err != nil || inlined(e) != want {
			t.Errorf("%s: %s, encoding/json has %s (%v)", test.name, got, want, err)
		}
		if len(e.Attachments) != test.n || test.n > 0 && got != test.want {
			t.Errorf("%s: %d attachments in %s, want %d in %s", test.name, len(e.Attachments), got, test.n, test.want)
		}
		e.Release()
	}
}

// A type whose IsZero takes the mark for zero keeps its field, as base64.
func TestAnIsZeroThatLooksIntoTheBytes(t *testing.T) {
	v := struct {
		Z zeroOdd `json:"z,omitzero"`
	}{zeroOdd{[]byte{1}}}
	e := NewEncoder()
	defer e.Release()
	if err := e.Value(v); err != nil || string(e.B) != `{"z":{"D":"AQ=="}}` {
		t.Errorf("%s (%v)", e.B, err)
	}
}

// What a value points to is read alone, so several goroutines may send it at once.
func TestASharedValueIsOnlyRead(t *testing.T) {
	v := []byPointer{{&root{Data: []byte{1}, deeper: &deeper{More: blob{2}}}}}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			e := NewEncoder()
			defer e.Release()
			if err := e.Value(v); err != nil || len(e.Attachments) != 2 {
				t.Errorf("%d attachments (%v)", len(e.Attachments), err)
			}
		})
	}
	all.Wait()
}

// A cycle that encoding/json never enters is none; one that it enters is an error.
func TestCycles(t *testing.T) {
	ring := &loop{Own: []byte{1}}
	ring.loop = ring
	e := NewEncoder()
	defer e.Release()
	if err := e.Value(ring); err != nil || len(e.Attachments) != 1 {
		t.Errorf("a struct embedded in itself: %v, %s", err, e.B)
	}
	var list []any
	list = []any{&list, []byte{1}}
	if err := e.Value(list); err == nil {
		t.Error("a list that contains itself can be sent")
	}
}
