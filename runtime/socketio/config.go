// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// Names of the packages beneath, for those who need no more of them.
type (
	// An ID is a socket's id: 20 characters, fresh for each CONNECT, and no secret.
	ID = adapter.ID
	// A Room is the name of a set of sockets. Every socket is in the room of its own
	// id.
	Room = adapter.Room
	// CORS is the one list of origins for CORS headers and for the Origin check.
	CORS = engineio.CORS
	// A Cookie is set by polling handshakes, for sticky load balancing.
	Cookie = engineio.Cookie
	// A Request is what is kept of the request that opened a connection.
	Request = engineio.Request
	// A Compression says when outgoing data is compressed.
	Compression = engineio.Compression
	// A Refusal describes a request that was answered with an error.
	Refusal = engineio.Refusal
	// A Drain says how Shutdown ends connections: Batch of them at once, and the next ones
	// after Every.
	Drain = engineio.Drain
	// A Clock tells the time; tests replace it.
	Clock = engineio.Clock
)

// A Config tunes a Server. Its zero value has the protocol's defaults, for a single node.
// Set only what you want to change.
type Config struct {
	Path string // "/socket.io/" when empty

	NoTrailingSlash bool     // the path's last slash may be missing, as in "/socket.io?EIO=4"
	Transports      []string // "polling" and "websocket"; nil means both
	DisableUpgrades bool     // connections stay on the transport that they began on

	PingInterval   time.Duration // between two heartbeats; zero means 25 seconds
	PingTimeout    time.Duration // how long an answer may take; zero means 20 seconds
	UpgradeTimeout time.Duration // for an upgrade to WebSocket; zero means 10 seconds
	ConnectTimeout time.Duration // from the handshake to the first namespace joined; zero means 45 seconds
	AckTimeout     time.Duration // for acks asked for without a deadline; zero means 10 seconds
	MaxPayload     int           // bytes of one message; zero means 1,000,000

	DrainTime time.Duration // how long a handler may go on after its socket's end, and in a shutdown before clients are told; zero means 5 seconds
	Drain     Drain         // how a shutdown ends connections; its zero value ends all at once

	CORS         CORS                      // origins of other sites that may connect
	Cookie       *Cookie                   // carries the session's id, for sticky load balancing; nil sets none
	AllowRequest func(*http.Request) error // decides about handshakes; nil allows all

	GenerateID func(*http.Request) (string, error) // makes the ids of connections, which are secrets and no socket's id; see engineio.Config

	OnRefused func(r *http.Request, e Refusal) // is called before a request is answered with an error

	Observer *Observer // is told of connections, sockets, events and limits; nil costs nothing

	// StuckTime is how long a handler, or another function of a socket's, may run before it is
	// named in the log with its stack, once, and to the Observer. Nothing else happens to it.
	// 30 seconds.
	StuckTime time.Duration

	// OnLag is called when more waits to be sent on a connection than the soft bound, 1 MiB
	// unless configured, and again when the client has caught up. It runs in a goroutine of
	// its own; calls for one connection do not overlap.
	OnLag func(Lag)

	HTTPCompression   *Compression // of polling answers; nil means none, since it can reveal secrets (BREACH)
	PerMessageDeflate *Compression // of WebSocket messages, both ways; nil means none

	Headers        func(h http.Header, r *Request) // adds headers to every answer; see engineio.Config
	InitialHeaders func(h http.Header, r *Request) // adds headers to the first answer of each connection

	// InitialPacket is an Engine.IO message that each connection sends before anything
	// else; see engineio.Config. Official clients take it for a Socket.IO packet, so
	// it is of use to clients that know it.
	InitialPacket string

	Recovery *Recovery // lets clients continue after a lost connection; nil means off

	Adapter adapter.Factory // joins this server to its peers; nil keeps rooms in memory

	// Forward has requests that come to the wrong node answered by the one that holds the
	// session, so that a load balancer needs no sticky sessions. It needs an Adapter, and is
	// to be set on every node. Nil means off.
	Forward *Forward

	Limits Limits
	Logger *slog.Logger // nil means slog.Default()
	Clock  Clock        // nil means the real one
	Rand   io.Reader    // source of ids, read from several goroutines at once; nil means crypto/rand
}

// Limits bound what one peer can make the server hold. A zero field means its
// default.
type Limits struct {
	Engine engineio.Limits // sessions, their transports and outgoing queues
	Packet siowire.Limits  // the shape of one packet; Attachments also bounds what is sent

	// Refusals bounds how often one connection may present the same auth to one namespace
	// within a minute and be refused. Then it is refused without asking Use, and told for
	// how long. Zero means no bound.
	Refusals int

	// EventRate is how many events a second, in the long run, one socket may send; zero means
	// no bound. A client that has sent EventBurst beyond that, twice EventRate unless set, gets
	// the event "$error" with the code "rate_limited"; one that sends as much again is closed.
	// Events of the schema may have rates of their own.
	EventRate, EventBurst int

	// ReportOnly has the limits on counts and rates counted and told, and not enforced:
	// EventRate, Namespaces, Rooms, Refusals, StrangeConnects, and those of Engine.ReportOnly.
	ReportOnly bool

	// StrangeConnects is how often a second, in the long run, one connection's CONNECTs to
	// namespaces that do not exist are answered. Of a burst five seconds' worth is answered at
	// once and as much waits for its answer; beyond that the connection is closed. 100.
	StrangeConnects int

	ChildNamespaces int // namespaces made on demand that are in use; then further ones are refused; 10,000
	Namespaces      int // namespaces of one connection, those that it left and whose handlers still run included; 32
	Rooms           int // rooms of a socket, that of its own id not counted; 1,024
	RoomBytes       int // bytes of a room's name; 128

	InboxBytes     int // bytes of events of one connection that wait for handlers; then reading pauses; 1 MiB
	InboxHardBytes int // the same while a handler waits for an answer of its client, or the client moves to WebSocket; 16 MiB
	PendingAcks    int // acks that one client owes; then EmitWithAck waits, and a broadcast counts the socket as missing; 1,024
	HeldBytes      int // bytes emitted in Use and held back until the CONNECT reply; the last message may exceed it; 16 MiB

	AssemblyTime  time.Duration // how long no attachment of an incomplete packet may arrive, or begin to; 10 s
	AssemblyBytes int           // bytes of one packet with its attachments; MaxPayload for its text and for each attachment
	TombstoneTime time.Duration // how long packets are dropped for a namespace that the server has closed; 5 s
}

// Validate reports settings of c that contradict each other. NewServer panics on a Config
// that Validate refuses.
func (c Config) Validate() error {
	errs := []error{c.engine().Validate(), c.validateForward()}
	for _, f := range []struct {
		name string
		d    time.Duration
	}{
		{"ConnectTimeout", c.ConnectTimeout}, {"StuckTime", c.StuckTime}, {"AckTimeout", c.AckTimeout}, {"DrainTime", c.DrainTime},
		{"Limits.AssemblyTime", c.Limits.AssemblyTime}, {"Limits.TombstoneTime", c.Limits.TombstoneTime},
	} {
		if f.d < 0 {
			errs = append(errs, fmt.Errorf("socketio: Config.%s is %v: use a positive duration, or 0 for the default", f.name, f.d))
		}
	}
	l := c.Limits
	for _, f := range []struct {
		name string
		n    int
	}{
		{"Refusals", l.Refusals}, {"StrangeConnects", l.StrangeConnects}, {"EventRate", l.EventRate}, {"EventBurst", l.EventBurst}, {"Namespaces", l.Namespaces}, {"ChildNamespaces", l.ChildNamespaces}, {"Rooms", l.Rooms}, {"RoomBytes", l.RoomBytes}, {"InboxHardBytes", l.InboxHardBytes},
		{"InboxBytes", l.InboxBytes}, {"PendingAcks", l.PendingAcks}, {"HeldBytes", l.HeldBytes},
		{"AssemblyBytes", l.AssemblyBytes},
		{"Packet.Attachments", l.Packet.Attachments}, {"Packet.Depth", l.Packet.Depth}, {"Packet.Values", l.Packet.Values},
		{"Packet.NumberLength", l.Packet.NumberLength}, {"Packet.NameLength", l.Packet.NameLength},
		{"Packet.NamespaceBytes", l.Packet.NamespaceBytes}, {"Packet.AuthBytes", l.Packet.AuthBytes},
		{"Packet.AuthDepth", l.Packet.AuthDepth},
	} {
		if f.n < 0 {
			errs = append(errs, fmt.Errorf("socketio: Config.Limits.%s is %d: use a positive number, or 0 for the default", f.name, f.n))
		}
	}
	errs = append(errs, c.contradictions()...)
	if r := c.Recovery; r != nil && (min(r.MaxDisconnectionDuration, r.RestoreTimeout) < 0 || min(r.Packets, r.Bytes, r.Budget, r.Sessions, r.SessionBudget) < 0) {
		errs = append(errs, errors.New("socketio: Config.Recovery has a negative field: use a positive number, or 0 for the default"))
	}
	return errors.Join(errs...)
}

// contradictions are settings of which one makes another useless, or harms clients that obey.
func (c Config) contradictions() (errs []error) {
	d := c.withDefaults() // which fills what is not set to fit what is
	l := d.Limits
	bad := func(wrong bool, text string) {
		if wrong {
			errs = append(errs, errors.New("socketio: Config."+text))
		}
	}
	bad(l.InboxHardBytes < l.InboxBytes, "Limits.InboxHardBytes is less than InboxBytes: a client whose handlers wait for its answers would be read less")
	bad(l.EventBurst > 0 && l.EventRate == 0, "Limits.EventBurst is set without EventRate")
	bad(l.EventRate > 0 && l.EventBurst < 1, "Limits.EventBurst leaves no room for an event")
	if r := c.Recovery; r != nil && r.Budget > 0 {
		bad(r.Budget < r.Bytes, "Recovery.Budget is less than Recovery.Bytes: what one client may miss would not be kept")
	}
	if z := c.Limits.Packet; z.AuthBytes > d.MaxPayload {
		bad(true, "Limits.Packet.AuthBytes is more than MaxPayload: no packet can have so many")
	}
	return errs
}

// A Lag is what [Config.OnLag] is told.
type Lag struct {
	Sockets []*Socket // of the connection
	Lags    bool      // false when it has caught up
	Waiting int       // bytes that waited to be sent, each message with a share of what it costs besides its text
}

// engine is the part of c that belongs to the sessions.
func (c Config) engine() engineio.Config {
	path := c.Path
	if path == "" {
		path = "/socket.io/"
	}
	return engineio.Config{
		Path:         path,
		PingInterval: c.PingInterval, PingTimeout: c.PingTimeout, UpgradeTimeout: c.UpgradeTimeout,
		MaxPayload: c.MaxPayload, CORS: c.CORS, Cookie: c.Cookie, AllowRequest: c.AllowRequest,
		NoTrailingSlash: c.NoTrailingSlash, Transports: c.Transports, DisableUpgrades: c.DisableUpgrades, GenerateID: c.GenerateID,
		OnRefused: c.OnRefused, HTTPCompression: c.HTTPCompression, PerMessageDeflate: c.PerMessageDeflate,
		Headers: c.Headers, InitialHeaders: c.InitialHeaders, InitialPacket: c.InitialPacket,
		Drain: c.Drain, Limits: c.engineLimits(), Logger: c.Logger, Clock: c.Clock, Rand: c.Rand,
	}
}

func (c Config) engineLimits() engineio.Limits {
	l := c.Limits.Engine
	l.ReportOnly = l.ReportOnly || c.Limits.ReportOnly
	return l
}

func (c Config) withDefaults() Config {
	orDefault(&c.ConnectTimeout, 45*time.Second)
	orDefault(&c.AckTimeout, 10*time.Second)
	orDefault(&c.DrainTime, 5*time.Second)
	orDefault(&c.StuckTime, 30*time.Second)
	orDefault(&c.MaxPayload, 1_000_000)
	l := &c.Limits
	orDefault(&l.Packet.Attachments, siowire.DefaultAttachments)
	orDefault(&l.Packet.NamespaceBytes, 128)
	orDefault(&l.Namespaces, 32)
	orDefault(&l.Rooms, 1024)
	orDefault(&l.StrangeConnects, 100)
	orDefault(&l.EventBurst, 2*l.EventRate)
	orDefault(&l.RoomBytes, 128)
	orDefault(&l.ChildNamespaces, 10_000)
	if l.InboxHardBytes > 0 {
		orDefault(&l.InboxBytes, min(1<<20, l.InboxHardBytes))
	}
	orDefault(&l.InboxBytes, 1<<20)
	orDefault(&l.InboxHardBytes, max(16<<20, l.InboxBytes))
	orDefault(&l.PendingAcks, 1024)
	orDefault(&l.HeldBytes, 16<<20)
	orDefault(&l.AssemblyTime, 10*time.Second)
	orDefault(&l.AssemblyBytes, (l.Packet.Attachments+1)*c.MaxPayload)
	orDefault(&l.TombstoneTime, 5*time.Second)
	if c.Recovery != nil {
		c.Recovery = c.Recovery.withDefaults()
	}
	if c.Adapter == nil {
		c.Adapter = adapter.InMemory
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Clock == nil {
		c.Clock = realClock{}
	}
	return c
}

func orDefault[T int | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) AfterFunc(d time.Duration, f func()) engineio.Timer { return time.AfterFunc(d, f) }
