// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// decodeAll reads one value with decode and returns its issues.
func decodeAll[T any](raw string, decode func(*Decoder, *T)) (T, []Issue) {
	d := newDecoder([]byte(raw), nil)
	defer d.release()
	var v T
	decode(d, &v)
	return v, d.issues
}

// TestUnique repeats an element near and far, where few and where many are compared.
func TestUnique(t *testing.T) {
	decode := func(d *Decoder, v *[]int64) {
		DecodeUniqueList(d, v, 0, 100, DecodeInt)
	}
	for _, n := range []int{0, 1, 2, manyFields - 1, manyFields, manyFields + 1, 50} {
		var all []string
		for i := range n {
			all = append(all, strconv.Itoa(i))
		}
		if v, issues := decodeAll("["+strings.Join(all, ",")+"]", decode); issues != nil || len(v) != n {
			t.Errorf("%d elements: %v, %v", n, v, issues)
		}
		for again := range n {
			raw := "[" + strings.Join(append(all[:n:n], strconv.Itoa(again), strconv.Itoa(n)), ",") + "]"
			want := []Issue{{Path: fmt.Sprintf("[%d]", n), Message: "is there twice"}}
			if _, issues := decodeAll(raw, decode); !cmp.Equal(issues, want) {
				t.Errorf("%s: %v", raw, issues)
			}
		}
	}
	want := []Issue{{Path: "[0]", Message: "expected integer, got string"}, {Path: "[3]", Message: "is there twice"}}
	if _, issues := decodeAll(`["x",0,1,0]`, decode); !cmp.Equal(issues, want) { // what is not sound equals nothing
		t.Error(issues)
	}
}

// TestManyIssuesOfUnion ends at the bound also within a union's variants.
func TestManyIssuesOfUnion(t *testing.T) {
	u := Variants("kind", "a")
	decode := func(d *Decoder, v *[]string) {
		DecodeList(d, v, func(d *Decoder, _ *string) { d.Variant(u) })
	}
	raw := "[" + strings.Repeat(`{"kind":"b"},`, 2*MaxIssues) + "1]"
	if _, issues := decodeAll(raw, decode); len(issues) != MaxIssues || issues[MaxIssues-1].Path != "["+strconv.Itoa(MaxIssues-1)+"].kind" {
		t.Error(issues)
	}
}

// TestTagPlaces has the tag repeated, misspelled and escaped around the fields of a
// variant.
func TestTagPlaces(t *testing.T) {
	u, open := Variants("kind", "a"), Variants("kind", "a").Open()
	fields := Required("x")
	read := func(u *Union) func(*Decoder, *string) {
		return func(d *Decoder, v *string) {
			switch tag := d.Variant(u); tag {
			case "":
			case "a":
				for o := d.Object(fields); o.Next(); {
					d.String(v)
				}
			default:
				var raw json.RawMessage
				d.Unknown(&raw)
				*v = string(raw)
			}
		}
	}
	tests := []struct {
		raw  string
		u    *Union
		want []Issue
	}{
		{`{"kind":"a","x":"1"}`, u, nil},
		{`{"x":"1","\u006bind":"\u0061"}`, u, nil},
		{` { "x" : "1" , "kind" : "a" } `, u, nil},
		{`{"x":"1","kind":"a","kind":"b"}`, u, []Issue{{"kind", "is there twice"}}},
		{`{"kind":"a","x":"1","Kind":"a"}`, u, []Issue{{"Kind", `is spelled "kind" in the schema`}}},
		{`{"x":"1","KIND":"a"}`, u, []Issue{{"KIND", `is spelled "kind" in the schema`}}},
		{`{"x":"1"}`, u, []Issue{{"kind", "is required"}}},
		{`{"kind":"b"}`, u, []Issue{{"kind", `want "a"`}}},
		{`{"kind":null}`, u, []Issue{{"kind", "expected string, got null"}}},
		{`{"kind":"b","x":1}`, open, nil},
		{`{"kind":"b","x":1,"kind":"b"}`, open, []Issue{{"kind", "is there twice"}}},
		{`{"kind":""}`, open, []Issue{{"kind", "must have 1 to 256 characters, has 0"}}},
		{`{"kind":"a"}`, open, []Issue{{"x", "is required"}}},
		{`[]`, open, []Issue{{"", "expected object, got array"}}},
	}
	for _, tt := range tests {
		if _, issues := decodeAll(tt.raw, read(tt.u)); !cmp.Equal(issues, tt.want) {
			t.Errorf("%s: %v, want %v", tt.raw, issues, tt.want)
		}
	}
}

// TestStrictUnion knows the tag, but only of the variant itself.
func TestStrictUnion(t *testing.T) {
	u, outer, inner := Variants("kind", "a"), Required("in"), Required()
	decode := func(d *Decoder, _ *Nothing) {
		d.Strict()
		if d.Variant(u) == "a" {
			for o := d.Object(outer); o.Next(); {
				for o := d.Object(inner); o.Next(); {
				}
			}
		}
	}
	_, issues := decodeAll(`{"kind":"a","in":{"kind":"a"},"more":{}}`, decode)
	if want := []Issue{{"in.kind", "unknown field"}, {"more", "unknown field"}}; !cmp.Equal(issues, want) {
		t.Error(issues)
	}
}

// A picky is a custom type that refuses what its scalar allows.
type picky struct{ text string }

func (p *picky) UnmarshalText(text []byte) error {
	if len(text) == 0 || text[0] == 'x' {
		return errors.New("begins with x")
	}
	p.text = string(text)
	return nil
}

func (p picky) MarshalText() ([]byte, error) {
	if p.text == "" {
		return nil, errPicky
	}
	return []byte(p.text), nil
}

var errPicky = errors.New("nothing to write")

func TestCustomText(t *testing.T) {
	wire := func(d *Decoder, v *string) { d.String(v).Length(0, 3) }
	decode := func(d *Decoder, v *picky) { DecodeText(d, v, wire) }
	tests := []struct {
		raw  string
		want string
		bad  []Issue
	}{
		{`"abc"`, "abc", nil},
		{` "\u0061\n"`, "a\n", nil},
		{`"abcd"`, "", []Issue{{"", "must have at most 3 characters, has 4"}}},
		{`"x"`, "", []Issue{{"", "is not a valid value: begins with x"}}},
		{`1`, "", []Issue{{"", "expected string, got number"}}},
	}
	for _, tt := range tests {
		if v, issues := decodeAll(tt.raw, decode); v.text != tt.want || !cmp.Equal(issues, tt.bad) {
			t.Errorf("%s: %q, %v", tt.raw, v.text, issues)
		}
	}
	for text, want := range map[string]error{"abc": nil, "abcd": ErrCustom, "": errPicky, "\xff": nil} {
		e := NewEncoder()
		EncodeText(e.Next(), picky{text}, wire)
		if err := e.args.Err(); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
		e.args.Release()
	}
}

// TestUndefinedArguments sends null where JavaScript has undefined.
func TestUndefinedArguments(t *testing.T) {
	fields := &Fields{Names: []string{"a", "b", "c"}, Required: 1, Nullable: []string{"c"}}
	decode := func(d *Decoder, v *[]string) {
		d.Positional()
		o := d.Object(fields)
		for o.Next() {
			field := o.Field
			*v = append(*v, field)
			if !d.Null() {
				var s string
				d.String(&s)
			}
		}
	}
	for text, want := range map[string]string{
		``: "", `,"x"`: "a", `,"x",null`: "a", `,"x",null,null`: "a c", `,"x","y","z",{"more":1}`: "a b c", `,null`: "a",
	} {
		p, err := siowire.Parse([]byte(`2["e"`+text+`]`), siowire.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var met []string
		issues := Decode(p.Args, into(&met, decode))
		if got := strings.Join(met, " "); got != want || (issues != nil) != (text == "") {
			t.Errorf("%s: %q, %v", text, got, issues)
		}
	}
}
