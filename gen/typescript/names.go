// SPDX-License-Identifier: Apache-2.0

package typescript

import "slices"

// globalNames are the global names that a module relies on. A declaration of the
// same name would hide them from it.
var globalNames = []string{
	"AbortSignal", "ArrayBuffer", "Date", "Error", "Exclude", "Math", "Number", "Object", "Omit", "Parameters", "Partial", "Promise",
	"Map", "NonNullable", "Readonly", "ReadonlyMap", "ReadonlySet", "Record", "ReturnType", "Set", "String", "Symbol", "Uint8Array", "WeakSet",
}

// privateNames are declared or imported by every module that has a namespace, and
// not exported.
var privateNames = []string{
	"io", "Namespaces", "ManagerOptions", "SocketIO", "SocketOptions", "NoFunction", "TrailingOptional",
	"toReply", "takesBack", "takeBack", "nextId", "dial", "dialWithAuth",
	"Revive", "Dates", "noDates", "withDates", "isRecord", "toDate", "reviveField", "inField", "inEach", "reviveVariant", "addEvent",
	"listenerCounts", "leastCounts", "openEnded", "argumentCounts", "timeouts", "plainAcks", "keyOf", "endsInOffset", "digitsOf64",
}

// exportedNames are exported by every module that has a namespace.
var exportedNames = []string{
	"Reply", "Done", "Issue", "ServerFailure", "CommonFailure", "RefusalOf", "PlainAck",
	"Lifecycle", "ConnectFailureOf", "ConnectOptions", "AuthOptions",
	"RequestOptions", "RequestName", "RequestArguments", "RequestReply", "ListenMap", "EmitMap",
	"on", "onError", "request",
}

// localName returns what a module calls a declaration of the schema within itself.
// Whoever imports it finds ident. A name that the module needs for something else,
// such as Map, gets a _ behind it, which no identifier of a schema has.
func localName(ident string) string {
	if slices.Contains(globalNames, ident) || slices.Contains(privateNames, ident) {
		return ident + "_"
	}
	return ident
}

// declares takes the name of an exported declaration and returns what it begins
// with: "export type Map" or, where that is something else here, "type Map_".
func (m *module) declares(keyword, ident, what string) string {
	local := localName(ident)
	m.claim(local, what)
	if local == ident {
		return "export " + keyword + " " + ident
	}
	return keyword + " " + local
}

// export exports a type under its own name where declares could not. Value tells
// whether the name is a value's as well.
func (m *module) export(ident string, value bool) {
	local := localName(ident)
	if local == ident {
		return
	}
	keyword := "export type"
	if value {
		keyword = "export"
	}
	m.block(keyword + " { " + local + " as " + ident + " };\n")
}
