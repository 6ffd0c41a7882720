// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// What an ack must be to count as an answer in an envelope.
func TestEnvelopeOf(t *testing.T) {
	for text, want := range map[string]string{
		``:                                     `false`,
		`null`:                                 `false`,
		`[]`:                                   `false`,
		`"ok"`:                                 `false`,
		`{}`:                                   `false`,
		`{"ok":1}`:                             `false`,
		`{"ok":null}`:                          `false`,
		`{"ok":"true"}`:                        `false`,
		`{"ok":false}`:                         `false`,
		`{"OK":true}`:                          `false`,
		`{"ok":true}`:                          `true true "" ""`,
		` { "ok" : true , "value" : [ 1 ] } `:  `true true "[ 1 ]" ""`,
		`{"value":null,"ok":true}`:             `true true "null" ""`,
		`{"\u006fk":true,"valu\u0065":"\""}`:   `true true "\"\\\"\"" ""`,
		`{"ok":true,"ok":false,"error":{}}`:    `true false "" "{}"`,
		`{"more":{"ok":1},"ok":true,"x":[{}]}`: `true true "" ""`,
		`{"ok":false,"error":{"code":"x"}}`:    `true false "" "{\"code\":\"x\"}"`,
	} {
		p, err := siowire.Parse([]byte(`31[`+text+`]`), siowire.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		r, sound := envelopeOf(p.Args)
		got := fmt.Sprint(sound)
		if sound {
			got = fmt.Sprintf("%v %v %q %q", sound, r.ok, r.value, r.failure)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestFailureReader(t *testing.T) {
	for text, want := range map[string]string{
		`null`:                         ``,
		`[]`:                           ``,
		`{}`:                           ``,
		`{"code":""}`:                  ``,
		`{"code":7}`:                   ``,
		`{"code":null}`:                ``,
		`{"code":"a","message":7}`:     ``,
		`{"code":"a","event":[]}`:      ``,
		`{"code":"a"}`:                 `"" a "" <nil>`,
		`{"code":"a","code":"b"}`:      `"" b "" <nil>`,
		`{"\u0063ode":"\u00e9\ud800"}`: "\"\" é\ufffd \"\" <nil>",
		`{"data":{"x":[1]},"event":"e","more":{"code":1},"message":"m\n","code":"a"}`: `"e" a "m\n" {"x":[1]}`,
	} {
		r := newFailureReader([]byte(text), nil, false)
		e, ok := r.read(nil)
		got := ""
		if ok {
			got = fmt.Sprintf("%q %s %q %s", r.event, e.Code, e.Message, orNil(e.Data))
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func orNil(v any) string {
	if v == nil {
		return "<nil>"
	}
	return fmt.Sprintf("%s", v)
}

func TestFingerprintOf(t *testing.T) {
	for text, want := range map[string]string{
		``:                                    `"" false`,
		`{}`:                                  `"" false`,
		`["$sockgen"]`:                        `"" false`,
		`{"x":"$sockgen"}`:                    `"" false`,
		`{"x":{"$sockgen":"a"}}`:              `"" false`,
		`{"$sockgen":"a"}`:                    `"a" true`,
		`{"token":[1,{}], "$sockgen" : "\n"}`: `"\n" true`,
		`{"$sockgen":"a","$sockgen":"b"}`:     `"a" true`,
		`{"$sockgen":{"x":1},"y":2}`:          `"{\"x\":1}" true`,
		`{"$sockgen":null}`:                   `"null" true`,
		`{"$sockgen":""}`:                     `"" true`,
	} {
		got, present := fingerprintOf([]byte(text))
		if have := fmt.Sprintf("%q %v", got, present); have != want {
			t.Errorf("%s: %s, want %s", text, have, want)
		}
	}
}

func TestTagOf(t *testing.T) {
	u := Variants("kind", "text").Open()
	for text, want := range map[string]string{
		``:                                `false`,
		`null`:                            `false`,
		`[]`:                              `false`,
		`{}`:                              `false`,
		`{"kind":"x"`:                     `false`,
		`{"kind":"x"}}`:                   `false`,
		`{"kind":"x"} {}`:                 `false`,
		`{"kind":"x","a":tru}`:            `false`,
		"{\"kind\":\"x\",\"a\":\"\xff\"}": `false`,
		`{"kind":7}`:                      `false`,
		`{"kind":"x","kind":"x"}`:         `false`,
		`{"a":{"kind":"x"}}`:              `false`,
		`{"kind":"x"}`:                    `x`,
		` {"a":{"kind":7},"k\u0069nd":"\u0078","b":[]} `: `x`,
	} {
		got, ok := tagOf(u, []byte(text))
		if !ok {
			got = "false"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// A value of type any may be as deep and as long as a receiver's limits can be made
// to allow.
func TestAnyIsJudgedAsAPacketIs(t *testing.T) {
	for text, sound := range map[string]bool{
		deep(1000):         true,
		deep(1001):         false,
		`{"a":1,"a":2}`:    true,
		"\"\u2028\"":       true,
		"\"\x00\"":         false,
		"\"\xed\xa0\x80\"": false,
		`01`:               false,
		`{"a":1} `:         true,
		`{"a":1} x`:        false,
	} {
		e := NewEncoder()
		e.Next().Any([]byte(text))
		args, err := e.Take("x")
		var detail *siowire.Error
		if (err == nil) != sound || err != nil && (!errors.Is(err, ErrRawJSON) || !errors.As(err, &detail)) {
			t.Errorf("%.40q: %v", text, err)
		}
		if err == nil {
			args.Release()
		}
	}
}

func deep(n int) string {
	b := make([]byte, 2*n)
	for i := range n {
		b[i], b[n+i] = '[', ']'
	}
	return string(b)
}
