// SPDX-License-Identifier: Apache-2.0

package check

import (
	"regexp"
	"strings"

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

// fieldMethods are the methods of generated structs.
var fieldMethods = []string{"MarshalJSON", "UnmarshalJSON", "AsInput"}

// handlerMethods are those of a Handler that answer no event, and of a Go client
// that emit none.
var handlerMethods = map[string]string{
	"Connect":        "the handler's method for a new socket",
	"Disconnect":     "the handler's method for a socket's end",
	"Base":           "a part of every Go client",
	"Close":          "a method of every Go client",
	"Connected":      "a method of every Go client",
	"ID":             "a method of every Go client",
	"OnConnect":      "a method of every Go client",
	"OnConnectError": "a method of every Go client",
	"OnDisconnect":   "a method of every Go client",
	"OnEventError":   "a method of every Go client",
	"Recovered":      "a method of every Go client",
	"Untyped":        "a method of every Go client",

	// Go's vet reports methods of these names that have another signature.
	"GobDecode":     goMethod,
	"GobEncode":     goMethod,
	"MarshalJSON":   goMethod,
	"MarshalXML":    goMethod,
	"ReadByte":      goMethod,
	"ReadRune":      goMethod,
	"UnmarshalJSON": goMethod,
	"UnmarshalXML":  goMethod,
	"UnreadByte":    goMethod,
	"UnreadRune":    goMethod,
	"WriteByte":     goMethod,
}

const goMethod = "a method that Go's library calls, with another signature"

// listenerMethods are those of a Go client that hear of no event.
var listenerMethods = map[string]string{
	"Connect":      "the Go client's way to hear of a connection",
	"ConnectError": "the Go client's way to hear of a refused connection",
	"Disconnect":   "the Go client's way to hear of its end",
	"EventError":   "the Go client's way to hear of a refused event",
}

// perNamespace are the identifiers that each namespace has in generated files,
// around its prefix.
var perNamespace = []struct{ before, after string }{
	{"Mount", ""}, {"Unimplemented", ""}, {"On", ""}, {"", "Handler"}, {"", "Socket"}, {"", "All"}, {"", "Rooms"},
	{"", "One"}, {"", "Room"}, {"", "Params"}, {"", "Remote"}, {"", "Client"}, {"New", "Client"}, {"Dial", ""}, {"Fingerprint", ""}, {"", "Fingerprint"},
	{"", "ServerToClient"}, {"", "ClientToServer"}, {"", "Refusals"}, {"", "ConnectFailure"},
}

// perDocument are the types that a generated TypeScript module exports once, some of
// them where it needs them.
var perDocument = strings.Fields(`
	AuthOptions Bytes CommonFailure ConnectFailure ConnectFailureOf ConnectOptions Done EmitMap Issue Lifecycle ListenMap
	PlainAck RefusalOf Reply RequestArguments RequestName RequestOptions RequestReply ServerFailure`)

// claimOwn takes the identifiers that sockgen itself needs, before the schema's.
func (c *checker) claimOwn(namespaces *schema.Node) {
	for _, name := range perDocument {
		c.idents.Claim(name, owner{what: "something that generated files need"})
	}
	if namespaces == nil || namespaces.Kind != schema.Mapping {
		return
	}
	for _, e := range namespaces.Entries {
		var name *schema.Node
		if e.Value.Kind == schema.Mapping {
			name = e.Value.Get("name")
		}
		prefix := c.prefixOf(e.Key.Text, name, len(namespaces.Entries))
		for _, around := range perNamespace {
			name := around.before + prefix + around.after
			c.idents.Claim(name, owner{what: "what sockgen generates for each namespace"})
		}
	}
}

var parameters = regexp.MustCompile(`\{[^{}]*\}`)

// prefixOf returns what the identifiers of a namespace carry: its name, or the
// words of its path, or nothing in a document of one namespace.
func (c *checker) prefixOf(path string, name *schema.Node, namespaces int) string {
	switch {
	case name != nil && name.Kind == schema.Scalar:
		return name.Text
	case namespaces == 1:
		return ""
	case path == "/":
		return "Main"
	}
	return c.spell.Pascal(parameters.ReplaceAllString(path, "/"))
}
