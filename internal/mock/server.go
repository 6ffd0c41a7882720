// SPDX-License-Identifier: Apache-2.0

package mock

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sockgen/sockgen/gen/dynamic"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A Config says how a mock behaves.
type Config struct {
	Document *ir.Document
	Seed     uint64        // of what is made; the same seed gives the same values
	Now      time.Time     // about when what is made happens; zero means now
	Every    time.Duration // emits one of the server's events to everybody, so often; zero means never
	Delay    time.Duration // before each answer
	Scenario *Scenario     // nil means none
	Origins  []string      // of pages that may connect; nil means all
	Say      func(line string)
}

// A Server is a mock. Close ends it.
type Server struct {
	Config
	io  *socketio.Server
	mux *http.ServeMux

	ctx  context.Context // ends with Close
	end  context.CancelFunc
	work sync.WaitGroup // timers, and timelines of sockets

	mu     sync.Mutex          // guards what follows
	maker  *dynamic.Maker      // of all values
	fails  map[string]*failing // by event, or "connect"
	counts map[*Step]int       // how often a step with a limit was taken
}

// A failing says which error an event answers, and how often; below 0 is always.
type failing struct {
	code string
	left int
}

// New returns a mock that serves nothing yet: it is an http.Handler.
func New(cfg Config) *Server {
	if cfg.Now.IsZero() {
		cfg.Now = time.Now()
	}
	if cfg.Origins == nil {
		cfg.Origins = []string{"*"}
	}
	if cfg.Scenario == nil {
		cfg.Scenario = &Scenario{}
	}
	s := &Server{
		Config: cfg, mux: http.NewServeMux(), fails: map[string]*failing{}, counts: map[*Step]int{},
		maker: &dynamic.Maker{Rand: rand.New(rand.NewPCG(cfg.Seed, 1)), Now: cfg.Now},
		io: socketio.NewServer(socketio.Config{
			CORS: socketio.CORS{Origins: cfg.Origins}, Logger: slog.New(slog.DiscardHandler), // clients see what is wrong, and Say has the rest
		}),
	}
	s.ctx, s.end = context.WithCancel(context.Background())
	for _, ns := range cfg.Document.Namespaces {
		s.serve(ns)
	}
	s.mux.Handle("/socket.io/", s.io)
	s.mux.HandleFunc("POST /mock", s.control)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, "sockgen mock: Socket.IO is at /socket.io/, and POST /mock takes these lines:\n\n"+Help+"\n") // who has gone reads nothing
	})
	if every := cfg.Every; every > 0 {
		s.work.Go(func() { s.tick(every) })
	}
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close ends all connections and waits for what is under way.
func (s *Server) Close(ctx context.Context) error {
	s.end()
	err := s.io.Shutdown(ctx)
	s.work.Wait()
	return err
}

// A host is a namespace, or the parent of those with parameters.
type host interface {
	Use(f socketio.ConnectFunc)
	OnConnect(f func(ctx context.Context, s *socketio.Socket))
	OnUnhandled(f socketio.EventFunc)
}

// serve serves one namespace of the schema.
func (s *Server) serve(ns *ir.Namespace) {
	var h host
	if ns.Parts == nil {
		h = s.io.Of(ns.Path)
	} else {
		h = s.io.OfFunc(func(_ context.Context, name string, _ json.RawMessage) bool {
			found, err := dynamic.Namespace(s.Document, name)
			return found == ns && err == nil
		})
	}
	h.Use(func(_ context.Context, socket *socketio.Socket) error { return s.admit(ns, socket) })
	h.OnConnect(func(ctx context.Context, socket *socketio.Socket) { s.connected(ctx, ns, socket) })
	h.OnUnhandled(func(ctx context.Context, socket *socketio.Socket, e *socketio.Event) { s.handle(ctx, ns, socket, e) })
}

// admit checks what a client connects with.
func (s *Server) admit(ns *ir.Namespace, socket *socketio.Socket) error {
	auth := socket.Handshake().Auth
	if f := s.failure("connect", ns.ConnectErrors, likely{own: knownIn(auth)}); f != nil {
		s.Say(fmt.Sprintf("refused %s %s: %s", ns.Path, auth, f.Code))
		return &socketio.ConnectError{Message: f.Message, Data: f}
	}
	if ns.Auth == nil {
		return nil
	}
	_, issues, err := dynamic.Checker{Text: true}.Type(ns.Auth, auth)
	if err != nil || len(issues) > 0 {
		f := invalid(issues)
		s.Say(fmt.Sprintf("refused %s %s: %s", ns.Path, auth, line(f)))
		return &socketio.ConnectError{Message: f.Message, Data: f}
	}
	return nil
}

// connected tells of a socket, and begins its timeline.
func (s *Server) connected(ctx context.Context, ns *ir.Namespace, socket *socketio.Socket) {
	auth := knownIn(socket.Handshake().Auth)
	version := auth["$sockgen"]
	delete(auth, "$sockgen")
	socket.SetData(auth)
	name := socket.Namespace().Name()
	s.Say(strings.TrimSpace(fmt.Sprintf("connected %s %s", name, line(auth))))
	if shown := string(version); version != nil && shown != line(ns.Fingerprint) && !slices.Contains(ns.Ancestors, strings.Trim(shown, `"`)) {
		s.Say(fmt.Sprintf("its code was generated from another schema: %s, and this is %s", shown, ns.Fingerprint))
	}
	socket.OnDisconnect(func(_ context.Context, _ *socketio.Socket, reason socketio.DisconnectReason) {
		s.Say(fmt.Sprintf("disconnected %s: %s", name, reason))
	})
	scene := scene{s, ns, socket, map[string]any{"auth": plain(auth)}, likely{own: auth}}
	scene.play(ctx, s.Scenario.On["connect"], nil)
	for i := range s.Scenario.Timeline {
		step := &s.Scenario.Timeline[i]
		s.work.Go(func() { scene.schedule(socket.Context(), step) })
	}
}

// tick emits an event of each namespace that has somebody, again and again.
func (s *Server) tick(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
		}
		for _, ns := range s.Document.Namespaces {
			if len(ns.Server) == 0 || len(s.in(ns)) == 0 {
				continue
			}
			s.mu.Lock()
			e := ns.Server[s.maker.Rand.IntN(len(ns.Server))]
			s.mu.Unlock()
			if err := s.emit(s.ctx, ns, e, s.in(ns), likely{}, nil); err != nil {
				s.Say(fmt.Sprintf("no %s: %v", e.Wire, err))
			}
		}
	}
}

// in returns who is in a namespace of the schema, whatever its parameters. A client that
// has been let in is among them.
func (s *Server) in(ns *ir.Namespace) (list []*socketio.Socket) {
	for _, n := range s.io.Namespaces() {
		if found, err := dynamic.Namespace(s.Document, n.Name()); err == nil && found == ns {
			list = append(list, n.Sockets()...)
		}
	}
	return list
}

// emit makes an event and emits it to sockets. Known has what is likely to be in it,
// with what has to.
func (s *Server) emit(ctx context.Context, ns *ir.Namespace, e *ir.Event, to []*socketio.Socket, known likely, with any) error {
	args, err := s.event(e, known, with)
	if err != nil {
		return err
	}
	s.Say(fmt.Sprintf("emitted %s %s to %d", ns.Path, texts(e.Wire, args), len(to)))
	var errs []error
	for _, socket := range to {
		if e.Ack != nil {
			s.work.Go(func() { s.ask(socket, e, args) })
			continue
		}
		if err := socket.Emit(ctx, e.Wire, args...); err != nil && !errors.Is(err, socketio.ErrDisconnected) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// ask emits an event that wants an answer, which is checked.
func (s *Server) ask(socket *socketio.Socket, e *ir.Event, args []any) {
	ctx, cancel := context.WithTimeout(s.ctx, max(e.Timeout, 10*time.Second))
	defer cancel()
	answer, err := socket.EmitWithAck(ctx, e.Wire, args...)
	switch {
	case err != nil:
		s.Say(fmt.Sprintf("no answer to %s: %v", e.Wire, err))
	case e.Ack.Type == nil:
		s.Say("answered " + e.Wire)
	case answer.Len() == 0:
		s.Say(fmt.Sprintf("the answer to %s is empty, where the schema has a value", e.Wire))
	default:
		_, issues, err := dynamic.Checker{Attachments: answer.Attachments}.Type(e.Ack.Type, answer.At(0))
		s.Say(fmt.Sprintf("answered %s %s", e.Wire, answer.At(0)))
		if err != nil || len(issues) > 0 {
			s.Say(fmt.Sprintf("the answer to %s does not fit the schema: %v", e.Wire, line(invalid(issues).Data)))
		}
	}
}

// maxControl is how many bytes of commands are read at once.
const maxControl = 1 << 20

// control carries out the commands of a request.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControl))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for command := range strings.Lines(string(body)) {
		if err := s.Command(r.Context(), command); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
