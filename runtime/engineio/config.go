// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Config tunes a Server. Its zero value has the protocol's defaults. Set only what you
// want to change.
//
// When a function in it panics, that is logged with its stack, once a minute, and counted in
// Stats.Panics. A panic in AllowRequest or GenerateID refuses the handshake; one in Headers
// or InitialHeaders makes the answer 500. The functions of Clock must not panic.
type Config struct {
	// Path says which requests belong to the server: those whose path starts with
	// it. "/engine.io/" when empty; a slash at its end may be left out.
	Path string

	// NoTrailingSlash makes the path's last slash optional: "/engine.io?EIO=4…" is
	// served as well, and so is everything else that starts with the path.
	NoTrailingSlash bool
	// Transports are those that clients may use, "polling" and "websocket"; nil
	// means both. Requests for another one are refused with code 0.
	Transports []string
	// DisableUpgrades keeps sessions on the transport that they began on. A client that asks
	// for an upgrade is refused.
	DisableUpgrades bool

	PingInterval   time.Duration // from the handshake or a pong to the next ping; 25 s when zero
	PingTimeout    time.Duration // how long a pong may take; 20 s when zero
	UpgradeTimeout time.Duration // from the probing WebSocket's 101, or the end of a POST under way, to its upgrade packet; 10 s when zero
	MaxPayload     int           // bytes in one POST body or WebSocket message; 1,000,000 when zero

	CORS   CORS    // the one list for CORS headers and for the Origin check
	Cookie *Cookie // set by polling handshakes, for sticky load balancing; nil sets none

	// AllowRequest decides about handshakes, after the Origin check. It is not asked about
	// requests of an existing session. An error refuses with 403: the peer sees the text of a
	// *RequestError, and "Forbidden" for any other error. It runs on the request's goroutine;
	// calls overlap. Nil allows all.
	AllowRequest func(*http.Request) error

	// InitialPacket is the text of a message that each session sends first: right after
	// the handshake, in the same polling answer, and before what Handler.Open
	// sends. None when empty. It must be UTF-8.
	InitialPacket string

	// HTTPCompression compresses the answers of polling GETs with gzip or deflate, as
	// the request allows. Nil compresses none.
	HTTPCompression *Compression

	// PerMessageDeflate compresses WebSocket messages for clients that offer it, each by
	// itself. Clients may then compress, too; MaxPayload bounds the inflated size. Nil offers
	// no compression.
	PerMessageDeflate *Compression

	// Headers may add headers to every answer, a 101 included; only the refusal of a
	// WebSocket has none. InitialHeaders may add them to the first answer of each session: a
	// polling handshake or a 101.
	//
	// What they set replaces what handlers around the server had set, except that Set-Cookie
	// and Vary are added to. Headers that the protocol needs win over both. A field with a
	// line break, or one that frames the answer, such as Content-Length, is left out and
	// logged. They run on the request's goroutine; calls overlap. They must not change or
	// keep r.
	Headers        func(h http.Header, r *Request)
	InitialHeaders func(h http.Header, r *Request)

	// GenerateID makes the id of a new session: up to 64 letters, digits, "-", "_", "." and
	// "~". Nil means 20 characters from Rand. Whoever knows an id can read and write the
	// session, so it must not be guessable. An error, an id with other characters, or one that
	// is taken, refuses the handshake with code 3 and is logged. Calls overlap.
	GenerateID func(r *http.Request) (string, error)

	// Elsewhere reaches sessions that other servers hold, so that a load balancer may send a
	// client's requests to any of them. Nil means that all sessions are here.
	Elsewhere Elsewhere

	// OnRefused is called before a request is answered with an error: one of the protocol's,
	// or that of a POST that is too large, too slow or malformed. It runs on the request's
	// goroutine; calls overlap. It must not change or keep r.
	OnRefused func(r *http.Request, e Refusal)

	// OnLimit is called when a peer has come to a limit; Stats.Limits counts them. Calls
	// overlap. It must not block, and not change the request.
	OnLimit func(LimitHit)

	Drain Drain // how Shutdown ends sessions

	Limits Limits
	Logger *slog.Logger // slog.Default() when nil
	Clock  Clock        // heartbeats and timeouts of sessions; the real clock when nil
	Rand   io.Reader    // session ids; crypto/rand when nil
}

// Elsewhere knows of sessions that other servers hold. Its methods may be called from any
// goroutine.
type Elsewhere interface {
	// Name returns the id that a new session gets in place of id: one from which the other
	// servers learn who holds it. It may have up to 64 characters more, of the same kinds as
	// those of GenerateID. It must not block.
	Name(id string) string
	// Serve answers a request with the id of a session that is not here, and reports true. It
	// reports false, and has answered nothing, when it knows no such session.
	Serve(w http.ResponseWriter, r *http.Request, sid string) bool
}

// Limits bound what one peer can make the server hold. Zero fields take the
// defaults given here.
type Limits struct {
	// QueueBytes is how much may wait for the peer of a session before the session lags: then
	// TrySend refuses, and a message's SlowPolicy decides. 1 MiB.
	QueueBytes int
	// QueueHardBytes is how much may wait, besides the largest message, before Send refuses,
	// too. Never less than QueueBytes. 16 MiB.
	QueueHardBytes int
	// OutgoingBudget bounds what waits for all peers of the server together, each message
	// once. Beyond it sessions end whose output has waited longest. 512 MiB.
	OutgoingBudget int
	// IncomingBudget bounds the memory of what is not complete, of all peers of the server
	// together: WebSocket messages, POST bodies, and packets whose attachments are due. Beyond
	// it sessions end with ErrIncoming whose peers have sent nothing for longest. 256 MiB.
	IncomingBudget int
	// StallTime is how long a peer may take nothing of what is being written to it. Then the
	// session ends with "transport error" and ErrSlowConsumer. 10 s, 20 s by polling.
	StallTime time.Duration

	BodyTimeout    time.Duration // grace for a POST body, on top of BodyRate; 10 s
	BodyRate       int           // bytes per second at which a POST body or a WebSocket message must arrive; 1,024
	PacketsPerPost int           // packets in a POST that are not messages; 128. MaxPayload bounds the messages
	Fragments      int           // frames of less than 64 bytes in one WebSocket message; 128
	AssemblyTime   time.Duration // grace for a WebSocket message, on top of BodyRate; 30 s
	Pongs          int           // answers to WebSocket pings that wait to be written; 16, then the newest replaces the last
	CloseTimeout   time.Duration // how long an ending waits for a peer that takes nothing; 30 s
	QueryBytes     int           // length of the query, and of the path; 16 KiB
	RequestBytes   int           // bytes of header and URL that a session keeps; 16 KiB, then the largest fields are left out
	Sessions       int           // sessions of the server; those that are ending count, and give way to new ones; zero means no limit
	SessionsPerIP  int           // the same for one address; zero means no limit. Do not set it behind a proxy, which hides addresses
	MemoryPercent  int           // of GOMEMLIMIT that is alive when handshakes begin to be refused with 503; 90. Without GOMEMLIMIT it does nothing

	// ReportOnly has limits on counts reported, in Stats.Limits and to OnLimit, and not
	// enforced: PacketsPerPost, Fragments, Sessions, SessionsPerIP. Whoever moves from another
	// server sees so whom they would refuse. What bounds memory and time is always enforced.
	ReportOnly bool
}

// CORS names the web origins that may use the server from a browser. The same
// list answers cross-origin requests with CORS headers and refuses requests,
// WebSocket upgrades included, whose Origin is not in it. Requests without an
// Origin header, as non-browsers and same-origin GETs send them, always pass.
type CORS struct {
	// Origins are like "https://example.com" or "http://localhost:8080": the pages
	// that are admitted besides those of the request's own Host. Empty: no other,
	// and no CORS header at all. "*": every origin.
	Origins        []string
	Credentials    bool          // lets browsers send cookies; not together with "*"
	AllowedHeaders []string      // for preflights; empty reflects what the browser asks for
	ExposedHeaders []string      // response headers that scripts may read
	MaxAge         time.Duration // how long a preflight may be cached; zero leaves it to the browser
}

// A RequestError returned by Config.AllowRequest refuses a handshake with a text
// for the peer.
type RequestError struct{ Message string }

func (e *RequestError) Error() string { return "engineio: request refused: " + e.Message }

// Validate reports every contradiction in c, nil when there is none.
func (c Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("engineio: Config."+format, args...)) }
	if c.Path != "" && !strings.HasPrefix(c.Path, "/") {
		bad("Path %q: must begin with a slash", c.Path)
	}
	if c.Transports != nil && len(c.Transports) == 0 {
		bad("Transports: is empty; name polling, websocket or both, or leave it nil")
	}
	if !utf8.ValidString(c.InitialPacket) {
		bad("InitialPacket %q: is not UTF-8, so no client could read it", c.InitialPacket)
	}
	for i, t := range c.Transports {
		if t != transportPolling && t != transportWebSocket {
			bad("Transports: %q is not known; name polling, websocket or both", t)
		} else if slices.Contains(c.Transports[:i], t) {
			bad("Transports: %q stands there twice", t)
		}
	}
	errs = append(errs, c.misshapen()...)
	l := c.Limits
	if l.QueueHardBytes > 0 && l.QueueHardBytes < l.QueueBytes {
		bad("Limits.QueueHardBytes %d: must not be less than Limits.QueueBytes %d", l.QueueHardBytes, l.QueueBytes)
	}
	errs = append(errs, l.contradictions(c.MaxPayload)...)
	if z := c.HTTPCompression; z != nil && z.Threshold < 0 {
		bad("HTTPCompression.Threshold %d: must not be negative; zero is the default", z.Threshold)
	}
	if z := c.PerMessageDeflate; z != nil && z.Threshold < 0 {
		bad("PerMessageDeflate.Threshold %d: must not be negative; zero is the default", z.Threshold)
	}
	if err := c.CORS.validate(); err != nil {
		errs = append(errs, err)
	}
	if c.Cookie != nil {
		if err := c.Cookie.validate(); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// misshapen are times and numbers that cannot be.
func (c Config) misshapen() (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("engineio: Config."+format, args...)) }
	for _, d := range []struct {
		name string
		d    time.Duration
	}{
		{"PingInterval", c.PingInterval}, {"PingTimeout", c.PingTimeout}, {"UpgradeTimeout", c.UpgradeTimeout},
		{"CORS.MaxAge", c.CORS.MaxAge}, {"Drain.Every", c.Drain.Every}, {"Limits.StallTime", c.Limits.StallTime},
		{"Limits.BodyTimeout", c.Limits.BodyTimeout}, {"Limits.AssemblyTime", c.Limits.AssemblyTime},
		{"Limits.CloseTimeout", c.Limits.CloseTimeout},
	} {
		if d.d < 0 || d.d > 0 && d.d < time.Millisecond {
			bad("%s %v: must be at least a millisecond, or zero for the default", d.name, d.d)
		}
	}
	l := c.Limits
	for _, n := range []struct {
		name string
		n    int
	}{
		{"MaxPayload", c.MaxPayload}, {"Drain.Batch", c.Drain.Batch}, {"Limits.QueueBytes", l.QueueBytes}, {"Limits.QueueHardBytes", l.QueueHardBytes}, {"Limits.OutgoingBudget", l.OutgoingBudget}, {"Limits.IncomingBudget", l.IncomingBudget},
		{"Limits.BodyRate", l.BodyRate}, {"Limits.PacketsPerPost", l.PacketsPerPost},
		{"Limits.Fragments", l.Fragments}, {"Limits.Pongs", l.Pongs},
		{"Limits.QueryBytes", l.QueryBytes}, {"Limits.RequestBytes", l.RequestBytes}, {"Limits.Sessions", l.Sessions}, {"Limits.SessionsPerIP", l.SessionsPerIP},
		{"Limits.MemoryPercent", l.MemoryPercent},
	} {
		if n.n < 0 {
			bad("%s %d: must not be negative; zero is the default", n.name, n.n)
		}
	}
	return errs
}

// contradictions are limits of which one makes another useless, or harms peers that obey.
func (l Limits) contradictions(maxPayload int) (errs []error) {
	def(&maxPayload, defaultPayload)
	for _, f := range []struct {
		name, than string
		n, least   int
	}{
		{"Limits.IncomingBudget", "twice MaxPayload, or one message could use it up", l.IncomingBudget, 2 * maxPayload},
		{"Limits.OutgoingBudget", "Limits.QueueBytes, or one peer could use it up", l.OutgoingBudget, l.QueueBytes},
		{"Limits.Sessions", "Limits.SessionsPerIP, which would never be reached", l.Sessions, l.SessionsPerIP},
	} {
		if f.n > 0 && f.n < f.least {
			errs = append(errs, fmt.Errorf("engineio: Config.%s %d: must be at least %s", f.name, f.n, f.than))
		}
	}
	if l.MemoryPercent > 100 {
		errs = append(errs, fmt.Errorf("engineio: Config.Limits.MemoryPercent %d: must be at most 100", l.MemoryPercent))
	}
	return errs
}

// defaultPayload is MaxPayload unless it is set.
const defaultPayload = 1_000_000

// withDefaults fills the zero fields.
func (c Config) withDefaults() Config {
	def(&c.Path, "/engine.io/")
	c.Path = strings.TrimSuffix(c.Path, "/")
	if !c.NoTrailingSlash {
		c.Path += "/"
	}
	if c.Transports == nil {
		c.Transports = []string{transportPolling, transportWebSocket}
	}
	def(&c.PingInterval, 25*time.Second)
	def(&c.PingTimeout, 20*time.Second)
	def(&c.UpgradeTimeout, 10*time.Second)
	def(&c.MaxPayload, defaultPayload)
	def(&c.Limits.QueueHardBytes, max(16<<20, c.Limits.QueueBytes))
	def(&c.Limits.QueueBytes, min(1<<20, c.Limits.QueueHardBytes))
	def(&c.Limits.OutgoingBudget, 512<<20)
	def(&c.Limits.IncomingBudget, 256<<20)
	def(&c.Limits.StallTime, 10*time.Second)
	def(&c.Limits.BodyTimeout, 10*time.Second)
	def(&c.Limits.BodyRate, 1024)
	def(&c.Limits.PacketsPerPost, 128)
	def(&c.Limits.Fragments, 128)
	def(&c.Limits.AssemblyTime, 30*time.Second)
	def(&c.Limits.Pongs, 16)
	def(&c.Limits.CloseTimeout, 30*time.Second)
	def(&c.Limits.QueryBytes, 16<<10)
	def(&c.Limits.RequestBytes, 16<<10)
	def(&c.Limits.MemoryPercent, 90)
	c.HTTPCompression = c.HTTPCompression.withDefaults()
	c.PerMessageDeflate = c.PerMessageDeflate.withDefaults()
	if c.Cookie != nil {
		cookie := c.Cookie.withDefaults()
		cookie.attributes = cookie.renderAttributes()
		c.Cookie = &cookie
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Clock == nil {
		c.Clock = realClock{}
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	return c
}

func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
