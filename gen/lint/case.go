// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"regexp"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// A Case is a way to spell the words of an event, between its colons, points and
// slashes.
type Case string

// The cases.
const (
	Off    Case = "off"
	Same   Case = "same"   // the one that most events of the schema have
	Camel  Case = "camel"  // messageSend, room:userJoined
	Snake  Case = "snake"  // message_send
	Kebab  Case = "kebab"  // message-send
	Pascal Case = "pascal" // MessageSend
)

// Cases returns all cases.
func Cases() []Case { return []Case{Same, Camel, Snake, Kebab, Pascal, Off} }

// spellings are the forms of a part of a name. One lower-case word has three of them.
var spellings = []struct {
	of   Case
	form *regexp.Regexp
}{
	{Camel, regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)},
	{Snake, regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)},
	{Kebab, regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)},
	{Pascal, regexp.MustCompile(`^[A-Z][a-zA-Z0-9]*$`)},
}

func isSeparator(r rune) bool { return strings.ContainsRune(":./", r) }

// has tells whether name is spelled in a case.
func has(name string, c Case) bool {
	for _, s := range spellings {
		if s.of != c {
			continue
		}
		for part := range strings.FieldsFuncSeq(name, isSeparator) {
			if !s.form.MatchString(part) {
				return false
			}
		}
	}
	return true
}

// spell returns name in a case.
func spell(name string, c Case) string {
	var b strings.Builder
	rest := name
	for rest != "" {
		end := strings.IndexFunc(rest, isSeparator)
		if end < 0 {
			end = len(rest)
		}
		b.WriteString(spellPart(rest[:end], c))
		if rest = rest[end:]; rest != "" {
			b.WriteByte(rest[0]) // a separator, which is one byte
			rest = rest[1:]
		}
	}
	return b.String()
}

func spellPart(part string, c Case) string {
	words := naming.Words(part)
	for i, w := range words {
		words[i] = strings.ToLower(w)
		if c == Pascal || c == Camel && i > 0 {
			words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
		}
	}
	return strings.Join(words, map[Case]string{Snake: "_", Kebab: "-"}[c])
}

// most returns the case that most names have: a tie goes to the earlier one.
func most(names []string) Case {
	best, count := Camel, 0
	for _, s := range spellings {
		n := 0
		for _, name := range names {
			if has(name, s.of) {
				n++
			}
		}
		if n > count {
			best, count = s.of, n
		}
	}
	return best
}

// eventCase warns of events that are not spelled as wanted.
func (l *linter) eventCase(wanted Case) {
	why := "events are spelled in " + string(wanted) + " case"
	if wanted == Same {
		var names []string
		l.events(func(_ schema.Entry, name string) { names = append(names, name) })
		wanted = most(names)
		why = "most events of the schema are spelled in " + string(wanted) + " case"
	}
	l.events(func(e schema.Entry, name string) {
		if has(name, wanted) || e.Value.Get("name") != nil { // who gives it a name knows that it is a special one
			return
		}
		write := ""
		if better := spell(name, wanted); better != name && has(better, wanted) {
			write = ": " + better
		}
		l.warn(e.Key, diag.EventCase, "%s, and %s is not%s", why, diag.Quote(name), write)
	})
}
