// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

type level int64

const (
	low  level = 1
	high level = -5
)

// many are the values of an enum that has too many to compare.
func many() []level {
	var all []level
	for i := range level(3 * manyFields) {
		all = append(all, i*i)
	}
	return all
}

// An integer enum reads and writes its values, as numbers; an open one any integer.
func TestIntegers(t *testing.T) {
	closed, open, large := Integers(low, high), Integers(low, high).Open(), Integers(many()...)
	for _, test := range []struct {
		enum *IntegerEnum[level]
		json string
		want level
		says string // of the issue, "" when the value is sound
	}{
		{closed, "1", 1, ""}, {closed, "-5", -5, ""}, {closed, "2", 0, "want one of 1, -5"}, {closed, `"1"`, 0, "expected integer"}, {closed, "1.5", 0, "expected integer"},
		{closed, "null", 0, "expected integer"}, {closed, "9007199254740992", 0, "must be an integer"},
		{open, "7", 7, ""}, {open, "-9007199254740991", -9007199254740991, ""}, {open, "9007199254740992", 0, "must be an integer"}, {open, "1.5", 0, "expected integer"},
		{large, "4", 4, ""}, {large, "5", 0, "want one of 0, 1, 4, 9, 16, 25, 36, 49, … ("}, {Integers(low), "2", 0, "want 1"},
	} {
		var got level
		err := UnmarshalJSON([]byte(test.json), &got, func(d *Decoder) { test.enum.Decode(d, &got) })
		var bad *PayloadError
		switch {
		case test.says == "" && (err != nil || got != test.want):
			t.Errorf("%s: %v, %v", test.json, got, err)
		case test.says != "" && (!errors.As(err, &bad) || len(bad.Issues) != 1 || !strings.HasPrefix(bad.Issues[0].Message, test.says)):
			t.Errorf("%s: %v, want %q", test.json, err, test.says)
		}
	}
	for _, test := range []struct {
		enum  *IntegerEnum[level]
		value level
		want  string // "" when it is refused
	}{
		{closed, low, "1"}, {closed, high, "-5"}, {closed, 0, ""}, {open, 0, "0"}, {open, 1 << 53, ""},
	} {
		e := NewJSON()
		test.enum.Encode(e, test.value)
		if got, err := e.JSON(); string(got) != test.want && test.want != "" || (err != nil) != (test.want == "") {
			t.Errorf("%d: %s, %v", test.value, got, err)
		}
	}
}

// encoding/json reads a value of a closed enum by UnmarshalJSON.
func TestIntegersUnmarshal(t *testing.T) {
	closed := Integers(low, high)
	for text, fine := range map[string]bool{"1": true, "null": true, "2": false, `"1"`: false, "1e0": false, "99999999999999999999": false} {
		v := high
		if err := closed.Unmarshal(json.RawMessage(text), &v); (err == nil) != fine || err != nil && (!errors.Is(err, ErrEnum) || v != high) {
			t.Errorf("%s: %v, %v", text, v, err)
		}
	}
}
