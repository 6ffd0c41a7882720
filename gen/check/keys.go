// SPDX-License-Identifier: Apache-2.0

package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/schema"
)

// keys are the keys that a mapping may have.
type keys struct {
	known []string
}

func keysOf(m language.Mapping) keys { return keys{known: m.Names()} }

// mapping returns the values of n's known keys and reports all others. It
// returns false when n is no mapping, which it reports too. what names the
// mapping for the reader: "an event".
func (c *checker) mapping(n *schema.Node, what string, k keys) (map[string]*schema.Node, bool) {
	if !c.isMapping(n, what) {
		return nil, false
	}
	m := make(map[string]*schema.Node, len(n.Entries))
	meant := map[string][]*schema.Node{} // the unknown keys that could be one that is known
	for _, e := range n.Entries {
		key := e.Key.Text
		switch {
		case slices.Contains(k.known, key):
			m[key] = e.Value
		case e.Value.Kind == schema.Null && strings.Contains(key, " "):
			c.report(e.Key, diag.FlowComma, "YAML takes this for a key of %s, since a text without quotes ends at the comma: put the whole text between quotes", what)
		default:
			d := c.report(e.Key, diag.UnknownKey, "unknown key %s in %s", diag.Quote(key), what)
			d.Suggestion = c.suggestKey(key, k.known)
			if d.Suggestion != "" {
				meant[d.Suggestion] = append(meant[d.Suggestion], e.Key)
			}
		}
	}
	for better, nodes := range meant {
		for i, n := range nodes {
			if i > 0 || m[better] != nil || !c.means(n.Text, better, k.known) {
				c.byHand(n)
			}
		}
	}
	return m, true
}

// otherKeys are what other languages, and people, call keys of ours.
var otherKeys = map[string][]string{
	"description": {"doc"}, "desc": {"doc"}, "comment": {"doc"}, "summary": {"doc"}, "docs": {"doc"},
	"response": {"ack"}, "reply": {"ack"}, "callback": {"ack"}, "returns": {"ack"}, "result": {"ack"}, "acknowledge": {"ack"},
	"required": {"optional"}, "nullable": {"optional"}, "fields": {"struct", "payload"}, "properties": {"struct", "payload"},
	"object": {"struct"}, "request": {"payload"}, "body": {"payload"}, "message": {"payload"}, "arguments": {"args"}, "params": {"args", "payload"},
	"items": {"list"}, "values": {"enum"}, "oneOf": {"union"}, "discriminator": {"tag"}, "variants": {"of"}, "regex": {"pattern"}, "regexp": {"pattern"},
	"min": {"range", "length"}, "max": {"range", "length"}, "minLength": {"length"}, "maxLength": {"length"}, "minimum": {"range"}, "maximum": {"range"},
	"minItems": {"length"}, "maxItems": {"length"}, "uniqueItems": {"unique"}, "limit": {"rate"}, "throttle": {"rate"}, "ratelimit": {"rate"},
	"audience": {"to"}, "target": {"to"}, "emits": {"to"}, "version": {"sockgen"}, "events": {"client", "server"},
}

// suggestKey returns the one of known that key most likely stands for, or "": by its
// letters, else by what it means elsewhere.
func (c *checker) suggestKey(key string, known []string) string {
	meant := func(word string) string {
		for _, k := range otherKeys[word] {
			if slices.Contains(known, k) {
				return k
			}
		}
		return ""
	}
	if k := meant(key); k != "" {
		return k
	}
	if k := c.suggest(key, known); k != "" {
		return k
	}
	return meant(c.suggest(key, slices.Sorted(maps.Keys(otherKeys))))
}

// sameValue are the keys of others whose values stand behind ours as they are.
var sameValue = strings.Fields(`description desc comment summary docs response reply callback returns result acknowledge
	fields properties object request body arguments params regex regexp uniqueItems variants`)

// means tells whether the value of an unknown key can stand behind better as it is: a
// misspelled key, or one of another language for the same thing.
func (c *checker) means(key, better string, known []string) bool {
	return slices.Contains(sameValue, key) || otherKeys[key] == nil && c.suggest(key, known) == better
}

// isKey tells whether an unknown key of an event stands for one of known, rather than
// for a field of its payload.
func (c *checker) isKey(key string, known []string) bool {
	if c.suggest(key, known) != "" {
		return true
	}
	meant := c.suggestKey(key, known)
	return meant != "" && meant != "payload"
}

// isMapping reports an n that is no mapping.
func (c *checker) isMapping(n *schema.Node, what string) bool {
	switch n.Kind {
	case schema.Mapping:
		return true
	case schema.Invalid:
	default:
		c.report(n, diag.WrongKind, "%s is a mapping, and this is %s", what, n.Kind)
	}
	return false
}

// list returns the items of n; a single text counts as a list of one.
func (c *checker) list(n *schema.Node, what string) []*schema.Node {
	switch n.Kind {
	case schema.Sequence:
		return n.Items
	case schema.Scalar:
		return []*schema.Node{n}
	case schema.Invalid:
	default:
		c.report(n, diag.WrongKind, "%s is a list, and this is %s", what, n.Kind)
	}
	return nil
}

// word returns the text of n, which must be a scalar, and whether it is one.
func (c *checker) word(n *schema.Node, what string) (string, bool) {
	switch n.Kind {
	case schema.Scalar:
		return n.Text, true
	case schema.Invalid:
	default:
		c.report(n, diag.WrongKind, "%s is a text, and this is %s", what, n.Kind)
	}
	return "", false
}

// flag returns the value of n, which must be true or false. A nil n is false.
func (c *checker) flag(n *schema.Node, what string) bool {
	if n == nil || n.Kind == schema.Invalid {
		return false
	}
	if n.Kind == schema.Scalar && n.Literal == schema.Bool {
		return n.Text == "true" || n.Text == "True" || n.Text == "TRUE"
	}
	c.report(n, diag.BadValue, "%s is true or false", what)
	return false
}
