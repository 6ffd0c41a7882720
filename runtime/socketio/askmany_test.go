// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

const long = time.Hour // that no test waits for

func texts(answers []Answer) (list []string) {
	for _, a := range answers {
		var all []string
		for i := range a.Args.Len() {
			all = append(all, string(a.Args.At(i)))
		}
		list = append(list, string(a.ID)+"="+strings.Join(all, ","))
	}
	return list
}

// R184, R189: one id for all, answers in the order of arrival.
func TestEmitWithAckToMany(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) { srv.Of("/") })
	clients, s := crowd(t, r, []Room{"red"}, []Room{"red"}, nil)
	type result struct {
		answers []Answer
		err     error
	}
	done := make(chan result, 1)
	go func() {
		answers, err := r.Of("/").To("red").Timeout(long).EmitWithAck(t.Context(), "q", 1)
		done <- result{answers, err}
	}()
	clients[0].want(`420["q",1]`)
	clients[1].want(`420["q",1]`)
	clients[2].send(`430["not asked"]`) // R186
	clients[1].send(`430["b",2]`)
	eventually(t, "the first answer", func() bool { return r.Stats().AcksReceived == 1 })
	clients[0].send(`430[]`, `430["again"]`)
	got := within(t, done, "the answers")
	want := []string{string(s[1].ID()) + `="b",2`, string(s[0].ID()) + "="}
	if got.err != nil || !slices.Equal(texts(got.answers), want) {
		t.Errorf("got %q, %v, want %q", texts(got.answers), got.err, want)
	}
	eventually(t, "late acks", func() bool { return r.Stats().LateAcks == 2 })
	if answers, err := r.Of("/").To("empty").Timeout(long).EmitWithAck(t.Context(), "q"); err != nil || len(answers) != 0 {
		t.Errorf("nobody was asked: %d answers, %v", len(answers), err)
	}
	for _, c := range clients {
		c.wantOpen()
	}
}

// R189: the time is over for those who did not answer; who has gone does not count.
func TestEmitWithAckToManyTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{}, func(srv *Server) { srv.Of("/") })
		clients, s := crowd(t, r, nil, nil, nil)
		time.AfterFunc(time.Second, func() { clients[0].send(`430["a"]`) })
		time.AfterFunc(2*time.Second, func() { s[1].Disconnect() })
		start := time.Now()
		answers, err := r.Of("/").Timeout(3*time.Second).EmitWithAck(t.Context(), "q")
		missing, ok := errors.AsType[*MissingError](err)
		if !ok || !errors.Is(err, ErrTimeout) || !slices.Equal(missing.IDs, []ID{s[2].ID()}) {
			t.Errorf("EmitWithAck: %v", err)
		}
		if len(answers) != 1 || answers[0].ID != s[0].ID() || time.Since(start) != 3*time.Second {
			t.Errorf("got %q after %v", texts(answers), time.Since(start))
		}
		if st := r.Stats(); st.AckTimeouts != 1 {
			t.Errorf("%+v", st)
		}
		for _, socket := range s {
			socket.mu.Lock()
			if len(socket.acks) != 0 {
				t.Errorf("socket %s still waits for %d acks", socket.id, len(socket.acks))
			}
			socket.mu.Unlock()
		}

		// When the last one ends, nobody is left to wait for.
		go func() { time.Sleep(time.Second); s[0].CloseConnection(); s[2].CloseConnection() }()
		start = time.Now()
		if answers, err := r.Of("/").Timeout(long).EmitWithAck(t.Context(), "q"); err != nil || len(answers) != 0 || time.Since(start) != time.Second {
			t.Errorf("all have gone: %d answers, %v, after %v", len(answers), err, time.Since(start))
		}
	})
}

func TestEmitWithAckToManyIsCancelled(t *testing.T) {
	_, c, s := joined(t, Config{})
	b := s.Namespace().Timeout(long)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := b.EmitWithAck(ctx, "q"); done <- err }()
	c.want(`420["q"]`)
	cancel()
	if err := within(t, done, "the cancelled call"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := b.EmitWithAck(short, "q"); !errors.Is(err, ErrTimeout) {
		t.Errorf("the ctx's own deadline: %v", err)
	}
	if _, err := b.EmitWithAck(t.Context(), "connect"); !errors.Is(err, ErrReservedName) {
		t.Errorf("a reserved name: %v", err)
	}
}

// The iterator ends with the loop, and leaves nothing waiting.
func TestAnswers(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) { srv.Of("/") })
	clients, s := crowd(t, r, nil, nil)
	n := 0
	seq := r.Of("/").Timeout(20*time.Millisecond).Answers(t.Context(), "q")
	for a, err := range seq {
		if _, missing := errors.AsType[*MissingError](err); !missing || a.ID != "" {
			t.Errorf("got %v, %v", a, err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d turns, want one with the error", n)
	}
	go func() {
		for clients[1].read() != `421["q"]` {
		}
		clients[1].send("431[true]")
	}()
	for a, err := range r.Of("/").Timeout(long).Answers(t.Context(), "q") {
		if err != nil || a.ID != s[1].ID() || string(a.Args.At(0)) != "true" {
			t.Errorf("got %v, %v", a, err)
		}
		break
	}
	for _, socket := range s {
		if socket.forgetAck(1) {
			t.Errorf("socket %s still waits", socket.id)
		}
	}
}

// A socket whose client owes too many acks is missing at once, and the others are
// asked.
func TestEmitWithAckToManyPending(t *testing.T) {
	cfg := Config{}
	cfg.Limits.PendingAcks = 1
	r := newRig(t, cfg, func(srv *Server) { srv.Of("/") })
	clients, s := crowd(t, r, nil, nil)
	owes := ask(t.Context(), s[0], "first")
	clients[0].want(`420["first"]`)
	done := make(chan error, 1)
	go func() { _, err := r.Of("/").Timeout(long).EmitWithAck(t.Context(), "q"); done <- err }()
	clients[1].want(`421["q"]`)
	clients[1].send("431[]")
	if missing, ok := errors.AsType[*MissingError](within(t, done, "the result")); !ok || !slices.Equal(missing.IDs, []ID{s[0].ID()}) {
		t.Errorf("missing: %v", missing)
	}
	clients[0].send("430[]")
	<-owes
}

// A timeout of one call.
func TestTimeoutOfOneSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, s := joined(t, Config{})
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), long)
		defer cancel()
		if _, err := s.Timeout(time.Second).EmitWithAck(ctx, "q"); !errors.Is(err, ErrTimeout) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if _, err := s.Timeout(time.Second).callEncoded(ctx, "q", siowire.NewEncoder()); !errors.Is(err, ErrTimeout) {
			t.Error(err)
		}
	})
}
