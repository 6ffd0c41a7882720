// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The attempts to come back that the tests make. Each is the client's token.
const (
	attemptOK     = "ok"
	attemptDies   = "dies"   // its connection ends while the Use function runs
	attemptJoins  = "joins"  // so, and the Use function still tries to join
	attemptHangs  = "hangs"  // half open: the client is on another connection while the Use function runs
	attemptNo     = "no"     // refused
	attemptPanics = "panics" // refused, too
	attemptGoexit = "goexit"
)

// returns has a Use function that does what the token says.
type returns struct {
	mu    sync.Mutex // guards what follows
	made  int
	under map[int]*underway // by their number
}

// An underway is one attempt.
type underway struct {
	c       *client
	entered chan struct{} // closed when the Use function runs
}

func (a *returns) use(_ context.Context, s *Socket) error {
	var auth struct {
		Token  string
		Number int
	}
	if err := json.Unmarshal(s.Handshake().Auth, &auth); err != nil {
		return err
	}
	a.mu.Lock()
	u := a.under[auth.Number]
	a.mu.Unlock()
	if u == nil {
		return nil // not one of these
	}
	close(u.entered)
	switch auth.Token {
	case attemptDies, attemptJoins:
		u.c.ws.Close()
		<-s.Context().Done()
		if auth.Token == attemptJoins {
			s.Join("all", "stray")
		}
	case attemptHangs:
		<-s.Context().Done()
	case attemptNo:
		return &ConnectError{Message: "no"}
	case attemptPanics:
		panic("no")
	case attemptGoexit:
		runtime.Goexit()
	}
	return nil
}

// attempt connects with a token, and returns the connection without reading on.
func (r *rig) attempt(a *returns, l *lostClient, token string) underway {
	r.t.Helper()
	u := underway{r.dial(), make(chan struct{})}
	a.mu.Lock()
	a.made++
	number := a.made
	if a.under == nil {
		a.under = map[int]*underway{}
	}
	a.under[number] = &u
	a.mu.Unlock()
	u.c.send(fmt.Sprintf(`40{"pid":%q,"token":%q,"number":%d}`, l.pid, token, number))
	return u
}

// comeBack waits for the reply to an attempt that succeeds.
func (l *lostClient) comeBack(c *client) error {
	for {
		frame := c.read()
		if m := connectReply.FindStringSubmatch(frame); m != nil {
			l.sid, l.pid = m[1], m[2]
			return nil
		}
		if strings.HasPrefix(frame, "closed") || strings.HasPrefix(frame, "44") {
			return fmt.Errorf("CONNECT answered with %s", frame)
		}
		l.see(frame)
	}
}

// Attempts that die while the Use functions decide leave nothing behind, and take
// nothing away from the one that follows at once.
func TestAttemptsThatDie(t *testing.T) {
	for _, tokens := range [][]string{
		{attemptDies}, {attemptJoins}, {attemptHangs},
		{attemptDies, attemptDies, attemptDies}, {attemptHangs, attemptHangs, attemptDies, attemptHangs},
	} {
		t.Run(strings.Join(tokens, "-"), func(t *testing.T) { testAttemptsThatDie(t, tokens) })
	}
}

func testAttemptsThatDie(t *testing.T, tokens []string) {
	const clients, rounds, colors = 24, 4, 4
	a := &returns{}
	r := recoverable(t, Recovery{}, func(n *Namespace) { n.Use(a.use) })
	n := r.Of("/")
	clientsLeft := make([]*lostClient, clients)
	var wg sync.WaitGroup
	for i := range clients {
		l := &lostClient{}
		clientsLeft[i] = l
		wg.Go(func() {
			c := r.attempt(a, l, attemptOK).c
			if err := l.comeBack(c); err != nil {
				t.Error(err)
				return
			}
			first := l.sid
			s, _ := n.Socket(ID(l.sid))
			s.SetData(i)
			if err := s.Join("all", Room(fmt.Sprint("color", i%colors))); err != nil {
				t.Error(err)
			}
			for round := range rounds {
				c.ws.Close()
				for _, token := range tokens {
					<-r.attempt(a, l, token).entered
				}
				c = r.attempt(a, l, attemptOK).c
				if err := l.comeBack(c); err != nil || l.sid != first {
					t.Errorf("round %d: came back as %s, was %s: %v", round, l.sid, first, err)
					return
				}
			}
		})
	}
	wg.Wait()
	r.settled(t, clients)
	for i, l := range clientsLeft {
		s, ok := n.Socket(ID(l.sid))
		if !ok {
			t.Errorf("socket %s is not found", l.sid)
			continue
		}
		want := []Room{"all", Room(fmt.Sprint("color", i%colors)), Room(l.sid)}
		slices.Sort(want)
		if data, _ := DataOf[int](s); data != i || !slices.Equal(s.Rooms(), want) {
			t.Errorf("socket %d: data %d, rooms %q, want %q", i, data, s.Rooms(), want)
		}
	}
	if got := len(n.Members("all")); got != clients {
		t.Errorf("%d of %d are in the room of all", got, clients)
	}
	for i := range colors {
		if got := len(n.Members(Room(fmt.Sprint("color", i)))); got != clients/colors {
			t.Errorf("%d of %d are in a room of their color", got, clients/colors)
		}
	}
	if got := len(n.adapter.Members()); got != clients || len(n.adapter.Members("stray")) != 0 {
		t.Errorf("the adapter knows %d sockets, and %d stray ones", got, len(n.adapter.Members("stray")))
	}
}

// settled waits until every socket but those connected is done with.
func (r *rig) settled(t *testing.T, connected int) {
	t.Helper()
	eventually(t, "the end of all attempts", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		live := 0
		for c := range r.conns {
			live += len(c.unfinished())
		}
		return live == connected
	})
}

// Attempts that are refused begin anew afterwards, with no room of before.
func TestAttemptsThatAreRefused(t *testing.T) {
	for _, token := range []string{attemptNo, attemptPanics, attemptGoexit} {
		t.Run(token, func(t *testing.T) {
			const clients = 30
			a := &returns{}
			r := recoverable(t, Recovery{}, func(n *Namespace) { n.Use(a.use) })
			n := r.Of("/")
			var wg sync.WaitGroup
			for range clients {
				wg.Go(func() {
					l := &lostClient{}
					c := r.attempt(a, l, attemptOK).c
					if err := l.comeBack(c); err != nil {
						t.Error(err)
						return
					}
					first := l.sid
					s, _ := n.Socket(ID(first))
					if err := s.Join("all"); err != nil {
						t.Error(err)
					}
					c.ws.Close()
					if got := r.attempt(a, l, token).c.read(); !strings.HasPrefix(got, "44") {
						t.Errorf("refused with %s", got)
					}
					if err := l.comeBack(r.attempt(a, l, attemptOK).c); err != nil || l.sid == first {
						t.Errorf("came back as %s: %v", l.sid, err)
					}
				})
			}
			wg.Wait()
			r.settled(t, clients)
			if all, known := n.adapter.Members("all"), n.adapter.Members(); len(all) != 0 || len(known) != clients {
				t.Errorf("%d sockets, %d still in a room", len(known), len(all))
			}
			r.recoveries.mu.Lock()
			defer r.recoveries.mu.Unlock()
			if len(r.recoveries.byKey) != clients || n.away != 0 {
				t.Errorf("%d presences for %d clients, %d away", len(r.recoveries.byKey), clients, n.away)
			}
		})
	}
}

// A client that takes over a half-open connection gets the rooms even while functions
// of its old socket run, and attempts that die meanwhile change nothing for these.
func TestTakeOverWhileFunctionsRun(t *testing.T) {
	gate, inside := make(chan struct{}), make(chan []Room, 1)
	a := &returns{}
	r := recoverable(t, Recovery{}, func(n *Namespace) {
		n.Use(a.use)
		n.OnDisconnecting(func(_ context.Context, s *Socket, _ DisconnectReason) {
			if s.Recovered() {
				return
			}
			inside <- nil
			<-gate
			inside <- s.Rooms()
		})
	})
	n := r.Of("/")
	l := &lostClient{}
	if err := l.comeBack(r.attempt(a, l, attemptOK).c); err != nil {
		t.Fatal(err)
	}
	first := l.sid
	s, _ := n.Socket(ID(first))
	if err := s.Join("red", "blue"); err != nil {
		t.Fatal(err)
	}
	var waiting []*client
	for range 3 { // each waits for the function, and gives way to the next
		waiting = append(waiting, r.attempt(a, l, attemptOK).c)
	}
	within(t, inside, "OnDisconnecting")
	waiting = append(waiting, r.attempt(a, l, attemptOK).c)
	for _, c := range waiting[:3] {
		c.ws.Close()
	}
	r.settled(t, 2) // the old one and the last attempt
	if got := n.adapter.Rooms(ID(first)); len(got) != 3 {
		t.Errorf("while OnDisconnecting runs the socket is in %q", got)
	}
	close(gate)
	if got := within(t, inside, "the rooms"); len(got) != 3 {
		t.Errorf("OnDisconnecting found the rooms %q", got)
	}
	if err := l.comeBack(waiting[3]); err != nil || l.sid != first {
		t.Errorf("came back as %s, was %s: %v", l.sid, first, err)
	}
	r.settled(t, 1)
	again, ok := n.Socket(ID(first))
	if !ok || again == s || len(again.Rooms()) != 3 || r.Stats().Sockets != 1 {
		t.Fatalf("found: %v, %d sockets", ok, r.Stats().Sockets)
	}
}

// The end of an attempt that waits for the functions of the old socket takes neither
// the old nor any other socket out of the namespace.
func TestADyingAttemptLeavesTheOldSocketAlone(t *testing.T) {
	r := recoverable(t, Recovery{}, nil)
	n := r.Of("/")
	l := &lostClient{}
	r.rejoin(l)
	s, _ := n.Socket(ID(l.sid))
	if err := s.Join("red"); err != nil {
		t.Fatal(err)
	}
	// As if a CONNECT had claimed the presence, and its connection ended before the old
	// one was told to.
	other := &conn{srv: r.Server, session: s.conn.session, ctx: r.Server.ctx}
	r.acquire(n.name)
	attempt, err := n.newSocket(other, []byte(`{"pid":"`+l.pid+`"}`))
	if err != nil || attempt.id != s.id {
		t.Fatalf("id %s, want %s: %v", attempt.id, s.id, err)
	}
	attempt.end(TransportClose, nil, false)
	within(t, attempt.presence.over, "the end of the attempt")
	if found, _ := n.Socket(s.id); found != s || len(s.Rooms()) != 2 {
		t.Errorf("the old socket is found: %v, rooms %q", found == s, s.Rooms())
	}
	if _, missed := r.rejoin(l); ID(l.sid) != s.id || len(missed) != 0 {
		t.Errorf("came back as %s, was %s", l.sid, s.id)
	}
}

// What the last function of the old socket leaves is what the next one finds.
func TestTheLastDataCounts(t *testing.T) {
	gate := make(chan struct{})
	r := recoverable(t, Recovery{}, func(n *Namespace) {
		n.OnDisconnect(func(_ context.Context, s *Socket, _ DisconnectReason) {
			<-gate
			n, _ := DataOf[int](s)
			s.SetData(n + 1)
		})
	})
	l := &lostClient{}
	c, _ := r.rejoin(l)
	s, _ := r.Of("/").Socket(ID(l.sid))
	s.SetData(1)
	r.lose(c)
	again := r.dial()
	again.send(`40{"pid":"` + l.pid + `"}`)
	close(gate)
	if err := l.comeBack(again); err != nil || ID(l.sid) != s.id {
		t.Fatalf("came back as %s, was %s: %v", l.sid, s.id, err)
	}
	now, _ := r.Of("/").Socket(s.id)
	if n, _ := DataOf[int](now); n != 2 {
		t.Errorf("data %d", n)
	}
}
