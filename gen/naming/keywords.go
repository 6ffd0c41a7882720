// SPDX-License-Identifier: Apache-2.0

package naming

import "go/token"

// IsIdentifier tells whether ident, which Pascal or Camel made, is an identifier: it
// is not when the name has no letter before its first digit.
func IsIdentifier(ident string) bool { return ident != "" && !isDigit(ident[0]) }

// IsGoKeyword tells whether Go keeps name as a keyword.
func IsGoKeyword(name string) bool { return token.IsKeyword(name) }

// IsGoPredeclared tells whether name is declared in every Go file, so that a
// parameter of that name would hide a type or a function.
func IsGoPredeclared(name string) bool { return goPredeclared[name] }

// IsTypeScriptReserved tells whether no variable or parameter of a TypeScript
// module can have name: the reserved words of strict code. Words that are
// keywords in some places alone, such as "type" and "from", can be names.
func IsTypeScriptReserved(name string) bool { return typeScriptReserved[name] }

var goPredeclared = set(
	"any", "append", "bool", "byte", "cap", "clear", "close", "comparable", "complex", "complex128", "complex64",
	"copy", "delete", "error", "false", "float32", "float64", "imag", "int", "int16", "int32", "int64", "int8", "iota",
	"len", "make", "max", "min", "new", "nil", "panic", "print", "println", "real", "recover", "rune", "string", "true",
	"uint", "uint16", "uint32", "uint64", "uint8", "uintptr",
)

var typeScriptReserved = set(
	"arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do",
	"else", "enum", "eval", "export", "extends", "false", "finally", "for", "function", "if", "implements", "import", "in",
	"instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public", "return", "static",
	"super", "switch", "this", "throw", "true", "try", "typeof", "undefined", "var", "void", "while", "with", "yield",
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}
