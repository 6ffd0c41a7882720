// SPDX-License-Identifier: Apache-2.0

package counts_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sockgen/sockgen/internal/counts"
)

func TestPrint(t *testing.T) {
	name := filepath.Join(t.TempDir(), "counts")
	t.Setenv(counts.Variable, name)
	var all sync.WaitGroup
	want := make([]string, 50)
	for i := range want {
		want[i] = "things: " + strings.Repeat("x", i+1) + "%"
		all.Go(func() { counts.Print(quiet{t}, "things: %s%%", strings.Repeat("x", i+1)) })
	}
	all.Wait()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the file holds %q", got)
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", -1000: "-1,000", 123456: "123,456", 10_000_000: "10,000,000", -123: "-123"} {
		if got := counts.Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
}

// A quiet test keeps its log to itself.
type quiet struct{ testing.TB }

func (quiet) Log(...any) {}
