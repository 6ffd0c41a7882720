// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnmarshalJSON reads all or nothing: what is absent becomes zero, and what comes to
// nothing, by an error or a panic of the application's types, leaves the value alone.
func TestUnmarshalJSON(t *testing.T) {
	before := author{ID: "1", Name: "Ada"}
	v := before
	read := func(data string, more func()) (ended any, err error) {
		defer func() { ended = recover() }()
		return nil, UnmarshalJSON([]byte(data), &v, func(d *Decoder) {
			decodeAuthor(d, &v)
			more()
		})
	}
	nothing := func() {}
	if _, err := read(`{"id":"2"}`, nothing); err == nil || !cmp.Equal(v, before) {
		t.Errorf("a field is missing: %+v, %v", v, err)
	}
	if _, err := read(`{"id":"2","name"`, nothing); !errors.Is(err, ErrMalformedJSON) || !cmp.Equal(v, before) {
		t.Errorf("no JSON: %+v, %v", v, err)
	}
	if ended, _ := read(`{"id":"2","name":"Bob"}`, func() { panic("boom") }); ended != "boom" || !cmp.Equal(v, before) {
		t.Errorf("a panic: %+v, %v", v, ended)
	}
	if _, err := read(`{"id":"2","name":"Bob"}`, nothing); err != nil || !cmp.Equal(v, author{ID: "2", Name: "Bob"}) {
		t.Errorf("sound: %+v, %v", v, err)
	}
	p := post{Note: Some(NotNull("old")), Parent: &post{}}
	short := post{Key: "123e4567-e89b-12d3-a456-426614174000", Room: "a", From: author{Name: "b"}, Text: "c"}
	data := bytes.Replace(mustJSON(t, short), []byte(`"text":"c"`), []byte(`"text":""`), 1)
	if err := p.UnmarshalJSON(data); err == nil || p.Parent == nil {
		t.Errorf("lengths do not fit: %+v, %v", p, err)
	}
}

func mustJSON(t *testing.T, p post) []byte {
	t.Helper()
	data, err := p.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return data
}
