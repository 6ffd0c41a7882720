// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"flag"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	for name, document := range documents {
		t.Run(name, func(t *testing.T) {
			opts := everyFile
			opts.Dates = name == "dates"
			files, err := Render(document(), opts)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range files {
				if i == 0 && f.Name != "ts/"+name+".ts" {
					t.Errorf("the first file is called %q; want ts/%s.ts", f.Name, name)
				}
				compareGolden(t, filepath.Join("testdata", path.Base(f.Name)), f.Data)
			}
		})
	}
}

func compareGolden(t *testing.T, golden string, data []byte) {
	if *update {
		if err := os.WriteFile(golden, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(data)); diff != "" {
		t.Errorf("%s differs from what Render gives now; go test -update ./gen/typescript rewrites it (- golden, + now):\n%s", golden, diff)
	}
}
