// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/compat"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
)

// A locator finds parts of a wire model in the schema that it came from.
type locator struct{ understood }

func (l locator) change(c compat.Change) Change {
	change := Change{Verdict: c.Verdict, Path: c.Path, Message: c.Message}
	if n := l.find(c.Place); n != nil {
		change.Position = n.Pos
	}
	return change
}

// find returns the node that is nearest to a place, or nil.
func (l locator) find(p compat.Place) *schema.Node {
	if n := l.declared(p.Type, p.Member); n != nil {
		return n
	}
	if p.Code != "" && p.Event == "" && p.Part == "errors" {
		return l.inSection("errors", p.Code, "data", p.Member)
	}
	namespace := l.namespace(p.Namespace)
	if namespace == nil {
		return nil
	}
	nearest, value := namespace.Key, namespace.Value
	switch {
	case p.Event != "":
		event := entryOf(value.Get(p.Side), func(key string) bool { return eventName(key) == p.Event })
		if event == nil {
			return orNode(keyOf(value, p.Side), nearest)
		}
		part := p.Part
		if part == "payload" && keyOf(event.Value, "args") != nil {
			part = "args"
		}
		return orNode(inline(event.Value, part, p.Member), event.Key)
	case p.Part == "auth":
		return orNode(inline(value, "auth", p.Member), nearest)
	case p.Part == "connect":
		return orNode(l.connect(value, p.Code), nearest)
	}
	return nearest
}

// connect returns where a namespace lists an error of connecting.
func (l locator) connect(namespace *schema.Node, code string) *schema.Node {
	errors := namespace.Get("errors")
	if errors == nil || errors.Get("connect") == nil {
		return keyOf(namespace, "errors")
	}
	list := errors.Get("connect")
	if i := slices.IndexFunc(list.Items, func(n *schema.Node) bool { return n.Text == code }); i >= 0 {
		return list.Items[i]
	}
	return list
}

// namespace returns the entry of a namespace. The schema is right, so that each
// entry became one namespace, in order.
func (l locator) namespace(path string) *schema.Entry {
	section := l.written.Root.Get("namespaces")
	for i, ns := range l.doc.Namespaces {
		if compat.PathOf(ns) == path && section != nil && i < len(section.Entries) {
			return &section.Entries[i]
		}
	}
	return nil
}

// declared returns where a type of that identifier, or a part of it, is declared
// under types; nil when it is written inline, or is no type at all.
func (l locator) declared(ident, member string) *schema.Node {
	i := slices.IndexFunc(l.doc.Decls, func(d *ir.Decl) bool { return d.Ident == ident })
	if i < 0 {
		return nil
	}
	// An inline struct may have the origin of a declared type, which comes first.
	// So has what a declared list or map holds.
	origin := l.doc.Decls[i].Origin
	first := slices.IndexFunc(l.doc.Decls, func(d *ir.Decl) bool { return d.Origin == origin })
	if first != i && (l.doc.Decls[first].Kind != ir.Alias || l.doc.Decls[i].Kind == ir.Alias) {
		return nil
	}
	for _, form := range []string{"struct", "enum", "union"} {
		if n := l.inSection("types", origin, form, member); n != nil {
			return n
		}
	}
	return l.inPlace(origin, member)
}

// inPlace returns where a type of that origin, or a part of it, stands in the place of a
// field of a declared type; nil when it does not.
func (l locator) inPlace(origin, member string) *schema.Node {
	for _, d := range append([]*schema.Document{l.written}, l.written.Imports...) {
		if d.Root == nil {
			continue
		}
		types := d.Root.Get("types")
		e := entryOf(types, func(name string) bool { return strings.HasPrefix(origin, name+".") })
		if e == nil {
			continue
		}
		field := fieldAt(e.Value.Within().Get("struct"), origin[len(e.Key.Text)+1:])
		if field == nil {
			continue
		}
		for _, form := range []string{"struct", "enum"} {
			if in := field.Value.Within(); in.Get(form) != nil {
				return orNode(inline(in, form, member), field.Key)
			}
		}
	}
	return nil
}

// fieldAt returns the field of a struct at a path such as "at.unit", or nil.
func fieldAt(body *schema.Node, path string) *schema.Entry {
	if body == nil {
		return nil
	}
	for i, e := range body.Entries {
		if e.Key.Text == path {
			return &body.Entries[i]
		}
		if rest, ok := strings.CutPrefix(path, e.Key.Text+"."); ok {
			if inner := fieldAt(e.Value.Within().Get("struct"), rest); inner != nil {
				return inner
			}
		}
	}
	return nil
}

// inSection returns the node of member within key's part of a section, or what
// is nearest; nil when the section of no file has the key or the key no such part.
func (l locator) inSection(section, key, part, member string) *schema.Node {
	for _, d := range append([]*schema.Document{l.written}, l.written.Imports...) {
		if d.Root == nil {
			continue
		}
		e := entryOf(d.Root.Get(section), func(k string) bool { return k == key })
		if e == nil {
			continue
		}
		in := e.Value.Within()
		switch {
		case section == "types" && in.Get(part) == nil:
			return nil
		default:
			return orNode(inline(in, part, member), e.Key)
		}
	}
	return nil
}

// inline returns the node of member within the part of n, or what is nearest.
func inline(n *schema.Node, part, member string) *schema.Node {
	if n.Kind == schema.Scalar || n.Get(part) == nil {
		return nil
	}
	body := n.Get(part)
	if of := body.Get("of"); part == "union" && of != nil {
		body = of
	}
	if key := keyOf(body, member); key != nil {
		return key
	}
	for _, e := range body.Entries { // of an enum of integers
		if value := e.Value.Get("value"); part == "enum" && (e.Value.Text == member && member != "" || value != nil && value.Text == member) {
			return e.Key
		}
	}
	for _, item := range body.Items { // of an enum
		if name := item.Get("value"); name != nil && name.Text == member || member != "" && item.Text == member {
			return item
		}
	}
	return keyOf(n, part)
}

// eventName returns the name of an event from its key, which may be a -> b.
func eventName(key string) string {
	name, _, mapped := strings.Cut(key, "->")
	if !mapped {
		return key
	}
	return strings.TrimSpace(name)
}

func entryOf(n *schema.Node, is func(key string) bool) *schema.Entry {
	if n == nil {
		return nil
	}
	for i, e := range n.Entries {
		if is(e.Key.Text) {
			return &n.Entries[i]
		}
	}
	return nil
}

// keyOf returns the node of a key of n, or nil.
func keyOf(n *schema.Node, key string) *schema.Node {
	if e := entryOf(n, func(k string) bool { return k == key }); e != nil {
		return e.Key
	}
	return nil
}

// orNode returns the first that is not nil.
func orNode(a, b *schema.Node) *schema.Node {
	if a != nil {
		return a
	}
	return b
}
