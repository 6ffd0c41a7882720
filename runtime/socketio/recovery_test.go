// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/internal/seam"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A lostClient is what a client remembers between two connections.
type lostClient struct {
	sid, pid, offset string
}

var connectReply = regexp.MustCompile(`^40\{"sid":"([^"]{20})","pid":"([^"]{20})"\}$`)

// rejoin connects to the main namespace as an official client does, and returns what
// came before the reply, without offsets.
func (r *rig) rejoin(l *lostClient) (*client, []string) {
	r.t.Helper()
	c := r.dial()
	auth := ""
	if l.pid != "" {
		auth = `{"pid":"` + l.pid + `"`
		if l.offset != "" {
			auth += `,"offset":"` + l.offset + `"`
		}
		auth += `,"token":"t"}`
	}
	c.send("40" + auth)
	var missed []string
	for {
		frame := c.read()
		if m := connectReply.FindStringSubmatch(frame); m != nil {
			l.sid, l.pid = m[1], m[2]
			return c, missed
		}
		if strings.HasPrefix(frame, "closed") || strings.HasPrefix(frame, "44") {
			r.t.Fatalf("CONNECT answered with %s", frame)
		}
		missed = append(missed, l.see(frame))
	}
}

// see remembers the offset of an event and returns the event without it.
func (l *lostClient) see(frame string) string {
	i := strings.LastIndex(frame, `,"`)
	if strings.HasPrefix(frame, "<") || i < 0 {
		return frame
	}
	l.offset = strings.TrimSuffix(frame[i+2:], `"]`)
	return frame[:i] + "]"
}

func (l *lostClient) want(c *client, frames ...string) {
	c.t.Helper()
	for _, want := range frames {
		if got := l.see(c.read()); got != want {
			c.t.Fatalf("got %s, want %s", got, want)
		}
	}
}

// lose breaks a connection and waits until the server knows.
func (r *rig) lose(c *client) {
	r.t.Helper()
	before := r.Stats().Sockets
	c.ws.Close()
	eventually(r.t, "the end of the connection", func() bool { return r.Stats().Sockets == before-1 })
}

func recoverable(t *testing.T, rec Recovery, setUp func(n *Namespace)) *rig {
	return newRig(t, Config{Recovery: &rec}, func(srv *Server) {
		if n := srv.Of("/"); setUp != nil {
			setUp(n)
		}
	})
}

// R221 to R228: the id, the rooms, the data and what was missed come back.
func TestRecovery(t *testing.T) {
	calls := &ends{}
	r := recoverable(t, Recovery{}, func(n *Namespace) {
		n.Use(func(_ context.Context, s *Socket) error {
			calls.add(fmt.Sprint("use ", s.Recovered(), " ", string(s.Handshake().Auth)))
			return nil
		})
		n.OnConnect(func(_ context.Context, s *Socket) { calls.add(fmt.Sprint("connect ", s.Recovered())) })
		n.OnDisconnect(func(context.Context, *Socket, DisconnectReason) { calls.add("disconnect") })
	})
	n, ctx := r.Of("/"), t.Context()
	l := &lostClient{}
	c, _ := r.rejoin(l)
	sid, pid := l.sid, l.pid
	s, _ := n.Socket(ID(sid))
	s.SetData("data")
	if err := s.Join("red"); err != nil {
		t.Fatal(err)
	}
	emit(t, s, "first", 1)
	emit(t, s, "empty")
	l.want(c, `42["first",1]`, `42["empty"]`)
	r.lose(c)
	for _, err := range []error{
		n.To("red").Emit(ctx, "red", 1),
		n.To("blue").Emit(ctx, "blue"),
		n.Emit(ctx, "all", []byte{9}),
		n.Except("red").Emit(ctx, "not red"),
		n.Volatile().Emit(ctx, "volatile"),
		n.To(Room(sid)).Emit(ctx, "mine", "text"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if err := s.Emit(ctx, "gone"); err != ErrDisconnected {
		t.Errorf("Emit after the end: %v", err)
	}
	c, missed := r.rejoin(l)
	if want := []string{`42["red",1]`, `451-["all",` + ph0 + `]`, "<09>", `42["mine","text"]`}; !slices.Equal(missed, want) {
		t.Errorf("missed %q, want %q", missed, want)
	}
	if l.sid != sid || l.pid != pid {
		t.Errorf("came back as %s, %s", l.sid, l.pid)
	}
	again, _ := n.Socket(ID(sid))
	data, _ := DataOf[string](again)
	if again == s || !again.Recovered() || s.Recovered() || data != "data" || len(again.Rooms()) != 2 {
		t.Errorf("recovered: %v, data %q, rooms %q", again.Recovered(), data, again.Rooms())
	}
	emit(t, again, "last")
	l.want(c, `42["last"]`)
	if got, want := calls.String(), `use false {}; connect false; disconnect; use true {"token":"t"}; connect true`; got != want {
		t.Errorf("calls: %s", got)
	}
	r.lose(c) // and once more, with nothing missed
	if _, missed := r.rejoin(l); l.sid != sid || len(missed) != 0 {
		t.Errorf("came back as %s with %q", l.sid, missed)
	}
}

// R231: a client that has got no event yet has no offset, and comes back all the same.
func TestRecoveryBeforeTheFirstEvent(t *testing.T) {
	r := recoverable(t, Recovery{}, nil)
	if err := r.Of("/").Emit(t.Context(), "before"); err != nil {
		t.Error(err)
	}
	l := &lostClient{}
	c, _ := r.rejoin(l)
	sid := l.sid
	r.lose(c)
	if err := r.Of("/").Emit(t.Context(), "meanwhile"); err != nil {
		t.Error(err)
	}
	if _, missed := r.rejoin(l); l.sid != sid || !slices.Equal(missed, []string{`42["meanwhile"]`}) {
		t.Errorf("came back as %s, not %s, with %q", l.sid, sid, missed)
	}
}

// R225: a volatile event names the last one kept, and what Use emits has offsets too.
func TestEveryEventHasAnOffset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := recoverable(t, Recovery{}, func(n *Namespace) {
			n.Use(func(ctx context.Context, s *Socket) error { return s.Emit(ctx, "early", "text") })
		})
		l := &lostClient{}
		c, _ := r.rejoin(l)
		sid := l.sid
		l.want(c, `42["early","text"]`)
		kept := l.offset
		s, _ := r.Of("/").Socket(ID(sid))
		synctest.Wait() // a volatile event does not wait for a write under way
		if err := s.Volatile().Emit(t.Context(), "volatile", "hello"); err != nil {
			t.Error(err)
		}
		l.want(c, `42["volatile","hello"]`)
		if l.offset != kept {
			t.Errorf("the volatile event has offset %s, the one before %s", l.offset, kept)
		}
		answers := ask(t.Context(), s, "q")
		c.want(`420["q"]`) // R224
		c.send("430[]")
		<-answers
		r.lose(c)
		if _, missed := r.rejoin(l); l.sid != sid || !slices.Equal(missed, []string(nil)) {
			t.Errorf("came back as %s with %q", l.sid, missed)
		}
	})
}

// R223: an offset never takes the place of an argument that is absent.
func TestAnOffsetFollowsAllArguments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reserve := seam.Take[func(*siowire.Encoder, int)]("siowire.Encoder.reserve")
		emitAll := func(r *rig, id ID, want func()) {
			s, _ := r.Of("/").Socket(id)
			for _, emit := range []func(ctx context.Context, event string, args *siowire.Encoder) error{
				s.emitEncoded, s.Volatile().emit, r.Of("/").Local().emitEncoded, r.Of("/").To(Room(id)).Volatile().emitEncoded,
			} {
				args := siowire.NewEncoder()
				reserve(args, 3)
				args.Value("first")
				if err := emit(t.Context(), "e", args); err != nil {
					t.Error(err)
				}
				want()
				synctest.Wait() // a volatile event does not wait for a write under way
			}
		}
		r := recoverable(t, Recovery{}, nil)
		l := &lostClient{}
		c, _ := r.rejoin(l)
		emitAll(r, ID(l.sid), func() { l.want(c, `42["e","first",null,null]`) })

		r = newRig(t, Config{}, func(srv *Server) { srv.Of("/") })
		c = r.dial()
		emitAll(r, c.join("/"), func() { c.want(`42["e","first"]`) })
	})
}

// R230, R232: what cannot be continued begins anew, without an error.
func TestNotRecovered(t *testing.T) {
	for _, tt := range []struct {
		name string
		rec  Recovery
		lose func(r *rig, c *client, l *lostClient)
	}{
		{"the client left", Recovery{}, func(r *rig, c *client, l *lostClient) {
			c.send("41")
			eventually(r.t, "the end", func() bool { return r.Stats().Sockets == 0 })
		}},
		{"the server ended it", Recovery{}, func(r *rig, c *client, l *lostClient) {
			r.Of("/").CloseConnections(context.Background())
		}},
		{"unknown pid", Recovery{}, func(r *rig, c *client, l *lostClient) {
			r.lose(c)
			l.pid = strings.Repeat("x", 20)
		}},
		{"unknown offset", Recovery{}, func(r *rig, c *client, l *lostClient) {
			r.lose(c)
			l.offset = "hello"
		}},
		{"an offset from the future", Recovery{}, func(r *rig, c *client, l *lostClient) {
			r.lose(c)
			l.offset = r.Of("/").log.offset(1000)
		}},
		{"too many missed", Recovery{Packets: 2}, func(r *rig, c *client, l *lostClient) {
			r.lose(c)
			for range 3 {
				r.Of("/").Emit(context.Background(), "e")
			}
		}},
		{"too much missed", Recovery{Bytes: 1000}, func(r *rig, c *client, l *lostClient) {
			r.lose(c)
			r.Of("/").Emit(context.Background(), "e", make([]byte, 1000))
		}},
		{"no longer kept", Recovery{Budget: 1000}, func(r *rig, c *client, l *lostClient) {
			r.lose(c)
			for range 20 {
				r.Of("/").To("others").Emit(context.Background(), "e")
			}
		}},
		{"too many are away", Recovery{Sessions: 1}, func(r *rig, c *client, l *lostClient) {
			r.lose(c)
			other, _ := r.rejoin(&lostClient{})
			r.lose(other)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := recoverable(t, tt.rec, nil)
			l := &lostClient{}
			c, _ := r.rejoin(l)
			sid, pid := l.sid, l.pid
			s, _ := r.Of("/").Socket(ID(sid))
			emit(t, s, "first")
			l.want(c, `42["first"]`)
			tt.lose(r, c, l)
			_, missed := r.rejoin(l)
			if l.sid == sid || l.pid == pid || len(missed) != 0 {
				t.Errorf("came back as %s, was %s, with %q", l.sid, sid, missed)
			}
			if s, _ := r.Of("/").Socket(ID(l.sid)); s == nil || s.Recovered() {
				t.Error("the new socket says that it is recovered")
			}
		})
	}
}

// Two minutes, then nothing is kept of client and events.
func TestRecoveryExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := recoverable(t, Recovery{}, nil)
		n := r.Of("/")
		for _, tt := range []struct {
			away time.Duration
			back bool
		}{{2*time.Minute - time.Second, true}, {2*time.Minute + time.Second, false}} {
			l := &lostClient{}
			c, _ := r.rejoin(l)
			sid := l.sid
			r.lose(c)
			if err := n.Emit(t.Context(), "e"); err != nil {
				t.Error(err)
			}
			time.Sleep(tt.away)
			c, missed := r.rejoin(l)
			if back := l.sid == sid; back != tt.back || back != (len(missed) == 1) {
				t.Errorf("after %v: back: %v, missed %q", tt.away, back, missed)
			}
			c.send("41")
			c.ws.Close()
			synctest.Wait() // for the end, which the next turn does not count
		}
		time.Sleep(3 * time.Minute)
		if events, used := r.kept(n); events != 0 || used != 0 {
			t.Errorf("%d events of %d bytes are kept", events, used)
		}
		r.recoveries.mu.Lock()
		defer r.recoveries.mu.Unlock()
		if len(r.recoveries.byKey) != 0 || r.recoveries.bytes != 0 {
			t.Errorf("%d clients of %d bytes are kept", len(r.recoveries.byKey), r.recoveries.bytes)
		}
	})
}

// kept returns how many events of a namespace are kept, and the bytes of those of all.
func (r *rig) kept(n *Namespace) (events, used int) {
	r.recoveries.replay.mu.Lock()
	defer r.recoveries.replay.mu.Unlock()
	return len(n.log.entries), r.recoveries.replay.used
}

// however much is sent, no more than the budget is kept.
func TestRecoveryIsBounded(t *testing.T) {
	r := recoverable(t, Recovery{Budget: 100_000}, nil)
	for i := range 200_000 {
		if err := r.Of("/").Emit(t.Context(), "e", i); err != nil {
			t.Fatal(err)
		}
		if _, used := r.kept(r.Of("/")); used > 100_000 {
			t.Fatalf("%d bytes are kept", used)
		}
	}
	if events, _ := r.kept(r.Of("/")); events < 100 || events > 1000 {
		t.Errorf("%d events are kept", events)
	}
}

// R233: a connection that only the server still believes in gives way, and one pid
// never makes two sockets.
func TestTakeOver(t *testing.T) {
	reasons := &ends{}
	r := recoverable(t, Recovery{}, func(n *Namespace) {
		n.OnDisconnect(func(_ context.Context, s *Socket, reason DisconnectReason) {
			reasons.add(fmt.Sprint(reason, " ", s.Recovered()))
		})
	})
	l := &lostClient{}
	old, _ := r.rejoin(l)
	sid := l.sid
	s, _ := r.Of("/").Socket(ID(sid))
	if err := s.Join("red"); err != nil {
		t.Fatal(err)
	}
	emit(t, s, "unread") // on its way when the connection broke
	_, missed := r.rejoin(l)
	if l.sid != sid || !slices.Equal(missed, []string{`42["unread"]`}) {
		t.Errorf("came back as %s with %q", l.sid, missed)
	}
	if got := reasons.String(); got != "replaced false" {
		t.Errorf("the old one ended with %q", got)
	}
	if got := old.drained(); got != "closed" {
		t.Errorf("the old connection got %s", got)
	}
	now, _ := r.Of("/").Socket(ID(sid))
	if !slices.Equal(r.Of("/").Members("red"), []ID{ID(sid)}) || !now.Recovered() || r.Stats().Sockets != 1 {
		t.Errorf("members: %q, sockets: %d", r.Of("/").Members("red"), r.Stats().Sockets)
	}
}

// drained reads on until the connection is closed.
func (c *client) drained() string {
	for {
		if frame := c.read(); strings.HasPrefix(frame, "closed") {
			return "closed"
		}
	}
}

// R234: Use decides about a client that comes back as about any other.
func TestUseRefusesARecovery(t *testing.T) {
	var no atomic.Bool
	r := recoverable(t, Recovery{}, func(n *Namespace) {
		n.Use(func(context.Context, *Socket) error {
			if no.Load() {
				return &ConnectError{Message: "expired"}
			}
			return nil
		})
	})
	l := &lostClient{}
	c, _ := r.rejoin(l)
	sid := l.sid
	r.lose(c)
	no.Store(true)
	c = r.dial()
	c.send(`40{"pid":"` + l.pid + `"}`)
	c.want(`44{"message":"expired"}`)
	no.Store(false)
	if _, missed := r.rejoin(l); l.sid == sid || len(missed) != 0 {
		t.Error("a refused client came back")
	}
	if ids := r.Of("/").adapter.Members(); len(ids) != 1 {
		t.Errorf("sockets: %q", ids)
	}
}

// A recovery whose connection breaks before the reply can be tried again, and waits
// for the functions of the lost socket.
func TestRecoveryInterrupted(t *testing.T) {
	gate, inside := make(chan struct{}), make(chan struct{}, 2)
	r := recoverable(t, Recovery{}, func(n *Namespace) {
		n.OnDisconnect(func(context.Context, *Socket, DisconnectReason) {
			inside <- struct{}{}
			<-gate
		})
	})
	l := &lostClient{}
	c, _ := r.rejoin(l)
	sid := l.sid
	r.lose(c)
	within(t, inside, "OnDisconnect")
	again := r.dial()
	again.send(`40{"pid":"` + l.pid + `"}`)
	claimed := func() bool {
		r.recoveries.mu.Lock()
		defer r.recoveries.mu.Unlock()
		return r.recoveries.byKey[keyOf(l.pid)].claimer != nil
	}
	eventually(t, "the claim", claimed)
	again.ws.Close()
	eventually(t, "the claim is given up", func() bool { return !claimed() })
	close(gate)
	if r.rejoin(l); l.sid != sid {
		t.Error("a second attempt failed")
	}
}

// Nothing is lost, doubled or out of order, whenever the connection breaks.
func TestRecoveryUnderKills(t *testing.T) {
	r := recoverable(t, Recovery{}, func(n *Namespace) {
		n.Use(func(_ context.Context, s *Socket) error { return s.Join("red") })
	})
	l := &lostClient{}
	c, _ := r.rejoin(l)
	sid := l.sid
	const events = 3000
	stop := errors.New("stop")
	go func() {
		for i := range events {
			b := r.Of("/").To("red")
			if i%3 == 0 {
				b = r.Of("/").To(Room(sid))
			}
			if err := b.Emit(context.Background(), "n", i); err != nil {
				t.Error(err)
			}
			if i%50 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
	}()
	next := 0
	take := func(frame string) error {
		var payload []any
		if err := json.Unmarshal([]byte(strings.TrimPrefix(frame, "42")), &payload); err != nil {
			return err
		}
		if n := int(payload[1].(float64)); n != next {
			t.Errorf("got %d, want %d", n, next)
			return stop
		}
		next++
		return nil
	}
	for turn := 1; next < events && !t.Failed(); turn++ {
		for range turn * 7 % 300 {
			if next == events {
				break
			}
			if err := take(l.see(c.read())); err != nil {
				t.Fatal(err)
			}
		}
		c.ws.Close()
		var missed []string
		c, missed = r.rejoin(l)
		if l.sid != sid {
			t.Fatalf("turn %d: came back as somebody else", turn)
		}
		for _, frame := range missed {
			if err := take(frame); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A child namespace whose clients are away stays for them, and goes when they do not
// come back.
func TestRecoveryOfAChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p *ParentNamespace
		r := newRig(t, Config{Recovery: &Recovery{}}, func(srv *Server) {
			p = srv.OfPattern(regexp.MustCompile("^/dyn"))
		})
		c := r.dial()
		c.send("40/dyn,")
		reply := c.read()
		pid := regexp.MustCompile(`"pid":"([^"]*)"`).FindStringSubmatch(reply)[1]
		c.ws.Close()
		time.Sleep(time.Second)
		if len(p.Children()) != 1 {
			t.Error("the child went before its client could return")
		}
		if err := p.Emit(t.Context(), "missed"); err != nil {
			t.Error(err)
		}
		c = r.dial()
		c.send(`40/dyn,{"pid":"` + pid + `"}`)
		if got := c.read(); !strings.HasPrefix(got, `42/dyn,["missed","`) {
			t.Errorf("got %s", got)
		}
		c.want(sid.ReplaceAllString(reply, `"sid":"<SID>"`))
		c.ws.Close()
		time.Sleep(3 * time.Minute)
		if _, used := r.kept(r.Of("/alive")); len(p.Children()) != 0 || used != 0 {
			t.Errorf("%d children, %d bytes", len(p.Children()), used)
		}
	})
}

// What is kept is encoded once, for all clients that may come back.
func TestEventsAreKeptOnce(t *testing.T) {
	r := recoverable(t, Recovery{}, nil)
	for range 20 {
		r.rejoin(&lostClient{})
	}
	if err := r.Of("/").Emit(t.Context(), "e", make([]byte, 1000)); err != nil {
		t.Error(err)
	}
	if _, used := r.kept(r.Of("/")); used < 1000 || used > 1600 {
		t.Errorf("%d bytes are kept", used)
	}
	if err := (Config{Recovery: &Recovery{Bytes: -1}}).Validate(); err == nil {
		t.Error("a negative bound is accepted")
	}
}
