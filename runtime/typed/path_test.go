// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"strconv"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A place is what generated code would call a Params.
type place struct {
	ID   string
	Seat int64
	Live bool
}

var fieldsOfPlace = Required("id", "seat", "live")

func decodePlace(d *Decoder, v *place) {
	o := d.Object(fieldsOfPlace)
	for o.Next() {
		switch o.Field {
		case "id":
			d.String(&v.ID).Length(1, 8)
		case "seat":
			d.Int(&v.Seat).Range(-5, 99)
		case "live":
			d.Bool(&v.Live)
		}
	}
}

var placePath = NewPath(decodePlace, func(p *place) []string {
	return []string{p.ID, strconv.FormatInt(p.Seat, 10), strconv.FormatBool(p.Live)}
}, PathPart{Text: "/m/"}, PathPart{Param: "id"}, PathPart{Text: "/"}, PathPart{Param: "seat", Bare: true},
	PathPart{Text: ":"}, PathPart{Param: "live", Bare: true}, PathPart{Text: "/x"})

func TestPath(t *testing.T) {
	if got := placePath.String(); got != "/m/{id}/{seat}:{live}/x" {
		t.Errorf("String() = %s", got)
	}
	tests := []struct {
		params place
		name   string
	}{
		{place{"abc", 7, true}, "/m/abc/7:true/x"},
		{place{"a/b", -5, false}, "/m/a%2Fb/-5:false/x"},
		{place{"-_.!~*'(", 0, true}, "/m/-_.!~*'(/0:true/x"},
		{place{`,?#%:" \`, 1, true}, "/m/%2C%3F%23%25%3A%22%20%5C/1:true/x"},
		{place{"ü😀", 1, true}, "/m/%C3%BC%F0%9F%98%80/1:true/x"},
		{place{"..", 1, true}, "/m/../1:true/x"},
		{place{"\x00\n", 1, true}, "/m/%00%0A/1:true/x"},
	}
	for _, tt := range tests {
		if name, err := placePath.Name(tt.params); err != nil || name != tt.name {
			t.Errorf("Name(%+v) = %q, %v, want %q", tt.params, name, err, tt.name)
		}
		if params, ok := placePath.Parse(tt.name); !ok || params != tt.params {
			t.Errorf("Parse(%q) = %+v, %v, want %+v", tt.name, params, ok, tt.params)
		}
	}
	for _, params := range []place{{}, {"", 1, true}, {"toolongid", 1, true}, {"a", 100, true}, {"a", -6, true}, {"\xff", 1, true}} {
		if name, err := placePath.Name(params); err == nil || !strings.Contains(err.Error(), "/m/{id}/{seat}:{live}/x") {
			t.Errorf("Name(%+v) = %q, %v", params, name, err)
		}
	}
}

// What is spelled in another way than Name does is no such namespace.
func TestPathOtherSpellings(t *testing.T) {
	for _, name := range []string{
		"", "/", "/m/", "/m/abc", "/m/abc/7:true", "/m/abc/7:true/", "/m/abc/7:true/xx", "/m/abc/7:true/x/x", "/m//7:true/x", "/m/abc/:true/x",
		"x/m/abc/7:true/x", "/M/abc/7:true/x", "/m/abc/7:true/x?", "/m/abc/7:true/x#",
		"/m/a%2fb/7:true/x", "/m/%61bc/7:true/x", "/m/a%2/7:true/x", "/m/a%/7:true/x", "/m/a%GG/7:true/x", "/m/%2g/7:true/x",
		"/m/%FF/7:true/x", "/m/%C3%28/7:true/x", "/m/%ED%A0%80/7:true/x", "/m/ü/7:true/x", "/m/a b/7:true/x", "/m/a+b/7:true/x", "/m/a,b/7:true/x", "/m/a:b/7:true/x",
		"/m/a/b/7:true/x", "/m/toolongid/7:true/x", "/m/abc/007:true/x", "/m/abc/+7:true/x", "/m/abc/-0:true/x", "/m/abc/7.0:true/x", "/m/abc/7e0:true/x",
		"/m/abc/100:true/x", "/m/abc/99999999999999999999:true/x", "/m/abc/-:true/x", "/m/abc/1-1:true/x", "/m/abc/true:true/x", "/m/abc/7:TRUE/x", "/m/abc/7:1/x",
		"/m/abc/7:null/x", `/m/abc/7,"live":true:true/x`, "/m/abc/%37:true/x", "/m/" + strings.Repeat("%41", 1000) + "/7:true/x",
	} {
		if params, ok := placePath.Parse(name); ok {
			t.Errorf("Parse(%q) = %+v", name, params)
		}
	}
}

// A path whose text between two values can also be in one of them does not make a
// name that stands for something else.
func TestPathAmbiguous(t *testing.T) {
	type pair struct{ A, B string }
	fields := Required("a", "b")
	path := NewPath(func(d *Decoder, v *pair) {
		o := d.Object(fields)
		for o.Next() {
			switch o.Field {
			case "a":
				d.String(&v.A)
			case "b":
				d.String(&v.B)
			}
		}
	}, func(p *pair) []string { return []string{p.A, p.B} }, PathPart{Text: "/"}, PathPart{Param: "a"}, PathPart{Text: "-"}, PathPart{Param: "b"})
	if name, err := path.Name(pair{"x", "y-z"}); err != nil || name != "/x-y-z" {
		t.Errorf("Name = %q, %v", name, err)
	}
	if name, err := path.Name(pair{"x-y", "z"}); err == nil {
		t.Errorf("Name = %q", name)
	}
	end := NewPath(func(d *Decoder, v *pair) {
		for o := d.Object(Required("a")); o.Next(); {
			d.String(&v.A)
		}
	}, func(p *pair) []string { return []string{p.A} }, PathPart{Text: "/"}, PathPart{Param: "a"}, PathPart{Text: "-end"})
	if name, err := end.Name(pair{A: "x-end"}); err != nil || name != "/x-end-end" {
		t.Errorf("Name = %q, %v", name, err)
	}
}

func FuzzPath(f *testing.F) {
	f.Add("/m/abc/7:true/x")
	f.Add("/m/a%2Fb/-5:false/x")
	f.Add("/m/%C3%BC/0:true/x")
	f.Fuzz(func(t *testing.T, name string) {
		params, ok := placePath.Parse(name)
		if !ok {
			return
		}
		if again, err := placePath.Name(params); err != nil || again != name {
			t.Errorf("Parse(%q) = %+v, whose name is %q, %v", name, params, again, err)
		}
		if strings.ContainsAny(name, ",?# ") || strings.Count(name, "/") != 4 {
			t.Errorf("%q is a name", name)
		}
	})
}

// TestFamily serves a path with parameters: each child is a namespace of its own,
// and goes when its last socket has left.
func TestFamily(t *testing.T) {
	s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
		mounted(placePath.Family(srv), func(m *Mount[member]) {})
		mounted(srv.Of("/m/lobby/1:true/x"), func(m *Mount[member]) {})
	})
	everybody := func(id string) Audience[member] { return EverybodyAt[member](s.srv, placePath, place{id, 1, true}) }
	say := func(a Audience[member]) error {
		e := NewEncoder()
		e.Next().String("hi")
		return a.Emit(t.Context(), "said", e)
	}
	ada, bob := s.enter(t, "/m/a%2Fb/1:true/x", "Ada"), s.enter(t, "/m/b/1:true/x", "Bob")
	if err := say(everybody("a/b")); err != nil {
		t.Error(err)
	}
	ada.expect(`42/m/a%2Fb/1:true/x,["said","hi"]`)
	if err := say(In(everybody("b"), []string{"r"})); err != nil {
		t.Error(err)
	}
	bob.expect(`42/m/b/1:true/x,["said","hi"]`)
	sockets := everybody("a/b").Sockets()
	if len(sockets) != 1 || sockets[0].name != "Ada" || placePath.ParamsOf(sockets[0].Untyped().Namespace()).ID != "a/b" {
		t.Errorf("sockets %v", sockets)
	}
	if err := say(everybody("nobody")); err != nil {
		t.Error(err)
	}
	if err := say(everybody("")); err == nil {
		t.Error("emitted to params that do not fit")
	}
	if got := everybody("").Sockets(); got != nil {
		t.Errorf("sockets %v", got)
	}
	// Another namespace has the name that these params would have.
	if err := say(everybody("lobby")); err == nil || !strings.Contains(err.Error(), "no child") {
		t.Errorf("the lobby: %v", err)
	}
	if n := len(placePath.Family(s.srv).Children()); n != 2 {
		t.Errorf("%d children", n)
	}
	dial(t, s.Server, "/m/a%2fb/1:true/x", "").expect(`44/m/a%2fb/1:true/x,{"message":"Invalid namespace"}`)
	dial(t, s.Server, "/m/"+strings.Repeat("a", 9)+"/1:true/x", "").expect(`44/m/aaaaaaaaa/1:true/x,{"message":"Invalid namespace"}`)
	if n := len(placePath.Family(s.srv).Children()); n != 2 {
		t.Errorf("%d children after refusals", n)
	}
}
