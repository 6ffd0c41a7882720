// SPDX-License-Identifier: Apache-2.0

package schematest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// The names and types that the structs of [Distinct] are made of.
var (
	plainNames = strings.Fields(`id name title text room owner author at createdAt updatedAt state reason count total price
		score tags members position parent color width height x y note visible archived priority assignee due url email locale
		version checksum size mime caption`)
	plainTypes = []string{
		"int", "string", "string", "{ type: string, length: 1..64 }", "bool", "timestamp", "float64", "int32", "uuid", "list<string>",
		"list<int>", "map<string>", "optional string", "optional int", "optional timestamp", "{ type: int, range: 0..100 }",
	}
)

// Distinct returns a schema of n events, half from each side, of the size that people
// write: three to eight fields, with an ack where the client asks and for a few of the
// server's. No two structs have the same fields: to the Go compiler each is a shape
// of its own.
func Distinct(n int) string {
	var b strings.Builder
	seen := map[string]bool{}
	rng := rand.New(rand.NewPCG(1, 0x50c6e2))
	fields := func() string {
		for {
			text := drawFields(rng)
			if !seen[text] {
				seen[text] = true
				return text
			}
		}
	}
	b.WriteString("sockgen: 1\ninfo: { name: many }\nnamespaces:\n  /:\n    rooms: { room: \"room:{id: int}\" }\n")
	for side, name := range []string{"client", "server"} {
		fmt.Fprintf(&b, "    %s:\n", name)
		for i := side; i < n; i += 2 {
			fmt.Fprintf(&b, "      thing%d:change:\n        doc: Changes thing %d.\n        payload: %s\n", i, i, fields())
			if name == "client" || i%8 == 1 {
				fmt.Fprintf(&b, "        ack: %s\n", fields())
			}
			if name == "server" && i%8 == 1 {
				b.WriteString("        timeout: 5s\n")
			}
		}
	}
	return b.String()
}

func drawFields(rng *rand.Rand) string {
	list := make([]string, 3+rng.IntN(6))
	for i, at := range rng.Perm(len(plainNames))[:len(list)] {
		list[i] = plainNames[at] + ": " + plainTypes[rng.IntN(len(plainTypes))]
	}
	return "{ " + strings.Join(list, ", ") + " }"
}
