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
}

// typeLayout returns t as it is written at the position.
func typeLayout(t *ir.Type, at position) layout {
	switch {
	case !isNullable(t):
		return plainType(t, at)
	case isSimple(t):
		return sequence{plainType(t, aliased), text(" | null")}
	default:
		return union(withNull(t), at)
	}
}

// withNull returns the two types that a nullable type is the union of.
func withNull(t *ir.Type) []layout {
	return []layout{plainType(t, aliased), text("null")}
}

// isNullable reports whether null has to be named beside the values of t; it is
// among the unknown values already.
func isNullable(t *ir.Type) bool { return t.Nullable && t.Scalar != ir.Any }

// isSimple reports whether prettier keeps the type beside the brackets of a
// generic type, and beside its null, whatever the length of the line.
func isSimple(t *ir.Type) bool {
	switch t.Kind {
	case ir.ListType:
		return false
	case ir.ScalarType:
		return !isNullable(t) || t.Scalar == ir.Bytes // a reference to our type, unlike the other scalars
	default:
		return true
	}
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
		return groupOf(mapLayout(typeLayout(t.Elem, annotation)))
	case ir.RefType:
		return text(t.Ref.Ident)
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

// mapLayout returns an object with values of one type under any names, without
// the group around it.
func mapLayout(value layout) layout {
	key := groupOf(indented{sequence{softLine, text("key: string")}}, softLine)
	member := groupOf(text("readonly ["), key, text("]: "), value)
	return sequence{
		text("{"),
		indented{sequence{space, member, ifBroken{text(";"), text("")}}},
		space,
		text("}"),
	}
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

// genericOf is generic for one argument, which stays beside the brackets when it
// is simple.
func genericOf(name string, arg *ir.Type) layout {
	if isSimple(arg) {
		return sequence{text(name + "<"), typeLayout(arg, typeArgument), text(">")}
	}
	return generic(name, typeLayout(arg, typeArgument))
}

// A parameter is one of a function type or a function.
type parameter struct {
	name string
	typ  layout
	hug  layout // typ without its group, when prettier lets an only parameter hug it
}

// parameters returns the list in parentheses, one to a line in a broken group.
func parameters(list []parameter) layout {
	switch {
	case len(list) == 0:
		return text("()")
	case len(list) == 1 && list[0].hug != nil:
		return sequence{text("(" + list[0].name + ": "), list[0].hug, text(")")}
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
	p := parameter{name: name, typ: typeLayout(t, annotation)}
	if t.Kind == ir.MapType && !t.Nullable {
		p.hug = mapLayout(typeLayout(t.Elem, annotation))
	}
	return p
}
