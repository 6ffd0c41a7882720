// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/schema"
)

// JSONSchema returns a JSON Schema of what a schema can say, by which editors complete
// and explain its keys.
func JSONSchema() []byte { return language.JSONSchema() }

// Imports returns the names of the files that a schema imports, directly or through
// others. Those that cannot be read are missing.
func Imports(in Input) []string {
	doc, _ := schema.Load(in.File, in.Source, in.Read)
	var names []string
	for _, i := range doc.Imports {
		names = append(names, i.File)
	}
	return names
}
