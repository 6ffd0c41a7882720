package typescript

import (
	"slices"

	"github.com/sockgen/sockgen/gen/ir"
)

// globalNames are the global names that a module relies on. A declaration of
// the same name would hide them from it.
var globalNames = []string{
	"AbortSignal", "ArrayBuffer", "Error", "Object", "Omit", "Parameters", "Partial", "Promise",
	"Readonly", "ReadonlySet", "Record", "Set", "String", "Symbol", "Uint8Array",
}

// helperNames are declared by every module that has a namespace.
var helperNames = []string{
	"io", "ManagerOptions", "SocketIO", "SocketOptions",
	"Reply", "Done", "Issue", "ServerFailure", "CommonFailure", "RefusalOf", "PlainAck",
	"Lifecycle", "ConnectFailure", "ConnectOptions", "AuthOptions", "NoFunction",
	"RequestOptions", "RequestName", "RequestArguments", "RequestReply", "ListenMap", "EmitMap",
	"on", "onError", "request", "toReply", "plainAcks", "isPlain", "dial", "dialWithAuth",
}

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
	for _, name := range helperNames {
		m.claim(name, "a part of every module")
	}
	plain := plainEvents(doc)
	m.block(replyTypes)
	if len(plain) > 0 {
		m.block(plainAckType)
	}
	m.connectFailure(doc)
	m.block(connectTypes)
	auth := slices.ContainsFunc(doc.Namespaces, func(ns *ir.Namespace) bool { return ns.Auth != nil })
	if auth {
		m.block(authTypes)
	}
	m.block(requestTypes)
	if len(plain) > 0 {
		m.block(requestReplyTypeWithPlain)
	} else {
		m.block(requestReplyType)
	}
	m.mapTypes(doc)
	m.block(onFunction)
	m.block(requestFunction)
	if len(plain) > 0 {
		m.out.WriteString(requestPlainAnswer)
	}
	m.out.WriteString(requestFunctionEnd)
	if len(plain) > 0 {
		m.plainAcks(plain)
		m.block(isPlainFunction)
	}
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
		types = append(types, text(e.Ident))
	}
	mismatch := groupOf(
		text("{"),
		indented{sequence{
			hardLine, text(`readonly code: "schema_mismatch";`),
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
	m.line("")
	m.print(unionAlias("type ListenMap", listen))
	m.print(unionAlias("type EmitMap", emit))
}

// plainAcks writes the set of the events whose acks are bare values.
func (m *module) plainAcks(events []string) {
	var list []layout
	for _, e := range events {
		list = append(list, text(quote(e)))
	}
	m.begin("The namespaces and events whose acks are bare values.", "")
	m.print(sequence{
		text("const plainAcks: ReadonlySet<string> = new Set(["),
		groupOf(items(list)),
		text("]);"),
	})
}

// plainEvents returns namespace and name of the client events with plain acks.
func plainEvents(doc *ir.Document) []string {
	var events []string
	for _, ns := range doc.Namespaces {
		for _, e := range ns.Client {
			if hasPlainAck(e) {
				events = append(events, ns.Path+" "+e.Wire)
			}
		}
	}
	return events
}

// usesBytes reports whether binary data occurs anywhere in the document.
func usesBytes(doc *ir.Document) bool {
	for _, d := range doc.Decls {
		if isBytes(d.Of) || slices.ContainsFunc(d.Fields, func(f *ir.Field) bool { return isBytes(f.Type) }) {
			return true
		}
	}
	for _, e := range doc.Errors {
		if isBytes(e.Data) {
			return true
		}
	}
	for _, ns := range doc.Namespaces {
		if isBytes(ns.Auth) {
			return true
		}
		for _, e := range slices.Concat(ns.Client, ns.Server) {
			if isBytes(e.Payload) || e.Ack != nil && isBytes(e.Ack.Type) {
				return true
			}
		}
	}
	return false
}

// isBytes reports whether t is bytes, or a list or map of them. The declarations
// that it refers to are looked at on their own.
func isBytes(t *ir.Type) bool {
	if t == nil {
		return false
	}
	return t.Scalar == ir.Bytes || isBytes(t.Elem)
}
