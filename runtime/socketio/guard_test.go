// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/internal/guardtest"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A fuse ends the first function that reaches it.
type fuse struct {
	end  func()
	once sync.Once
}

func (f *fuse) burn() { f.once.Do(f.end) }

// failing burns the fuse in each of its methods.
type failing struct{ f *fuse }

func (v failing) Error() string                { v.f.burn(); return "failing" }
func (v failing) Unwrap() error                { v.f.burn(); return nil }
func (v failing) MarshalJSON() ([]byte, error) { v.f.burn(); return []byte(`"fine"`), nil }

// mute burns it in Error alone.
type mute struct{ f *fuse }

func (v mute) Error() string { v.f.burn(); return "mute" }

// A host is what functions are registered with.
type host interface {
	Use(ConnectFunc)
	OnConnect(func(context.Context, *Socket))
	OnUpgrade(func(context.Context, *Socket))
	OnDisconnecting(DisconnectFunc)
	OnDisconnect(DisconnectFunc)
	On(string, EventFunc)
	OnUnhandled(EventFunc)
	OnServerSide(string, ServerSideFunc)
}

// A place is where the application is called while a client joins /n, emits "e" and
// "echo", and leaves.
type place struct {
	name   string
	set    func(h host, f *fuse)
	reply  string // to the CONNECT, if it is refused
	frames string // that come before the answer to "echo"
	silent bool   // what an error's text does is not counted
}

const refused = `44/n,{"message":"connection refused"}`

// onSocket returns what gives each new socket functions of its own.
func onSocket(set func(s *Socket, f *fuse)) func(host, *fuse) {
	return func(h host, f *fuse) {
		h.OnConnect(func(_ context.Context, s *Socket) { set(s, f) })
	}
}

// onEvent returns what handles "e".
func onEvent(handle func(s *Socket, e *Event, f *fuse)) func(host, *fuse) {
	return func(h host, f *fuse) {
		h.On("e", func(_ context.Context, s *Socket, e *Event) { handle(s, e, f) })
	}
}

func refusing(err func(f *fuse) error) func(host, *fuse) {
	return func(h host, f *fuse) {
		var first sync.Once
		h.Use(func(context.Context, *Socket) (e error) {
			first.Do(func() { e = err(f) })
			return e
		})
	}
}

// both are the places of a namespace and of the parent of some.
var both = []place{
	{name: "Use", set: func(h host, f *fuse) {
		h.Use(func(_ context.Context, s *Socket) error { defer f.burn(); return s.Join("room") })
	}, reply: refused},
	{name: "OnConnect", set: func(h host, f *fuse) { h.OnConnect(func(context.Context, *Socket) { f.burn() }) }},
	{name: "OnDisconnecting", set: func(h host, f *fuse) {
		h.OnDisconnecting(func(context.Context, *Socket, DisconnectReason) { f.burn() })
	}},
	{name: "OnDisconnect", set: func(h host, f *fuse) {
		h.OnDisconnect(func(context.Context, *Socket, DisconnectReason) { f.burn() })
	}},
	{name: "On", set: onEvent(func(_ *Socket, _ *Event, f *fuse) { f.burn() })},
	{name: "OnUnhandled", set: func(h host, f *fuse) {
		h.OnUnhandled(func(context.Context, *Socket, *Event) { f.burn() })
	}},
	{name: "OnUpgrade", set: onEvent(func(s *Socket, _ *Event, f *fuse) {
		s.OnUpgrade(func(context.Context, *Socket) { f.burn() })
		s.conn.Upgraded()
	})},
	{name: "OnServerSide", set: func(h host, f *fuse) {
		h.OnServerSide("x", func(context.Context, *ServerSideEvent) { f.burn() })
		onEvent(func(s *Socket, _ *Event, _ *fuse) {
			local{s.ns}.ServerSide(context.Background(), adapter.ServerSideEvent{Name: "x"})
			s.Emit(context.Background(), "survived")
		})(h, f)
	}, frames: `42/n,["survived"]`},
}

// ofSocket are the places of a socket, and of values that it is given.
var ofSocket = []place{
	{name: "Socket.On", set: onSocket(func(s *Socket, f *fuse) { s.On("e", func(context.Context, *Socket, *Event) { f.burn() }) })},
	{name: "Socket.Once", set: onSocket(func(s *Socket, f *fuse) { s.Once("e", func(context.Context, *Socket, *Event) { f.burn() }) })},
	{name: "Socket.OnAny", set: onSocket(func(s *Socket, f *fuse) { s.OnAny(func(context.Context, *Socket, *Event) { f.burn() }) })},
	{name: "Socket.PrependAny", set: onSocket(func(s *Socket, f *fuse) { s.PrependAny(func(context.Context, *Socket, *Event) { f.burn() }) })},
	{name: "Socket.UseEvent", set: onSocket(func(s *Socket, f *fuse) {
		s.UseEvent(func(context.Context, *Socket, *Event) error { f.burn(); return nil })
	})},
	{name: "Socket.OnError", set: onSocket(func(s *Socket, f *fuse) {
		s.UseEvent(func(_ context.Context, _ *Socket, e *Event) error {
			if e.Name == "e" {
				return errors.New("no")
			}
			return nil
		})
		s.OnError(func(context.Context, *Socket, *Event, error) { f.burn() })
	})},
	{name: "Socket.OnUpgrade", set: onSocket(func(s *Socket, f *fuse) {
		s.OnUpgrade(func(context.Context, *Socket) { f.burn() })
		s.conn.Upgraded()
	})},
	{name: "Socket.OnDisconnecting", set: onSocket(func(s *Socket, f *fuse) {
		s.OnDisconnecting(func(context.Context, *Socket, DisconnectReason) { f.burn() })
	})},
	{name: "Socket.OnDisconnect", set: onSocket(func(s *Socket, f *fuse) {
		s.OnDisconnect(func(context.Context, *Socket, DisconnectReason) { f.burn() })
	})},
	{name: "Socket.OnAnyOutgoing", set: outgoing((*Socket).OnAnyOutgoing), frames: `42/n,["out"]`},
	{name: "Socket.PrependAnyOutgoing", set: outgoing((*Socket).PrependAnyOutgoing), frames: `42/n,["out"]`},

	{name: " Error of what Use returns", set: refusing(func(f *fuse) error { return mute{f} }), reply: refused, silent: true},
	{name: " Unwrap of what Use returns", set: refusing(func(f *fuse) error { return failing{f} }), reply: refused},
	{name: " MarshalJSON of ConnectError.Data", set: refusing(func(f *fuse) error { return &ConnectError{"no", failing{f}} }), reply: `44/n,{"message":"no"}`},
	{name: " MarshalJSON within ConnectError.Data", set: refusing(func(f *fuse) error {
		return &ConnectError{"no", map[string]any{"a": []any{failing{f}, []byte("x")}}}
	}), reply: `44/n,{"message":"no"}`},
	{name: " Error of what UseEvent returns", set: onSocket(func(s *Socket, f *fuse) {
		s.UseEvent(func(_ context.Context, _ *Socket, e *Event) error {
			if e.Name == "e" {
				return mute{f}
			}
			return nil
		})
	}), silent: true},
	{name: " MarshalJSON of SetData, when another node asks", set: onEvent(func(s *Socket, _ *Event, f *fuse) {
		s.SetData(failing{f})
		list := local{s.ns}.Describe(slices.Values([]ID{s.ID()}))
		told := len(list) > 0 && list[0].Data != nil // a client that has left is not described
		s.Emit(context.Background(), "described", len(list), told)
	}), frames: `42/n,["described",1,false]`},
	{name: " MarshalJSON of what is emitted", set: onEvent(func(s *Socket, _ *Event, f *fuse) {
		s.Emit(context.Background(), "lost", failing{f})
	})},
	{name: " MarshalJSON of what is broadcast", set: onEvent(func(s *Socket, _ *Event, f *fuse) {
		s.ns.Emit(context.Background(), "lost", failing{f})
	})},
	{name: " MarshalJSON of an ack", set: onEvent(func(_ *Socket, e *Event, f *fuse) { e.Ack(failing{f}) })},
	{name: " MarshalJSON of a question", set: onEvent(func(s *Socket, _ *Event, f *fuse) {
		s.EmitWithAck(context.Background(), "lost", failing{f})
	})},
	{name: " the loop over Answers", set: onEvent(func(s *Socket, _ *Event, f *fuse) {
		for range s.ns.To("nobody").Timeout(patience).Answers(context.Background(), "q") {
		}
		l := local{s.ns}
		l.DeliverWithAck(context.Background(), slices.Values([]ID{s.ID()}), adapter.Event{Name: "q"}, adapter.Options{}, func(int) { f.burn() }, func(Answer) bool { return true })
	}), frames: `42/n,1["q"]`},
}

func outgoing(add func(*Socket, OutgoingFunc) func()) func(host, *fuse) {
	return func(h host, f *fuse) {
		onSocket(func(s *Socket, f *fuse) { add(s, func(*Socket, string, siowire.Args) { f.burn() }) })(h, f)
		onEvent(func(s *Socket, _ *Event, _ *fuse) { s.Emit(context.Background(), "out") })(h, f)
	}
}

// ofServer are the places that need more than a host.
var ofServer = []struct {
	place
	make func(srv *Server, f *fuse) // makes /n, or its parent
}{
	{place{name: "Server.OfFunc", reply: `44/n,{"message":"Invalid namespace"}`}, func(srv *Server, f *fuse) {
		echoing(srv.OfFunc(func(context.Context, string, json.RawMessage) bool { f.burn(); return true }))
	}},
	{place{name: "Server.ofFamily", reply: `44/n,{"message":"Invalid namespace"}`}, func(srv *Server, f *fuse) {
		echoing(srv.ofFamily("/n", func(string) bool { f.burn(); return true }))
	}},
	{place{name: "Server.OnNewNamespace"}, func(srv *Server, f *fuse) {
		srv.OnNewNamespace(func(*Namespace) { f.burn() })
		echoing(srv.OfPattern(regexp.MustCompile("^/n$")))
	}},
	{place{name: "Namespace.OnCreateRoom"}, onRoom(func(n *Namespace, f *fuse) { n.OnCreateRoom(func(Room) { f.burn() }) })},
	{place{name: "Namespace.OnDeleteRoom"}, onRoom(func(n *Namespace, f *fuse) { n.OnDeleteRoom(func(Room) { f.burn() }) })},
	{place{name: "Namespace.OnJoinRoom"}, onRoom(func(n *Namespace, f *fuse) { n.OnJoinRoom(func(Room, ID) { f.burn() }) })},
	{place{name: "Namespace.OnLeaveRoom"}, onRoom(func(n *Namespace, f *fuse) { n.OnLeaveRoom(func(Room, ID) { f.burn() }) })},
	{place{name: " Adapter.Add", reply: refused}, failingAdapter("Add")},
	{place{name: " Adapter.RemoveAll"}, failingAdapter("RemoveAll")},
	{place{name: " Adapter.Rooms", frames: `42/n,["rooms"]`}, failingAdapter("Rooms")},
	{place{name: " the adapter's hub", reply: refused}, func(srv *Server, f *fuse) {
		srv.hub = hubOf(func(name string, l adapter.Local) adapter.Adapter {
			if name == "/n" {
				f.burn()
			}
			return adapter.NewMemory(l)
		})
		echoing(srv.OfFunc(func(context.Context, string, json.RawMessage) bool { return true }))
	}},
	{place{name: "Config.Logger"}, func(srv *Server, f *fuse) {
		n := srv.Of("/n")
		echoing(n)
		n.On("e", func(_ context.Context, s *Socket, _ *Event) { srv.cfg.Logger.Error("hello") })
	}},
}

func onRoom(set func(n *Namespace, f *fuse)) func(*Server, *fuse) {
	return func(srv *Server, f *fuse) {
		set(srv.Of("/n"), f)
		echoing(srv.Of("/n"))
	}
}

// A weakAdapter burns the fuse in one method, for the sockets of /n.
type weakAdapter struct {
	adapter.Adapter
	method string
	f      *fuse
}

// hubOf returns a hub whose adapters are made by open.
func hubOf(open func(namespace string, l adapter.Local) adapter.Adapter) adapter.Hub {
	hub, err := adaptertest.Hub(open)(adapter.Environment{})
	if err != nil {
		panic(err)
	}
	return hub
}

func failingAdapter(method string) func(*Server, *fuse) {
	return func(srv *Server, f *fuse) {
		srv.hub = hubOf(func(_ string, l adapter.Local) adapter.Adapter {
			return weakAdapter{adapter.NewMemory(l), method, f}
		})
		n := srv.Of("/n")
		echoing(n)
		n.On("e", func(_ context.Context, s *Socket, _ *Event) {
			if s.Rooms(); method == "Rooms" {
				s.Emit(context.Background(), "rooms")
			}
		})
	}
}

func (a weakAdapter) burn(method string) {
	if method == a.method {
		a.f.burn()
	}
}

func (a weakAdapter) Add(id ID, rooms ...Room) error {
	a.burn("Add")
	return a.Adapter.Add(id, rooms...)
}
func (a weakAdapter) RemoveAll(id ID)    { a.burn("RemoveAll"); a.Adapter.RemoveAll(id) }
func (a weakAdapter) Rooms(id ID) []Room { a.burn("Rooms"); return a.Adapter.Rooms(id) }

func echoing(h host) {
	h.On("echo", func(_ context.Context, s *Socket, e *Event) {
		if s.conn.asked.Load() != 0 {
			e.Ack("an ack is still waited for")
		}
		e.Ack("echo")
	})
}

// contains plays the life of a client during which a function at the place does not
// return, and then that of another one.
func (p place) contains(t *testing.T, end guardtest.Ending, burning bool, make func(srv *Server, f *fuse)) {
	synctest.Test(t, func(t *testing.T) {
		f := &fuse{end: end.Do}
		cfg := Config{}
		if burning {
			cfg.Logger = slog.New(burningHandler{slog.NewTextHandler(io.Discard, nil), f})
		}
		r := newRig(t, cfg, func(srv *Server) { make(srv, f) })
		for life := range 2 {
			c := r.dial()
			c.send("40/n,")
			if life == 0 && p.reply != "" {
				c.want(p.reply)
				c.wantOpen()
				c.ws.Close()
				continue
			}
			c.want(`40/n,{"sid":"<SID>"}`)
			c.send(`42/n,["e"]`, `42/n,2["echo"]`)
			if p.frames != "" && !(life == 1 && strings.HasPrefix(p.name, " ")) {
				c.want(p.frames)
			}
			if life == 0 || !strings.HasPrefix(p.name, " ") {
				c.want(`43/n,2["echo"]`)
				c.send("41/n,")
				c.wantOpen()
			}
			c.ws.Close()
			time.Sleep(time.Second) // of the bubble's: a reader that runs a handler is replaced after a millisecond
		}
		r.mu.Lock()
		if len(r.conns) != 0 {
			t.Errorf("%d connections are kept", len(r.conns))
		}
		r.mu.Unlock()
		if n := r.Stats().Panics; (n == 1) == p.silent || n > 1 {
			t.Errorf("%d counted", n)
		}
		if n := strings.Count(r.log.String(), "stack="); !p.silent && !burning && n != 1 {
			t.Errorf("%d stacks are logged:\n%s", n, r.log.String())
		}
		if members := r.Of("/n").adapter.Members(); len(members) != 0 && p.name != " Adapter.RemoveAll" {
			t.Errorf("sockets are left in rooms: %q", members)
		}
	})
}

type burningHandler struct {
	slog.Handler
	f *fuse
}

func (h burningHandler) Handle(context.Context, slog.Record) error { h.f.burn(); return nil }

// TestTheApplicationIsContained ends a function at every place in every way: the
// process lives, the others and the next event are served, and nothing is left behind.
func TestTheApplicationIsContained(t *testing.T) {
	each := func(p place, make func(srv *Server, f *fuse)) {
		for _, end := range guardtest.Endings {
			t.Run(p.name+"/"+end.Name, func(t *testing.T) { p.contains(t, end, p.name == "Config.Logger", make) })
		}
	}
	for _, p := range ofSocket {
		each(p, func(srv *Server, f *fuse) { p.set(srv.Of("/n"), f); echoing(srv.Of("/n")) })
	}
	for _, p := range both {
		name := p.name
		p.name = "Namespace." + name
		each(p, func(srv *Server, f *fuse) { p.set(srv.Of("/n"), f); echoing(srv.Of("/n")) })
		p.name = "ParentNamespace." + name
		each(p, func(srv *Server, f *fuse) {
			parent := srv.OfPattern(regexp.MustCompile("^/n$"))
			p.set(parent, f)
			echoing(parent)
		})
	}
	for _, p := range ofServer {
		each(p.place, p.make)
	}
}

// TestPlacesAreTried holds that the tables above name every place.
func TestPlacesAreTried(t *testing.T) {
	rows := []string{
		"Config.AllowRequest", "Config.GenerateID", "Config.Headers", "Config.InitialHeaders", "Config.OnRefused", // engineio calls them
		"Config.Clock",                                                                                     // must not panic
		"Config.Rand",                                                                                      // TestRandIsContained
		"Config.OnLag",                                                                                     // TestOnLag
		"Observer.ConnectionBegin", "Observer.ConnectionEnd", "Observer.SocketBegin", "Observer.SocketEnd", // TestAnObserverThatPanics
		"Observer.Event", "Observer.Emit", "Observer.Limit", "Observer.Stuck", "Observer.Bus",
		"Config.Adapter", // its rows name the method
	}
	for _, p := range both {
		rows = append(rows, "Namespace."+p.name, "ParentNamespace."+p.name)
	}
	for _, p := range ofSocket {
		rows = append(rows, p.name)
	}
	for _, p := range ofServer {
		if p.name != "Server.ofFamily" { // tried, and not exported
			rows = append(rows, p.name)
		}
	}
	guardtest.Compare(t, guardtest.Places(t, []string{"Factory", "Logger", "Reader", "Clock"}), rows)
}

type burningReader struct {
	armed *atomic.Bool
	f     *fuse
}

func (r burningReader) Read(p []byte) (int, error) {
	if r.armed.Load() {
		r.f.burn()
	}
	return rand.Read(p)
}

// A socket without an id ends its connection, and no other.
func TestRandIsContained(t *testing.T) {
	for _, end := range guardtest.Endings {
		t.Run(end.Name, func(t *testing.T) {
			var armed atomic.Bool
			r := newRig(t, Config{Rand: burningReader{&armed, &fuse{end: end.Do}}}, nil)
			first, second := r.dial(), r.dial()
			armed.Store(true)
			first.send("40/alive,")
			first.want("closed")
			second.wantOpen()
			if n := r.Stats().Panics; n != 1 {
				t.Errorf("%d counted", n)
			}
		})
	}
}

// The hooks that engineio calls are counted here as well.
func TestPanicsOfTheSessionsCount(t *testing.T) {
	r := newRig(t, Config{OnRefused: func(*http.Request, Refusal) { panic("boom") }}, nil)
	client := http.Client{Transport: &http.Transport{DialContext: r.l.DialContext, DisableKeepAlives: true}}
	res, err := client.Get("http://test/socket.io/?EIO=4&transport=pigeon")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if n := r.Stats().Panics; res.StatusCode != 400 || n != 1 {
		t.Errorf("status %d, %d counted", res.StatusCode, n)
	}
}

// A typed nil is no *ConnectError.
func TestNilConnectError(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/n").Use(func(context.Context, *Socket) error {
			var err *ConnectError
			return err
		})
	})
	c := r.dial()
	c.send("40/n,")
	c.want(refused)
	c.wantOpen()
	if r.Stats().Panics != 0 || !strings.Contains(r.log.String(), "connection refused") {
		t.Errorf("%+v, logged:\n%s", r.Stats(), r.log.String())
	}
}
