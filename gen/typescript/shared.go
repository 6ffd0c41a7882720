// SPDX-License-Identifier: Apache-2.0

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
	m.revivers(doc)
	m.keepDates(doc, keep)
	m.gap()
	m.fill(moduleHelpers().named("sockets"), filling{keep: keep, document: map[string]func(){
		"issuesCode":     func() { m.codes(ir.FromServer, ir.IssuesData) },
		"bareCodes":      func() { m.codes(ir.FromServer, ir.NoData) },
		"waitCode":       func() { m.codes(ir.FromServer, ir.WaitData) },
		"loggedCode":     func() { m.codes(ir.FromServer, ir.LogData) },
		"localCodes":     func() { m.codes(ir.FromClient, ir.NoData) },
		"connectFailure": func() { m.connectFailures(doc) },
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

// connectFailures writes what may refuse a connection to each namespace, and the
// table of what belongs together in it.
func (m *module) connectFailures(doc *ir.Document) {
	mismatch := groupOf(
		text("{"),
		indented{sequence{
			hardLine, text(`readonly code: ` + builtInCodes(ir.FromConnecting, ir.NoData) + `;`),
			hardLine, text("readonly message: string;"),
		}},
		hardLine, text("}"),
	)
	const about = "schema_mismatch asks for a newer page."
	var all []layout
	for _, ns := range doc.Namespaces {
		var types []layout
		for _, e := range ns.Refusals() {
			types = append(types, text(localName(e.Ident)))
		}
		ident := connectFailureIdent(ns)
		all = append(all, text(ident))
		m.unionType(ident, "the failures of a connection to "+quote(ns.Path),
			"Why a connection to "+quote(ns.Path)+" may be refused; "+about, "", append(types, text("ServerFailure"), mismatch))
	}
	if !slices.ContainsFunc(doc.Namespaces, func(ns *ir.Namespace) bool { return ns.Prefix == "" }) {
		m.unionType("ConnectFailure", "the failures of a connection", "Why a connection may be refused; "+about, "", all)
	}
	m.begin("The events of each namespace, and why a connection to it may be refused.", "")
	m.line("interface Namespaces {")
	for _, ns := range doc.Namespaces {
		listen, emit := ns.Prefix+"ServerToClient", ns.Prefix+"ClientToServer"
		m.indentedLines(sequence{hardLine, propertyKey(ns.Path), text(": "), groupOf(
			text("["), items([]layout{text(listen), text(emit), text(connectFailureIdent(ns))}), text("]"),
		), text(";")})
	}
	m.line("}")
}

// connectFailureIdent names what may refuse a connection to a namespace.
func connectFailureIdent(ns *ir.Namespace) string { return ns.Prefix + "ConnectFailure" }

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
