// SPDX-License-Identifier: Apache-2.0

package schematest

import (
	"math/rand/v2"
	"strings"
)

// Document returns the files of a document that is probably wrong: a valid one with
// something changed, or words in a row. The first file is events.yaml. Each seed has
// its own; others are schemas of which parts find their way into it.
func Document(seed uint64, others []string) map[string]string {
	rng := rand.New(rand.NewPCG(seed, 7))
	files := map[string]string{}
	several := 1 + rng.IntN(4)
	switch rng.IntN(6) {
	case 0:
		files["events.yaml"], files["shared.yaml"] = soup(rng), soup(rng)
	case 1:
		files = RandomFiles(uint64(rng.IntN(1000)), true)
		for _, name := range []string{"events.yaml", "shared.yaml", "parts/deep.yaml"} {
			files[name] = mutated(rng, files[name], others, several-1)
		}
	case 2:
		files["events.yaml"] = mutated(rng, Random(uint64(rng.IntN(1000))), others, several)
	case 3, 4: // one change leaves some of them right
		files["events.yaml"] = mutated(rng, Random(uint64(rng.IntN(1000))), others, 1)
	default:
		files["events.yaml"] = mutated(rng, others[rng.IntN(len(others))], others, several)
	}
	return files
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

// mutated returns text with so many changes of the kinds that people and disks make.
func mutated(rng *rand.Rand, text string, others []string, changes int) string {
	for range changes {
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
