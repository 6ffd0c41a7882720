// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// issuesOf returns what is wrong with what encode writes, as if it was to be sent.
func issuesOf(t *testing.T, encode func(Encoder)) []Issue {
	t.Helper()
	e := NewEncoder()
	encode(e)
	_, err := e.Take("post")
	if err == nil {
		return nil
	}
	var unsendable *SendError
	if !errors.As(err, &unsendable) || unsendable.Event != "post" {
		t.Fatalf("%v", err)
	}
	return unsendable.Issues
}

// What does not fit is found when it is sent, and named as its receiver would name it.
func TestSentIsCheckedAsReceived(t *testing.T) {
	const key = "123e4567-e89b-12d3-a456-426614174000"
	sound := func() post {
		return post{Room: "a", From: author{Name: "Ada"}, Text: "x", Key: key, At: time.Unix(0, 0).UTC(), Extra: json.RawMessage("1")}
	}
	for name, spoil := range map[string]func(*post){
		"nothing":          func(*post) {},
		"an empty text":    func(p *post) { p.Text = "" },
		"a long text":      func(p *post) { p.Text = strings.Repeat("é", 2001) },
		"a pattern":        func(p *post) { p.Room = "A B" },
		"length, pattern":  func(p *post) { p.Room = strings.Repeat("A", 33) },
		"a struct":         func(p *post) { p.From.Name = "" },
		"a list":           func(p *post) { p.Tags = []string{"a", "b", "c", "d"} },
		"an element":       func(p *post) { p.Tags = []string{"a", "", "c"} },
		"structs in lists": func(p *post) { p.Replies = []author{{Name: "a"}, {}, {Name: strings.Repeat("x", 40)}} },
		"an option":        func(p *post) { p.ReplyTo = Some[int64](101) },
		"bytes":            func(p *post) { p.Data = make([]byte, 65) },
		"a pointer":        func(p *post) { parent := sound(); parent.Text, parent.Tags = "", []string{""}; p.Parent = &parent },
		"many":             func(p *post) { p.Replies = make([]author, 40) },
	} {
		p := sound()
		spoil(&p)
		got := issuesOf(t, func(e Encoder) { encodePost(e.Next(), &p) })
		e := NewEncoder()
		e.mode = trusting
		encodePost(e.Next(), &p)
		args, err := e.Take("post")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		d := newDecoder(slices.Clone(args.B), args.Attachments)
		var read post
		decodePost(d, &read)
		if diff := cmp.Diff(d.issues, got); diff != "" {
			t.Errorf("%s (-received +sent):\n%s", name, diff)
		}
		if (name == "nothing") != (got == nil) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Paths lead through maps, arguments, lists of lists and keys of any text.
func TestPathsOfSent(t *testing.T) {
	short := func(e Encoder, v *string) { e.Checked().String(*v).Length(1, 2) }
	byKey := func(e Encoder, v string) { short(e, &v) }
	number := func(e Encoder, v *float64) { e.Float64(*v) }
	lists := func(e Encoder, v *[]string) { EncodeList(e, *v, short).Length(1, 2) }
	for _, tt := range []struct {
		name   string
		encode func(Encoder)
		want   []Issue
	}{
		{"itself", func(e Encoder) { e = e.Next(); e.Checked().String("abc").Length(1, 2) }, []Issue{{"", "must have 1 to 2 characters, has 3"}}},
		{"map", func(e Encoder) { EncodeMap(e.Next(), map[string]string{"a": "x", "b.\"": "", "c": "y"}, byKey) }, []Issue{{`["b.\""]`, "must have 1 to 2 characters, has 0"}}},
		{"map's length", func(e Encoder) { EncodeMap(e.Next(), map[string]string{"a": "x"}, byKey).Length(2, 3) }, []Issue{{"", "must have 2 to 3 entries, has 1"}}},
		{"reserved key", func(e Encoder) { EncodeMap(e.Next(), map[string]string{"_placeholder": "x", "z": "y"}, byKey) }, []Issue{{`["_placeholder"]`, `"_placeholder" is reserved for attachments`}}},
		{"list of lists", func(e Encoder) { EncodeList(e.Next(), [][]string{{"a"}, {}, {"b", ""}, {"a", "b", "c"}}, lists) }, []Issue{
			{"[1]", "must have 1 to 2 elements, has 0"}, {"[2][1]", "must have 1 to 2 characters, has 0"}, {"[3]", "must have 1 to 2 elements, has 3"},
		}},
		{"struct in a map in a struct", func(e Encoder) {
			e = e.Next()
			e.Open()
			EncodeMap(e.Key(`,"by\n":`), map[string]author{"k": {}}, func(e Encoder, v author) { encodeAuthor(e, &v) })
			e.Close()
		}, []Issue{{"by\n[\"k\"].name", "must have 1 to 32 characters, has 0"}}},
		{"arguments", func(e Encoder) {
			p := e.Positional()
			p.Open()
			p.Key(`,"x":`).Checked().Int(5).Range(0, 4)
			p.Key(`,"y":`).Bool(true)
			EncodeList(p.Key(`,"more":`), []string{"a", ""}, short)
			p.Close()
			e.Arguments()
		}, []Issue{{"args[0]", "must be from 0 to 4"}, {"args[2][1]", "must have 1 to 2 characters, has 0"}}},
		{"numbers", func(e Encoder) {
			EncodeList(e.Next(), []float64{1, inf}, number)
		}, []Issue{{"[1]", "NaN and infinities have no form in JSON"}}},
		{"duration", func(e Encoder) {
			e.Next().Checked().Duration(1999*time.Microsecond).Range(2*time.Millisecond, 3*time.Millisecond)
		}, []Issue{{"", "must be from 2 to 3"}}},
		{"duration that is cut", func(e Encoder) { e.Next().Checked().Duration(3999 * time.Microsecond).AtMost(3 * time.Millisecond) }, nil},
	} {
		if diff := cmp.Diff(tt.want, issuesOf(t, tt.encode)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

var inf = func() float64 { zero := 0.0; return 1 / zero }()

// Elements are compared as they travel.
func TestUniqueIsChecked(t *testing.T) {
	const lower, upper = "123e4567-e89b-12d3-a456-42661417400a", "123E4567-E89B-12D3-A456-42661417400A"
	many := make([]string, 30)
	for i := range many {
		many[i] = strings.Repeat("x", i)
	}
	text := func(e Encoder, v *string) { e.String(*v) }
	uuid := func(e Encoder, v *string) { e.UUID(*v) }
	at := func(e Encoder, v *time.Time) { e.Timestamp(*v) }
	now := time.Unix(1, 5e6)
	for _, tt := range []struct {
		name   string
		encode func(Encoder)
		want   []string // paths
	}{
		{"none", func(e Encoder) { EncodeUnique(e, []string{"a", "b", ""}, text) }, nil},
		{"two", func(e Encoder) { EncodeUnique(e, []string{"a", "b", "a"}, text) }, []string{"[2]"}},
		{"three", func(e Encoder) { EncodeUnique(e, []string{"a", "a", "b", "a"}, text) }, []string{"[1]", "[3]"}},
		{"long, none", func(e Encoder) { EncodeUnique(e, many, text) }, nil},
		{"long, some", func(e Encoder) { EncodeUnique(e, append(slices.Clone(many), "xx", "", "xx"), text) }, []string{"[31]", "[30]", "[32]"}},
		{"upper case", func(e Encoder) { EncodeUnique(e, []string{lower, upper}, uuid) }, []string{"[1]"}},
		{"zero with a sign", func(e Encoder) {
			EncodeUnique(e, []float64{0, -1 / inf}, func(e Encoder, v *float64) { e.Float64(*v) })
		}, []string{"[1]"}},
		{"one instant", func(e Encoder) { EncodeUnique(e, []time.Time{now, now.UTC().Add(time.Microsecond)}, at) }, []string{"[1]"}},
		{"with its length", func(e Encoder) { EncodeUnique(e, []string{"a", "a"}, text).Length(3, NoLimit) }, []string{"[1]", ""}},
	} {
		var got []string
		for _, issue := range issuesOf(t, func(e Encoder) { tt.encode(e.Next()) }) {
			got = append(got, issue.Path)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// CheckSent turns the checks off, and what has no form on the wire stays unsendable.
func TestCheckSent(t *testing.T) {
	defer CheckSent(true)
	CheckSent(false)
	if got := issuesOf(t, func(e Encoder) { encodeAuthor(e.Next(), &author{}) }); got != nil {
		t.Errorf("%v", got)
	}
	if _, err := json.Marshal(post{Key: "no"}); !errors.Is(err, ErrUUID) {
		t.Errorf("%v", err)
	}
	CheckSent(true)
	if got := issuesOf(t, func(e Encoder) { encodeAuthor(e.Next(), &author{}) }); len(got) != 1 {
		t.Errorf("%v", got)
	}
}
