// SPDX-License-Identifier: Apache-2.0

package dynamic

import (
	"fmt"
	"strings"
	"unicode"
)

var (
	firstNames = strings.Fields("Ada Grace Alan Edsger Barbara Donald Radia Ken Margaret Dennis Frances Linus Hedy Niklaus Katherine Rob")
	lastNames  = strings.Fields("Lovelace Hopper Turing Dijkstra Liskov Knuth Perlman Thompson Hamilton Ritchie Allen Lamarr Wirth Johnson Pike")
	places     = strings.Fields("Lisbon Oslo Kyoto Nairobi Lima Zagreb Montreal Tallinn Porto Hanoi")
	countries  = strings.Fields("PT NO JP KE PE HR CA EE VN DE")
	colours    = strings.Fields("crimson teal amber indigo olive coral navy plum")
	topics     = strings.Fields("general random lobby garden kitchen lunch music books design support")
	subjects   = []string{"Release notes", "Lunch on Friday", "The new layout", "Weekly plan", "Photos from the lake", "Two small questions"}
	sentences  = []string{
		"Good morning, everybody!", "Has anyone seen the new layout?", "I will be five minutes late.", "That works for me.",
		"Tea or coffee?", "The build is green again.", "Let us meet at the station.", "Thanks, that was quick!", "Who is in for lunch?",
		"It rained all day, and nobody minded.", "I have pushed a fix, please have a look.", "See you tomorrow.",
	}
	mimes = []string{"image/png", "text/plain", "application/json", "application/octet-stream"}
)

// A wordsmith writes a text for values of some names.
type wordsmith struct {
	names []string // words of the names that it is for
	write func(m *Maker) string
}

// wordsmiths are asked in order; the first that knows a word of the name writes.
var wordsmiths = []wordsmith{
	{[]string{"email", "mail"}, func(m *Maker) string {
		return strings.ToLower(pick(m, firstNames) + "." + pick(m, lastNames) + "@example.com")
	}},
	{[]string{"url", "uri", "link", "href", "website", "homepage"}, func(m *Maker) string { return "https://example.com/" + slug(pick(m, topics)) }},
	{[]string{"mime", "mimetype"}, func(m *Maker) string { return pick(m, mimes) }},
	{[]string{"phone", "tel", "mobile"}, func(m *Maker) string { return fmt.Sprintf("+1555%07d", m.Rand.IntN(1e7)) }},
	{[]string{"ip", "addr"}, func(m *Maker) string { return fmt.Sprintf("192.0.2.%d", 1+m.Rand.IntN(254)) }},
	{[]string{"host", "hostname", "domain"}, func(m *Maker) string { return slug(pick(m, topics)) + ".example.com" }},
	{[]string{"room", "channel", "slug", "topic", "tag", "group", "team", "match", "board", "project"}, func(m *Maker) string { return slug(pick(m, topics)) }},
	{[]string{"surname", "lastname"}, func(m *Maker) string { return pick(m, lastNames) }},
	{[]string{"firstname", "nick", "nickname", "username", "login", "handle"}, func(m *Maker) string { return pick(m, firstNames) }},
	{[]string{"fullname", "customer", "operator", "assignee"}, func(m *Maker) string { return pick(m, firstNames) + " " + pick(m, lastNames) }},
	{[]string{"token", "key", "secret", "session", "hash", "password", "cursor", "id", "uid"}, func(m *Maker) string { return m.letters("abcdefghjkmnpqrstuvwxyz23456789", 16) }},
	{[]string{"name", "user", "author", "from", "to", "by", "sender", "player", "member", "owner"}, func(m *Maker) string { return pick(m, firstNames) }},
	{[]string{"title", "subject", "headline", "label", "caption", "summary"}, func(m *Maker) string { return pick(m, subjects) }},
	{[]string{"city", "town", "place", "location"}, func(m *Maker) string { return pick(m, places) }},
	{[]string{"country"}, func(m *Maker) string { return pick(m, countries) }},
	{[]string{"street", "address"}, func(m *Maker) string { return fmt.Sprintf("%d Harbour Street", 1+m.Rand.IntN(99)) }},
	{[]string{"zip", "postcode"}, func(m *Maker) string { return fmt.Sprintf("%05d", m.Rand.IntN(1e5)) }},
	{[]string{"color", "colour"}, func(m *Maker) string { return pick(m, colours) }},
	{[]string{"currency"}, func(m *Maker) string { return pick(m, []string{"EUR", "USD", "JPY", "GBP"}) }},
	{[]string{"price", "amount", "money", "total", "cost"}, func(m *Maker) string { return fmt.Sprintf("%d.%02d", 1+m.Rand.IntN(99), m.Rand.IntN(100)) }},
	{[]string{"lang", "language", "locale"}, func(m *Maker) string { return pick(m, []string{"en", "de", "pt", "ja"}) }},
	{[]string{"file", "filename", "path"}, func(m *Maker) string { return slug(pick(m, topics)) + ".png" }},
	{[]string{"version"}, func(m *Maker) string {
		return fmt.Sprintf("%d.%d.%d", 1+m.Rand.IntN(3), m.Rand.IntN(10), m.Rand.IntN(10))
	}},
	{[]string{"date", "day", "birthday"}, func(m *Maker) string { return m.Now.AddDate(0, 0, -m.Rand.IntN(300)).Format("2006-01-02") }},
	{[]string{"time", "at"}, func(m *Maker) string { return m.Now.Format("15:04") }},
	{[]string{"alt"}, func(m *Maker) string { return "A square in one colour" }},
}

// goWriters write what Go types of well-known packages read.
var goWriters = map[string]func(m *Maker) string{
	"net/netip.Addr":                        func(m *Maker) string { return fmt.Sprintf("192.0.2.%d", 1+m.Rand.IntN(254)) },
	"net/netip.Prefix":                      func(m *Maker) string { return fmt.Sprintf("198.51.100.%d/32", m.Rand.IntN(256)) },
	"net/netip.AddrPort":                    func(m *Maker) string { return fmt.Sprintf("192.0.2.%d:8080", 1+m.Rand.IntN(254)) },
	"math/big.Int":                          func(m *Maker) string { return fmt.Sprint(m.Rand.IntN(1000)) },
	"math/big.Float":                        func(m *Maker) string { return fmt.Sprintf("%d.5", m.Rand.IntN(1000)) },
	"math/big.Rat":                          func(m *Maker) string { return fmt.Sprintf("%d/7", 1+m.Rand.IntN(1000)) },
	"time.Time":                             func(m *Maker) string { return m.Now.UTC().Format("2006-01-02T15:04:05Z") },
	"net/url.URL":                           func(m *Maker) string { return "https://example.com/" },
	"github.com/shopspring/decimal.Decimal": func(m *Maker) string { return fmt.Sprintf("%d.%02d", m.Rand.IntN(100), m.Rand.IntN(100)) },
	"github.com/google/uuid.UUID":           (*Maker).uuid,
}

// smith returns who writes a text for a value, or nil.
func smith(h hint) func(m *Maker) string {
	if write := goWriters[h.goType]; write != nil {
		return write
	}
	for _, name := range []string{h.name, h.decl} {
		words := wordsOf(name)
		words = append(words, strings.Join(words, ""))
		for _, s := range wordsmiths {
			// What a name is about comes last: userName is a name.
			for i := len(words) - 1; i >= 0; i-- {
				for _, known := range s.names {
					if words[i] == known && (i >= len(words)-2) {
						return s.write
					}
				}
			}
		}
	}
	return nil
}

// wordsOf splits a name such as "message:sentAt" into lower-case words.
func wordsOf(name string) []string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			r = ' '
		case unicode.IsUpper(r) && lower:
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Fields(b.String())
}

// slug returns a text as addresses have it.
func slug(s string) string { return strings.Join(wordsOf(s), "-") }

// letters returns a text of n of the letters.
func (m *Maker) letters(of string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = of[m.Rand.IntN(len(of))]
	}
	return string(b)
}
