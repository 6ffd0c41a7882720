// SPDX-License-Identifier: Apache-2.0

package typescript

import "github.com/sockgen/sockgen/gen/ir"

// A position says where a type stands, since a union breaks its lines by that.
type position int

const (
	annotation   position = iota // behind the colon of a property or a parameter
	element                      // the element of an array
	typeArgument                 // between the angle brackets of a generic type
	aliased                      // behind the equals sign of a type alias
)

// scalarTypes are the scalars as they travel.
var scalarTypes = map[ir.Scalar]text{
	ir.Bool:      "boolean",
	ir.Int:       "number",
	ir.Int32:     "number",
	ir.Uint32:    "number",
	ir.Int64:     "`${bigint}`",
	ir.Uint64:    "`${bigint}`",
	ir.Float32:   "number",
	ir.Float64:   "number",
	ir.String:    "string",
	ir.Bytes:     "Bytes",
	ir.Timestamp: "string",
	ir.Duration:  "number",
	ir.UUID:      "string",
	ir.Any:       "unknown",
	date:         "Date",
}

// typeLayout returns t as it is written at the position.
func typeLayout(t *ir.Type, at position) layout {
	switch {
	case !isNullable(t):
		return plainType(t, at)
	case isReference(t):
		return sequence{plainType(t, aliased), text(" | null")}
	default:
		return union(withNull(t), at)
	}
}

// fieldLayout returns the type of a property. That of a field which may be absent has
// undefined, which no JSON has either.
func fieldLayout(f *ir.Field) layout {
	switch {
	case !f.Optional || isUnknown(f.Type):
		return typeLayout(f.Type, annotation)
	case isNullable(f.Type):
		return union(append(withNull(f.Type), text("undefined")), annotation)
	default:
		return union([]layout{plainType(f.Type, aliased), text("undefined")}, annotation)
	}
}

// isUnknown reports whether t is another name for any value.
func isUnknown(t *ir.Type) bool {
	for t.Kind == ir.RefType && t.Ref.Kind == ir.Alias {
		t = t.Ref.Of
	}
	return t.Kind == ir.ScalarType && t.Scalar == ir.Any
}

// isNullable reports whether null has to be named beside the values of t; it is
// among the unknown values already.
func isNullable(t *ir.Type) bool { return t.IsNullable() }

// isReference reports whether the type is written as a name, from whose line
// prettier never takes the null.
func isReference(t *ir.Type) bool {
	return t.Kind == ir.RefType || t.Kind == ir.MapType || t.Scalar == ir.Bytes
}

// withNull returns the two types that a nullable type is the union of.
func withNull(t *ir.Type) []layout {
	return []layout{plainType(t, aliased), text("null")}
}

// plainType is typeLayout without regard to null.
func plainType(t *ir.Type, at position) layout {
	switch t.Kind {
	case ir.ListType:
		list := sequence{text("readonly "), elementLayout(t.Elem), text("[]")}
		if at == element {
			return sequence{text("("), list, text(")")}
		}
		return list
	case ir.MapType:
		return mapLayout(typeLayout(t.Elem, typeArgument))
	case ir.RefType:
		return text(localName(t.Ref.Ident))
	default:
		return scalarTypes[t.Scalar]
	}
}

func elementLayout(t *ir.Type) layout {
	l := typeLayout(t, element)
	if isNullable(t) {
		return sequence{text("("), l, text(")")}
	}
	return l
}

// mapLayout returns an object with values of one type under any names.
func mapLayout(value layout) layout {
	return generic("Readonly", generic("Record", text("string"), value))
}

// union joins the types with bars. When they do not fit into the line, they
// begin a new one, and when they do not fit into that either, each takes one of
// its own. A single type stands for itself.
func union(types []layout, at position) layout {
	if len(types) == 1 {
		return types[0]
	}
	members := sequence{ifBroken{text("| "), text("")}, indented{types[0]}}
	for _, t := range types[1:] {
		members = append(members, space, text("| "), indented{t})
	}
	lines := groupOf(members)
	switch at {
	case annotation:
		return groupOf(indented{sequence{softLine, lines}})
	case element:
		return groupOf(indented{sequence{softLine, lines}}, softLine)
	default: // the brackets or the alias around it begin the new line
		return lines
	}
}

// generic returns name<args…>.
func generic(name string, args ...layout) layout {
	return sequence{text(name), groupOf(
		text("<"),
		indented{sequence{softLine, join(sequence{text(","), space}, args)}},
		softLine,
		text(">"),
	)}
}

// genericOf is generic for one argument of the schema. Prettier keeps a name or
// a keyword beside the brackets, and a name with its null.
func genericOf(name string, arg *ir.Type) layout {
	var alone bool
	switch {
	case isNullable(arg):
		alone = isReference(arg)
	default:
		alone = arg.Kind == ir.ScalarType || arg.Kind == ir.RefType
	}
	if alone {
		return sequence{text(name + "<"), typeLayout(arg, typeArgument), text(">")}
	}
	return generic(name, typeLayout(arg, typeArgument))
}

// A parameter is one of a function type or a function.
type parameter struct {
	name string
	typ  layout
}

// parameters returns the list in parentheses, one to a line in a broken group.
func parameters(list []parameter) layout {
	if len(list) == 0 {
		return text("()")
	}
	var printed []layout
	for _, p := range list {
		printed = append(printed, sequence{text(p.name + ": "), p.typ})
	}
	return sequence{text("("), items(printed), text(")")}
}

// items returns what stands between parentheses or brackets: separated by commas
// and, in a broken group, one to a line with a comma behind the last.
func items(list []layout) layout {
	return sequence{
		indented{sequence{softLine, join(sequence{text(","), space}, list), ifBroken{text(","), text("")}}},
		softLine,
	}
}

// listener returns the type of a function that takes the parameters.
func listener(list ...parameter) layout {
	return groupOf(parameters(list), text(" => void"))
}

// valueParameter returns a parameter of a schema type.
func valueParameter(name string, t *ir.Type) parameter {
	return parameter{name, typeLayout(t, annotation)}
}
