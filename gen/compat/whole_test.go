// SPDX-License-Identifier: Apache-2.0

package compat_test

import (
	"testing"

	"github.com/sockgen/sockgen/gen/compat"
	"github.com/sockgen/sockgen/gen/internal/schematest"
)

// Whatever the language can say is locked, read again and equal to itself, and
// any two namespaces can be compared.
func TestWholeLanguage(t *testing.T) {
	var last *compat.Model
	for seed := range uint64(300) {
		lock := mustParse(t, nil)
		made := models(t, schematest.Random(seed))
		lock.Add(made)
		read := mustParse(t, text(t, lock))
		for _, m := range made {
			again := read.Models[m.Path][m.Fingerprint()]
			if again == nil {
				t.Fatalf("seed %d: %s is not in the lock as %s", seed, m.Path, m.Fingerprint())
			}
			if changes := append(compat.Compare(m, again), compat.Compare(again, m)...); len(changes) > 0 {
				t.Fatalf("seed %d: %s differs from itself:\n%s", seed, m.Path, lines(changes))
			}
			if last != nil && last.Path == m.Path {
				equal := last.Fingerprint() == m.Fingerprint()
				if changes := compat.Compare(last, m); !equal && len(changes) == 0 {
					t.Fatalf("seed %d: %s has another fingerprint and no change", seed, m.Path)
				}
			}
			last = m
		}
	}
}
