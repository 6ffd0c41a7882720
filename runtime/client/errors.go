// SPDX-License-Identifier: Apache-2.0

package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Errors of the calls that send something or wait for something.
var (
	ErrDisconnected       = errors.New("client: the socket has been disconnected")
	ErrTimeout            = errors.New("client: operation has timed out")
	ErrClosed             = errors.New("client: the manager is closed")
	ErrReservedName       = errors.New("client: reserved event name")
	ErrTooManyAttachments = errors.New("client: too many binary values for one packet")
	ErrTooLarge           = errors.New("client: larger than the server accepts")
	ErrQueueFull          = errors.New("client: too much waits to be sent")
	ErrNoAck              = errors.New("client: the event does not ask for an ack")
	ErrInvalidTimeout     = errors.New("client: Timeout needs a positive duration")
	ErrZeroValue          = errors.New("client: the zero value belongs to no socket")
	ErrAcked              = errors.New("client: the event is acknowledged already")
)

// ErrGaveUp is wrapped by the last error that OnConnectError and Connect get when no
// further attempt will be made: Config.NoReconnection is set, or all of
// Config.ReconnectionAttempts have failed.
var ErrGaveUp = errors.New("client: gave up connecting")

// What a server did that ends the connection with ParseError.
var (
	errHeldFull      = errors.New("client: the server sent too much before its answer to CONNECT")
	errAssemblyBytes = errors.New("client: a packet with its attachments is larger than Limits.AssemblyBytes")
	errAssemblyTime  = errors.New("client: the attachments of a packet did not arrive in time")
	errContradiction = errors.New("client: the server answered CONNECT again, and differently")
	errHandshake     = errors.New("client: malformed handshake")
	errOldServer     = errors.New("client: the server answered CONNECT without a sid: it seems to be a Socket.IO server in v2.x")
)

var errAuth = errors.New("client: SocketConfig.Auth must return what encoding/json makes an object of, or nil")

// A ConnectError is the server's refusal of a namespace. The client does not try
// again by itself; the application may, with Open or Connect.
type ConnectError struct {
	Message string          // what the server says
	Data    json.RawMessage // what it adds; nil if nothing
}

// Error returns the message, quoted when it has unusual characters.
func (e *ConnectError) Error() string { return "client: connection refused: " + plain(e.Message) }

// An HTTPError is an answer that refuses a request of the connection.
type HTTPError struct {
	Status int    // such as 400
	Body   string // its first bytes, such as {"code":1,"message":"Session ID unknown"}
}

// Error returns the status and what begins the body.
func (e *HTTPError) Error() string {
	return fmt.Sprintf("client: the server answered HTTP status %d: %s", e.Status, plain(e.Body))
}

// plain makes what a server says fit for a log line: at most 128 bytes, and quoted
// unless it is plain text.
func plain(s string) string {
	if len(s) > 128 {
		s = s[:128]
	}
	if q := strconv.Quote(s); q != `"`+s+`"` {
		return q
	}
	return s
}

// A DisconnectReason says why a socket lost its connection.
type DisconnectReason string

// The reasons, in the official client's exact words. After the first two the
// client does not reconnect by itself.
const (
	ServerDisconnect DisconnectReason = "io server disconnect" // the server ended the socket
	ClientDisconnect DisconnectReason = "io client disconnect" // Disconnect or Close was called
	PingTimeout      DisconnectReason = "ping timeout"         // the server's heartbeat stayed away
	TransportClose   DisconnectReason = "transport close"      // the connection was closed or lost
	TransportError   DisconnectReason = "transport error"      // the connection failed
	ParseError       DisconnectReason = "parse error"          // the server sent what cannot be understood
)
