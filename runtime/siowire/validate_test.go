// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// Validate agrees with encoding/json and with Parse about what JSON is.
func TestValidate(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, test := range []struct {
		text string
		at   int // of the fault; -1 when there is none
	}{
		{`null`, -1},
		{" \t\r\n{\"a\" : [ 1 , -0.5e+3 , \"\\u00e9\\/\" , true , { } , [ ] ] } \n", -1},
		{`"ä€😀"`, -1},
		{`"\ud800"`, -1},
		{`{"a":1,"a":2}`, -1},
		{`{"_placeholder":true,"num":-1}`, -1},
		{strings.Repeat("1", 100_000), -1},
		{`[1` + strings.Repeat(",1", 100_000) + `]`, -1},
		{nested(1000), -1},
		{nested(1001), 1000},
		{``, 0},
		{` `, 1},
		{`{"a":`, 5},
		{`{"a":"b`, 7},
		{`{"a":1,}`, 7},
		{`[1,]`, 3},
		{`{} {}`, 3},
		{`1,2`, 1},
		{"1\x00", 1},
		{"\xef\xbb\xbf1", 0},
		{"\"a\xff\"", 2},
		{"\"\xed\xa0\x80\"", 1},
		{"\"\x1f\"", 1},
		{`"\x"`, 1},
		{`"\u12g4"`, 1},
		{`01`, 2},
		{`1.`, 2},
		{`-`, 1},
		{`.5`, 0},
		{`NaN`, 0},
		{`nul`, 0},
		{`{a:1}`, 1},
		{`'a'`, 0},
	} {
		err := Validate([]byte(test.text))
		if (err == nil) != (test.at < 0) {
			t.Errorf("%.40q: %v", test.text, err)
			continue
		}
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Kind != ErrPayload || e.Offset != test.at) {
			t.Errorf("%.40q: %v, want a fault at byte %d", test.text, err, test.at)
		}
		if err == nil != (json.Valid([]byte(test.text)) && utf8.ValidString(test.text)) && test.text != nested(1001) {
			t.Errorf("%.40q: %v, and encoding/json disagrees", test.text, err)
		}
	}
}

func FuzzValidate(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,-0,"x\u00e9\ud800",true,null]}`, `01`, "\"\x01\"", `[1,]`, ` "" `, `{"_placeholder":true,"num":0}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want := json.Valid(text) && utf8.Valid(text)
		if err := Validate(text); (err == nil) != want && strings.Count(string(text), "[")+strings.Count(string(text), "{") <= 1000 {
			t.Errorf("%q: %v, encoding/json says %v", text, err, want)
		}
	})
}
