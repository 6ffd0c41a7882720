// SPDX-License-Identifier: Apache-2.0

package check

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// maxPattern is how many bytes a pattern may have.
const maxPattern = 1000

// pattern reads a regular expression that RE2 and JavaScript's u flag both
// accept and read alike. It returns "" after it reported what is wrong.
func (c *checker) pattern(n *schema.Node) string {
	text, ok := c.word(n, "pattern")
	if !ok {
		return ""
	}
	if text == "" {
		c.report(n, diag.Pattern, "the pattern is empty; leave it out to allow everything")
		return ""
	}
	if len(text) > maxPattern {
		c.report(n, diag.Pattern, "the pattern has %d bytes; at most %d are allowed", len(text), maxPattern)
		return ""
	}
	if r, hidden := naming.Hidden(text); hidden {
		c.report(n, diag.Pattern, "the pattern holds the character U+%04X, which must not reach generated files", r)
		return ""
	}
	s := &patternScanner{text: text}
	problems := s.scan()
	for _, p := range problems {
		c.reportPart(n, p.from, p.to, diag.PatternPortable, "%s", p.message)
	}
	if len(problems) > 0 {
		return ""
	}
	if _, err := syntax.Parse(text, syntax.Perl); err != nil {
		c.report(n, diag.Pattern, "the pattern is no regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return ""
	}
	return text
}

// A patternProblem is a construct that Go or JavaScript lacks, or that the two
// read differently.
type patternProblem struct {
	from, to int
	message  string
}

// A patternScanner finds what is not portable in a regular expression.
type patternScanner struct {
	text     string
	pos      int
	names    map[string]bool // of groups
	problems []patternProblem
}

func (s *patternScanner) add(from, to int, message string) {
	s.problems = append(s.problems, patternProblem{from, to, message})
}

func (s *patternScanner) rest() string { return s.text[s.pos:] }

func (s *patternScanner) scan() []patternProblem {
	assertion := false // what stands before matches a place, so that it cannot be repeated
	for s.pos < len(s.text) {
		from := s.pos
		now := false
		switch c := s.text[s.pos]; c {
		case '\\':
			now = s.escape(false)
		case '[':
			s.class()
		case '(':
			s.group()
		case '^', '$':
			now = true
			s.pos++
		case '*', '+', '?':
			if s.pos++; assertion {
				s.add(from, s.pos, "nothing repeats ^, $ or \\b in JavaScript")
			}
		case '{':
			s.repeat(assertion)
		case '}', ']':
			s.pos++
			s.add(from, s.pos, "JavaScript needs a backslash before a "+string(c)+" that stands alone")
		default:
			_, size := utf8.DecodeRuneInString(s.rest())
			s.pos += size
		}
		assertion = now
	}
	return s.problems
}

// repeat reads {n}, {n,} or {n,m}; any other brace must be escaped.
func (s *patternScanner) repeat(assertion bool) {
	from := s.pos
	end := strings.IndexByte(s.rest(), '}')
	body := ""
	if end > 0 {
		body = s.rest()[1:end]
	}
	low, high, _ := strings.Cut(body, ",")
	if low == "" || !isCount(low) || !isCount(high) {
		s.pos++
		s.add(from, s.pos, "JavaScript needs a backslash before a { that stands alone")
		return
	}
	if s.pos += end + 1; assertion {
		s.add(from, s.pos, "nothing repeats ^, $ or \\b in JavaScript")
	}
}

// isCount tells whether s is empty or a number as Go reads it in a repetition.
func isCount(s string) bool {
	return strings.Trim(s, "0123456789") == "" && (len(s) < 2 || s[0] != '0')
}

// group reads what opens a group.
func (s *patternScanner) group() {
	from := s.pos
	s.pos++
	if !strings.HasPrefix(s.rest(), "?") {
		return
	}
	for _, known := range []struct{ begin, message string }{
		{"?:", ""},
		{"?=", "Go has no lookahead"},
		{"?!", "Go has no lookahead"},
		{"?<=", "Go has no lookbehind"},
		{"?<!", "Go has no lookbehind"},
		{"?P<", "JavaScript writes a named group (?<name>…)"},
		{"?<", ""},
	} {
		if strings.HasPrefix(s.rest(), known.begin) {
			s.pos += len(known.begin)
			if known.message != "" {
				s.add(from, s.pos, known.message)
			} else if known.begin == "?<" {
				s.groupName(from)
			}
			return
		}
	}
	s.pos++
	s.add(from, s.pos, "JavaScript has no flags within a pattern; write [Aa] for either case")
}

// groupName reads the name of (?<name>.
func (s *patternScanner) groupName(from int) {
	name, _, ok := strings.Cut(s.rest(), ">")
	if !ok {
		return // Go reports it
	}
	s.pos += len(name) + 1
	if s.names[name] {
		s.add(from, s.pos, "two groups have one name")
	}
	if s.names == nil {
		s.names = map[string]bool{}
	}
	s.names[name] = true
}

// class reads [ … ].
func (s *patternScanner) class() {
	from := s.pos
	s.pos++
	if strings.HasPrefix(s.rest(), "^") {
		s.pos++
	}
	if strings.HasPrefix(s.rest(), "]") {
		s.pos++
		s.add(from, s.pos, `Go takes a ] that comes first for a member, JavaScript for the end: write \]`)
	}
	for s.pos < len(s.text) && s.text[s.pos] != ']' {
		switch {
		case s.text[s.pos] == '\\':
			at := s.pos
			s.escape(true)
			if kind := s.text[min(at+1, len(s.text)-1)]; strings.IndexByte("dDwWpP", kind) >= 0 && s.isRange() {
				s.add(at, s.pos, `a range in brackets begins with a single character; write the - as \-`)
			}
		case strings.HasPrefix(s.rest(), "[:"):
			at := s.pos
			s.pos += 2
			s.add(at, s.pos, "JavaScript has no classes such as [:alpha:]; write a-zA-Z or \\p{L}")
		default:
			_, size := utf8.DecodeRuneInString(s.rest())
			s.pos += size
		}
	}
	s.pos = min(s.pos+1, len(s.text)) // Go reports a class that does not end
}

// isRange tells whether a - that makes a range comes next.
func (s *patternScanner) isRange() bool {
	return strings.HasPrefix(s.rest(), "-") && !strings.HasPrefix(s.rest(), "-]")
}

// escape reads a backslash and what follows. It tells whether that is an assertion.
func (s *patternScanner) escape(inClass bool) (assertion bool) {
	from := s.pos
	s.pos++
	if s.pos == len(s.text) {
		return false // Go reports it
	}
	c, size := utf8.DecodeRuneInString(s.rest())
	s.pos += size
	switch {
	case strings.ContainsRune(`^$\.*+?()[]{}|/`, c), strings.ContainsRune("dDwWnrtfv", c):
	case c == '-' && inClass:
	case (c == 'b' || c == 'B') && !inClass:
		return true
	case c == 'b':
		s.add(from, s.pos, "JavaScript takes \\b between brackets for a backspace, and Go refuses it")
	case c == 's' || c == 'S':
		s.add(from, s.pos, `JavaScript's \`+string(c)+` knows more kinds of space than Go's; list those that you mean, such as [ \t\n]`)
	case c == 'p' || c == 'P':
		s.property(from)
	case c == 'x':
		if !isHex(s.rest()) {
			s.add(from, s.pos, `a character by its code is \x and two hexadecimal digits; write others as they are`)
		}
	case c == 'u' || c == 'c':
		s.add(from, s.pos, `Go has no \`+string(c)+`; write the character as it is`)
	case c == 'k':
		s.add(from, s.pos, "Go has no references to a group")
	case c >= '1' && c <= '9':
		s.add(from, s.pos, "Go has no references to a group, and JavaScript no octal codes")
	case c == '0':
		s.add(from, s.pos, `write \x00`)
	case c == 'A' || c == 'z':
		s.add(from, s.pos, `JavaScript writes the ends of the text ^ and $`)
	case c == 'Q' || c == 'E' || c == 'C' || c == 'a' || c == 'G' || c == 'Z':
		s.add(from, s.pos, `JavaScript has no \`+string(c))
	default:
		s.add(from, s.pos, "JavaScript refuses a backslash before "+diag.Quote(string(c))+"; leave it out")
	}
	return false
}

func isHex(s string) bool {
	return len(s) >= 2 && strings.Trim(s[:2], "0123456789abcdefABCDEF") == ""
}

// generalCategories are the properties that both write in the same way.
var generalCategories = strings.Fields("L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Co")

// property reads the braces of \p{…}.
func (s *patternScanner) property(from int) {
	end := strings.IndexByte(s.rest(), '}')
	if !strings.HasPrefix(s.rest(), "{") || end < 0 {
		s.add(from, s.pos, `JavaScript writes a property between braces: \p{L}`)
		return
	}
	name := s.rest()[1:end]
	s.pos += end + 1
	if !slices.Contains(generalCategories, name) {
		s.add(from, s.pos, `Go and JavaScript share the general categories alone, such as \p{L}, \p{Lu} or \p{Nd}`)
	}
}
