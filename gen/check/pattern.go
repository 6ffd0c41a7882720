package check

import (
	"regexp/syntax"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/schema"
)

// pattern reads a regular expression that RE2 and JavaScript's u flag both accept.
func (c *checker) pattern(n *schema.Node) string {
	text, ok := c.word(n, "pattern")
	if !ok {
		return ""
	}
	if _, err := syntax.Parse(text, syntax.Perl); err != nil {
		c.report(n, diag.Pattern, "the pattern is no regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return ""
	}
	return text
}
