// SPDX-License-Identifier: Apache-2.0

package check

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/schema"
)

// Bounds on what an event says about its delivery.
const (
	maxRate        = 1_000_000
	minTimeout     = time.Millisecond
	maxTimeout     = time.Hour
	maxAnnotations = 64
)

// policies reads how an event is delivered; e has its payload and its ack.
func (c *checker) policies(e *ir.Event, m map[string]*schema.Node, dir direction, ns *ir.Namespace) {
	e.Volatile = c.flag(m["volatile"], "volatile")
	if e.Volatile && e.Ack != nil {
		c.report(m["volatile"], diag.Delivery, "an event that may be lost is not acknowledged: leave volatile or ack out")
	}
	if n := m["slow"]; n != nil {
		e.Slow = c.slow(n, e)
	}
	if n := m["timeout"]; n != nil {
		if e.Timeout = c.timeout(n); e.Ack == nil && m["ack"] == nil {
			c.report(n, diag.Timeout, "timeout is how long to wait for an ack, and %s has none", diag.Quote(e.Wire))
		}
	}
	if n := m["rate"]; n != nil {
		e.Rate = c.rate(n, ns)
	}
	if n := m["unknown"]; n != nil {
		e.Strict = c.strict(n, m)
	}
	if n := m["annotations"]; n != nil {
		e.Annotations = c.annotations(n)
	}
	if dir == fromServer && e.Ack != nil && m["timeout"] == nil && waitsForMany(e) {
		at := m["to"]
		if at == nil {
			at = m["ack"]
		}
		c.report(at, diag.TimeoutMissing, "%s asks all sockets of a room or of the namespace for an ack, and one that never answers would be awaited for ever: add timeout: 10s, or to: socket",
			diag.Quote(e.Wire))
	}
}

// waitsForMany tells whether an audience of e may have several sockets.
func waitsForMany(e *ir.Event) bool {
	return slices.ContainsFunc(e.To, func(a ir.Audience) bool { return a.Kind != ir.AudienceSocket })
}

var slowPolicies = language.Texts(language.Slow)

func (c *checker) slow(n *schema.Node, e *ir.Event) ir.SlowPolicy {
	word, ok := c.word(n, "slow")
	switch {
	case !ok:
	case !slices.Contains(slowPolicies, word):
		d := c.report(n, diag.Delivery, "slow is drop, latest or close, and %s is none of them", diag.Quote(word))
		d.Suggestion = c.suggest(word, slowPolicies)
	case e.Ack != nil:
		c.report(n, diag.Delivery, "what awaits an ack is neither dropped nor replaced: leave slow or ack out")
	default:
		return ir.SlowPolicy(word)
	}
	return ""
}

// timeout reads a duration as Go writes it.
func (c *checker) timeout(n *schema.Node) time.Duration {
	text, ok := c.word(n, "timeout")
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil && n.Literal == schema.Int:
		c.report(n, diag.Timeout, "a timeout has a unit").Suggestion = text + "s"
	case err != nil || strings.ContainsAny(text, "+-µu") || d%time.Millisecond != 0:
		c.report(n, diag.Timeout, "timeout is written 500ms, 10s or 2m, and %s is not", diag.Quote(text))
	case d < minTimeout || d > maxTimeout:
		c.report(n, diag.Timeout, "a timeout is between 1ms and 1h, and %s is not", diag.Quote(text))
	default:
		return d
	}
	return 0
}

var (
	rateForm    = regexp.MustCompile(`^([1-9][0-9]{0,6})/([smh])$`)
	rateSeconds = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}
)

// rate reads "20/s".
// It is how often, or that and by which field of a socket's data it is counted.
func (c *checker) rate(n *schema.Node, ns *ir.Namespace) *ir.Rate {
	if n.Kind != schema.Mapping {
		return c.often(n)
	}
	m, ok := c.mapping(n, "a rate", rateKeys)
	switch {
	case !ok:
		return nil
	case m["limit"] == nil || m["by"] == nil:
		c.report(n, diag.Rate, "a rate is 20/s, or { limit: 20/s, by: user } with a field of the namespace's data")
		return nil
	}
	r, by := c.often(m["limit"]), c.rateField(m["by"], ns)
	if r == nil || by == nil {
		return nil
	}
	r.By = by
	return r
}

var rateKeys = keysOf(language.Rate)

// rateField reads the name of a field of the namespace's data.
func (c *checker) rateField(n *schema.Node, ns *ir.Namespace) *ir.Field {
	name, ok := c.word(n, "by")
	switch {
	case !ok:
		return nil
	case ns.Data == nil || ns.Data.Ref == nil:
		c.report(n, diag.Rate, "by names a field of the namespace's data, and it has none: data: { user: string }")
		return nil
	}
	var names []string
	for _, f := range ns.Data.Ref.Fields {
		if f.Wire != name {
			names = append(names, f.Wire)
			continue
		}
		if f.Type == nil {
			return nil // already reported
		}
		if f.Optional && f.Default == nil || !hasText(f.Type, true) {
			c.report(n, diag.Rate, "what a rate is counted by is always there, and is a string, a whole number, a bool, a uuid, an enum or a Go type that is text; %s is not", diag.Quote(name))
			return nil
		}
		return f
	}
	d := c.report(n, diag.Rate, "the namespace's data has no field %s", diag.Quote(name))
	d.Suggestion = c.suggest(name, names)
	return nil
}

// often reads how often something may happen.
func (c *checker) often(n *schema.Node) *ir.Rate {
	text, ok := c.word(n, "rate")
	if !ok {
		return nil
	}
	parts := rateForm.FindStringSubmatch(text)
	if parts == nil {
		c.report(n, diag.Rate, "rate is written 20/s, 100/m or 1000/h, and %s is not", diag.Quote(text))
		return nil
	}
	count, err := strconv.Atoi(parts[1])
	if err != nil || count > maxRate {
		c.report(n, diag.Rate, "a rate allows between 1 and %d events, and %s is not", maxRate, diag.Quote(text))
		return nil
	}
	return &ir.Rate{Count: count, Per: rateSeconds[parts[2]]}
}

// strict reads "unknown: reject".
func (c *checker) strict(n *schema.Node, m map[string]*schema.Node) bool {
	word, ok := c.word(n, "unknown")
	switch {
	case !ok:
	case word != "reject":
		c.report(n, diag.BadValue, "unknown is reject, or left out: then unknown fields are skipped")
	case m["payload"] == nil && m["args"] == nil:
		c.report(n, diag.BadValue, "an event without a payload has no unknown fields")
	default:
		return true
	}
	return false
}

var annotationRule = nameRule{what: "an annotation's key", first: isLetter, others: "_-.", says: "a letter, then letters, digits, _, - and ."}

// annotations reads an author's own words about an event, sorted by key.
func (c *checker) annotations(n *schema.Node) []ir.Annotation {
	return c.words(n, wordList{annotationRule, diag.Annotations, "annotations", "annotation", "{ role: admin }", "an event"})
}

// A wordList says what words of an author's own are for.
type wordList struct {
	rule    nameRule // of the keys
	code    diag.Code
	what    string // "annotations"
	one     string
	example string
	holder  string // "an event"
}

// words reads words of the author's own, sorted by key.
func (c *checker) words(n *schema.Node, list wordList) []ir.Annotation {
	switch n.Kind {
	case schema.Mapping:
	case schema.Invalid:
		return nil
	default:
		c.report(n, list.code, "%s is a mapping such as %s, and this is %s", list.what, list.example, n.Kind)
		return nil
	}
	if len(n.Entries) > maxAnnotations {
		c.report(n, list.code, "%s has at most %d %s, and this one has %d", list.holder, maxAnnotations, list.what, len(n.Entries))
		return nil
	}
	var words []ir.Annotation
	for _, e := range n.Entries {
		if !c.name(e.Key, list.rule) || e.Value.Kind == schema.Invalid {
			continue
		}
		if e.Value.Kind != schema.Scalar {
			c.report(e.Value, list.code, "the value of %s is a text, a number, true or false, and this is %s", withArticle(list.one), e.Value.Kind)
			continue
		}
		c.line(e.Value, "the "+list.one) // the text itself stays as it is, with the space around it
		words = append(words, ir.Annotation{Key: e.Key.Text, Value: e.Value.Text})
	}
	slices.SortFunc(words, func(a, b ir.Annotation) int { return strings.Compare(a.Key, b.Key) })
	return words
}

func withArticle(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

var tagRule = nameRule{what: "a tag's key", first: isLetter, others: "_-.", says: "a letter, then letters, digits, _, - and ."}

// goField reads what Go's struct has of a field besides its type, and returns its tags.
func (c *checker) goField(n *schema.Node) []ir.Annotation {
	const form = `"go" of a field has tags: { tags: { db: user_name } }; a Go type stands in a type of its own`
	if n.Kind == schema.Scalar {
		c.report(n, diag.GoType, form)
		return nil
	}
	m, ok := c.mapping(n, `"go" of a field`, goFieldKeys)
	if !ok {
		return nil
	}
	if m["tags"] == nil {
		if len(n.Entries) == 0 { // else it has been told what is not right
			c.report(n, diag.GoType, form)
		}
		return nil
	}
	return c.words(m["tags"], wordList{tagRule, diag.GoType, "tags", "tag", "{ db: user_name }", "a field"})
}

var goFieldKeys = keysOf(language.GoField)
