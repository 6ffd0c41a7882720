package check

import (
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// reservedEvents are the names that no client may send and no server may emit
// (R146, R147), with what happens under them.
var reservedEvents = map[string]string{
	"connect":        "a namespace's connection",
	"connect_error":  "a refused connection",
	"disconnect":     "a socket's end",
	"disconnecting":  "a socket's end",
	"newListener":    "a listener that is added",
	"removeListener": "a listener that is removed",
}

// builtInCodes are the error codes that any event may answer without declaring
// them.
var builtInCodes = map[string]bool{
	"invalid_payload": true, "unknown_event": true, "rate_limited": true, "timeout": true,
	"disconnected": true, "internal": true, "schema_mismatch": true,
}

// fieldMethods are the methods of every generated struct.
var fieldMethods = []string{"MarshalJSON", "UnmarshalJSON"}

// handlerMethods are those of a Handler that answer no event.
var handlerMethods = map[string]string{
	"Connect":    "the handler's method for a new socket",
	"Disconnect": "the handler's method for a socket's end",
}

// perNamespace are the identifiers that each namespace has in generated files,
// around its prefix.
var perNamespace = []struct{ before, after string }{
	{"Mount", ""}, {"Unimplemented", ""}, {"On", ""}, {"", "Handler"}, {"", "Socket"}, {"", "All"}, {"", "Rooms"},
	{"", "One"}, {"", "Room"}, {"", "ServerToClient"}, {"", "ClientToServer"},
}

// perDocument are the identifiers that generated files have once, and the global
// ones of TypeScript that they rely on.
var perDocument = []string{
	"Reply", "Failure", "CommonFailure", "InvalidPayload", "Int64", "Uint64", "Timestamp", "Duration", "UUID", "Bytes", "Unimplemented",
	"Array", "ArrayBuffer", "Uint8Array", "Promise", "Record", "Readonly", "ReadonlyArray", "Error", "AbortSignal",
	"Parameters", "ReturnType", "Extract", "Exclude", "Partial", "Pick", "Omit", "Map", "Set", "Date", "Object",
	"String", "Number", "Boolean", "Symbol", "BigInt", "Function", "JSON", "Math",
}

// claimOwn takes the identifiers that sockgen itself needs, before the schema's.
func (c *checker) claimOwn(namespaces *schema.Node) {
	for _, name := range perDocument {
		c.idents.Claim(name, owner{what: "something that generated files need"})
	}
	if namespaces == nil || namespaces.Kind != schema.Mapping {
		return
	}
	for _, e := range namespaces.Entries {
		prefix := prefixOf(e.Key.Text, len(namespaces.Entries))
		for _, around := range perNamespace {
			name := around.before + prefix + around.after
			c.idents.Claim(name, owner{what: "what sockgen generates for each namespace"})
		}
	}
}

// prefixOf returns what the identifiers of a namespace carry: nothing in a
// document of one namespace.
func prefixOf(path string, namespaces int) string {
	switch {
	case namespaces == 1:
		return ""
	case path == "/":
		return "Main"
	}
	return naming.Pascal(path)
}
