// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"errors"
	"strings"
	"testing"
)

// A panic of an emitter is an error of Generate, with the place where it happened.
func TestGuarded(t *testing.T) {
	_, err := guarded(func() (int, error) { panic("no such type") })
	if err == nil || !strings.Contains(err.Error(), "no such type") || !strings.Contains(err.Error(), "guarded_test.go") {
		t.Errorf("%v", err)
	}
	boom := errors.New("boom")
	if n, err := guarded(func() (int, error) { return 3, boom }); n != 3 || !errors.Is(err, boom) {
		t.Errorf("%d, %v", n, err)
	}
}
