// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"errors"
	"strings"
	"testing"
)

// Arguments that came in no packet are read as those that did.
func TestParseArgs(t *testing.T) {
	blob := [][]byte{{1, 2}, {3}}
	for _, tt := range []struct {
		text        string
		attachments [][]byte
		want        int
		err         error
	}{
		{`[]`, nil, 0, nil},
		{`[ 1 , "two" , {"three":[4]} ] `, nil, 3, nil},
		{`["connect"]`, nil, 1, nil}, // no event's name is among them
		{`[{"a":{"_placeholder":true,"num":1}},{"_placeholder":true,"num":0}]`, blob, 2, nil},
		{`[{"_placeholder":true,"num":7}]`, nil, 1, nil}, // data, as nothing is attached
		{`[{"_placeholder":true,"num":2}]`, blob, 0, ErrPlaceholder},
		{``, nil, 0, ErrPayload},
		{`{}`, nil, 0, ErrPayload},
		{`[1`, nil, 0, ErrPayload},
		{`[1]x`, nil, 0, ErrPayload},
		{"[\"\xff\"]", nil, 0, ErrPayload},
		{strings.Repeat("[", 65) + strings.Repeat("]", 65), nil, 0, ErrPayload},
		{`[]`, make([][]byte, 11), 0, ErrTooManyAttachments},
	} {
		args, err := ParseArgs([]byte(tt.text), tt.attachments, Limits{})
		if !errors.Is(err, tt.err) || args.Len() != tt.want {
			t.Errorf("%s: %d arguments, %v, want %d, %v", tt.text, args.Len(), err, tt.want, tt.err)
		}
	}
	args, err := ParseArgs([]byte(`[{"a":{"_placeholder":true,"num":1}}]`), blob, Limits{})
	var v struct{ A []byte }
	if err != nil || args.Decode(0, &v) != nil || string(v.A) != "\x03" {
		t.Errorf("%v, %v", v, err)
	}
}
