package check

import (
	"os"
	"path/filepath"
	"testing"
)

// Whatever the bytes: no panic, and a document or a located error; and a
// document is the same when it is made again.
func FuzzCheck(f *testing.F) {
	files, err := filepath.Glob("testdata/*/events.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("found %d cases, err %v", len(files), err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	const shared = "sockgen: 1\ntypes: { Shared: { scalar: string } }\n"
	f.Fuzz(func(t *testing.T, src []byte) {
		located(t, map[string]string{"events.yaml": string(src), "shared.yaml": shared})
		if first, second := outcome("events.yaml", src, nil), outcome("events.yaml", src, nil); first != second {
			t.Fatalf("two outcomes:\n%s\n%s", first, second)
		}
	})
}
