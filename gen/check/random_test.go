package check

import (
	"flag"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/internal/schematest"
	"github.com/sockgen/sockgen/gen/schema"
)

// documents is how many random documents an ordinary run tries. The whole test is
// SOCKGEN_DOCUMENTS=100000 or -documents 100000.
var documents = flag.Int("documents", documentsByDefault(), "how many random documents to check")

func documentsByDefault() int {
	if n, err := strconv.Atoi(os.Getenv("SOCKGEN_DOCUMENTS")); err == nil {
		return n
	}
	return 3_000
}

// Whatever the document, valid ones with something changed or words in a row: a
// result or located errors, and never a panic (G-01).
func TestRandomDocuments(t *testing.T) {
	seeds := validSchemas(t)
	outcomes := map[bool]int{}
	for i := range *documents {
		rng := rand.New(rand.NewPCG(uint64(i), 7))
		files := map[string]string{}
		switch rng.IntN(5) {
		case 0:
			files["events.yaml"], files["shared.yaml"] = soup(rng), soup(rng)
		case 1:
			files = schematest.RandomFiles(uint64(rng.IntN(1000)), true)
			for _, name := range []string{"events.yaml", "shared.yaml", "parts/deep.yaml"} {
				files[name] = mutated(rng, files[name], seeds)
			}
		case 2:
			files["events.yaml"] = mutated(rng, schematest.Random(uint64(rng.IntN(1000))), seeds)
		default:
			files["events.yaml"] = mutated(rng, seeds[rng.IntN(len(seeds))], seeds)
		}
		outcomes[located(t, files)]++
		if t.Failed() {
			t.Fatalf("document %d:\n%s", i, files["events.yaml"])
		}
	}
	t.Logf("%d of %d random documents were right", outcomes[true], *documents)
	if *documents >= 1000 && (outcomes[true] == 0 || outcomes[false] < *documents/2) {
		t.Errorf("the random documents are too much alike: %v", outcomes)
	}
}

// located checks a schema and tells whether it is right. It fails t when there is
// neither a document nor an error, or an error without its place.
func located(t *testing.T, files map[string]string) bool {
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
	doc, diags := schema.Load("events.yaml", []byte(files["events.yaml"]), read)
	out, more := Check(doc)
	diags = append(diags, more...)
	if (out == nil) != diag.HasErrors(diags) {
		t.Errorf("document %v with diagnostics:\n%s", out != nil, diag.Render(diags))
	}
	for _, d := range diags {
		_, known := files[d.Position.File]
		switch {
		case !known:
			t.Errorf("%s: there is no file %q", d, d.Position.File)
		case d.Position.Line < 1 || d.Position.Column < 1 || d.Position.Column > len([]rune(d.Line))+1:
			t.Errorf("%s has no place in %q", d, d.Line)
		case d.Message == "" || strings.Contains(d.Message, "%!"):
			t.Errorf("%s has a broken message", d)
		}
		if _, explained := diag.Explain(d.Code); !explained {
			t.Errorf("%s has a code that nothing explains", d)
		}
	}
	return out != nil
}

// validSchemas returns the schemas of testdata, of which some are wrong, and the
// one that uses the whole language.
func validSchemas(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*/events.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d cases, err %v", len(files), err)
	}
	var texts []string
	for _, name := range append(files, "../testdata/everything/events.yaml", "../testdata/everything/shared.yaml", "../../events.yaml") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) < 50_000 {
			texts = append(texts, string(text))
		}
	}
	return texts
}

// vocabulary are the words and signs of a schema.
var vocabulary = strings.Fields(`
	sockgen: 1 info: name: version: doc: imports: types: errors: namespaces: / /chat "/m/{x:string}" struct: scalar: enum: union: list: map:
	tag: of: open: brand: go: net/netip.Addr default: unique: length: range: pattern: optional type: deprecated: message: data: auth: every:
	connect: rooms: client: server: cluster: payload: args: ack: none plain: to: volatile: slow: latest timeout: 10s rate: 5/s unknown:
	reject annotations: { } [ ] , : - | > < ? & * ! % @ && "a" 'b' true false null ~ 1.5 -3 1..5 .. list<string> map<T> T U a b c -> others
	in all namespace sender socket room "room:{id: string}" not_member [socket,room] <<: *x &x # "\u0000" $x __proto__ é ☃ 2026-01-02`)

// soup returns words in a row, on lines that are indented at random.
func soup(rng *rand.Rand) string {
	var b strings.Builder
	if rng.IntN(2) == 0 {
		b.WriteString("sockgen: 1\n")
	}
	for range rng.IntN(60) {
		b.WriteString(vocabulary[rng.IntN(len(vocabulary))])
		if rng.IntN(4) == 0 {
			b.WriteString("\n" + strings.Repeat("  ", rng.IntN(5)))
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// mutated returns text with a few changes of the kinds that people and disks make.
func mutated(rng *rand.Rand, text string, others []string) string {
	for range 1 + rng.IntN(4) {
		at := rng.IntN(len(text) + 1)
		word := vocabulary[rng.IntN(len(vocabulary))]
		lines := strings.SplitAfter(text, "\n")
		line, other := rng.IntN(len(lines)), rng.IntN(len(lines))
		switch rng.IntN(9) {
		case 0: // a word more
			text = text[:at] + word + text[at:]
		case 1: // some bytes less
			text = text[:at] + text[min(len(text), at+rng.IntN(12)):]
		case 2: // a line less
			text = strings.Join(append(lines[:line:line], lines[line+1:]...), "")
		case 3: // a line twice
			text = strings.Join(append(lines[:line:line], append([]string{lines[line]}, lines[line:]...)...), "")
		case 4: // two lines change places
			lines[line], lines[other] = lines[other], lines[line]
			text = strings.Join(lines, "")
		case 5: // another indentation
			lines[line] = strings.Repeat(" ", rng.IntN(9)) + strings.TrimLeft(lines[line], " ")
			text = strings.Join(lines, "")
		case 6: // a word in place of another
			words := strings.Fields(text)
			if len(words) > 0 {
				text = strings.Replace(text, words[rng.IntN(len(words))], word, 1+rng.IntN(2))
			}
		case 7: // any byte
			text = text[:at] + string(rune(rng.IntN(0x250))) + text[at:]
		case 8: // a part of another schema
			from := others[rng.IntN(len(others))]
			begin := rng.IntN(len(from) + 1)
			text = text[:at] + from[begin:min(len(from), begin+rng.IntN(200))] + text[at:]
		}
		if text == "" {
			return text
		}
	}
	return text
}
