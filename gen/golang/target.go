// SPDX-License-Identifier: Apache-2.0

package golang

import "github.com/sockgen/sockgen/gen/ir"

// Target is Go, as package check knows it.
type Target struct{}

var _ ir.Target = Target{}

// Names returns the names that generated Go has itself.
func (Target) Names(doc *ir.Document) ir.Names {
	return ir.Names{
		Claims:       append(doc.Around("", aroundNamespaces), doc.Around("Go clients", aroundClients)...),
		Members:      structMembers,
		ClientEvents: handlerMembers,
		ServerEvents: listenerNames,
	}
}

// aroundNamespaces are the identifiers of a namespace in the document's package.
var aroundNamespaces = []ir.Around{
	{Before: "Mount"}, {Before: "Unimplemented"}, {Before: "On"}, {After: "Handler"}, {After: "Socket"}, {After: "All"}, {After: "Rooms"},
	{After: "One"}, {After: "Room"}, {After: "Params"}, {After: "Remote"}, {After: "Fingerprint"},
}

// aroundClients are those in the package of its clients.
var aroundClients = []ir.Around{{After: "Client"}, {Before: "New", After: "Client"}, {Before: "Dial"}}

// structMembers are the methods of structs.
var structMembers = []string{"MarshalJSON", "UnmarshalJSON", "AsInput"}

// clientMembers are those of every client, beside the methods that emit and listen.
var clientMembers = []string{
	"Base", "Close", "Connect", "Connected", "Disconnect", "ID", "OnConnect", "OnConnectError", "OnDisconnect", "OnEventError", "Recovered", "Untyped",
}

// handlerMembers are what no event of a client can be called: a method of a Handler, and
// of a client, has its name.
var handlerMembers = map[string]string{
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
	"GobDecode":     libraryMethod,
	"GobEncode":     libraryMethod,
	"MarshalJSON":   libraryMethod,
	"MarshalXML":    libraryMethod,
	"ReadByte":      libraryMethod,
	"ReadRune":      libraryMethod,
	"UnmarshalJSON": libraryMethod,
	"UnmarshalXML":  libraryMethod,
	"UnreadByte":    libraryMethod,
	"UnreadRune":    libraryMethod,
	"WriteByte":     libraryMethod,
}

const libraryMethod = "a method that Go's library calls, with another signature"

// listenerNames are what no event of the server can be called: a method of a client that
// hears of something else has On before it.
var listenerNames = map[string]string{
	"Connect":      "the Go client's way to hear of a connection",
	"ConnectError": "the Go client's way to hear of a refused connection",
	"Disconnect":   "the Go client's way to hear of its end",
	"EventError":   "the Go client's way to hear of a refused event",
}
