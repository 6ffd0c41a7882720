// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAsError(t *testing.T) {
	frozen := NewError("frozen", "the board is frozen")
	var wrong author
	unfit := unmarshal([]byte(`{"id":7}`), &wrong, decodeAuthor)
	broken := unmarshal([]byte(`{"id":`), &wrong, decodeAuthor)
	for _, c := range []struct {
		name    string
		err     error
		code    Code
		message string
		data    any
	}{
		{"one of ours", fmt.Errorf("move: %w", frozen.Because(errors.New("budget"))), "frozen", "the board is frozen", nil},
		{"a value that does not fit", fmt.Errorf("body: %w", unfit), CodeInvalidPayload, "the payload does not fit the schema",
			Invalid{Issues: []Issue{{"id", "expected string, got number"}, {"name", "is required"}}}},
		{"a text that is no JSON", fmt.Errorf("body: %w", broken), CodeInvalidPayload, "the payload does not fit the schema",
			Invalid{Issues: []Issue{{"", "is not well-formed JSON"}}}},
		{"a client's ack", badReply("sum", "", "is required"), CodeInternal, "internal error", nil},
		{"anything else", context.DeadlineExceeded, CodeInternal, "internal error", nil},
		{"an error that is nil within", fmt.Errorf("move: %w", (*Error)(nil)), CodeInternal, "internal error", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := AsError(c.err)
			if e.Code != c.code || e.Message != c.message {
				t.Errorf("got %q, %q", e.Code, e.Message)
			}
			if id, internal := e.Data.(Internal); internal {
				if id.ID == "" || c.code != CodeInternal || !errors.Is(e, c.err) {
					t.Errorf("data %+v of %v", e.Data, e)
				}
			} else if diff := cmp.Diff(c.data, e.Data); diff != "" {
				t.Error(diff)
			}
			if c.code == CodeInvalidPayload && !errors.Is(e, c.err) {
				t.Errorf("%v hides its cause from the log", e)
			}
		})
	}
	if e := AsError(nil); e != nil {
		t.Errorf("%v of no error", e)
	}
}

func TestMalformedJSONHasASentinel(t *testing.T) {
	for text, detail := range map[string]string{
		"":                  "at byte 0: the JSON text ends where a value should be",
		`{"id":`:            "at byte 6: the JSON text ends where a value should be",
		`{"id":"x]}`:        "at byte 10: the JSON text ends inside a string",
		`{"id":"x",}`:       "at byte 10: an object needs a key here",
		`{} {}`:             "at byte 3: something follows the JSON text",
		"{\"id\":\"\xff\"}": "at byte 7: the text is not valid UTF-8",
	} {
		v := author{ID: "before"}
		err := unmarshal([]byte(text), &v, decodeAuthor)
		if !errors.Is(err, ErrMalformedJSON) || v != (author{ID: "before"}) || !strings.HasSuffix(err.Error(), detail) {
			t.Errorf("%q: %v, %+v", text, err, v)
		}
	}
	var v author
	if err := unmarshal([]byte(`{}`), &v, decodeAuthor); err == nil || errors.Is(err, ErrMalformedJSON) {
		t.Errorf("an object without its fields: %v", err)
	}
}
