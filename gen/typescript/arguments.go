// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"fmt"
	"slices"

	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/naming"
)

// arguments returns the parameters that carry an event's payload. An argument
// that is absent although another one or the ack stands behind it travels as
// null. The payload and the fields are those of the direction.
func arguments(e *ir.Event, payload *ir.Type, fields []*ir.Field) []parameter {
	switch {
	case payload == nil:
		return nil
	case e.Arguments() == nil:
		return []parameter{valueParameter("payload", payload)}
	}
	var list []parameter
	names := argumentNames(fields)
	for i, f := range fields {
		p := parameter{names[i], typeLayout(f.Type, annotation)}
		switch {
		case !f.Optional:
		case e.Ack != nil || slices.ContainsFunc(fields[i+1:], func(f *ir.Field) bool { return !f.Optional }):
			// TypeScript has no optional parameter before one that is always there, such as
			// the ack, or an argument with a default that is received.
			p.typ = withAbsent(f.Type, text("null"), text("undefined"))
		case i < len(fields)-1:
			p = parameter{names[i] + "?", withAbsent(f.Type, text("null"))}
		default:
			p.name += "?"
		}
		list = append(list, p)
	}
	return list
}

// withAbsent returns the union of t and the ways of saying that there is none.
func withAbsent(t *ir.Type, absent ...layout) layout {
	if t.Kind == ir.ScalarType && t.Scalar == ir.Any {
		return typeLayout(t, annotation)
	}
	if len(absent) == 1 { // null, as for a type that has it by itself
		orNull := *t
		orNull.Nullable = true
		return typeLayout(&orNull, annotation)
	}
	return union(append([]layout{plainType(t, aliased)}, absent...), annotation)
}

// argumentNames returns a parameter's name for each field: its own where
// TypeScript allows that, else a number. No two are the same.
func argumentNames(fields []*ir.Field) []string {
	taken := map[string]bool{"ack": true, "url": true, "options": true}
	for _, f := range fields {
		if canBeParameter(f.Wire) {
			taken[f.Wire] = true
		}
	}
	names := make([]string, len(fields))
	used := map[string]bool{"ack": true}
	for i, f := range fields {
		name := f.Wire
		if !canBeParameter(name) || used[name] {
			name = fmt.Sprintf("arg%d", i+1)
			for taken[name] {
				name += "_"
			}
		}
		used[name], taken[name] = true, true
		names[i] = name
	}
	return names
}

// canBeParameter reports whether a parameter may have the name.
func canBeParameter(name string) bool { return isWord(name) && !naming.IsTypeScriptReserved(name) }

// argumentTags returns what the comment of a positional event says of its
// arguments.
func argumentTags(e *ir.Event) []tag {
	var tags []tag
	fields := e.Arguments()
	for i, name := range argumentNames(fields) {
		f, says := fields[i], ""
		doc := withFacts(f.Doc, f.Type)
		if doc != "" {
			says = " - " + doc
		}
		if f.Default != nil {
			says += " (" + literalText(f.Type, f.Default) + " when absent)"
			if doc == "" {
				says = " -" + says
			}
		}
		if f.Deprecated != "" {
			if says == "" {
				says = " -"
			}
			says += " Deprecated: " + f.Deprecated
		}
		if says != "" {
			tags = append(tags, tag{"@param", name + says})
		}
	}
	return tags
}
