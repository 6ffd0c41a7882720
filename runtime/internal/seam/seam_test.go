// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTake(t *testing.T) {
	Offer("a.double", func(n int) int { return 2 * n })
	if got := Take[func(int) int]("a.double")(21); got != 42 {
		t.Error(got)
	}
	for _, tt := range []struct {
		name, want string
		f          func()
	}{
		{"nobody offers it", "a.triple is <nil>", func() { Take[func(int) int]("a.triple") }},
		{"another type", "a.double is func(int) int, and wanted as func()", func() { Take[func()]("a.double") }},
		{"twice", "a.double is offered twice", func() { Offer("a.double", func() {}) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, tt.want) {
					t.Errorf("panic %q, want %q", text, tt.want)
				}
			}()
			tt.f()
		})
	}
}
