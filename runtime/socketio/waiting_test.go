// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// A door keeps a client from reading until it is opened.
type door struct {
	once sync.Once
	c    chan struct{}
}

func newDoor() *door { return &door{c: make(chan struct{})} }

func (d *door) open() { d.once.Do(func() { close(d.c) }) }

// closed makes a client that reads the CONNECT replies and nothing more until the door
// is opened.
func (d *door) closed(c *talker, packet string) {
	if !strings.HasPrefix(packet, "0") {
		<-d.c
	}
	c.keep(packet)
}

// filled sends to s, whose client does not read, until its connection lags and an Emit
// would wait.
func filled(t *testing.T, s *Socket) (n int) {
	t.Helper()
	for ; ; n++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err := s.Emit(ctx, "n", n, numbered(50_000))
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			return n
		}
		if err != nil {
			t.Fatalf("event %d: %v", n, err)
		}
	}
}

// TestADisconnectPassesAFullQueue holds that a client whose connection lags is still told
// that its socket was ended, after everything that was sent before, and that the
// connection and its other namespace go on.
func TestADisconnectPassesAFullQueue(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		h := v.open(t, Config{}, func(srv *Server) { srv.Of("/"); srv.Of("/b") })
		d := newDoor()
		defer d.open()
		c := h.talk(d.closed)
		id := c.join("/")
		c.join("/b")
		s, _ := h.Of("/").Socket(id)
		n := filled(t, s)
		for ; s.Waiting() < 15<<20; n++ { // far beyond the soft bound, by what may not wait
			if err := s.Namespace().Emit(t.Context(), "n", n, numbered(900_000)); err != nil {
				t.Fatal(err)
			}
		}
		s.Disconnect()
		if err := s.Emit(t.Context(), "late"); !errors.Is(err, ErrDisconnected) {
			t.Errorf("Emit after the end: %v", err)
		}
		d.open()
		c.wantNumbered(n, "/")
		c.want("1")
		c.wantOpen()
		h.unharmed()
	})
}

// TestAWaitingEmitIsWoken holds that an Emit which waits for its client ends with its ctx,
// with its socket while the connection goes on, and with progress; so do EmitWithAck and
// AwaitSent.
func TestAWaitingEmitIsWoken(t *testing.T) {
	waits := []struct {
		name string
		wait func(ctx context.Context, s *Socket) error
	}{
		{"Emit", func(ctx context.Context, s *Socket) error { return s.Emit(ctx, "last") }},
		{"EmitWithAck", func(ctx context.Context, s *Socket) error { _, err := s.EmitWithAck(ctx, "last"); return err }},
		{"AwaitSent", func(ctx context.Context, s *Socket) error { return s.AwaitSent(ctx) }},
	}
	for _, tt := range waits {
		t.Run(tt.name, func(t *testing.T) {
			eachVariant(t, func(t *testing.T, v variant) {
				h := v.open(t, Config{}, func(srv *Server) { srv.Of("/"); srv.Of("/b"); srv.Of("/c") })
				d := newDoor()
				defer d.open()
				c := h.talk(func(c *talker, packet string) {
					if ackID.MatchString(packet) {
						answers(c, packet)
						return
					}
					d.closed(c, packet)
				})
				c.upgraded() // or it would, while it does not read, not send either
				a, _ := h.Of("/").Socket(c.join("/"))
				b, _ := h.Of("/b").Socket(c.join("/b"))
				left, _ := h.Of("/c").Socket(c.join("/c"))
				n := filled(t, a)
				wait := func(ctx context.Context, s *Socket) <-chan error {
					got := make(chan error, 1)
					go func() { got <- tt.wait(ctx, s) }()
					return got
				}
				cause := errors.New("enough")
				ctx, cancel := context.WithCancelCause(t.Context())
				byCtx, byServer, byClient, byProgress := wait(ctx, a), wait(t.Context(), b), wait(t.Context(), left), wait(t.Context(), a)
				cancel(cause)
				if err := within(t, byCtx, "the end of ctx"); err != cause {
					t.Errorf("its ctx has ended: %v", err)
				}
				b.Disconnect()
				if err := within(t, byServer, "the socket's end"); !errors.Is(err, ErrDisconnected) {
					t.Errorf("the server ended the socket: %v", err)
				}
				c.send("1/c,")
				if err := within(t, byClient, "the socket's end"); !errors.Is(err, ErrDisconnected) {
					t.Errorf("the client left: %v", err)
				}
				if !a.Connected() {
					t.Error("the connection did not go on")
				}
				d.open()
				if err := within(t, byProgress, "progress"); err != nil {
					t.Errorf("the client reads: %v", err)
				}
				c.wantNumbered(n, "/")
				c.want("1/b,")
				if tt.name == "Emit" {
					c.want(`2["last"]`)
				}
				c.wantOpen()
				h.unharmed()
			})
		})
	}
}

// TestAwaitSent holds that it waits for what was emitted before and for nothing else,
// and says when that did not leave.
func TestAwaitSent(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		h := v.open(t, Config{}, func(srv *Server) { srv.Of("/") })
		d := newDoor()
		defer d.open()
		c := h.talk(d.closed)
		s, _ := h.Of("/").Socket(c.join("/"))
		if err := s.AwaitSent(t.Context()); err != nil {
			t.Errorf("nothing waits: %v", err)
		}
		n := filled(t, s)
		sent := make(chan error, 1)
		go func() { sent <- s.AwaitSent(t.Context()) }()
		d.open()
		if err := within(t, sent, "AwaitSent"); err != nil {
			t.Error(err)
		}
		c.wantNumbered(n, "/")
		emit(t, s, "bye")
		if err := s.AwaitSent(t.Context()); err != nil {
			t.Error(err)
		}
		s.CloseConnection()
		c.want(`2["bye"]`, "1")
		c.wantGone()
		h.unharmed()
	})
}
