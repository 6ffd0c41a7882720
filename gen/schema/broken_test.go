// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/internal/counts"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// Every broken file is reported at the place where its author can mend it.
func TestBrokenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("found %d broken files, err %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc, diags := Parse("events.yaml", src)
			if len(diags) == 0 {
				t.Fatalf("no diagnostic; root is %v", doc.Root)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", diag.Render(diags))
		})
	}
	counts.Print(t, "YAML: %s broken files, each error where its author can mend it", counts.Number(len(files)))
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); -update rewrites it:\n%s", file, diff)
	}
}
