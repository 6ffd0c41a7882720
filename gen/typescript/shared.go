package typescript

import (
	"slices"

	"github.com/sockgen/sockgen/gen/ir"
)

// shared writes what the namespaces have in common: the types of replies and
// failures, then the functions over any socket of the document.
func (m *module) shared(doc *ir.Document) {
	if usesBytes(doc) {
		m.claim("Bytes", "the type of binary data")
		m.block(bytesType)
	}
	if len(doc.Namespaces) == 0 {
		return
	}
	for _, name := range append(slices.Clip(exportedNames), privateNames...) {
		m.claim(name, "a part of every module")
	}
	set := settingsOf(doc)
	m.block(replyTypes())
	if set.plain.any() {
		m.block(plainAckType)
	}
	m.connectFailure(doc)
	m.block(connectTypes)
	auth := slices.ContainsFunc(doc.Namespaces, func(ns *ir.Namespace) bool { return ns.Auth != nil })
	if auth {
		m.block(authTypes)
	}
	m.block(requestTypes(set))
	m.mapTypes(doc)
	m.block(onFunction(set))
	m.block(requestFunction(set))
	m.settings(set)
	m.block(dialFunction)
	if auth {
		m.block(dialWithAuthFunction)
	}
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
			hardLine, text(`readonly code: ` + codes(ir.FromConnecting, ir.NoData) + `;`),
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
