// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/module"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// maxName is how many characters a name of the schema may have, and what travels in
// place of one: a value of an enum, a union's tag.
const maxName = 128

// A nameRule says which characters a name may have.
type nameRule struct {
	what   string // "an event's name"
	first  func(c byte) bool
	others string // allowed after the first, besides letters and digits
	says   string // the rule, for the reader

	// Of names that travel, which any text can be where a key "name" says what
	// generated code calls it.
	whose string // "an event"
	kind  string // "Event", for an identifier where the text gives none
	body  string // the key that a short form is written under, beside "name"
}

var (
	typeRule  = nameRule{what: "a type's name", first: isLetter, others: "_", says: "a letter, then letters, digits and _"}
	paramRule = nameRule{what: "a parameter's name", first: isLetter, others: "_", says: "a letter, then letters, digits and _"}
	argRule   = nameRule{what: "an argument's name", first: isLetter, others: "_", says: "a letter, then letters, digits and _"}

	fieldRule = nameRule{what: "a field's name", first: isWordStart, others: "_-.", says: "a letter or _, then letters, digits, _, - and .", whose: "a field", kind: "Field", body: "type"}
	eventRule = nameRule{what: "an event's name", first: isAlphanumeric, others: "_-.:/", says: "a letter or digit, then letters, digits, _, -, ., : and /", whose: "an event", kind: "Event", body: "payload"}
	errorRule = nameRule{what: "an error's code", first: isLower, others: "_", says: "a lower-case letter, then letters, digits and _", whose: "an error", kind: "Error", body: "message"}
	roomRule  = nameRule{what: "a room's name", first: isLetter, others: "_", says: "a letter, then letters, digits and _", whose: "a room", kind: "Room", body: "room"}
)

// wireName reports a name that cannot travel, or that needs another one for generated
// code. value is what stands behind it.
func (c *checker) wireName(n *schema.Node, from, to int, rule nameRule, value *schema.Node) bool {
	if !c.travels(n, from, to, rule.what, diag.BadName) {
		return false
	}
	s := n.Text[from:to]
	if value.Get("name") != nil || rule.allows(s) && naming.IsIdentifier(c.spell.Pascal(s)) {
		return true
	}
	ident := c.identFor(s, rule)
	d := c.reportPart(n, from, to, diag.BadName, "%s called %s needs a name for generated code: %s", rule.whose, diag.Quote(s), nameBeside(ident, rule, value))
	d.Edits = c.namingEdits(n, rule, value, ident)
	return false
}

// identFor returns an identifier for a text that gives none.
func (c *checker) identFor(text string, rule nameRule) string {
	ident := c.spell.Pascal(naming.WithoutAccents(text))
	if !naming.IsIdentifier(ident) {
		ident = rule.kind + ident
	}
	return ident
}

// nameBeside says how to write value with a key "name".
func nameBeside(ident string, rule nameRule, value *schema.Node) string {
	switch {
	case value.Kind == schema.Mapping && (rule.body != "type" || saysType(value)):
		return "add name: " + ident
	case value.Kind == schema.Scalar && len(value.Text) <= maxName:
		shown := value.Text
		if strings.ContainsAny(shown, ",:#{}[]&*!|>'\"%@`<") {
			shown = diag.Quote(shown)
		}
		return "write { " + rule.body + ": " + shown + ", name: " + ident + " }"
	case value.Kind == schema.Null && rule.kind == "Event":
		return "write { name: " + ident + " }"
	}
	return "write { " + rule.body + ": …, name: " + ident + " }"
}

// travels reports a text that nobody could read in a file, or that is none.
func (c *checker) travels(n *schema.Node, from, to int, what string, code diag.Code) bool {
	s := n.Text[from:to]
	report := func(code diag.Code, format string, args ...any) {
		if s == n.Text {
			c.report(n, code, format, args...)
		} else {
			c.reportPart(n, from, to, code, format, args...)
		}
	}
	r, hidden := naming.Hidden(s)
	switch {
	case s == "":
		report(code, "%s is empty", what)
	case utf8.RuneCountInString(s) > maxName:
		report(code, "%s has more than %d characters", what, maxName)
	case hidden:
		report(diag.BadText, "%s holds the character U+%04X, which must not reach generated files", what, r)
	case strings.Contains(s, "\t"):
		report(diag.BadText, "%s holds the character U+%04X, which must not reach generated files", what, '\t')
	default:
		return true
	}
	return false
}

// allows tells whether s follows the rule.
func (r nameRule) allows(s string) bool {
	for i := range len(s) {
		if i == 0 && !r.first(s[i]) || i > 0 && !isAlphanumeric(s[i]) && strings.IndexByte(r.others, s[i]) < 0 {
			return false
		}
	}
	return true
}

// name reports a name that breaks rule and tells whether it keeps it.
func (c *checker) name(n *schema.Node, rule nameRule) bool {
	return c.namePart(n, 0, len(n.Text), rule)
}

// namePart is name for a part of n's text.
func (c *checker) namePart(n *schema.Node, from, to int, rule nameRule) bool {
	s := n.Text[from:to]
	switch {
	case s == "":
		c.report(n, diag.BadName, "%s is empty", rule.what)
		return false
	case len(s) > maxName:
		c.reportPart(n, from, to, diag.BadName, "%s has %d characters; at most %d are allowed", rule.what, len(s), maxName)
		return false
	case strings.HasPrefix(s, "$"):
		c.reportPart(n, from, to, diag.ReservedName, "%s begins with $, which sockgen keeps for itself", rule.what)
		return false
	}
	if !rule.allows(s) {
		c.reportPart(n, from, to, diag.BadName, "%s cannot be %s; it is %s", rule.what, diag.Quote(s), rule.says)
		return false
	}
	return true
}

// ident returns the identifier of n's text in generated code, or "" after it
// reported that there is none.
func (c *checker) ident(n *schema.Node, what string) string {
	ident := c.spell.Pascal(n.Text)
	if !naming.IsIdentifier(ident) {
		c.report(n, diag.BadName, "%s %s gives no identifier: it needs a letter before the first digit", what, diag.Quote(n.Text))
		return ""
	}
	return ident
}

// identOr returns the identifier that name gives, a key "name" or nil, else that of
// n's text.
func (c *checker) identOr(name, n *schema.Node, what string) string {
	if name != nil {
		return c.override(name)
	}
	return c.ident(n, what)
}

// override returns the identifier that a key "name" gives, or "" after it reported
// that there is none.
func (c *checker) override(name *schema.Node) string {
	word, ok := c.word(name, "name")
	if !ok {
		return ""
	}
	if word == "" || word[0] < 'A' || word[0] > 'Z' || c.spell.Pascal(word) == "" || strings.Trim(word, letters+"0123456789") != "" || len(word) > maxName {
		d := c.report(name, diag.BadName, "name is an upper-case letter, then letters and digits")
		if better := c.spell.Pascal(word); naming.IsIdentifier(better) && len(better) <= maxName {
			d.Suggestion = better
		}
		return ""
	}
	return word
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// packageName reports a document name that cannot be a Go package or a file.
func (c *checker) packageName(n *schema.Node, name string) {
	if problem := badPackageName(name); problem != "" {
		d := c.report(n, diag.BadName, "the document cannot be called %s, since %s", diag.Quote(name), problem)
		if better := packageOf(name); badPackageName(better) == "" {
			d.Suggestion = better
		}
	}
}

// PackageName returns what the package of an imported file is called, by the file's name
// without its extension. The problem, if there is one, says what keeps it from that.
func PackageName(base string) (name, problem string) {
	name = packageOf(base)
	return name, badPackageName(name)
}

// packageOf returns name as a Go package: its letters and digits, in lower case.
func packageOf(name string) string {
	return strings.ToLower(strings.Join(naming.Words(name), ""))
}

// badPackageName says what keeps name from being a Go package and a folder, or "".
func badPackageName(name string) string {
	if name == "" || len(name) > maxName {
		return "a Go package's name has between 1 and 128 characters"
	}
	for i := range len(name) {
		if c := name[i]; !isLower(c) && (i == 0 || !isDigit(c) && c != '_') {
			return "a Go package's name is a lower-case letter, then lower-case letters, digits and _"
		}
	}
	switch {
	case naming.IsGoKeyword(name):
		return "Go keeps the word for itself"
	case naming.IsGoPredeclared(name):
		return "the package would hide what Go declares under that name"
	case name == "main", name == "init", name == "internal", name == "vendor", name == "testdata", strings.HasSuffix(name, "_test"):
		return "Go gives a package of that name another meaning"
	case module.CheckImportPath("example.com/"+name) != nil:
		return "Go imports no package of that name: Windows keeps it for a device"
	}
	return ""
}

func isLower(c byte) bool        { return 'a' <= c && c <= 'z' }
func isLetter(c byte) bool       { return isLower(c) || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool        { return '0' <= c && c <= '9' }
func isAlphanumeric(c byte) bool { return isLetter(c) || isDigit(c) }
func isWordStart(c byte) bool    { return isLetter(c) || c == '_' }
