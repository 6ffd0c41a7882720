// SPDX-License-Identifier: Apache-2.0

package siowire

import "strconv"

// A Type is the character that begins a packet.
type Type byte

// The packet types, each the character on the wire.
const (
	Connect      Type = '0' // joins a namespace; the reply carries the socket's id
	Disconnect   Type = '1' // leaves a namespace
	Event        Type = '2' // an event without binary arguments
	Ack          Type = '3' // answers an event that carried an id
	ConnectError Type = '4' // refuses a Connect; only servers send it
	BinaryEvent  Type = '5' // an event, followed by its attachments
	BinaryAck    Type = '6' // an ack, followed by its attachments
)

// Binary reports whether packets of type t announce attachments.
func (t Type) Binary() bool { return t == BinaryEvent || t == BinaryAck }

// String returns the type's name in the protocol's own words.
func (t Type) String() string {
	switch t {
	case Connect:
		return "CONNECT"
	case Disconnect:
		return "DISCONNECT"
	case Event:
		return "EVENT"
	case Ack:
		return "ACK"
	case ConnectError:
		return "CONNECT_ERROR"
	case BinaryEvent:
		return "BINARY_EVENT"
	case BinaryAck:
		return "BINARY_ACK"
	}
	return "Type(" + strconv.Quote(string(rune(t))) + ")"
}

// A Packet is the text part of one Socket.IO packet. Args, Data and what they
// return point into the text that Parse was given.
type Packet struct {
	Type      Type
	Namespace string // "/" for the main one, never empty

	ID    uint64 // of an event that wants an ack, and of the ack; at most [MaxID]
	HasID bool

	Name        string // of an event, unescaped; a numeric name keeps its digits
	NumericName bool   // the name was a JSON number, not a string

	Args        Args   // of an event: what follows the name; of an ack: everything
	Data        []byte // of a CONNECT the auth object, of a CONNECT_ERROR its object: JSON, or nil
	Attachments int    // binary messages that follow; 0 unless Type.Binary
}

// MaxID is the largest ack id, 2^53-1: the largest integer that JavaScript keeps
// exactly.
const MaxID = 1<<53 - 1

// reservedNames are the event names that belong to the library itself. Neither
// side may send them (R146, R147).
var reservedNames = map[string]bool{
	"connect":        true,
	"connect_error":  true,
	"disconnect":     true,
	"disconnecting":  true,
	"newListener":    true,
	"removeListener": true,
}

// Reserved reports whether name is one of the six event names that must not be
// sent by either side.
func Reserved(name string) bool { return reservedNames[name] }
