// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// R159: auth is the CONNECT's object, {} without one.
func TestHandshake(t *testing.T) {
	got := make(chan *Handshake, 1)
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/chat").OnConnect(func(_ context.Context, s *Socket) { got <- s.Handshake() })
	})
	d := websocket.Dialer{NetDialContext: r.l.DialContext}
	header := http.Header{"X-Tenant": {"acme"}, "Origin": {"http://test"}}
	ws, res, err := d.Dial("ws://test/socket.io/?EIO=4&transport=websocket&room=5", header)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	defer ws.Close()
	c := &client{t, ws}
	c.read()
	c.send(`40/chat,{"token":"abc"}`)
	c.want(`40/chat,{"sid":"<SID>"}`)
	h := within(t, got, "OnConnect")
	if string(h.Auth) != `{"token":"abc"}` || h.Header.Get("X-Tenant") != "acme" || h.Query.Get("room") != "5" ||
		!strings.HasPrefix(h.URL, "/socket.io/?") || h.Address == "" || h.Time.IsZero() || h.Secure || !h.CrossOrigin {
		t.Errorf("handshake %+v", h)
	}
	c.send("41/chat,", "40/chat,")
	c.want(`40/chat,{"sid":"<SID>"}`)
	if h := within(t, got, "OnConnect"); string(h.Auth) != "{}" {
		t.Errorf("auth %s, want {}", h.Auth)
	}
}

// gated is a namespace whose Use function waits.
func gated(t *testing.T, cfg Config) (r *rig, inside chan *Socket, answer chan error) {
	inside, answer = make(chan *Socket, 1), make(chan error, 1)
	r = newRig(t, cfg, func(srv *Server) {
		srv.Of("gate").Use(func(ctx context.Context, s *Socket) error {
			if err := s.Join("lobby"); err != nil {
				t.Errorf("Join in Use: %v", err)
			}
			inside <- s
			select {
			case err := <-answer:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	return r, inside, answer
}

// R167: until it is answered, nothing of the namespace may follow a CONNECT.
func TestPacketsWhileConnectIsPending(t *testing.T) {
	for _, packet := range []string{`42/gate,["x"]`, "41/gate,", "43/gate,0[]", `451-/gate,["x",` + ph0 + `]`} {
		t.Run(packet, func(t *testing.T) {
			r, inside, _ := gated(t, Config{})
			c := r.dial()
			c.send("40/gate,")
			s := within(t, inside, "Use")
			c.send(packet)
			if strings.HasPrefix(packet, "45") {
				c.send("<00>") // the namespace is checked when the packet is complete (R214)
			}
			c.want("closed")
			eventually(t, "the rooms are left", func() bool { return len(r.Of("gate").adapter.Members("lobby")) == 0 })
			if s.Connected() {
				t.Error("the socket is connected")
			}
		})
	}
}

// R170: when the connection ends first, there is neither OnConnect nor OnDisconnect.
func TestConnectionEndsDuringUse(t *testing.T) {
	r, inside, _ := gated(t, Config{})
	r.Of("gate").OnConnect(func(context.Context, *Socket) { t.Error("OnConnect ran") })
	r.Of("gate").OnDisconnect(func(context.Context, *Socket, DisconnectReason) { t.Error("OnDisconnect ran") })
	c := r.dial()
	c.send("40/gate,")
	s := within(t, inside, "Use")
	s.CloseConnection() // does nothing here
	c.wantOpen()
	c.ws.Close()
	eventually(t, "the socket is forgotten", func() bool { return len(r.Of("gate").adapter.Members()) == 0 && r.Stats().Sessions == 0 })
}

// What Use functions began and did not refuse ends in OnDisconnect, although the
// client went away before it was told.
func TestConnectionEndsBeforeUseAccepts(t *testing.T) {
	gate, inside := make(chan struct{}), make(chan *Socket, 1)
	got := make(chan string, 1)
	r := newRig(t, Config{}, func(srv *Server) {
		n := srv.Of("/")
		n.Use(func(_ context.Context, s *Socket) error {
			inside <- s
			s.Join("lobby")
			<-gate
			return nil
		})
		n.OnConnect(func(context.Context, *Socket) { t.Error("OnConnect ran") })
		n.OnDisconnect(func(_ context.Context, s *Socket, reason DisconnectReason) {
			got <- fmt.Sprintf("%s, %d rooms, %d members", reason, len(s.Rooms()), len(n.adapter.Members()))
		})
	})
	c := r.dial()
	c.send("40")
	s := within(t, inside, "Use")
	eventually(t, "the room", func() bool { return len(s.Rooms()) == 2 })
	c.ws.Close()
	within(t, s.Context().Done(), "the end")
	close(gate)
	if got := within(t, got, "OnDisconnect"); got != "transport close, 0 rooms, 0 members" {
		t.Errorf("OnDisconnect: %s", got)
	}
	if st := r.Stats(); st.Connects != 0 || st.Sockets != 0 {
		t.Errorf("%+v", st)
	}
}

// R169, R171: what Use emits follows the reply, and vanishes with a refusal.
func TestEmitsInUseAreHeldBack(t *testing.T) {
	r, inside, answer := gated(t, Config{Limits: Limits{HeldBytes: 3*engineio.NewMessage().Size() + 1}})
	n := r.Of("gate")
	n.OnConnect(func(_ context.Context, s *Socket) { emit(t, s, "connected") })
	c := r.dial()
	for _, verdict := range []error{&ConnectError{Message: "no"}, errors.New("a secret"), nil} {
		c.send("40/gate,")
		s := within(t, inside, "Use")
		emit(t, s, "early", 1)
		emit(t, s, "early", []byte{2})
		if err := s.Volatile().Emit(t.Context(), "dropped"); err != nil {
			t.Error(err)
		}
		if err := n.Emit(t.Context(), "broadcast"); err != nil { // passes over it
			t.Error(err)
		}
		emit(t, s, "early", 3)
		if err := s.Emit(t.Context(), "early", 4); err != ErrHeldFull {
			t.Errorf("the fourth: %v", err)
		}
		if _, err := s.EmitWithAck(t.Context(), "q"); err != ErrNotConnected {
			t.Errorf("EmitWithAck: %v", err)
		}
		if _, ok := n.Socket(s.ID()); ok || len(n.Members("lobby")) != 0 {
			t.Error("a pending socket is visible")
		}
		answer <- verdict
		switch {
		case verdict == nil:
			c.want(`40/gate,{"sid":"<SID>"}`, `42/gate,["early",1]`, `451-/gate,["early",`+ph0+`]`, "<02>", `42/gate,["early",3]`, `42/gate,["connected"]`)
		case strings.Contains(verdict.Error(), "secret"):
			c.want(`44/gate,{"message":"connection refused"}`) // R164
		default:
			c.want(`44/gate,{"message":"no"}`)
		}
	}
	c.wantOpen()
	if got := n.Members("lobby"); len(got) != 1 {
		t.Errorf("in the lobby: %q", got)
	}
	if log := r.log.String(); !strings.Contains(log, "a secret") {
		t.Error("the cause of a refusal is not in the log")
	}
}

// A refused socket has not joined: what comes for it closes the connection.
func TestPacketAfterRefusal(t *testing.T) {
	r := newRig(t, Config{}, vectorApp(t, &ends{}))
	c := r.dial()
	c.send("40/rej2,")
	c.want(`44/rej2,{"message":"nope"}`)
	c.send(`42/rej2,["x"]`)
	c.want("closed")
}

func TestUseRunsInOrderUntilOneRefuses(t *testing.T) {
	seen := &ends{}
	r := newRig(t, Config{}, func(srv *Server) {
		n := srv.Of("/")
		for i, err := range []error{nil, &ConnectError{"no", map[string]any{"code": "<unauthorized>"}}, nil} {
			n.Use(func(context.Context, *Socket) error { seen.add(fmt.Sprint(i)); return err })
		}
	})
	c := r.dial()
	c.send("40")
	c.want(`44{"message":"no","data":{"code":"<unauthorized>"}}`)
	if seen.String() != "0; 1" {
		t.Errorf("ran %s", seen)
	}
}

// R169, R248: broadcasts from other goroutines never overtake the CONNECT reply,
// and reach everyone who is connected.
func TestBroadcastsDoNotOvertakeTheReply(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").Use(func(_ context.Context, s *Socket) error { return s.Join("room") })
		srv.Of("/").OnConnect(func(_ context.Context, s *Socket) { emit(t, s, "welcome") })
	})
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if err := r.Of("/").To("room").Emit(context.Background(), "noise"); err != nil {
						t.Error(err)
					}
					time.Sleep(20 * time.Microsecond)
				}
			}
		})
	}
	for range 100 {
		c := r.dial()
		c.send("40")
		c.want(`40{"sid":"<SID>"}`)
		for welcome := false; !welcome; {
			switch got := c.read(); got {
			case `42["welcome"]`:
				welcome = true
			case `42["noise"]`:
			default:
				t.Fatalf("got %q", got)
			}
		}
		c.ws.Close()
	}
	close(stop)
	wg.Wait()
}

// the number of namespaces on one connection is bounded.
func TestNamespacesPerConnectionAreBounded(t *testing.T) {
	r := newRig(t, Config{Limits: Limits{Namespaces: 2}}, func(srv *Server) {
		for _, name := range []string{"a", "b", "c"} {
			srv.Of(name)
		}
	})
	c := r.dial()
	c.join("/a")
	c.join("/b")
	c.send("40/c,")
	c.want(`44/c,{"message":"too many namespaces"}`)
	c.send("40/c,")
	c.want(`44/c,{"message":"too many namespaces"}`)
	c.send("40/c,")
	c.want("closed")
}

// A client that leaves and joins while its handlers hang cannot pile up sockets.
func TestUnfinishedSocketsCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		r := newRig(t, Config{Limits: Limits{Namespaces: 2}}, func(srv *Server) {
			srv.Of("/").On("hang", func(context.Context, *Socket, *Event) { <-gate })
		})
		c := r.dial()
		for i := range 2 {
			c.join("/")
			c.send(`42["hang"]`)
			want := fmt.Sprintf(`/ event "hang" (%d)`, i+1)
			eventually(t, want, func() bool { return r.running() == want })
			c.send("41")
		}
		c.send("40")
		c.want(`44{"message":"too many namespaces"}`)
		close(gate)
		eventually(t, "both return", func() bool { return r.running() == "nothing but the ends of connections" })
		eventually(t, "there is room again", func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			for conn := range r.conns {
				if len(conn.unfinished()) > 0 {
					return false
				}
			}
			return true
		})
		c.wantOpen()
		c.ws.Close()
	})
}

// R195: for a while, packets for a namespace that the server has closed are dropped.
func TestTombstones(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{PingInterval: time.Hour}, func(srv *Server) { srv.Of("/chat") })
		c, id := r.join("/chat")
		s, _ := r.Of("/chat").Socket(id)
		s.Disconnect()
		c.want("41/chat,")
		c.send(`42/chat,["late"]`, "43/chat,0[]", "41/chat,", `451-/chat,["late",`+ph0+`]`, "<00>")
		c.wantOpen()
		if got := r.Stats().Dropped; got != 4 {
			t.Errorf("%d dropped, want 4", got)
		}
		time.Sleep(4 * time.Second)
		c.send(`42/chat,["late"]`, "41/alive,")
		c.wantOpen()
		time.Sleep(2 * time.Second)
		c.send(`42/chat,["too late"]`)
		c.want("closed")
		c.ws.Close()
	})
}

// R193: after a tombstone the client may join again, and its events count.
func TestTombstoneEndsWithConnect(t *testing.T) {
	r := newRig(t, Config{}, vectorApp(t, &ends{}))
	c, _ := r.join("/")
	c.send(`42["bye"]`)
	c.want("41")
	c.join("/")
	c.send(`42["emitback",1]`)
	c.want(`42["back",1]`)
}

// The adapter's bounds reach Join.
func TestRoomsAreBounded(t *testing.T) {
	_, _, s := joined(t, Config{Limits: Limits{Rooms: 2, RoomBytes: 5}})
	if err := s.Join("a", "b"); err != nil {
		t.Error(err)
	}
	if err := s.Join("c"); !errors.Is(err, ErrTooManyRooms) {
		t.Errorf("a third room: %v", err)
	}
	if err := s.Join("longer"); !errors.Is(err, ErrRoomName) {
		t.Errorf("a longer name: %v", err)
	}
	s.Leave("a", "unknown")
	if got, want := fmt.Sprint(s.Rooms()), fmt.Sprint([]Room{Room(s.ID()), "b"}); got != want && got != fmt.Sprint([]Room{"b", Room(s.ID())}) {
		t.Errorf("Rooms = %s", got)
	}
}

// In OnDisconnecting the rooms are those of before, in OnDisconnect they are left
// (R198).
func TestRoomsInOnDisconnect(t *testing.T) {
	got := make(chan []Room, 2)
	r := newRig(t, Config{}, func(srv *Server) {
		n := srv.Of("/")
		n.Use(func(_ context.Context, s *Socket) error { return s.Join("red", "blue") })
		n.OnDisconnecting(func(ctx context.Context, s *Socket, _ DisconnectReason) { got <- s.Rooms() })
		n.OnDisconnect(func(ctx context.Context, s *Socket, _ DisconnectReason) {
			if len(n.Members("red")) != 0 {
				t.Error("the room is not left")
			}
			got <- s.Rooms()
		})
	})
	c, _ := r.join("/")
	c.ws.Close()
	if rooms := within(t, got, "OnDisconnecting"); len(rooms) != 3 {
		t.Errorf("in OnDisconnecting: %q", rooms)
	}
	if rooms := within(t, got, "OnDisconnect"); len(rooms) != 0 {
		t.Errorf("in OnDisconnect: %q", rooms)
	}
}
