// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// A histogram counts durations in buckets that are at most 1/32 wide of what they
// hold. Any goroutine may add.
type histogram struct {
	buckets [buckets]atomic.Int64
}

const (
	buckets = 32 * 60 // every duration has one
	exact   = 64      // nanoseconds, below which each has its own
)

func bucketOf(d time.Duration) int {
	v := uint64(max(d, 0))
	if v < exact {
		return int(v)
	}
	shift := bits.Len64(v) - 6
	return 32*shift + int(v>>shift)
}

// lowest returns the shortest duration in a bucket.
func lowest(bucket int) time.Duration {
	if bucket < exact {
		return time.Duration(bucket)
	}
	shift := bucket/32 - 1
	return time.Duration(bucket-32*shift) << shift
}

func (h *histogram) add(d time.Duration) { h.buckets[bucketOf(d)].Add(1) }

// percentile returns the duration that the share p of all does not exceed, or zero
// when there is none.
func percentile(hs []*histogram, p float64) time.Duration {
	var sums [buckets]int64
	var all int64
	for _, h := range hs {
		for i := range h.buckets {
			n := h.buckets[i].Load()
			sums[i] += n
			all += n
		}
	}
	var below int64
	for i, n := range sums {
		below += n
		if n > 0 && float64(below) >= p*float64(all) {
			return lowest(i)
		}
	}
	return 0
}
