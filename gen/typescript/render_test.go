package typescript

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	for name, document := range documents {
		t.Run(name, func(t *testing.T) {
			files, err := Render(document(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(files) != 1 || files[0].Name != "ts/"+name+".ts" {
				t.Fatalf("Render gave %d files, the first called %q; want ts/%s.ts alone", len(files), files[0].Name, name)
			}
			golden := filepath.Join("testdata", name+".ts")
			if *update {
				if err := os.WriteFile(golden, files[0].Data, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(files[0].Data)); diff != "" {
				t.Errorf("%s differs from what Render gives now; go test -update ./gen/typescript rewrites it (- golden, + now):\n%s", golden, diff)
			}
		})
	}
}
