// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"errors"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/internal/guard"
)

// A DisconnectReason says why a socket ended.
type DisconnectReason string

// The reasons, with the official server's exact words where it has any.
const (
	ClientNamespaceDisconnect DisconnectReason = "client namespace disconnect" // the client left the namespace
	ServerNamespaceDisconnect DisconnectReason = "server namespace disconnect" // Disconnect was called
	TransportClose            DisconnectReason = "transport close"             // the client ended the connection
	TransportError            DisconnectReason = "transport error"             // the connection broke, or a slow consumer was cut off
	PingTimeout               DisconnectReason = "ping timeout"                // the client did not answer a heartbeat
	ParseError                DisconnectReason = "parse error"                 // a malformed Engine.IO packet
	ForcedClose               DisconnectReason = "forced close"                // this server ended the connection, mostly over a malformed or unexpected packet
	ServerShuttingDown        DisconnectReason = "server shutting down"        // Shutdown was called
	Replaced                  DisconnectReason = "replaced"                    // the client has come back on another connection and continues there; no word of the official server's
)

// Errors of the calls that send something.
var (
	ErrDisconnected       = errors.New("socketio: the socket is disconnected")
	ErrNotConnected       = errors.New("socketio: the socket is not connected yet, so its client cannot answer")
	ErrTimeout            = errors.New("socketio: operation has timed out")
	ErrReservedName       = errors.New("socketio: reserved event name")
	ErrTooManyAttachments = errors.New("socketio: too many binary values for one packet")
	ErrTooManyPending     = errors.New("socketio: the socket's client owes too many acks")
	ErrHeldFull           = errors.New("socketio: too much was emitted before the CONNECT reply")
	ErrParentNamespace    = errors.New("socketio: EmitWithAck is not supported on parent namespaces: ask their children")
	ErrZeroValue          = errors.New("socketio: the zero value belongs to no namespace and no socket")
	ErrInvalidTimeout     = errors.New("socketio: Timeout needs a positive duration")
	ErrNoAck              = errors.New("socketio: the event does not ask for an ack")
	ErrAcked              = errors.New("socketio: the event is acknowledged already")
)

// ErrCanceled says that the client does not wait for the answer any more. It is the
// context.Cause of the ctx of the event's handler, and what Ack returns then. Clients
// that sockgen has generated tell so when a request is given up.
var ErrCanceled = errors.New("socketio: the client does not wait for the answer any more")

// Errors that Join wraps.
var (
	ErrTooManyRooms = errors.New("socketio: the socket is in too many rooms")
	ErrRoomName     = errors.New("socketio: the room's name is empty or too long")
)

// ErrSlowConsumer is in the context.Cause of a socket whose client did not read what
// was sent to it.
var ErrSlowConsumer = engineio.ErrSlowConsumer

// ErrReplaced says that the client sent another CONNECT for the namespace before this one
// was decided. The later one takes its place. errors.Is finds ErrReplaced in the
// context.Cause of the socket, and of the ctx of OfFunc's function.
var ErrReplaced = errors.New("socketio: a later CONNECT of the client has taken its place")

// A DisconnectError says how a socket ended. context.Cause(s.Context()) is one from
// then on, in OnDisconnecting and OnDisconnect as well; to errors.Is it is
// ErrDisconnected.
type DisconnectError struct {
	Reason DisconnectReason
	Err    error // what went wrong, such as the network's error or the packet that could not be read; nil when Reason says it all
}

// Error returns the reason and what went wrong.
func (e *DisconnectError) Error() string {
	text := ErrDisconnected.Error() + ": " + string(e.Reason)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns ErrDisconnected and Err.
func (e *DisconnectError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrDisconnected}
	}
	return []error{ErrDisconnected, e.Err}
}

// A ConnectError returned by a [ConnectFunc] refuses a socket with a message, and
// data if not nil, that its client sees. The text of any other error is for the
// log alone, and the client reads "connection refused" with an id as data, {"id":"…"}, that the
// log's line has, too.
type ConnectError struct {
	Message string
	Data    any // marshalled with encoding/json; binary values are not supported
}

// Error returns the message.
func (e *ConnectError) Error() string { return "socketio: connection refused: " + e.Message }

// Violations: states in which a packet must not come (R153).
var (
	errNotJoined       = errors.New("a packet for a namespace that is not joined")
	errSecondConnect   = errors.New("a second CONNECT for one namespace")
	errConnectError    = errors.New("a CONNECT_ERROR from a client")
	errAssemblyTime    = errors.New("the attachments of a packet did not arrive in time")
	errAssemblyBytes   = errors.New("a packet and its attachments are larger than the limit")
	errTooManyConnects = errors.New("CONNECT was sent again and again beyond the limit of namespaces")
	errEventRate       = errors.New("more events than the rate allows")
	errStrange         = errors.New("CONNECTs to namespaces that do not exist came faster than their answers")
	errConnectTimeout  = errors.New("no namespace was joined in time")
	errTakenOver       = errors.New("the client has come back on another connection")
)

// someLines is how many lines of one kind a peer can cause within a minute, where each says
// something of its own.
const someLines = 100

// quoted makes a text from a peer fit for a log line: quoted and at most 128 bytes
// of it.
func quoted(s string) string { return guard.Quote(s, 128) }

// report makes the application's own words fit for a log line. A peer may have had a
// part in them, so they are quoted too, but cut later.
func report(s string) string { return guard.Quote(s, 1024) }

// Of functions of the application that did not return.
var (
	errAdapter = errors.New("socketio: the adapter did not return")
	errMarshal = errors.New("socketio: MarshalJSON did not return")
)
