package gen

import "github.com/sockgen/sockgen/gen/language"

// JSONSchema returns a JSON Schema of what a schema can say, by which editors complete
// and explain its keys.
func JSONSchema() []byte { return language.JSONSchema() }
