// SPDX-License-Identifier: Apache-2.0

package check

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// byHand notes that what is suggested for n is no text that could take its place as it
// is.
func (c *checker) byHand(n *schema.Node) { c.manual[n.Pos] = true }

// longestLine is how many bytes a line may have that is edited: one beyond that was not
// written for people, and may hold thousands of mistakes.
const longestLine = 10_000

// edits gives diagnostics that suggest one spelling the edit that writes it.
func (c *checker) edits() {
	for i := range c.diags {
		d := &c.diags[i]
		if d.Suggestion == "" || len(d.Edits) > 0 || c.manual[d.Position] {
			continue
		}
		if text, ok := replacement(d); ok {
			d.Edits = []diag.Edit{diag.Replace(d.Position, d.Width, text)}
		}
	}
}

var (
	// plainText is what YAML takes for text without quotes wherever it stands.
	plainText = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./<>-]*( [A-Za-z0-9_./-]+)*$`)
	period    = regexp.MustCompile(`^[0-9]+(ms|s|m|h)$`)
	// otherMeaning are what YAML takes for something else.
	otherMeaning = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n)$`)
)

// replacement returns the suggestion of d as it stands in the file.
func replacement(d *diag.Diagnostic) (string, bool) {
	if len(d.Line) > longestLine {
		return "", false
	}
	line := []rune(d.Line)
	from := d.Position.Column - 1
	if from < 0 || d.Width < 1 || from+d.Width > len(line) {
		return "", false
	}
	was, better := string(line[from:from+d.Width]), d.Suggestion
	quote := was[0]
	quoted := len(was) > 1 && (quote == '"' || quote == '\'') && was[len(was)-1] == quote
	switch {
	case strings.Contains(better, "<T>"), strings.Contains(better, "…"):
		return "", false // a form and no spelling
	case d.Code == diag.Default && (number.MatchString(better) || better == "true" || better == "false"),
		strings.HasPrefix(better, "{ scalar: "):
		return better, true
	case quoted:
		return string(quote) + better + string(quote), !strings.ContainsAny(better, `"'\`)
	case strings.ContainsAny(was[:1], "|>&*!\"'[{"):
		return "", false // a block of text, or what only begins here
	}
	return better, plainText.MatchString(better) && !otherMeaning.MatchString(better) || period.MatchString(better)
}

// namingEdits returns the edits that give value, which stands behind key, the key "name".
func (c *checker) namingEdits(key *schema.Node, rule nameRule, value *schema.Node, ident string) []diag.Edit {
	if !naming.IsIdentifier(ident) || value.Pos.Compare(key.Pos) <= 0 || value.Pos.File != key.Pos.File {
		return nil // an alias stands for it
	}
	p, width := value.Span()
	text := c.doc.LineAt(p)
	if len(text) > longestLine {
		return nil
	}
	line := []rune(text)
	from := p.Column - 1
	if from < 0 || from >= len(line) {
		return nil
	}
	switch {
	case value.Kind == schema.Mapping && len(value.Entries) > 0 && (rule.body != "type" || saysType(value)):
		if line[from] == '{' {
			return []diag.Edit{diag.Insert(diag.Position{File: p.File, Line: p.Line, Column: p.Column + 1}, " name: "+ident+",")}
		}
		if strings.TrimSpace(string(line[:from])) != "" {
			return nil // an anchor, or what else stands before the first key
		}
		return []diag.Edit{diag.Insert(p, "name: "+ident+"\n"+string(line[:from]))}
	case value.Kind == schema.Scalar && from+width <= len(line) && p.Line == key.Pos.Line:
		was := string(line[from : from+width])
		if !strings.Contains(was, value.Text) || strings.ContainsAny(was[:1], "|>&*!") || value.Text == "" {
			return nil
		}
		if !strings.ContainsAny(was[:1], `"'`) && !plainText.MatchString(was) {
			was = diag.Quote(was)
		}
		if utf8.RuneCountInString(was) > maxName {
			return nil
		}
		return []diag.Edit{diag.Replace(p, width, "{ "+rule.body+": "+was+", name: "+ident+" }")}
	}
	return nil
}
