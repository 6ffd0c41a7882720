// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// result is what EmitWithAck returned.
type result struct {
	args siowire.Args
	err  error
}

// ask starts EmitWithAck and returns where its result will be.
func ask(ctx context.Context, s *Socket, event string) <-chan result {
	ch := make(chan result, 1)
	go func() {
		args, err := s.EmitWithAck(ctx, event)
		ch <- result{args, err}
	}()
	return ch
}

// joined returns a rig with the main namespace, a client in it and its socket.
func joined(t testing.TB, cfg Config) (*rig, *client, *Socket) {
	t.Helper()
	r := newRig(t, cfg, func(srv *Server) { srv.Of("/") })
	c, id := r.join("/")
	s, ok := r.Of("/").Socket(id)
	if !ok {
		t.Fatalf("no socket %q", id)
	}
	return r, c, s
}

func TestEmitWithAck(t *testing.T) {
	r, c, s := joined(t, Config{})
	ch := ask(t.Context(), s, "q")
	c.want(`420["q"]`)
	c.send("439[1]", "430[1,{}]", "430[2]", `43["x"]`) // unknown, right, late, without id
	if got := within(t, ch, "the ack"); got.err != nil || got.args.Len() != 2 || string(got.args.At(1)) != "{}" {
		t.Errorf("got %d arguments, %v", got.args.Len(), got.err)
	}
	ch = ask(t.Context(), s, "bin")
	c.want(`421["bin"]`)
	c.send("461-1["+ph0+"]", "<0a>")
	if got := within(t, ch, "the ack"); got.err != nil || string(got.args.Attachments[0]) != "\n" {
		t.Errorf("got %+v", got)
	}
	ch = ask(t.Context(), s, "bare")
	c.want(`422["bare"]`)
	c.send("432")
	if got := within(t, ch, "the ack"); got.err != nil || got.args.Len() != 0 {
		t.Errorf("got %+v", got)
	}
	c.wantOpen()
	if st := r.Stats(); st.LateAcks != 3 || st.AcksReceived != 3 {
		t.Errorf("%d late, %d received; want 3 and 3", st.LateAcks, st.AcksReceived)
	}
}

// R186: a socket's acks are looked up in its own table.
func TestAcksOfOthersAreIgnored(t *testing.T) {
	r, a, sa := joined(t, Config{})
	b, _ := r.join("/")
	ch := ask(t.Context(), sa, "q")
	a.want(`420["q"]`)
	b.send(`430["forged"]`)
	b.wantOpen()
	a.send(`430["mine"]`)
	if got := within(t, ch, "the ack"); got.err != nil || string(got.args.At(0)) != `"mine"` {
		t.Errorf("got %+v", got)
	}
}

// R187, R188 on fake time.
func TestAckTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, c, s := joined(t, Config{PingInterval: time.Hour})
		start := time.Now()
		if _, err := s.EmitWithAck(context.Background(), "q"); !errors.Is(err, ErrTimeout) || time.Since(start) != 10*time.Second {
			t.Errorf("without deadline: %v after %v", err, time.Since(start))
		}
		c.want(`420["q"]`)
		start = time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := s.EmitWithAck(ctx, "q"); !errors.Is(err, ErrTimeout) || time.Since(start) != time.Minute {
			t.Errorf("with a deadline: %v after %v", err, time.Since(start))
		}
		c.want(`421["q"]`)
		c.send("430[]", "431[]")
		c.wantOpen()
		if st := r.Stats(); st.AckTimeouts != 2 || st.LateAcks != 2 {
			t.Errorf("%d timeouts, %d late acks; want 2 and 2", st.AckTimeouts, st.LateAcks)
		}
		if len(s.acks) != 0 {
			t.Errorf("%d acks still awaited", len(s.acks))
		}
		c.ws.Close()
	})
}

func TestPendingAcksFailWithTheSocket(t *testing.T) {
	_, c, s := joined(t, Config{})
	ch, handler := ask(context.Background(), s, "q"), ask(s.Context(), s, "q")
	c.read()
	c.read()
	c.ws.Close()
	for _, ch := range []<-chan result{ch, handler} {
		if got := within(t, ch, "the end"); !errors.Is(got.err, ErrDisconnected) {
			t.Errorf("got %v", got.err)
		}
	}
	if _, err := s.EmitWithAck(context.Background(), "q"); !errors.Is(err, ErrDisconnected) {
		t.Errorf("after the end: %v", err)
	}
}

func TestAckCancelled(t *testing.T) {
	_, c, s := joined(t, Config{})
	cause := errors.New("no longer needed")
	ctx, cancel := context.WithCancelCause(context.Background())
	ch := ask(ctx, s, "q")
	c.want(`420["q"]`)
	cancel(cause)
	if got := within(t, ch, "the end"); got.err != cause {
		t.Errorf("got %v", got.err)
	}
}

// One that owes as many acks as it may is asked when it owes fewer, or not at all.
func TestPendingAcksAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, s := joined(t, Config{Limits: Limits{PendingAcks: 2}})
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		first := ask(ctx, s, "a")
		c.want(`420["a"]`)
		second := ask(ctx, s, "b")
		c.want(`421["b"]`)
		third := ask(ctx, s, "c")
		synctest.Wait()
		c.send(`430[]`)
		c.want(`422["c"]`) // only now
		_ = within(t, first, "the first")
		short, stop := context.WithTimeout(ctx, time.Second)
		defer stop()
		if _, err := s.EmitWithAck(short, "d"); !errors.Is(err, ErrTooManyPending) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("its time is up: %v", err)
		}
		cause := errors.New("enough")
		time.AfterFunc(time.Second, func() { cancel(cause) })
		if _, err := s.EmitWithAck(ctx, "e"); !errors.Is(err, ErrTooManyPending) || !errors.Is(err, cause) {
			t.Errorf("it is cancelled: %v", err)
		}
		_, _ = within(t, second, "the second"), within(t, third, "the third")
		for range 2 {
			ask(t.Context(), s, "f")
			c.read()
		}
		time.AfterFunc(time.Second, func() { s.Disconnect() })
		if _, err := s.EmitWithAck(t.Context(), "g"); !errors.Is(err, ErrDisconnected) {
			t.Errorf("the socket ends: %v", err)
		}
		c.want("41")
		c.ws.Close()
		if n := s.conn.asked.Load(); n != 0 {
			t.Errorf("%d acks are still counted", n)
		}
	})
}

// An ack and a timeout at the same moment: the waiter gets exactly one result.
func TestAckRacesTimeout(t *testing.T) {
	_, c, s := joined(t, Config{})
	for i := range 200 {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Microsecond)
		ch := ask(ctx, s, "q")
		c.want(fmt.Sprintf(`42%d["q"]`, i))
		c.send(fmt.Sprintf(`43%d[]`, i))
		if got := within(t, ch, "a result"); got.err != nil && !errors.Is(got.err, ErrTimeout) {
			t.Fatalf("got %v", got.err)
		}
		cancel()
	}
	c.wantOpen()
	if len(s.acks) != 0 {
		t.Errorf("%d acks still awaited", len(s.acks))
	}
}

// R180, R181 and their errors.
func TestEventAck(t *testing.T) {
	late := make(chan *Event, 1)
	r := newRig(t, Config{}, func(srv *Server) {
		n := srv.Of("/chat")
		n.On("twice", func(_ context.Context, _ *Socket, e *Event) {
			if err := e.Ack(make(chan int)); err == nil {
				t.Error("a channel was encoded")
			}
			if err := e.Ack(1); err != nil { // the failure before did not count
				t.Error(err)
			}
			if err := e.Ack(2); err != ErrAcked {
				t.Errorf("the second ack: %v", err)
			}
		})
		n.On("none", func(_ context.Context, _ *Socket, e *Event) {
			if err := e.Ack(); err != ErrNoAck || e.WantsAck() {
				t.Errorf("an ack nobody asked for: %v", err)
			}
		})
		n.On("late", func(_ context.Context, _ *Socket, e *Event) { late <- e })
	})
	c, _ := r.join("/chat")
	c.send(`42/chat,["none"]`, `42/chat,9["twice"]`)
	c.want("43/chat,9[1]")
	c.send(`42/chat,10["late"]`)
	e := within(t, late, "the event")
	c.send("41/chat")
	c.wantOpen()
	if err := e.Ack(); err != ErrDisconnected { // R179
		t.Errorf("an ack after the end: %v", err)
	}
	c.send("41/alive")
	c.wantOpen()
}
