// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/diag"
)

// A Document is a schema file as written.
type Document struct {
	File string // as the user named it
	Root *Node  // nil when the file could not be read as YAML

	// Damaged tells that Parse reported errors: parts of Root are missing, so
	// that what seems unused or forgotten may not be.
	Damaged bool

	// Imports are the files that this one imports, directly or through others,
	// each once and after those that it imports itself. Load fills it in.
	Imports []*Document

	// Direct are the names of the files that this one imports itself. Load fills it in.
	Direct []string

	lines []string
}

// LineAt returns the line of p in this file or in the imported one that p names.
func (d *Document) LineAt(p diag.Position) string {
	if p.File != d.File {
		for _, i := range d.Imports {
			if i.File == p.File {
				return i.Line(p.Line)
			}
		}
	}
	return d.Line(p.Line)
}

// A Kind tells which form a Node has.
type Kind int

// The forms of a node.
const (
	Null     Kind = iota // nothing, or ~
	Scalar               // text
	Mapping              // keys and values
	Sequence             // items
	Invalid              // already reported; whoever meets it stays silent
)

// String returns the kind as a diagnostic says it.
func (k Kind) String() string {
	switch k {
	case Null:
		return "nothing"
	case Scalar:
		return "a text"
	case Mapping:
		return "a mapping"
	case Sequence:
		return "a list"
	}
	return "something that is not readable"
}

// A Node is a value of the document. Nodes that an alias repeats are shared, so
// a document is a graph without cycles; nothing changes a Node once it is built.
type Node struct {
	Kind    Kind
	Text    string  // Kind Scalar: the text, unquoted
	Literal Literal // Kind Scalar: what YAML takes the text for
	Entries []Entry // Kind Mapping, in source order, without duplicate keys
	Items   []*Node // Kind Sequence
	Pos     diag.Position

	width  int  // runes on the line of Pos, at least 1
	shift  int  // runes between Pos and the first rune of Text
	direct bool // the runes of Text stand in the file one by one, from Pos+shift
}

// An Entry is one key of a mapping with its value.
type Entry struct {
	Key   *Node // always a Scalar
	Value *Node
}

// A Literal is what YAML takes an unquoted text for.
type Literal int

// The literals. Quoted text is always a String.
const (
	String Literal = iota
	Bool
	Int
	Float
	Timestamp
)

// String returns the literal as a diagnostic says it.
func (l Literal) String() string {
	switch l {
	case Bool:
		return "true or false"
	case Int, Float:
		return "a number"
	case Timestamp:
		return "a date"
	}
	return "a text"
}

// Get returns the value of key, or nil.
func (n *Node) Get(key string) *Node {
	for _, e := range n.Entries {
		if e.Key.Text == key {
			return e.Value
		}
	}
	return nil
}

// Span returns the place of n and how many runes to underline.
func (n *Node) Span() (diag.Position, int) { return n.Pos, n.width }

// Part returns the place of the bytes Text[from:to] and how many runes to
// underline. Where the text is folded or escaped in the file, that is all of n.
func (n *Node) Part(from, to int) (diag.Position, int) {
	if !n.direct || from < 0 || to < from || to > len(n.Text) {
		return n.Pos, n.width
	}
	p := n.Pos
	p.Column += n.shift + utf8.RuneCountInString(n.Text[:from])
	return p, max(1, utf8.RuneCountInString(n.Text[from:to]))
}

// Line returns the text of a line, from 1, or "" when there is none.
func (d *Document) Line(line int) string {
	if line < 1 || line > len(d.lines) {
		return ""
	}
	return d.lines[line-1]
}

// Within returns what n, a type or field, declares in its place: the innermost of its lists
// and maps, or n itself where it has none.
func (n *Node) Within() *Node {
	for {
		inner := n.Get("list")
		if inner == nil {
			inner = n.Get("map")
		}
		if inner == nil || inner.Kind != Mapping {
			return n
		}
		n = inner
	}
}
