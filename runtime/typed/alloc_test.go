// SPDX-License-Identifier: Apache-2.0

//go:build !race

package typed

import "testing"

// Under the race detector a sync.Pool forgets at random, so these figures hold
// without it alone.

func TestEncodeAllocatesNothing(t *testing.T) {
	allocs := testing.AllocsPerRun(1000, func() {
		e := NewEncoder()
		encodeLine(e.Next(), &sampleLine)
		e.args.Release()
	})
	if allocs >= 1 {
		t.Errorf("%v allocations to encode a line", allocs)
	}
}

// TestDecodeAllocations counts 8 strings and the list's array, which grows once.
func TestDecodeAllocations(t *testing.T) {
	data := sampleLineJSON()
	var v line
	allocs := testing.AllocsPerRun(1000, func() {
		d := newDecoder(data, nil)
		decodeLine(d, &v)
		d.release()
	})
	if allocs > 10 {
		t.Errorf("%v allocations to decode a line of 8 strings and a list", allocs)
	}
}
