// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// maxText is how many bytes a doc or a message may have.
const maxText = 10_000

// text returns prose of one or more lines without space around it. A nil n is "".
func (c *checker) text(n *schema.Node, what string) string {
	if n == nil || n.Kind == schema.Null {
		return ""
	}
	s, ok := c.word(n, what)
	if !ok {
		return ""
	}
	if len(s) > maxText {
		c.report(n, diag.BadText, "%s has %d bytes; at most %d are allowed", what, len(s), maxText)
		return ""
	}
	lines := strings.Split(s, "\n")
	for _, l := range lines {
		if r, hidden := naming.Hidden(l); hidden {
			c.report(n, diag.BadText, "%s holds the character U+%04X, which must not reach generated files", what, r)
			return ""
		}
	}
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// line returns prose of a single line.
func (c *checker) line(n *schema.Node, what string) string {
	s := strings.TrimSpace(c.text(n, what))
	if strings.Contains(s, "\n") {
		c.report(n, diag.BadText, "%s is a single line", what)
		return ""
	}
	return s
}

// deprecated returns why n's owner is deprecated.
func (c *checker) deprecated(n *schema.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind == schema.Null || n.Kind == schema.Scalar && (n.Literal == schema.Bool || strings.TrimSpace(n.Text) == "") {
		c.report(n, diag.BadValue, `deprecated is a sentence that says since when, and what to use instead: "since 1.3: listen to presence:changed"`)
		return ""
	}
	return c.text(n, "deprecated")
}
