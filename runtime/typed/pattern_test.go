// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

// TestPattern compares with package regexp, for patterns that take the short way
// and for those that must not.
func TestPattern(t *testing.T) {
	tests := []struct {
		expr   string
		simple bool
	}{
		{`^[a-z0-9-]+$`, true},
		{`^[a-z]*$`, true},
		{`^\w+$`, true},
		{`^\d*$`, true},
		{`^[^\x00-\x7f]+$`, false},
		{`^[^a]+$`, false},
		{`[a-z]+`, false},
		{`^[a-z]+`, false},
		{`[a-z]+$`, false},
		{`^a+$`, false},
		{`^[a-z]{2,3}$`, false},
		{`^[a-z]?$`, false},
		{`(?m)^[a-z]+$`, false},
		{`(?i)^[a-z]+$`, false},
		{`^([a-z])+$`, false},
		{`^[a-z]+?$`, true},
		{`^[a-zé]+$`, false},
		{`^$`, false},
		{``, false},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			p, want := MustPattern(tt.expr), regexp.MustCompile(tt.expr)
			if p.simple != tt.simple || p.String() != tt.expr {
				t.Errorf("simple %v, %s", p.simple, p)
			}
			rapid.Check(t, func(t *rapid.T) {
				s := rapid.OneOf(rapid.StringMatching(`[a-zA-Z0-9_é\n-]{0,5}`), rapid.String()).Draw(t, "s")
				if p.match(s) != want.MatchString(s) {
					t.Errorf("%q: %v", s, p.match(s))
				}
			})
		})
	}
}
