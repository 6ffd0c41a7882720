// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/sockgen/sockgen/gen/diag"
)

// convert returns our node for n, which stands at the given depth.
func (r *reader) convert(n *yaml.Node, depth int) *Node {
	if n.Kind == yaml.AliasNode {
		return r.alias(n, depth)
	}
	r.open[n] = true
	defer delete(r.open, n)
	node := &Node{Pos: r.position(n), width: 1}
	switch {
	case depth > maxDepth:
		node.Kind = Invalid
		r.report(diag.DocumentLimit, node.Pos, 1, "the document nests more than %d levels deep", maxDepth)
	case n.Style&yaml.TaggedStyle != 0:
		node.Kind = Invalid
		r.report(diag.YAMLSyntax, node.Pos, utf8.RuneCountInString(n.Tag), "YAML tags such as %s have no meaning in a schema; leave it out", diag.Quote(n.Tag))
	case n.Kind == yaml.MappingNode:
		node.Kind = Mapping
		r.mapping(node, n, depth)
	case n.Kind == yaml.SequenceNode:
		node.Kind = Sequence
		r.sequence(node, n, depth)
	default:
		r.scalar(node, n)
	}
	r.measure(node)
	r.done[n] = node
	return node
}

// measure notes how large node is when every alias is written out.
func (r *reader) measure(node *Node) {
	size, height := 1, 0
	for _, e := range node.Entries {
		size += 1 + r.size[e.Value]
		height = max(height, r.height[e.Value])
	}
	for _, item := range node.Items {
		size += r.size[item]
		height = max(height, r.height[item])
	}
	r.size[node], r.height[node] = size, height+1
}

// alias returns the node that n refers to, within the bounds of the document.
func (r *reader) alias(n *yaml.Node, depth int) *Node {
	pos, width := r.position(n), 1+utf8.RuneCountInString(n.Value)
	invalid := &Node{Kind: Invalid, Pos: pos, width: width}
	r.size[invalid] = 1
	if n.Alias == nil || r.open[n.Alias] {
		r.report(diag.YAMLSyntax, pos, width, "alias %s stands within its own anchor", diag.Quote("*"+n.Value))
		return invalid
	}
	target, ok := r.done[n.Alias]
	if !ok {
		return invalid // the anchor stands in a part that was refused
	}
	if depth+r.height[target] > maxDepth+1 {
		r.report(diag.DocumentLimit, pos, width, "the document nests more than %d levels deep", maxDepth)
		return invalid
	}
	if r.full {
		return invalid
	}
	if r.expanded > maxNodes-r.size[target] {
		r.full = true
		r.report(diag.DocumentLimit, pos, width, "aliases make this document larger than %d values", maxNodes)
		return invalid
	}
	r.expanded += r.size[target]
	return target
}

func (r *reader) sequence(node *Node, n *yaml.Node, depth int) {
	for i := 0; i < len(n.Content); i++ {
		item := n.Content[i]
		if i+1 < len(n.Content) && r.splitType(n, item, n.Content[i+1]) {
			node.Items = append(node.Items, r.refused(item))
			i++ // the half behind the comma
			continue
		}
		node.Items = append(node.Items, r.convert(item, depth+1))
	}
}

// mapping converts the entries of n; what "<<" merges comes after them, and an
// entry of the mapping itself wins.
func (r *reader) mapping(node *Node, n *yaml.Node, depth int) {
	first := map[string]diag.Position{}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.ScalarNode && key.Tag == "!!merge" {
			merges = append(merges, value)
			continue
		}
		k := r.key(key)
		var v *Node
		if i+2 < len(n.Content) && r.splitType(n, value, n.Content[i+2]) {
			v = r.refused(value)
			i += 2 // the half behind the comma, which YAML takes for a key
		} else {
			v = r.convert(value, depth+1)
		}
		if k == nil {
			continue
		}
		if p, dup := first[k.Text]; dup {
			r.report(diag.DuplicateKey, k.Pos, k.width, "key %s is here already, in line %d", diag.Quote(k.Text), p.Line)
			continue
		}
		first[k.Text] = k.Pos
		node.Entries = append(node.Entries, Entry{k, v})
	}
	for _, m := range merges {
		r.merge(node, m, depth, first)
	}
}

// merge adds the entries of what "<<" names, unless node has them; have are its keys.
func (r *reader) merge(node *Node, value *yaml.Node, depth int, have map[string]diag.Position) {
	from := r.convert(value, depth+1)
	sources := []*Node{from}
	if from.Kind == Sequence {
		sources = from.Items
	}
	for _, source := range sources {
		if source.Kind == Invalid {
			continue
		}
		if source.Kind != Mapping {
			p := r.position(value)
			r.report(diag.YAMLSyntax, p, 1, "\"<<\" merges mappings, and this is %s", source.Kind)
			continue
		}
		for _, e := range source.Entries {
			if _, ok := have[e.Key.Text]; !ok {
				have[e.Key.Text] = e.Key.Pos
				node.Entries = append(node.Entries, e)
			}
		}
	}
}

// key returns the node of a mapping's key, or nil when it cannot be one.
func (r *reader) key(n *yaml.Node) *Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil && n.Alias.Kind == yaml.ScalarNode {
		n = n.Alias
	}
	p := r.position(n)
	if n.Kind != yaml.ScalarNode {
		r.report(diag.YAMLSyntax, p, 1, "a key must be a text")
		return nil
	}
	if n.Tag == "!!null" {
		r.report(diag.QuoteIt, p, max(1, utf8.RuneCountInString(n.Value)), "YAML takes this key for nothing; put it between quotes")
		return nil
	}
	k := &Node{Pos: p, width: 1}
	r.scalar(k, n)
	k.Kind = Scalar
	r.done[n] = k
	r.size[k] = 1
	return k
}

func (r *reader) refused(n *yaml.Node) *Node {
	node := &Node{Kind: Invalid, Pos: r.position(n), width: 1}
	r.size[node] = 1
	return node
}

// scalar fills node from n and finds where its text stands in the file.
func (r *reader) scalar(node *Node, n *yaml.Node) {
	node.Kind, node.Text = Scalar, n.Value
	switch n.Tag {
	case "!!null":
		node.Kind, node.Text = Null, ""
		return
	case "!!bool":
		node.Literal = Bool
	case "!!int":
		node.Literal = Int
	case "!!float":
		node.Literal = Float
	case "!!timestamp":
		node.Literal = Timestamp
	}
	quote := ""
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		quote = `"`
	case n.Style&yaml.SingleQuotedStyle != 0:
		quote = `'`
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return
	}
	if text := quote + n.Value + quote; r.stands(text, node.Pos) {
		node.direct, node.shift = true, len(quote)
		node.width = max(1, utf8.RuneCountInString(text))
	}
}

// stands tells whether text stands at p in the file, rune by rune.
func (r *reader) stands(text string, p diag.Position) bool {
	if r.cached != p.Line { // a document of a single line has many nodes in it
		r.cached, r.runes = p.Line, []rune(r.doc.Line(p.Line))
	}
	i := p.Column - 1
	for _, c := range text {
		if i >= len(r.runes) || r.runes[i] != c {
			return false
		}
		i++
	}
	return true
}

// splitType reports a type such as map<string, int> that stands unquoted in a
// flow mapping or list, where YAML ends the value at the comma. It tells
// whether value and next are the halves of one.
func (r *reader) splitType(parent, value, next *yaml.Node) bool {
	if parent.Style&yaml.FlowStyle == 0 || !plain(value) || !plain(next) ||
		strings.Count(value.Value, "<") <= strings.Count(value.Value, ">") ||
		strings.Count(next.Value, ">") <= strings.Count(next.Value, "<") {
		return false
	}
	p, width := r.position(value), utf8.RuneCountInString(value.Value)
	if name, _, _ := strings.Cut(value.Value, "<"); strings.TrimSpace(name) == "map" {
		r.report(diag.FlowComma, p, width, "the keys of a map are always strings: write %s", diag.Quote("map<"+next.Value))
		return true
	}
	r.report(diag.FlowComma, p, width, "a type takes one parameter: write list<T> or map<T>")
	return true
}

func plain(n *yaml.Node) bool {
	const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return n.Kind == yaml.ScalarNode && n.Style&quoted == 0
}
