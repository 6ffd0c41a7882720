// SPDX-License-Identifier: Apache-2.0

package language

import "strings"

// A Value is the form of a key's value.
type Value struct {
	kind    kind
	mapping string  // of a mapping: its name
	of      []Value // of lists and of mappings with free keys: what they hold; of alternatives: those
	words   []Word  // of a text: those that mean something
	only    bool    // of words: there are no others
	pattern string  // of a text
	example string
}

type kind int

const (
	anything   kind = iota
	text            // of one line or several
	scalar          // a text, or what YAML takes for a number
	annotation      // a text, a number, true or false
	boolean         // true or false
	integer         // a whole number
	version         // the number 1
	nothing         // null
	mapping         // one with known keys
	mapOf           // one with keys of the author's own
	listOf
	either
)

func textual(example string) Value { return Value{kind: text, example: example} }
func matching(pattern, example string) Value {
	return Value{kind: text, pattern: pattern, example: example}
}
func span(example string) Value      { return Value{kind: scalar, example: example} }
func oneOf(words []Word) Value       { return Value{kind: text, words: words, only: true} }
func someOf(words ...Word) Value     { return Value{kind: text, words: words} }
func a(name string) Value            { return Value{kind: mapping, mapping: name} }
func keyed(v Value) Value            { return Value{kind: mapOf, of: []Value{v}} }
func list(v Value) Value             { return Value{kind: listOf, of: []Value{v}} }
func or(alternatives ...Value) Value { return Value{kind: either, of: alternatives} }
func optional(v Value) Value         { return or(v, Value{kind: nothing}) }

var (
	yesOrNo = Value{kind: boolean}
	typ     = Value{kind: text, words: Scalars, example: "list<string>"} // a type expression
	ident   = matching("^[A-Z][A-Za-z0-9]*$", "Name")
)

// A position is in what form values stand: a struct, whose fields have types.
var (
	structBody = keyed(or(typ, a("field")))
	payload    = or(typ, structBody)
	enumBody   = or(list(or(textual("online"), a("enumItem"))), keyed(optional(or(a("enumValue"), Value{kind: integer}))))
)

// String returns the form of v in a few words, for readers.
func (v Value) String() string {
	switch v.kind {
	case text, scalar:
		return v.textForm()
	case annotation:
		return "a text, a number, `true` or `false`"
	case boolean:
		return "`true` or `false`"
	case integer:
		return "a whole number"
	case version:
		return "`1`"
	case nothing:
		return "nothing"
	case mapping:
		return "[" + titleOf(v.mapping) + "](#" + anchorOf(v.mapping) + ")"
	case mapOf:
		return "names with " + v.of[0].String()
	case listOf:
		return "a list of " + v.of[0].String()
	case either:
		var parts []string
		for _, alternative := range v.of {
			if alternative.kind != nothing {
				parts = append(parts, alternative.String())
			}
		}
		return strings.Join(parts, ", or ")
	}
	return "anything"
}

func (v Value) textForm() string {
	if v.only || v.example == "" && len(v.words) > 0 {
		return "`" + strings.Join(Texts(v.words), "`, `") + "`"
	}
	if len(v.words) == len(Scalars) {
		return "a type: `" + v.example + "`"
	}
	if v.example == "" {
		return "a text"
	}
	return "`" + v.example + "`"
}
