// SPDX-License-Identifier: Apache-2.0

package naming

import "strings"

// initialisms are the words that Go writes in one case throughout.
var initialisms = map[string]bool{
	"acl": true, "api": true, "ascii": true, "cors": true, "cpu": true, "css": true, "dns": true, "eof": true,
	"guid": true, "html": true, "http": true, "https": true, "id": true, "ip": true, "json": true, "jwt": true,
	"qps": true, "ram": true, "rpc": true, "sla": true, "smtp": true, "sql": true, "ssh": true,
	"tcp": true, "tls": true, "ttl": true, "udp": true, "ui": true, "uid": true, "uri": true, "url": true,
	"utf8": true, "uuid": true, "vm": true, "xml": true, "xss": true, "yaml": true,
}

// A Speller turns the words of names into identifiers. The zero value knows the
// initialisms that Go's linters know.
type Speller struct{ own map[string]bool }

// NewSpeller returns a Speller that knows more initialisms, in whatever case they are
// given.
func NewSpeller(initialisms []string) Speller {
	s := Speller{own: map[string]bool{}}
	for _, word := range initialisms {
		s.own[strings.ToLower(word)] = true
	}
	return s
}

// isInitialism tells whether a lower-case word is one.
func (s Speller) isInitialism(word string) bool { return initialisms[word] || s.own[word] }

// Words splits a name of the schema into its words, in lower case. A word ends
// at anything but an ASCII letter or digit, before an upper-case letter that
// follows a lower-case one or a digit, and before the last of several upper-case
// letters when a lower-case one follows: "HTTPServer" is http, server. The plural
// of an initialism stays one word: "userIDs" is user, ids.
func (s Speller) Words(name string) []string {
	var words []string
	start := -1
	end := func(i int) {
		if start >= 0 {
			words = append(words, strings.ToLower(name[start:i]))
		}
		start = -1
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !isLetter(c) && !isDigit(c) {
			end(i)
			continue
		}
		if start >= 0 && isUpper(c) && (!isUpper(name[i-1]) || s.endsRun(name, start, i)) {
			end(i)
		}
		if start < 0 {
			start = i
		}
	}
	end(len(name))
	return words
}

// endsRun tells whether the upper-case letter at i begins a word of its own
// although another one stands before it.
func (s Speller) endsRun(name string, start, i int) bool {
	if i+1 >= len(name) || !isLetter(name[i+1]) || isUpper(name[i+1]) {
		return false
	}
	// "IDs" and "URLs" end in the plural's s, which begins no word.
	plural := name[i+1] == 's' && (i+2 >= len(name) || !isLetter(name[i+2]) || isUpper(name[i+2]))
	return !plural || !s.isInitialism(strings.ToLower(name[start:i+1]))
}

// Pascal returns name as an exported Go identifier and a TypeScript type. It
// returns "" when name has no letter or digit; the result may begin with a digit.
func (s Speller) Pascal(name string) string {
	var b strings.Builder
	for _, w := range s.Words(name) {
		b.WriteString(s.title(w))
	}
	return b.String()
}

// Camel returns name as a parameter or a variable: the first word in lower case.
func (s Speller) Camel(name string) string {
	var b strings.Builder
	for i, w := range s.Words(name) {
		if i > 0 {
			w = s.title(w)
		}
		b.WriteString(w)
	}
	return b.String()
}

// title returns a lower-case word as it begins or continues an identifier.
func (s Speller) title(w string) string {
	if s.isInitialism(w) {
		return strings.ToUpper(w)
	}
	if one, plural := strings.CutSuffix(w, "s"); plural && s.isInitialism(one) {
		return strings.ToUpper(one) + "s"
	}
	return strings.ToUpper(w[:1]) + w[1:]
}

// Words, Pascal and Camel are those of the zero Speller.
func Words(name string) []string { return Speller{}.Words(name) }

// Pascal returns name as an exported Go identifier and a TypeScript type.
func Pascal(name string) string { return Speller{}.Pascal(name) }

// Camel returns name as a parameter or a variable.
func Camel(name string) string { return Speller{}.Camel(name) }

func isUpper(c byte) bool  { return 'A' <= c && c <= 'Z' }
func isLetter(c byte) bool { return isUpper(c) || 'a' <= c && c <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
