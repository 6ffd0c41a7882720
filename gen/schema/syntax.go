// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/sockgen/sockgen/gen/diag"
)

// A fault is a syntax error with the place where the author can mend it.
type fault struct {
	code     diag.Code
	line     int // from 1
	column   int // in runes, from 1
	width    int
	message  string
	repaired string // the text with the fault blanked out, to read on; "" to stop
}

// YAML's parser names a line that is often the one before, or the first of the
// mapping around the fault, or none at all, and it never names a column. So
// locate finds the place itself: from the kind of the problem, from how far the
// parser has read, and from a scan of its own.
func locate(text string, err error) fault {
	l := &locator{text: text, read: readUntil(text), line: -1}
	l.problem = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := lineOf.FindStringSubmatch(l.problem); m != nil {
		n, _ := strconv.Atoi(m[1])
		l.line, l.problem = n-1, l.problem[len(m[0]):]
	}
	l.tokens = scan(text)
	return l.locate()
}

var lineOf = regexp.MustCompile(`^line (\d+): `)

// A locator finds the place of one problem.
type locator struct {
	text    string
	problem string // in the parser's words
	line    int    // in the parser's opinion, from 0; -1 without one
	read    int    // bytes that the parser had read when it gave up
	tokens  []token
}

// readUntil returns how many bytes of text the parser reads before it gives up:
// a few more than the fault's place, since it looks a little ahead.
func readUntil(text string) int {
	r := &dripReader{text: text}
	d := yaml.NewDecoder(r)
	func() {
		defer func() { _ = recover() }() // decode has turned the same panic into an error
		for range 3 {
			var n yaml.Node
			if d.Decode(&n) != nil {
				return
			}
		}
	}()
	return min(r.pos, len(text))
}

// A dripReader gives a text byte by byte, so that its pos says how far its user got.
type dripReader struct {
	text string
	pos  int
}

func (r *dripReader) Read(p []byte) (int, error) {
	if r.pos >= len(r.text) {
		return 0, io.EOF
	}
	p[0] = r.text[r.pos]
	r.pos++
	return 1, nil
}

// at makes a fault of the bytes from:to.
func (l *locator) at(from, to int, format string, args ...any) fault {
	from = min(from, len(l.text))
	start := strings.LastIndexByte(l.text[:from], '\n') + 1
	to = max(from, min(to, lineEnd(l.text, from)))
	return fault{
		code:    diag.YAMLSyntax,
		line:    strings.Count(l.text[:from], "\n") + 1,
		column:  utf8.RuneCountInString(l.text[start:from]) + 1,
		width:   max(1, utf8.RuneCountInString(l.text[from:to])),
		message: fmt.Sprintf(format, args...),
	}
}

func (l *locator) atToken(t token, format string, args ...any) fault {
	return l.at(t.from, t.to, format, args...)
}

// quote returns the text of t as a diagnostic shows it.
func (l *locator) quote(t token) string { return diag.Quote(l.text[t.from:t.to]) }

// locate chooses by the parser's words, which have not changed since 2019.
func (l *locator) locate() fault {
	if f, found := l.runawayQuote(); found {
		return f
	}
	switch p := l.problem; {
	case strings.Contains(p, "unexpected end of stream"):
		return l.unclosedQuote()
	case strings.Contains(p, "',' or"):
		return l.flowFault()
	case strings.Contains(p, "mapping values are not allowed"):
		return l.secondColon()
	case strings.Contains(p, "could not find expected ':'"):
		return l.missingColon()
	case strings.Contains(p, "tab character"):
		return l.tab()
	case strings.Contains(p, "cannot start any token"):
		return l.badStart()
	case strings.Contains(p, "escape") && !strings.Contains(p, "URI"), strings.Contains(p, "hexdecimal"):
		from := max(0, strings.LastIndexByte(l.text[:l.read], '\\'))
		return l.at(from, from+2, `no escape begins like this; between double quotes a backslash is written \\, between single quotes \`)
	case strings.HasPrefix(p, "unknown anchor"):
		return l.unknownAnchor()
	case strings.Contains(p, "exceeded max depth"):
		f := l.at(l.read, l.read, "the document nests more than %d levels deep", maxDepth)
		f.code = diag.DocumentLimit
		return f
	case strings.Contains(p, "alphabetic or numeric"):
		from := max(0, strings.LastIndexAny(l.text[:l.read], "*&"))
		return l.at(from, from+1, "a value that begins with %s is an alias or an anchor; put the text between quotes", diag.Quote(l.text[from:from+1]))
	case strings.Contains(p, "block sequence entries"):
		if i := l.last('-'); i >= 0 {
			return l.atToken(l.tokens[i], "a list does not begin behind a key; write it between brackets, or on lines of its own")
		}
	case strings.Contains(p, "directive"), strings.Contains(p, "incompatible YAML"):
		return l.directive()
	case strings.Contains(p, " tag"), strings.Contains(p, "'!'"), strings.Contains(p, "'>'"), strings.Contains(p, "URI"), strings.Contains(p, "octet"):
		from := max(0, strings.LastIndexByte(l.text[:l.read], '!'))
		return l.at(from, from+1, "YAML tags have no meaning in a schema; put text that begins with ! between quotes")
	}
	return l.structural()
}

// runawayQuote finds a quoted text that ends lines below where it should have, at the
// quote which opens another text: that text follows it without a space.
func (l *locator) runawayQuote() (fault, bool) {
	for i, t := range l.tokens[:max(0, len(l.tokens)-1)] {
		next := l.tokens[i+1]
		if t.kind != quotedToken || next.kind != plainToken && next.kind != openToken || !touches(t, next) {
			continue
		}
		if lines := strings.Count(l.text[t.from:t.to], "\n"); lines > 0 {
			return l.at(t.from, t.from+1, "this quote is not closed in its line; the next one like it, in line %d, ends the text", t.line+lines+1), true
		}
	}
	return fault{}, false
}

func (l *locator) unclosedQuote() fault {
	for _, t := range l.tokens {
		if t.kind == openToken {
			return l.at(t.from, t.from+1, "this quote is never closed")
		}
	}
	return l.structural()
}

// secondColon finds the colon that makes a key where none can stand.
func (l *locator) secondColon() fault {
	i := l.last(':')
	if i < 0 {
		return l.structural()
	}
	colon := l.tokens[i]
	first := i // the first token of the colon's line
	for first > 0 && l.tokens[first-1].line == colon.line {
		first--
	}
	if key := l.tokens[first]; isBarePath(l.text[key.from:key.to]) {
		return l.atToken(key, "%s", quotePath)
	}
	for j := first; j < i; j++ {
		if l.tokens[j].kind == ':' {
			return l.atToken(colon, `a second key in one line; put a value that holds ": " between quotes`)
		}
	}
	if first == 0 {
		return l.atToken(colon, "no key can stand here")
	}
	before := l.tokens[first-1]
	if l.bare(first - 1) {
		return l.atToken(before, "a colon is missing behind %s", l.quote(before))
	}
	if indentOf(l.text, colon.from) > indentOf(l.text, before.from) {
		return l.atToken(l.tokens[first], "this key is indented beneath a line that has a value already")
	}
	return l.atToken(before, "a colon is missing behind %s", l.quote(before))
}

// quotePath is said of a namespace's path with parameters, which YAML takes for a
// key or a mapping of its own.
const quotePath = `a path with parameters stands between quotes: "/match/{match: MatchID}"`

// isBarePath tells whether text begins a path with a parameter.
func isBarePath(text string) bool {
	return strings.HasPrefix(text, "/") && strings.Contains(text, "{")
}

// bare tells whether the token i is a line of plain text without a key.
func (l *locator) bare(i int) bool {
	return l.tokens[i].kind == plainToken && (i == 0 || l.tokens[i-1].line < l.tokens[i].line)
}

// last returns the index of the last token of a kind that the parser has read, or -1.
func (l *locator) last(kind byte) int {
	for i := len(l.tokens) - 1; i >= 0; i-- {
		if l.tokens[i].kind == kind && l.tokens[i].from < l.read {
			return i
		}
	}
	return -1
}

func (l *locator) missingColon() fault {
	line := max(0, l.line)
	for i, t := range l.tokens {
		if t.line != line || t.kind == '-' {
			continue
		}
		if t.kind == quotedToken && i+1 < len(l.tokens) && l.tokens[i+1].line == line && l.tokens[i+1].kind != ':' {
			return l.atToken(l.tokens[i+1], "nothing but a colon can stand behind a key")
		}
		return l.atToken(t, "a colon is missing behind %s", l.quote(t))
	}
	return l.structural()
}

func (l *locator) tab() fault {
	from := max(0, strings.LastIndexByte(l.text[:l.read], '\t'))
	return l.at(from, from+1, "YAML indents with spaces, and this is a tab")
}

// badStart finds the character that no value begins with, which the parser met
// when it had looked four characters ahead.
func (l *locator) badStart() fault {
	from := l.read
	for n := 0; n < 4 && from > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(l.text[:from])
		from -= size
	}
	if i := strings.IndexAny(l.text[from:l.read], "\t@`%|>"); i >= 0 {
		from += i
	}
	if strings.HasPrefix(l.text[from:], "\t") {
		return l.at(from, from+1, "YAML indents with spaces, and this is a tab")
	}
	_, size := utf8.DecodeRuneInString(l.text[from:])
	return l.at(from, from+size, "no value begins with %s; put it between quotes", diag.Quote(l.text[from:from+size]))
}

func (l *locator) unknownAnchor() fault {
	name := l.problem
	if i, j := strings.IndexByte(name, '\''), strings.LastIndexByte(name, '\''); i >= 0 && j > i {
		name = name[i+1 : j]
	}
	from := max(0, strings.LastIndex(l.text[:l.read], "*"+name))
	return l.at(from, from+1+len(name), "no anchor %s stands before this alias; put text that begins with * between quotes", diag.Quote("&"+name))
}

func (l *locator) directive() fault {
	from := 0
	if i := strings.LastIndex(l.text[:l.read], "\n%"); i >= 0 {
		from = i + 1
	}
	return l.at(from, from+1, "a schema needs no YAML directives; put text that begins with %% between quotes")
}
