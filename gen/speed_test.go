// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"fmt"
	"runtime/debug"
	"testing"
	"time"

	"github.com/sockgen/sockgen/gen/internal/schematest"
)

// The goals: 1,000 events within 250 ms of a quiet machine, and 10,000 within 11 times
// that. The second is reported as the metric "times1000". Memory is collected as seldom
// as cmd/sockgen has it.
func BenchmarkGenerate(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var thousand float64
	for _, n := range []int{1_000, 10_000} {
		src := []byte(schematest.Distinct(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			began := time.Now()
			for b.Loop() {
				if files := mustGenerate(b, src); len(files) == 0 {
					b.Fatal("no files")
				}
			}
			each := time.Since(began).Seconds() / float64(b.N)
			if n == 1_000 {
				thousand = each
			} else if thousand > 0 {
				b.ReportMetric(each/thousand, "times1000")
			}
			b.ReportMetric(each*1000/float64(n), "ms/event")
		})
	}
}
