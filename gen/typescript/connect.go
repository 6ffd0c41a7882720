// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"fmt"

	"github.com/sockgen/sockgen/gen/ir"
)

// fingerprintIdent names the constant of a namespace's fingerprint.
func fingerprintIdent(ns *ir.Namespace) string { return "fingerprint" + ns.Prefix }

// fingerprint writes what tells the wire model of a namespace from others.
func (m *module) fingerprint(ns *ir.Namespace) {
	if ns.Fingerprint == "" {
		return
	}
	ident := fingerprintIdent(ns)
	m.claim(ident, "the fingerprint of "+quote(ns.Path))
	m.begin("Tells the server which model of "+quote(ns.Path)+" this file was generated from.", "")
	m.print(groupOf(text("export const "+ident+" ="), groupOf(indented{space}, indented{text(quote(ns.Fingerprint))}), text(";")))
}

// paramsIdent names the parameters of a namespace's path.
func paramsIdent(ns *ir.Namespace) string { return ns.Prefix + "Params" }

// params writes the parameters of a namespace's path.
func (m *module) params(ns *ir.Namespace) {
	var members []member
	for _, p := range ns.Parts {
		if p.Type != nil {
			members = append(members, member{doc: p.Type.Facts(), key: "readonly " + propertyKey(p.Wire), typ: typeLayout(p.Type, annotation)})
		}
	}
	if len(members) > 0 {
		m.iface(paramsIdent(ns), "the parameters of "+quote(ns.Path), "What the name of a namespace "+quote(ns.Path)+" is made of.", "", members)
	}
}

// pathLayout returns the namespace's name as an expression.
func pathLayout(ns *ir.Namespace) layout {
	if ns.Parts == nil {
		return text(quote(ns.Path))
	}
	var operands []layout
	for _, p := range ns.Parts {
		if p.Type == nil {
			operands = append(operands, text(quote(p.Text)))
			continue
		}
		var value layout = text("params." + p.Wire)
		if !isWord(p.Wire) {
			value = groupOf(text("params["), indented{sequence{softLine, text(quote(p.Wire))}}, softLine, text("]"))
		}
		if isDate(p.Type) {
			value = sequence{value, text(".toISOString()")}
		}
		operands = append(operands, groupOf(text("encodeURIComponent("), items([]layout{value}), text(")")))
	}
	var rest sequence
	for _, o := range operands[1:] {
		rest = append(rest, text(" +"), space, o)
	}
	return groupOf(operands[0], indented{rest})
}

// isDate tells whether the values of t are dates.
func isDate(t *ir.Type) bool {
	for t.Kind == ir.RefType && t.Ref.Of != nil {
		t = t.Ref.Of
	}
	return t.Scalar == date
}

// connect writes the function that opens a socket of the namespace.
func (m *module) connect(ns *ir.Namespace, socket string) {
	ident := "connect" + ns.Prefix
	m.claim(ident, "the function that connects to "+quote(ns.Path))
	about := fmt.Sprintf("Connects to %s. The url is the server's origin, without a path; \"\" is that of the page.", quote(ns.Path))
	if ns.Doc != "" {
		about = ns.Doc + "\n\n" + about
	}
	list, given := []parameter{{name: "url", typ: text("string")}}, []layout{text("url"), pathLayout(ns)}
	if ns.Parts != nil {
		list = append(list, parameter{name: "params", typ: text(paramsIdent(ns))})
	}
	if ns.Fingerprint != "" {
		given = append(given, groupOf(text("{"), indented{sequence{space, groupOf(text("$sockgen:"), indented{sequence{space, text(fingerprintIdent(ns))}}), ifBroken{text(","), text("")}}}, space, text("}")))
	} else {
		given = append(given, text("{}"))
	}
	options, dial := parameter{name: "options?", typ: text("ConnectOptions")}, "dial"
	if ns.Auth != nil {
		m.mustBeObject(ns)
		options, dial = parameter{name: "options", typ: genericOf("AuthOptions", m.inputs.Of(ns.Auth))}, "dialWithAuth"
	}
	m.begin(about, "")
	var opened layout = groupOf(text(dial+"("), items(append(given, text("options"))), text(")"))
	if m.dates != nil && m.dates.received(ns) {
		opened = groupOf(text("withDates("), items([]layout{opened, text(datesIdent(ns) + "()")}), text(")"))
	}
	m.print(sequence{
		groupOf(text("export function "+ident), parameters(append(list, options)), text(": "+socket)),
		text(" {"),
		indented{sequence{hardLine, text("return "), opened, text(";")}},
		hardLine,
		text("}"),
	})
}

// mustBeObject refuses credentials that cannot stand in a CONNECT packet, where
// the official client puts an object.
func (m *module) mustBeObject(ns *ir.Namespace) {
	object := ns.Auth.Kind == ir.MapType || ns.Auth.Kind == ir.RefType && ns.Auth.Ref.Kind == ir.Struct
	if m.err == nil && (!object || ns.Auth.Nullable) {
		m.err = fmt.Errorf("typescript: the auth of %s is neither a struct nor a map; declare it with fields", quote(ns.Path))
	}
}
