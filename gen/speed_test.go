package gen_test

import (
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// manyEvents returns a schema of n events, half from each side, of the size that
// people write: five fields, a list among them, and an ack of four.
func manyEvents(n int) []byte {
	var b strings.Builder
	b.WriteString("sockgen: 1\ninfo: { name: many }\nnamespaces:\n  /:\n")
	for side, name := range []string{"client", "server"} {
		fmt.Fprintf(&b, "    %s:\n", name)
		for i := side; i < n; i += 2 {
			fmt.Fprintf(&b, "      thing%d:change:\n        doc: Changes thing %d.\n", i, i)
			b.WriteString("        payload: { id: int, name: { type: string, length: 1..64 }, tags: list<string>, at: timestamp, note: optional string }\n")
			if name == "client" {
				b.WriteString("        ack: { id: int, name: string, ok: bool, at: timestamp }\n")
			}
		}
	}
	return []byte(b.String())
}

// The goals: 1,000 events within 300 ms, and 10,000 within 11 times that. The
// second is reported as the metric "times1000". Memory is collected as seldom as
// cmd/sockgen has it.
func BenchmarkGenerate(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var thousand float64
	for _, n := range []int{1_000, 10_000} {
		src := manyEvents(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			began := time.Now()
			for b.Loop() {
				if files := renderMany(b, src); len(files) == 0 {
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

func renderMany(b *testing.B, src []byte) []gen.File {
	files, diags, err := generate(src)
	if err != nil || diag.HasErrors(diags) {
		b.Fatal(err, diag.Render(diags))
	}
	return files
}
