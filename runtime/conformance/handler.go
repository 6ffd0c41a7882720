// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// The paths that a Handler serves.
const (
	EnginePath = "/engine.io/"
	SocketPath = "/socket.io/"
)

// A Config holds what both servers of a Handler share. Zero fields have the
// defaults of the two packages.
type Config struct {
	PingInterval   time.Duration
	PingTimeout    time.Duration
	UpgradeTimeout time.Duration
	ConnectTimeout time.Duration // of the Socket.IO server
	MaxPayload     int           // bytes
	CORS           engineio.CORS
	AllowRequest   func(*http.Request) error
	Recovery       *socketio.Recovery
	Adapter        adapter.Factory
	Forward        *socketio.Forward
	Limits         socketio.Limits // those of sessions are in its field Engine
	Logger         *slog.Logger
}

// SuiteConfig returns what the published suites expect of a server (R269, R270).
func SuiteConfig() Config {
	return Config{
		PingInterval:   300 * time.Millisecond,
		PingTimeout:    200 * time.Millisecond,
		ConnectTimeout: time.Second,
		MaxPayload:     1_000_000,
		CORS:           engineio.CORS{Origins: []string{"*"}},
	}
}

// A Handler is the conformance server: an Engine.IO echo below EnginePath, and
// the Socket.IO application of the suites, of the test vectors and of the matrix of
// clients below SocketPath. Other paths are answered 404.
type Handler struct {
	Engine *engineio.Server
	Socket *socketio.Server
}

// NewHandler returns a Handler that is ready to serve. It panics when cfg
// contradicts itself, as the two servers do.
func NewHandler(cfg Config) *Handler {
	h := &Handler{
		Engine: engineio.NewServer(EngineConfig(cfg), echo{}),
		Socket: socketio.NewServer(socketio.Config{
			Path:           SocketPath,
			PingInterval:   cfg.PingInterval,
			PingTimeout:    cfg.PingTimeout,
			UpgradeTimeout: cfg.UpgradeTimeout,
			ConnectTimeout: cfg.ConnectTimeout,
			MaxPayload:     cfg.MaxPayload,
			CORS:           cfg.CORS,
			AllowRequest:   cfg.AllowRequest,
			Recovery:       cfg.Recovery,
			Adapter:        cfg.Adapter,
			Forward:        cfg.Forward,
			Limits:         cfg.Limits,
			Logger:         cfg.Logger,
		}),
	}
	serveSuites(h.Socket)
	serveVectors(h.Socket)
	serveClients(h.Socket)
	serveFlow(h.Socket)
	return h
}

// EngineConfig returns cfg as the bare Engine.IO server takes it.
func EngineConfig(cfg Config) engineio.Config {
	return engineio.Config{
		Path:           EnginePath,
		PingInterval:   cfg.PingInterval,
		PingTimeout:    cfg.PingTimeout,
		UpgradeTimeout: cfg.UpgradeTimeout,
		MaxPayload:     cfg.MaxPayload,
		CORS:           cfg.CORS,
		AllowRequest:   cfg.AllowRequest,
		Limits:         cfg.Limits.Engine,
		Logger:         cfg.Logger,
	}
}

// ServeHTTP gives a request to the server whose path it has.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, EnginePath) {
		h.Engine.ServeHTTP(w, r)
		return
	}
	h.Socket.ServeHTTP(w, r)
}

// Shutdown ends all sessions of both servers and waits for their goroutines, at
// most until ctx ends.
func (h *Handler) Shutdown(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- h.Engine.Shutdown(ctx) }()
	err := h.Socket.Shutdown(ctx)
	return errors.Join(err, <-ended)
}

// An echo sends every message back (R269).
type echo struct{}

func (echo) Open(s *engineio.Session) engineio.Receiver { return echoing{s} }

type echoing struct{ session *engineio.Session }

// Receive sends text back as text and binary as binary. A client that does not read
// what it has sent is not read from meanwhile.
func (e echoing) Receive(data []byte, binary bool) {
	m := engineio.NewMessage()
	defer m.Release()
	if binary {
		m.Attachments = [][]byte{data}
	} else {
		m.Text = append(m.Buffer(), data...)
	}
	for errors.Is(e.session.TrySend(m), engineio.ErrBusy) {
		if e.session.AwaitRoom(context.Background(), nil) != nil {
			return // it ended
		}
	}
}

func (echoing) Closed(engineio.CloseReason, error) {}

// serveSuites adds what the published Socket.IO suite expects (R270).
func serveSuites(srv *socketio.Server) {
	for _, name := range []string{"/", "/custom"} {
		ns := srv.Of(name)
		ns.OnConnect(func(ctx context.Context, s *socketio.Socket) {
			// An error means that the client has gone already.
			_ = s.Emit(ctx, "auth", s.Handshake().Auth)
		})
		ns.On("message", emitBack("message-back"))
		ns.On("message-with-ack", ackBack)
	}
}

// serveVectors adds the application of the test vectors. Its
// main namespace is the suites' own, so its sockets get "auth" first.
func serveVectors(srv *socketio.Server) {
	main := srv.Of("/")
	main.On("emitback", emitBack("back"))
	main.On("ack", ackBack)
	main.On("bye", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) { s.Disconnect() })
	main.On("byebye", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) { s.CloseConnection() })
	srv.Of("/admin")
	srv.Of("/b")
	srv.Of("/rej").Use(func(context.Context, *socketio.Socket) error {
		return &socketio.ConnectError{
			Message: "not authorized",
			Data:    map[string]string{"content": "Please retry later"},
		}
	})
	srv.Of("/rej2").Use(func(context.Context, *socketio.Socket) error {
		return &socketio.ConnectError{Message: "nope"}
	})
}

// emitBack returns a handler that emits an event's arguments under another name.
func emitBack(name string) socketio.EventFunc {
	return func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		_ = s.Emit(ctx, name, e.Args) // the client has gone if this fails, or must not get them, such as too many attachments
	}
}

// ackBack acknowledges an event with its own arguments.
func ackBack(_ context.Context, _ *socketio.Socket, e *socketio.Event) {
	_ = e.Ack(e.Args) // nobody asked for it, or has gone, or must not get them, if this fails
}
