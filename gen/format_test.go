// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/internal/schematest"
	"github.com/sockgen/sockgen/internal/counts"
)

// formatted returns src in the one style.
func formatted(t *testing.T, src string) string {
	t.Helper()
	files, diags := gen.Format(gen.Input{File: "events.yaml", Source: []byte(src)})
	if len(diags) > 0 {
		t.Fatal(diag.Render(diags))
	}
	return string(files[0].Data)
}

// loosely returns src as somebody wrote it who cares little for its form.
func loosely(rng *rand.Rand, src string) string {
	wide := 1 + rng.IntN(3)
	var b strings.Builder
	for line := range strings.Lines(src) {
		text := strings.TrimLeft(strings.TrimRight(line, "\n"), " ")
		depth := len(line) - 1 - len(text)
		b.WriteString(strings.Repeat(" ", depth*wide) + text)
		if rng.IntN(4) == 0 {
			b.WriteString(strings.Repeat(" ", 1+rng.IntN(3)))
		}
		b.WriteString("\n")
		if rng.IntN(8) == 0 {
			b.WriteString("# " + text + "\n" + strings.Repeat("\n", 1+rng.IntN(3)))
		}
	}
	return b.String()
}

// withoutRemarks returns src without the comments and the empty lines of loosely.
func withoutRemarks(src string) string {
	var b strings.Builder
	for line := range strings.Lines(src) {
		if text := strings.TrimSpace(line); text != "" && !strings.HasPrefix(text, "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// Random schemas, written loosely: what is formatted gives the same code, and once
// formatted stays as it is. Their style is one, however they were written.
func TestFormatRandomSchemas(t *testing.T) {
	const schemas = 150
	for seed := range uint64(schemas) {
		rng := rand.New(rand.NewPCG(seed, 1))
		src := schematest.Random(seed)
		neat := formatted(t, src)
		if again := formatted(t, neat); again != neat {
			t.Fatalf("seed %d: formatted once more it is otherwise\n%s", seed, cmp.Diff(neat, again))
		}
		loose := formatted(t, loosely(rng, src))
		if diff := cmp.Diff(withoutRemarks(neat), withoutRemarks(loose)); diff != "" {
			t.Fatalf("seed %d: the style depends on how it was written (-neat +loose)\n%s", seed, diff)
		}
		if seed%100 == 0 {
			if diff := cmp.Diff(contents(mustGenerate(t, []byte(src))), contents(mustGenerate(t, []byte(loose)))); diff != "" {
				t.Fatalf("seed %d: formatting changed the meaning\n%s", seed, diff)
			}
		}
	}
	counts.Print(t, "fmt: %s random schemas keep their meaning", counts.Number(schemas))
}

// Imported files are formatted, too; those of the repository are in form.
func TestFormatImports(t *testing.T) {
	files, diags := gen.Format(gen.Input{File: "events.yaml", Source: []byte("sockgen:   1\nimports: [shared.yaml, shared.yaml]\n"), Read: func(string) ([]byte, error) {
		return []byte("types: {A: {scalar: int}}\n"), nil
	}})
	if len(diags) > 0 || len(files) != 2 || string(files[1].Data) != "types: { A: { scalar: int } }\n" || files[1].Name != "shared.yaml" {
		t.Errorf("%q\n%s", files, diag.Render(diags))
	}
	if _, diags := gen.Format(gen.Input{File: "events.yaml", Source: []byte("imports: [absent.yaml]\n")}); len(diags) != 1 {
		t.Errorf("an absent file: %v", diags)
	}
	for _, name := range []string{"../events.yaml", "../example/game/events.yaml", "../example/live/events.yaml", "../example/bench/events.yaml"} {
		if src := readFile(t, name); !bytes.Equal([]byte(formatted(t, string(src))), src) {
			t.Errorf("sockgen fmt would change %s\n%s", name, cmp.Diff(string(src), formatted(t, string(src))))
		}
	}
}
