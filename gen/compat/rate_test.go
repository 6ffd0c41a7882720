// SPDX-License-Identifier: Apache-2.0

package compat_test

import (
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen/compat"
)

// A rate, and the unit of a number, are named although the fingerprint of the one and
// the digits of the other say nothing.
func TestRatesAndUnits(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"lower", "rate: 20/s", "rate: 5/s", "warning / client up: the rate is 5 in a second and was 20 in a second: "},
		{"higher", "rate: 5/s", "rate: 20/s", "safe / client up: the rate is 20 in a second and was 5 in a second: "},
		{"new", "ack: none", "ack: none, rate: 100/m", "warning / client up: the rate is 100 in 60 seconds and was unlimited: "},
		{"gone", "ack: none, rate: 100/m", "ack: none", "safe / client up: the rate is unlimited and was 100 in 60 seconds: "},
		{"as many, in fewer at once", "rate: 60/m", "rate: 1/s", "warning / client up: the rate is 1 in a second and was 60 in 60 seconds: "},
		{"the same", "rate: 5/s", "rate: 5/s", ""},
		{"counted by user", "rate: 5/s", "rate: { limit: 5/s, by: user }", "warning / client up: the rate is 5 in a second by user and was 5 in a second: "},
		{"counted by socket", "rate: { limit: 5/s, by: user }", "rate: 5/s", "safe / client up: the rate is 5 in a second and was 5 in a second by user: "},
		{"counted by the same", "rate: { limit: 5/s, by: user }", "rate: { limit: 5/s, by: user }", ""},
		{"a unit", "payload: duration", "payload: int", "warning / client up payload: is int and was duration: a duration is a number of milliseconds"},
		{"a unit the other way", "payload: int", "payload: duration", "breaks / client up payload: is duration and was int: "},
		{"a unit in an ack", "ack: duration", "ack: int", "warning / client up ack: is int and was duration: "},
		{"a smaller number", "payload: duration", "payload: int32", "breaks / client up payload: "},
	} {
		schema := func(event string) *compat.Model {
			return models(t, "sockgen: 1\ninfo: { name: a }\nnamespaces: { /: { data: { user: string }, client: { up: { "+event+" } } } }")[0]
		}
		old, new := schema(test.old), schema(test.new)
		got := lines(compat.Compare(old, new))
		if !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: got %swant %s", test.name, got, test.want)
		}
		if strings.Contains(test.old, "rate") && old.Fingerprint() != new.Fingerprint() {
			t.Errorf("%s: a rate changed the fingerprint", test.name)
		}
	}
}
