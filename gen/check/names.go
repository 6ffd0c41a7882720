package check

import (
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// maxName is how many characters a name of the schema may have.
const maxName = 128

// A nameRule says which characters a name may have.
type nameRule struct {
	what   string // "an event's name"
	first  func(c byte) bool
	others string // allowed after the first, besides letters and digits
	says   string // the rule, for the reader
}

var (
	typeRule  = nameRule{"a type's name", isLetter, "_", "a letter, then letters, digits and _"}
	fieldRule = nameRule{"a field's name", isWordStart, "_-.", "a letter or _, then letters, digits, _, - and ."}
	eventRule = nameRule{"an event's name", isAlphanumeric, "_-.:/", "a letter or digit, then letters, digits, _, -, ., : and /"}
	errorRule = nameRule{"an error's code", isLower, "_", "a lower-case letter, then letters, digits and _"}
	roomRule  = nameRule{"a room's name", isLetter, "_", "a letter, then letters, digits and _"}
	paramRule = nameRule{"a parameter's name", isLetter, "_", "a letter, then letters, digits and _"}
	argRule   = nameRule{"an argument's name", isLetter, "_", "a letter, then letters, digits and _"}
)

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
	for i := range len(s) {
		if i == 0 && !rule.first(s[i]) || i > 0 && !isAlphanumeric(s[i]) && strings.IndexByte(rule.others, s[i]) < 0 {
			c.reportPart(n, from, to, diag.BadName, "%s cannot be %s; it is %s", rule.what, diag.Quote(s), rule.says)
			return false
		}
	}
	return true
}

// ident returns the identifier of n's text in generated code, or "" after it
// reported that there is none.
func (c *checker) ident(n *schema.Node, what string) string {
	ident := naming.Pascal(n.Text)
	if ident == "" || isDigit(ident[0]) {
		c.report(n, diag.BadName, "%s %s gives no identifier: it needs a letter before the first digit", what, diag.Quote(n.Text))
		return ""
	}
	return ident
}

// override returns the identifier that a key "name" gives, or "" after it reported
// that there is none.
func (c *checker) override(name *schema.Node) string {
	word, ok := c.word(name, "name")
	if !ok {
		return ""
	}
	if word == "" || word[0] < 'A' || word[0] > 'Z' || naming.Pascal(word) == "" || strings.Trim(word, letters+"0123456789") != "" || len(word) > maxName {
		d := c.report(name, diag.BadName, "name is an upper-case letter, then letters and digits")
		if better := naming.Pascal(word); better != "" && !isDigit(better[0]) && len(better) <= maxName {
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
		if better := strings.ToLower(strings.Join(naming.Words(name), "")); badPackageName(better) == "" {
			d.Suggestion = better
		}
	}
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
	case name == "main", name == "internal", name == "vendor", name == "testdata", strings.HasSuffix(name, "_test"):
		return "Go gives a package of that name another meaning"
	}
	return ""
}

func isLower(c byte) bool        { return 'a' <= c && c <= 'z' }
func isLetter(c byte) bool       { return isLower(c) || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool        { return '0' <= c && c <= '9' }
func isAlphanumeric(c byte) bool { return isLetter(c) || isDigit(c) }
func isWordStart(c byte) bool    { return isLetter(c) || c == '_' }
