// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// The transports.
const (
	polling   = "polling"
	webSocket = "websocket"
)

// A Config tunes a Manager. Its zero value has the official client's defaults, so an
// application sets only the fields it has an opinion about.
type Config struct {
	Path            string // "/socket.io/" when empty; a slash is added to its end
	NoTrailingSlash bool   // does not add that slash

	// Transports are "polling" and "websocket", nil means both in this order. The
	// first one opens the connection. A connection that polls is upgraded when
	// "websocket" is among them.
	Transports       []string
	NoUpgrade        bool // stays on the transport that opened the connection
	TryAllTransports bool // if the first transport fails, an attempt goes on with the next

	Query   url.Values  // more parameters of every request
	Headers http.Header // more headers of every request, the WebSocket handshake included

	// HTTPClient sends the requests of polling, nil means one that is made from the
	// fields below. Its Timeout is not heeded, and redirects are not followed. With
	// it these fields are for WebSocket alone, but for a nil Jar, for which its own
	// stands.
	HTTPClient  *http.Client
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error) // nil means a net.Dialer
	TLS         *tls.Config                                                       // nil means the defaults of crypto/tls
	Proxy       func(*http.Request) (*url.URL, error)                             // nil means http.ProxyFromEnvironment
	Jar         http.CookieJar                                                    // for sticky load balancing by cookie; nil means none

	NoReconnection       bool          // a lost connection stays lost
	ReconnectionAttempts int           // after which the client gives up; zero means never
	ReconnectionDelay    time.Duration // before the first attempt, then doubled each time; zero means 1 second
	ReconnectionDelayMax time.Duration // the longest delay; zero means 5 seconds
	RandomizationFactor  float64       // a delay is this share longer or shorter, at most 1; zero means 0.5, negative none
	Timeout              time.Duration // for one attempt to open the connection; zero means 20 seconds
	AckTimeout           time.Duration // for acks asked for without a deadline; zero means 10 seconds

	Limits Limits
	Logger *slog.Logger   // nil means slog.Default()
	Clock  Clock          // nil means the real one
	Rand   func() float64 // in [0,1), for delays, from several goroutines at once; nil means math/rand/v2
}

// Limits bound what a server can make the client hold, and what the application can
// put in front of a server that does not take it. A zero field means its default.
// Bytes are those that are really held: what comes with each event counts, too.
type Limits struct {
	// Packet is the shape of one received packet; see siowire.Limits. Attachments
	// also bounds what is sent.
	Packet siowire.Limits

	MessageBytes   int // one received message, that is a packet's text or one attachment; 16 MiB
	PollBytes      int // one answer to a poll, inflated; 32 MiB
	AssemblyBytes  int // one received packet with its attachments; 32 MiB
	HandshakeBytes int // the answer to a WebSocket handshake, with TLS; 256 KiB
	InboxBytes     int // events that wait for a socket's handlers, then reading pauses; one larger event may wait alone; 16 MiB
	QueueBytes     int // packets that wait for the connection, then Emit waits; one larger packet may wait alone; 16 MiB
	BufferBytes    int // events of one socket that wait for a connection, then Emit fails; one larger event may wait alone; 16 MiB

	AssemblyTime time.Duration // in which nothing of the attachments that a packet still lacks arrives; 30 s
	CloseTimeout time.Duration // in which an ending makes no progress; 5 s
}

// A SocketConfig tunes one Socket. Its zero value connects without credentials.
type SocketConfig struct {
	// Auth returns what the server gets as the handshake's auth: a value that
	// encoding/json makes an object of, or nil. It is asked anew for every CONNECT,
	// in a goroutine of its own, so it may fetch a fresh token. ctx ends when
	// the connection is lost meanwhile. After an error, which OnConnectError gets,
	// it is asked again later, unless Config.NoReconnection is set.
	Auth func(ctx context.Context) (any, error)

	// NoBuffer makes what is emitted without a connection fail with ErrDisconnected
	// instead of waiting for one.
	NoBuffer bool
}

func orDefault[T comparable](field *T, value T) {
	if zero := *new(T); *field == zero {
		*field = value
	}
}

func (c Config) withDefaults() Config {
	orDefault(&c.Path, "/socket.io/")
	if !c.NoTrailingSlash && !strings.HasSuffix(c.Path, "/") {
		c.Path += "/"
	}
	if c.Transports == nil {
		c.Transports = []string{polling, webSocket}
	}
	if c.Proxy == nil {
		c.Proxy = http.ProxyFromEnvironment
	}
	if c.DialContext == nil {
		c.DialContext = (&net.Dialer{}).DialContext
	}
	orDefault(&c.ReconnectionDelay, time.Second)
	orDefault(&c.ReconnectionDelayMax, 5*time.Second)
	orDefault(&c.RandomizationFactor, 0.5)
	orDefault(&c.Timeout, 20*time.Second)
	orDefault(&c.AckTimeout, 10*time.Second)
	c.Limits = c.Limits.withDefaults()
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Clock == nil {
		c.Clock = realClock{}
	}
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	return c
}

func (l Limits) withDefaults() Limits {
	orDefault(&l.Packet.Attachments, siowire.DefaultAttachments)
	orDefault(&l.MessageBytes, 16<<20)
	orDefault(&l.PollBytes, 32<<20)
	orDefault(&l.AssemblyBytes, 32<<20)
	orDefault(&l.HandshakeBytes, 256<<10)
	orDefault(&l.InboxBytes, 16<<20)
	orDefault(&l.QueueBytes, 16<<20)
	orDefault(&l.BufferBytes, 16<<20)
	orDefault(&l.AssemblyTime, 30*time.Second)
	orDefault(&l.CloseTimeout, 5*time.Second)
	return l
}

// Validate reports everything that contradicts itself in c, nil when nothing does.
func (c Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("client: Config."+format, args...)) }
	if c.Path != "" && !strings.HasPrefix(c.Path, "/") {
		bad("Path %q: must begin with a slash", c.Path)
	}
	if c.Transports != nil && len(c.Transports) == 0 {
		bad("Transports: is empty; name polling, websocket or both, or leave it nil")
	}
	for i, t := range c.Transports {
		if t != polling && t != webSocket {
			bad("Transports[%d] %q: use polling or websocket", i, t)
		}
		if slices.Contains(c.Transports[:i], t) {
			bad("Transports[%d] %q: is there twice", i, t)
		}
	}
	for _, key := range ownParameters {
		if c.Query.Has(key) {
			bad("Query: %q belongs to the protocol; choose another name", key)
		}
	}
	if c.RandomizationFactor > 1 {
		bad("RandomizationFactor is %v: use at most 1", c.RandomizationFactor)
	}
	if delay := orElse(c.ReconnectionDelay, time.Second); delay > orElse(c.ReconnectionDelayMax, 5*time.Second) {
		bad("ReconnectionDelay %v: is longer than ReconnectionDelayMax", delay)
	}
	for _, f := range []struct {
		name string
		d    time.Duration
	}{
		{"ReconnectionDelay", c.ReconnectionDelay}, {"ReconnectionDelayMax", c.ReconnectionDelayMax},
		{"Timeout", c.Timeout}, {"AckTimeout", c.AckTimeout}, {"Limits.AssemblyTime", c.Limits.AssemblyTime},
		{"Limits.CloseTimeout", c.Limits.CloseTimeout},
	} {
		if f.d < 0 {
			bad("%s is %v: use a positive duration, or 0 for the default", f.name, f.d)
		}
	}
	l := c.Limits
	for _, f := range []struct {
		name string
		n    int
	}{
		{"ReconnectionAttempts", c.ReconnectionAttempts}, {"Limits.MessageBytes", l.MessageBytes}, {"Limits.PollBytes", l.PollBytes},
		{"Limits.AssemblyBytes", l.AssemblyBytes}, {"Limits.HandshakeBytes", l.HandshakeBytes},
		{"Limits.InboxBytes", l.InboxBytes}, {"Limits.QueueBytes", l.QueueBytes}, {"Limits.BufferBytes", l.BufferBytes},
		{"Limits.Packet.Attachments", l.Packet.Attachments}, {"Limits.Packet.Depth", l.Packet.Depth}, {"Limits.Packet.Values", l.Packet.Values},
		{"Limits.Packet.NumberLength", l.Packet.NumberLength}, {"Limits.Packet.NameLength", l.Packet.NameLength},
		{"Limits.Packet.NamespaceBytes", l.Packet.NamespaceBytes}, {"Limits.Packet.AuthBytes", l.Packet.AuthBytes},
		{"Limits.Packet.AuthDepth", l.Packet.AuthDepth},
	} {
		if f.n < 0 {
			bad("%s is %d: use a positive number, or 0 for the default", f.name, f.n)
		}
	}
	return errors.Join(errs...)
}

func orElse[T comparable](v, otherwise T) T {
	orDefault(&v, otherwise)
	return v
}
