package typescript

import (
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// shared writes what the namespaces have in common: the types of replies and
// failures, then the functions over any socket of the document.
func (m *module) shared(doc *ir.Document) {
	if usesBytes(doc) {
		m.claim("Bytes", "the type of binary data")
		m.gap()
		m.fill(moduleHelpers().named("bytes"), filling{})
	}
	if len(doc.Namespaces) == 0 {
		return
	}
	for _, name := range append(slices.Clip(exportedNames), privateNames...) {
		m.claim(name, "a part of every module")
	}
	set := settingsOf(doc)
	keep := set.regions()
	keep["auth"] = slices.ContainsFunc(doc.Namespaces, func(ns *ir.Namespace) bool { return ns.Auth != nil })
	m.gap()
	m.fill(moduleHelpers().named("sockets"), filling{keep: keep, document: map[string]func(){
		"issuesCode":     func() { m.codes(ir.FromServer, ir.IssuesData) },
		"bareCodes":      func() { m.codes(ir.FromServer, ir.NoData) },
		"loggedCode":     func() { m.codes(ir.FromServer, ir.LogData) },
		"localCodes":     func() { m.codes(ir.FromClient, ir.NoData) },
		"connectFailure": func() { m.connectFailure(doc) },
		"maps":           func() { m.mapTypes(doc) },
		"tables":         func() { m.settings(set) },
	}})
}

// codes writes the property of a failure that holds its code, one of the built-in
// ones.
func (m *module) codes(from ir.CodeOrigin, data ir.CodeData) {
	m.line("      readonly code: " + builtInCodes(from, data) + ";")
}

// builtInCodes returns the type of some built-in codes.
func builtInCodes(from ir.CodeOrigin, data ir.CodeData) string {
	var quoted []string
	for _, code := range ir.CodesOf(from, data) {
		quoted = append(quoted, quote(code))
	}
	return strings.Join(quoted, " | ")
}

// connectFailure writes the union of what may refuse a connection, in any
// namespace of the document.
func (m *module) connectFailure(doc *ir.Document) {
	var lists [][]*ir.Error
	for _, ns := range doc.Namespaces {
		lists = append(lists, ns.ConnectErrors)
	}
	var types []layout
	for _, e := range distinct(lists...) {
		types = append(types, text(localName(e.Ident)))
	}
	mismatch := groupOf(
		text("{"),
		indented{sequence{
			hardLine, text(`readonly code: ` + builtInCodes(ir.FromConnecting, ir.NoData) + `;`),
			hardLine, text("readonly message: string;"),
		}},
		hardLine, text("}"),
	)
	m.begin("Why a connection may be refused; schema_mismatch asks for a newer page.", "")
	m.print(unionAlias("export type ConnectFailure", append(types, text("ServerFailure"), mismatch)))
}

// mapTypes writes the unions that bound the generic functions to the sockets of
// this document.
func (m *module) mapTypes(doc *ir.Document) {
	var listen, emit []layout
	for _, ns := range doc.Namespaces {
		listen = append(listen, text(ns.Prefix+"ServerToClient"))
		emit = append(emit, text(ns.Prefix+"ClientToServer"))
	}
	m.begin("What the server may emit, in any namespace of this file.", "")
	m.print(unionAlias("export type ListenMap", listen))
	m.begin("What a client may emit, in any namespace of this file.", "")
	m.print(unionAlias("export type EmitMap", emit))
}
