// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/sockgen/sockgen/gen/diag"
)

// Bounds on a schema file. A schema of ten thousand events stays below them.
const (
	maxBytes    = 4 << 20 // of the file
	maxDepth    = 64      // of mappings and lists within each other, aliases followed
	maxNodes    = 100_000 // of the document, each alias counted in full
	maxRepairs  = 50      // of syntax errors that reading can continue after
	maxReported = 100     // of unreadable characters
)

// Parse reads the schema file src. File is its name as diagnostics show it. The
// result is never nil; its Root is nil when src is not YAML, which diagnostics
// then say. Parse keeps nothing of src.
func Parse(file string, src []byte) (*Document, []diag.Diagnostic) {
	r := &reader{doc: &Document{File: file}}
	r.parse(src)
	r.doc.Damaged = len(r.diags) > 0
	return r.doc, r.diags
}

// A reader turns YAML's nodes into ours and collects what is wrong with them.
type reader struct {
	doc      *Document
	diags    []diag.Diagnostic
	done     map[*yaml.Node]*Node // what an alias may refer to
	open     map[*yaml.Node]bool  // nodes that are being converted: an alias to one is a cycle
	size     map[*Node]int        // nodes within, aliases counted in full
	height   map[*Node]int        // levels within
	expanded int                  // nodes that aliases have added
	full     bool                 // aliases have made the document too large
	cached   int                  // the line that runes holds
	runes    []rune
}

// parse reads src, as far as it can be mended.
func (r *reader) parse(src []byte) {
	file := r.doc.File
	if len(src) > maxBytes {
		r.report(diag.DocumentLimit, diag.Position{File: file}, 1, "the file is larger than %d bytes, the most that a schema may have", maxBytes)
		return
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	if r.encoding(src); len(r.diags) > 0 {
		return
	}
	text := string(src)
	r.doc.lines = strings.Split(text, "\n")
	for range maxRepairs {
		root, second, err := decode(text)
		if err == nil {
			if second != nil {
				r.report(diag.MultipleDocuments, r.position(second), 3, "a second document begins here; a schema is one document")
			}
			r.doc.Root = r.document(root)
			return
		}
		fault := locate(text, err)
		r.report(fault.code, diag.Position{File: file, Line: fault.line, Column: fault.column}, fault.width, "%s", fault.message)
		if text = fault.repaired; text == "" {
			return
		}
	}
}

func (r *reader) report(code diag.Code, p diag.Position, width int, format string, args ...any) {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	r.diags = append(r.diags, diag.Diagnostic{Code: code, Position: p, Width: width, Message: message, Line: r.doc.Line(p.Line)})
}

// encoding reports bytes and characters that a schema cannot hold: YAML's parser
// would say so without a place, or count lines that no editor shows.
func (r *reader) encoding(src []byte) {
	r.doc.lines = strings.Split(string([]rune(string(src))), "\n") // one rune for each bad byte
	line, column := 1, 1
	for i := 0; i < len(src) && len(r.diags) < maxReported; {
		c, n := utf8.DecodeRune(src[i:])
		p := diag.Position{File: r.doc.File, Line: line, Column: column}
		switch {
		case c == utf8.RuneError && n == 1:
			r.report(diag.Encoding, p, 1, "byte 0x%02X is not UTF-8", src[i])
			return // what follows is most likely in the same other encoding
		case c == '\n':
			line, column = line+1, 0
		case c == '\t':
		case c < ' ', c >= 0x7f && c < 0xa0, c == '\u2028', c == '\u2029', c == '\ufeff', c == '\ufffe', c == '\uffff':
			r.report(diag.Encoding, p, 1, "character U+%04X cannot stand in a schema", c)
		}
		i, column = i+n, column+1
	}
}

// decode reads the first document of text, and where a second one begins.
func decode(text string) (root, second *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil { // YAML's parser panics where it meets a bug of its own
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	d := yaml.NewDecoder(strings.NewReader(text))
	var first, next yaml.Node
	if err := d.Decode(&first); errors.Is(err, io.EOF) {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	if err := d.Decode(&next); errors.Is(err, io.EOF) {
		return &first, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	return &first, &next, nil
}

func (r *reader) position(n *yaml.Node) diag.Position {
	return diag.Position{File: r.doc.File, Line: max(1, n.Line), Column: max(1, n.Column)}
}

// document converts the root. An empty file gives a Null root.
func (r *reader) document(n *yaml.Node) *Node {
	r.done, r.open = map[*yaml.Node]*Node{}, map[*yaml.Node]bool{}
	r.size, r.height = map[*Node]int{}, map[*Node]int{}
	if n == nil || len(n.Content) == 0 {
		return &Node{Kind: Null, Pos: diag.Position{File: r.doc.File, Line: 1, Column: 1}, width: 1}
	}
	return r.convert(n.Content[0], 1)
}
