// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/internal/guardtest"
	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A fuse ends the first function that reaches it.
type fuse struct {
	end  func()
	once sync.Once
}

func (f *fuse) burn() { f.once.Do(f.end) }

// badError burns the fuse in one of its methods.
type badError struct {
	f      *fuse
	method string
}

func (e badError) burn(method string) {
	if e.method == method {
		e.f.burn()
	}
}

func (e badError) Error() string                { e.burn("Error"); return "bad" }
func (e badError) Unwrap() error                { e.burn("Unwrap"); return nil }
func (e badError) Is(error) bool                { e.burn("Is"); return false }
func (e badError) As(any) bool                  { e.burn("As"); return false }
func (e badError) MarshalJSON() ([]byte, error) { e.burn("MarshalJSON"); return []byte(`"bad"`), nil }

// badValue is a Go type of the application's own, as a payload and as an ack.
type badValue struct{ f *fuse }

var valueFuse *fuse // of the badValue that is decoded

func (v *badValue) UnmarshalText([]byte) error   { valueFuse.burn(); return nil }
func (v *badValue) UnmarshalJSON([]byte) error   { valueFuse.burn(); return nil }
func (v *badValue) MarshalText() ([]byte, error) { v.f.burn(); return []byte("x"), nil }

type badJSON struct{ f *fuse }

func (v *badJSON) MarshalJSON() ([]byte, error) { v.f.burn(); return []byte(`"x"`), nil }

func wireString(d *Decoder, v *string) { d.String(v) }

const (
	internalReply = `43/c,1[` + internalAck + `]`
	fineReply     = `43/c,1[{"ok":true}]`
)

// handling registers what handles "e" for a payload and a result of nothing.
func handling(run func(f *fuse) error) func(*Mount[member], *fuse) {
	return func(m *Mount[member], f *fuse) {
		handle(m, Event{Name: "e", Errors: []Code{"bad"}}, DecodeNothing, func(context.Context, *member, Nothing) error { return run(f) })
	}
}

func failingWith(method string) func(*Mount[member], *fuse) {
	return handling(func(f *fuse) error { return badError{f, method} })
}

var decline = NewError("bad", "no")

// places are where an event "e" calls the application, with the answer.
var places = []struct {
	name, reply string
	silent      bool // only a log that asks for the text notices
	set         func(m *Mount[member], f *fuse)
	options     func(f *fuse) []MountOption
}{
	{name: "Handling.Run", reply: internalReply, set: handling(func(f *fuse) error { f.burn(); return nil })},
	{name: "Mount.Handle", reply: internalReply, set: func(m *Mount[member], f *fuse) {
		m.Handle(Event{Name: "e"}, func() Handling[member] {
			f.burn()
			return Handling[member]{Run: func(context.Context, *member, func() Encoder) error { return nil }}
		})
	}},
	{name: "Handling.Decode", reply: internalReply, set: func(m *Mount[member], f *fuse) {
		handle(m, Event{Name: "e"}, func(*Decoder, *string) { f.burn() }, func(context.Context, *member, string) error { return nil })
	}},
	{name: "Handling.RateBy", reply: internalReply, set: func(m *Mount[member], f *fuse) {
		m.Handle(Event{Name: "e", Rate: Rate{Count: 5, Per: time.Second}}, func() Handling[member] {
			return Handling[member]{
				Run:    func(context.Context, *member, func() Encoder) error { return nil },
				RateBy: func(*member) string { f.burn(); return "" },
			}
		})
	}},
	{name: " Handling.Run with an ack", reply: internalReply, set: func(m *Mount[member], f *fuse) {
		handleAck(m, Event{Name: "e"}, DecodeNothing, func(context.Context, *member, Nothing) (string, error) { f.burn(); return "", nil }, encodeString)
	}},
	{name: " Handling.Run with a result", reply: internalReply, set: func(m *Mount[member], f *fuse) {
		handleResult(m, Event{Name: "e"}, DecodeNothing, func(context.Context, *member, Nothing) (string, error) { f.burn(); return "", nil },
			func(context.Context, *member, string) error { return nil })
	}},
	{name: " Handling.Run with both", reply: internalReply, set: func(m *Mount[member], f *fuse) {
		handleAckResult(m, Event{Name: "e"}, DecodeNothing, func(context.Context, *member, Nothing) (string, string, error) { return "", "", nil },
			encodeString, func(context.Context, *member, string) error { f.burn(); return nil })
	}},
	{name: "EncodeText", reply: internalReply, set: func(m *Mount[member], f *fuse) {
		handleAck(m, Event{Name: "e"}, DecodeNothing, func(context.Context, *member, Nothing) (badValue, error) { return badValue{f}, nil },
			func(e Encoder, v *badValue) { EncodeText(e, *v, wireString) })
	}},
	{name: "EncodeJSON", reply: internalReply, set: func(m *Mount[member], f *fuse) {
		handleAck(m, Event{Name: "e"}, DecodeNothing, func(context.Context, *member, Nothing) (badJSON, error) { return badJSON{f}, nil },
			func(e Encoder, v *badJSON) { EncodeJSON(e, *v, wireString) })
	}},
	{name: "DecodeText", reply: internalReply, set: func(m *Mount[member], f *fuse) {
		valueFuse = f
		handle(m, Event{Name: "e"}, func(d *Decoder, v *badValue) { DecodeText(d, v, wireString) }, func(context.Context, *member, badValue) error { return nil })
	}},
	{name: "DecodeJSON", reply: internalReply, set: func(m *Mount[member], f *fuse) {
		valueFuse = f
		handle(m, Event{Name: "e"}, func(d *Decoder, v *badValue) { DecodeJSON(d, v, wireString) }, func(context.Context, *member, badValue) error { return nil })
	}},
	{name: "NewErrorWith", reply: internalReply, set: handling(func(f *fuse) error {
		return NewErrorWith("bad", "no", f, func(e Encoder, _ **fuse) { f.burn(); e.Null() })
	})},
	{name: " MarshalJSON of Error.Data", reply: internalReply, set: handling(func(f *fuse) error {
		return &Error{Code: "bad", Data: badError{f, "MarshalJSON"}}
	})},
	{name: " Error of a handler's error", reply: internalReply, silent: true, set: failingWith("Error")},
	{name: " Error of an Error's cause", reply: internalReply, silent: true, set: handling(func(f *fuse) error {
		return (&Error{Code: "undeclared"}).Because(badError{f, "Error"})
	})},
	{name: " Unwrap of a handler's error", reply: internalReply, set: failingWith("Unwrap")},
	{name: " Is of a handler's error", reply: internalReply, set: failingWith("Is")},
	{name: " As of a handler's error", reply: internalReply, set: failingWith("As")},

	{name: "WithInterceptor", reply: internalReply, set: handling(func(*fuse) error { return nil }), options: func(f *fuse) []MountOption {
		return []MountOption{WithInterceptor(func(ctx context.Context, c *Call, next func(context.Context) error) error { f.burn(); return next(ctx) })}
	}},
	{name: " an interceptor after next", reply: internalReply, set: handling(func(*fuse) error { return nil }), options: func(f *fuse) []MountOption {
		return []MountOption{WithInterceptor(func(ctx context.Context, c *Call, next func(context.Context) error) error {
			err := next(ctx)
			f.burn()
			return err
		})}
	}},
	{name: " a handler within an interceptor", reply: internalReply, set: handling(func(f *fuse) error { f.burn(); return nil }), options: func(*fuse) []MountOption {
		return []MountOption{WithInterceptor(func(ctx context.Context, c *Call, next func(context.Context) error) error { return next(ctx) })}
	}},
	{name: " Error of an interceptor's error", reply: internalReply, silent: true, set: handling(func(*fuse) error { return nil }), options: func(f *fuse) []MountOption {
		return []MountOption{WithInterceptor(func(ctx context.Context, c *Call, next func(context.Context) error) error {
			if c.Event == "e" {
				return badError{f, "Error"}
			}
			return next(ctx)
		})}
	}},
	{name: "OnFailure", reply: `43/c,1[{"ok":false,"error":{"code":"bad","message":"no"}}]`, set: handling(func(*fuse) error { return decline }), options: func(f *fuse) []MountOption {
		return []MountOption{OnFailure(func(Failure) { f.burn() })}
	}},
	{name: "Mount.HandleCluster", reply: fineReply, set: func(m *Mount[member], f *fuse) {
		handleCluster(m, "x", DecodeNothing, func(context.Context, *socketio.Namespace, Nothing) error { f.burn(); return nil })
		told := &lateLocal{}
		locals.Store("/c", told)
		handle(m, Event{Name: "e"}, DecodeNothing, func(_ context.Context, s *member, _ Nothing) error {
			answered := false
			told.ServerSide(context.Background(), adapter.ServerSideEvent{Name: "x", Ack: func(e *siowire.Encoder) error {
				answered = true
				e.Release()
				return nil
			}})
			if !answered {
				return errors.New("the other node waits for ever")
			}
			return nil
		})
	}},
}

// locals has what a namespace is to its adapter.
var locals sync.Map

type lateLocal struct{ adapter.Local }

// TestEventsAreContained ends a function at every place in every way: the event is
// answered, and the next one is served.
func TestEventsAreContained(t *testing.T) {
	for _, place := range places {
		for _, end := range guardtest.Endings {
			t.Run(place.name+"/"+end.Name, func(t *testing.T) {
				f := &fuse{end: end.Do}
				log := &logs{}
				opts := []MountOption{WithLogger(slog.New(slog.NewJSONHandler(log, nil)))}
				if place.options != nil {
					opts = append(opts, place.options(f)...)
				}
				cfg := socketio.Config{Adapter: adaptertest.Hub(func(name string, l adapter.Local) adapter.Adapter {
					locals.Store(name+" itself", l)
					return adapter.NewMemory(l)
				})}
				s := newStand(t, cfg, func(srv *socketio.Server) {
					mounted(srv.Of("/c"), func(m *Mount[member]) {
						place.set(m, f)
						handle(m, Event{Name: "next"}, DecodeNothing, func(context.Context, *member, Nothing) error { return nil })
					}, opts...)
				})
				if told, ok := locals.LoadAndDelete("/c"); ok {
					itself, _ := locals.Load("/c itself")
					told.(*lateLocal).Local = itself.(adapter.Local)
				}
				p := s.enter(t, "/c", "Ada")
				p.send(`42/c,1["e","x"]`, `42/c,2["next"]`)
				p.expect(place.reply, `43/c,2[{"ok":true}]`)
				s.wantPanics(t, place.silent, log)
			})
		}
	}
}

// wantPanics checks that one was counted, and logged with its stack. What a socket's end
// calls may still be on its way.
func (s *stand) wantPanics(t *testing.T, silent bool, log *logs) {
	t.Helper()
	logged := func() int { return strings.Count(log.String()+s.logs.String(), `"stack":`) }
	for end := time.Now().Add(20 * time.Second); !silent && logged() == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if n := s.srv.Stats().Panics; n > 1 || n == 0 && !silent {
		t.Errorf("%d counted", n)
	}
	if n := logged(); !silent && n != 1 {
		t.Errorf("%d stacks are logged:\n%s%s", n, log.String(), s.logs.String())
	}
}

// connectPlaces are where CONNECT and the end of a socket call the application.
var connectPlaces = []struct {
	name   string
	reply  string // "" when the socket is accepted
	silent bool
	mount  func(host Host, f *fuse, opts []MountOption)
}{
	{name: "Accept", reply: "internal", mount: accepting(func(f *fuse) error { f.burn(); return nil })},
	{name: " Error of Accept's error", reply: "internal", silent: true, mount: accepting(func(f *fuse) error { return once(f, badError{f, "Error"}) })},
	{name: " Unwrap of Accept's error", reply: "internal", mount: accepting(func(f *fuse) error { return once(f, badError{f, "Unwrap"}) })},
	{name: " MarshalJSON of Accept's Error.Data", reply: "internal", mount: accepting(func(f *fuse) error {
		return once(f, &Error{Code: "bad", Data: badError{f, "MarshalJSON"}})
	})},
	{name: "OnMismatch", mount: func(host Host, f *fuse, opts []MountOption) {
		accepting(func(*fuse) error { return nil }, func(m *Mount[member]) { m.Schema("now") })(host, f, append(opts, OnMismatch(func(Mismatch) { f.burn() })))
	}},
	{name: "NewMount", mount: func(host Host, f *fuse, opts []MountOption) {
		m := NewMount(host, func(context.Context, *member, socketio.DisconnectReason) { f.burn() }, opts)
		accept(m, f, func(*fuse) error { return nil })
	}},
}

// once returns err the first time it is called for f.
func once(f *fuse, err error) error {
	if _, loaded := refusedOnce.LoadOrStore(f, true); loaded {
		return nil
	}
	return err
}

var refusedOnce sync.Map

func accepting(connect func(f *fuse) error, more ...func(*Mount[member])) func(Host, *fuse, []MountOption) {
	return func(host Host, f *fuse, opts []MountOption) {
		m := NewMount(host, func(context.Context, *member, socketio.DisconnectReason) {}, opts)
		accept(m, f, connect)
		for _, add := range more {
			add(m)
		}
	}
}

func accept(m *Mount[member], f *fuse, connect func(f *fuse) error) {
	Accept(m, decodeAuthor, func(s *socketio.Socket, a author) *member {
		return &member{NewRoomSocket[string](s), a.Name}
	}, func(context.Context, *member, author) error { return connect(f) }, "bad")
	handle(m, Event{Name: "next"}, DecodeNothing, func(context.Context, *member, Nothing) error { return nil })
}

// TestConnectsAreContained does so for CONNECT: the client is refused, and the next one
// enters.
func TestConnectsAreContained(t *testing.T) {
	for _, place := range connectPlaces {
		for _, end := range guardtest.Endings {
			t.Run(place.name+"/"+end.Name, func(t *testing.T) {
				f, log := &fuse{end: end.Do}, &logs{}
				s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
					place.mount(srv.Of("/c"), f, []MountOption{WithLogger(slog.New(slog.NewJSONHandler(log, nil)))})
				})
				const auth = `{"id":"1","name":"Ada","$sockgen":"old"}`
				if p := dial(t, s.Server, "/c", auth); place.reply == "" {
					p.entered("/c")
					p.send("41/c,")
				} else if got := p.next(); !strings.HasPrefix(got, "44/c,") {
					t.Errorf("CONNECT was answered %s", got)
				} else if end.Name != "Goexit" || strings.HasPrefix(place.name, " ") {
					var refusal struct{ Data struct{ Code Code } }
					if json.Unmarshal([]byte(got[5:]), &refusal); refusal.Data.Code != CodeInternal {
						t.Errorf("CONNECT was answered %s", got)
					}
				}
				p := dial(t, s.Server, "/c", auth)
				p.entered("/c")
				p.send(`42/c,1["next"]`)
				p.expect(fineReply)
				s.wantPanics(t, place.silent, log)
			})
		}
	}
}

// A handler that an interceptor runs in another goroutine ends its event alone.
func TestHandlerInAnotherGoroutineIsContained(t *testing.T) {
	s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {
			handle(m, Event{Name: "e"}, DecodeNothing, func(context.Context, *member, Nothing) error { panic("boom") })
		}, WithInterceptor(func(ctx context.Context, c *Call, next func(context.Context) error) error {
			done := make(chan error)
			go func() { done <- next(ctx) }()
			return <-done
		}))
	})
	p := s.enter(t, "/c", "Ada")
	p.send(`42/c,1["e"]`)
	p.expect(internalReply)
	if n := s.srv.Stats().Panics; n != 1 {
		t.Errorf("%d counted", n)
	}
}

// TestPlacesAreTried holds that the tables above name every place.
func TestPlacesAreTried(t *testing.T) {
	rows := []string{
		// What follows runs on its caller's goroutine, before anything is sent.
		"AskAll", "ClusterEvent.Decode", "Decode", "DecodeBoundedList", "DecodeBoundedMap", "DecodeList", "DecodeMap", "DecodeUniqueList", "EncodeList", "EncodeMap", "EncodeUnique", "ErrorDecoder", "Fetch",
		"ListOf", "MapOf", "MarshalAuth", "NewPath", "NullOf", "OptOf", "PointerTo", "Reply.Decode", "UnmarshalJSON",
	}
	for _, p := range places {
		rows = append(rows, p.name)
	}
	for _, p := range connectPlaces {
		rows = append(rows, p.name)
	}
	guardtest.Compare(t, guardtest.Places(t, nil), rows)
}
