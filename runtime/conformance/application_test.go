// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// connectCases are section 14, as far as it needs more than a script.
var connectCases = []check{
	{"V13", "not_early", connectTimeout},
	{"R168", "not_early", connectTimeout},
	{"R168", "refusals_do_not_stop_it", func(t *testing.T) {
		w := hasty.open(t, SocketPath)
		play(t, w, "> 40/rej,", `< 44/rej,{"message":"not authorized","data":{"content":"Please retry later"}}`, "closed")
	}},
	{"R168", "the_first_join_stops_it_for_good", leftEverything},
	{"V15", "left_everything", leftEverything},
	{"R161", "sid_alone", func(t *testing.T) {
		w := steady.open(t, SocketPath)
		ids := play(t, w, "> 40", joined, "> 40/admin,", `< 40/admin,{"sid":"<SID>"}`, "> 41", "> 40", joined)
		ids = append(ids, w.sid)
		for i, id := range ids {
			for _, other := range ids[:i] {
				if id == other {
					t.Fatalf("ids %q, want each fresh and none the session's", ids)
				}
			}
		}
	}},
	{"D5", "twenty_characters", func(t *testing.T) {
		w, id := steady.connect(t)
		if len(id) != 20 || len(w.sid) != 20 {
			t.Fatalf("ids %q and %q", id, w.sid)
		}
	}},
	{"R164", "foreign_errors_stay_inside", func(t *testing.T) {
		play(t, steady.open(t, SocketPath), `> 40/gated,{"gate":"open","secret":1}`, `< 44/gated,{"message":"connection refused","data":{"id":"<ID>"}}`, "open")
	}},
	{"R166", "second_connect_while_the_first_is_pending", func(t *testing.T) {
		first, second := newGate("R166"), newGate("R166")
		close(steady.gateOf(second))
		play(t, steady.open(t, SocketPath), `> 40/gated,{"gate":"`+first+`"}`, `> 40/gated,{"gate":"`+second+`"}`,
			`< 40/gated,{"sid":"<SID>"}`, `< 42/gated,["early"]`, `< 42/gated,["welcome"]`, "open")
		gatedIsEmpty(t, socketio.Room(first))
	}},
	{"R166", "both_in_one_payload", func(t *testing.T) {
		c := steady.poll(t, SocketPath)
		first, second := newGate("R166p"), newGate("R166p")
		close(steady.gateOf(second))
		c.ok(`40/gated,{"gate":"` + first + `"}` + "\x1e" + `40/gated,{"gate":"` + second + `"}`)
		play(t, &poller{session: c}, `< 40/gated,{"sid":"<SID>"}`, `< 42/gated,["early"]`, `< 42/gated,["welcome"]`, "open")
		gatedIsEmpty(t, socketio.Room(first))
	}},
	{"R167", "event_while_the_connect_is_pending", func(t *testing.T) {
		play(t, steady.open(t, SocketPath), `> 40/gated,{"gate":"R167"}`, `> 42/gated,["emitback"]`, "closed")
	}},
	{"R167", "the_reply_comes_first_without_middleware", func(t *testing.T) {
		c := steady.poll(t, SocketPath)
		c.ok("40/b,\x1e41/b,\x1e40/b,")
		play(t, &poller{session: c}, `< 40/b,{"sid":"<SID>"}`, `< 40/b,{"sid":"<SID>"}`, "open")
	}},
	{"R257", "several_connects_in_one_payload", func(t *testing.T) {
		c := steady.poll(t, SocketPath)
		c.ok("40/admin,\x1e40/b,")
		play(t, &poller{session: c}, `< 40/admin,{"sid":"<SID>"}`, `< 40/b,{"sid":"<SID>"}`, "open")
	}},
	{"R169", "the_reply_comes_first", replyFirst},
	{"R248", "the_reply_comes_first", replyFirst},
	{"D15", "the_reply_comes_first", replyFirst},
	{"R169", "broadcasts_do_not_overtake_the_reply", func(t *testing.T) {
		s := private(t, Config{})
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				default:
					_ = s.Socket.Of("/b").Emit(t.Context(), "news")
				}
			}
		}()
		defer func() { close(stop); <-stopped }()
		for range 50 {
			play(t, s.open(t, SocketPath), "> 40/b,", `< 40/b,{"sid":"<SID>"}`, `< 42/b,["news"]`)
		}
	}},
	{"R170", "connection_ends_in_a_middleware", func(t *testing.T) {
		w, gate := steady.open(t, SocketPath), newGate("R170")
		w.send(`40/gated,{"gate":"` + gate + `"}`)
		time.Sleep(settle)
		w.bye()
		close(steady.gateOf(gate))
		gatedIsEmpty(t, socketio.Room(gate))
	}},
	{"R171", "rooms_are_left_on_refusal", func(t *testing.T) {
		gate := newGate("R171")
		close(steady.gateOf(gate))
		play(t, steady.open(t, SocketPath), `> 40/gated,{"gate":"`+gate+`","refuse":1}`, `< 44/gated,{"message":"refused"}`, "open")
		gatedIsEmpty(t, socketio.Room(gate))
	}},
	{"R171", "and_kept_on_success", func(t *testing.T) {
		w, gate := steady.open(t, SocketPath), newGate("R171")
		close(steady.gateOf(gate))
		play(t, w, `> 40/gated,{"gate":"`+gate+`"}`, `< 40/gated,{"sid":"<SID>"}`, `< 42/gated,["early"]`, `< 42/gated,["welcome"]`)
		if err := steady.Socket.Of("/gated").To(socketio.Room(gate)).Emit(t.Context(), "room"); err != nil {
			t.Fatal(err)
		}
		w.want(`42/gated,["room"]`)
	}},
	{"R173", "namespaces_are_bounded", func(t *testing.T) {
		s := private(t, Config{})
		for i := range 40 {
			s.Socket.Of(fmt.Sprintf("/n%d", i))
		}
		w := s.open(t, SocketPath)
		for i := range 32 {
			play(t, w, fmt.Sprintf("> 40/n%d,", i), fmt.Sprintf(`< 40/n%d,{"sid":"<SID>"}`, i))
		}
		play(t, w, "> 40/n32,", `< 44/n32,{"message":"too many namespaces"}`, "open")
	}},
	{"R173", "long_names_are_refused", func(t *testing.T) {
		play(t, steady.open(t, SocketPath), "> 40/"+strings.Repeat("x", 128)+",", "closed")
	}},
	{"R172", "made_on_demand", madeOnDemand},
	{"D16", "made_once", madeOnDemand},
}

// madeOnDemand has many clients connect to a new namespace at once: a broadcast
// reaches them all only when it was made once.
func madeOnDemand(t *testing.T) {
	s := private(t, Config{})
	s.Socket.OfPattern(regexp.MustCompile(`^/room-[0-9]+$`)).Use(func(_ context.Context, socket *socketio.Socket) error {
		if string(socket.Handshake().Auth) == `{"refuse":1}` {
			return &socketio.ConnectError{Message: "refused"}
		}
		return nil
	})
	clients := make([]*ws, 16)
	for i := range clients {
		clients[i] = s.open(t, SocketPath)
	}
	for _, w := range clients {
		w.send("40/room-7,")
	}
	for _, w := range clients {
		w.want(`40/room-7,{"sid":"<SID>"}`)
	}
	if err := s.Socket.Of("/room-7").Emit(t.Context(), "all"); err != nil {
		t.Fatal(err)
	}
	for _, w := range clients {
		w.want(`42/room-7,["all"]`)
	}
	play(t, clients[0], "> 40/room-x,", `< 44/room-x,{"message":"Invalid namespace"}`,
		`> 40/room-8,{"refuse":1}`, `< 44/room-8,{"message":"refused"}`, "open")
}

func connectTimeout(t *testing.T) {
	start := time.Now()
	w := hasty.open(t, SocketPath)
	w.closed(0)
	within(t, "the end", time.Since(start), time.Second, patience)
}

func leftEverything(t *testing.T) {
	w := hasty.open(t, SocketPath)
	play(t, w, "> 40", joined, "> 41")
	w.silent(1200 * time.Millisecond)
	play(t, w, "open")
}

func replyFirst(t *testing.T) {
	w, gate := steady.open(t, SocketPath), newGate(t.Name())
	w.send(`40/gated,{"gate":"` + gate + `"}`)
	w.silent(settle)
	close(steady.gateOf(gate))
	play(t, w, `< 40/gated,{"sid":"<SID>"}`, `< 42/gated,["early"]`, `< 42/gated,["welcome"]`)
}

// gatedIsEmpty waits until no socket of /gated is in room.
func gatedIsEmpty(t *testing.T, room socketio.Room) {
	t.Helper()
	time.Sleep(settle)
	if ids := steady.Socket.Of("/gated").Members(room); len(ids) > 0 {
		t.Fatalf("room %s holds %q", room, ids)
	}
}

// eventCases are section 15 and what the application sees of events.
var eventCases = []check{
	{"V29", "number", heardAs(`42[1,"a"]`, `1 "a"`)},
	{"V30", "empty", heardAs(`42["",1]`, " 1")},
	{"V32", "connection", heardAs(`42["connection",1]`, "connection 1")},
	{"V32", "error", heardAs(`42["error",1]`, "error 1")},
	{"V32", "proto", heardAs(`42["__proto__",1]`, "__proto__ 1")},
	{"V32", "toString", heardAs(`42["toString",1]`, "toString 1")},
	{"V32", "message", func(t *testing.T) {
		w, _ := steady.connect(t)
		play(t, w, `> 42["message",1]`, `< 42["message-back",1]`)
	}},
	{"R148", "number_is_heard", heardAs(`42[5,"five"]`, `5 "five"`)},
	{"R147", "reserved_names_are_not_sent", reservedNames},
	{"V126", "reserved_names_are_not_sent", reservedNames},
	{"R155", "the_post_is_answered_ok", func(t *testing.T) {
		c := steady.poll(t, SocketPath)
		c.ok(`42["x"]`)
		(&poller{session: c}).closed(0)
	}},
	{"R156", "nothing_after_a_violation_in_a_payload", func(t *testing.T) {
		c := steady.poll(t, SocketPath)
		c.ok("40")
		id := idIn(c.get().body)
		c.post("42[]\x1e42[\"late\"]")
		steady.endsWith(t, id, "forced close")
		nothingHeard(t, id)
	}},
	{"R156", "nothing_after_a_violation_on_the_wire", func(t *testing.T) {
		w, id := steady.connect(t)
		w.raw(append(masked(fin|opText, []byte("42[]")), masked(fin|opText, []byte(`42["late"]`))...))
		w.closed(0)
		steady.endsWith(t, id, "forced close")
		nothingHeard(t, id)
	}},
	{"R175", "handlers_see_events_in_order", inOrder},
	{"R246", "one_at_a_time_in_order", inOrder},
	{"D12", "no_goroutine_for_each_event", inOrder},
	{"R178", "events_of_a_disconnected_socket_are_dropped", droppedAfterBye},
	{"R249", "no_event_after_disconnect", droppedAfterBye},
	{"R184", "ids_of_the_server", serverIDs},
	{"V122", "ids_of_the_server", serverIDs},
	{"R186", "an_ack_of_another_client", func(t *testing.T) {
		s := private(t, Config{}) // where ids begin at 0
		a, socket := s.connectTo(t)
		b, _ := s.connect(t)
		answer := askClient(t, socket, "q")
		a.want(`420["q"]`)
		play(t, b, `> 430["forged"]`, "live")
		a.send(`430["real"]`)
		if got := next(t, answer, "the answer"); got != `"real"` {
			t.Fatalf("answered %s", got)
		}
	}},
	{"R187", "a_late_ack_is_ignored", func(t *testing.T) {
		w, socket := private(t, Config{}).connectTo(t)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := socket.EmitWithAck(ctx, "q"); !errors.Is(err, socketio.ErrTimeout) {
			t.Fatalf("error %v, want a timeout", err)
		}
		play(t, w, `< 420["q"]`, "> 430[]", "live")
	}},
	{"R188", "pending_acks_fail_on_disconnect", func(t *testing.T) {
		w, socket := private(t, Config{}).connectTo(t)
		answer := askClient(t, socket, "q")
		w.want(`420["q"]`)
		w.send("41")
		if got := next(t, answer, "the answer"); got != socketio.ErrDisconnected.Error() {
			t.Fatalf("answered %s", got)
		}
	}},
	{"R189", "broadcast_with_acks", func(t *testing.T) {
		s := private(t, Config{})
		a, socket := s.connectTo(t)
		b, _ := s.connect(t)
		answered := make(chan string, 1)
		go func() {
			answers, err := s.Socket.Of("/").Except(socketio.Room("nobody")).Timeout(patience).EmitWithAck(t.Context(), "q", 1)
			answered <- fmt.Sprint(len(answers), err)
		}()
		a.want(`420["q",1]`)
		b.want(`420["q",1]`)
		b.send("430[2]")
		socket.Disconnect() // what has gone is not waited for
		if got := next(t, answered, "the answers"); got != "1 <nil>" {
			t.Fatalf("answers %s", got)
		}
	}},
	{"R190", "dropped_without_a_get", func(t *testing.T) {
		c := steady.poll(t, SocketPath)
		c.ok("40")
		socket := steady.socket(t, "/", idIn(c.get().body))
		drain(t, c)
		volatile(t, socket, 1)
		if err := socket.Emit(t.Context(), "kept"); err != nil {
			t.Fatal(err)
		}
		c.get().is(t, 200, `42["kept"]`)
	}},
	{"R190", "sent_when_a_get_waits", volatileWithGet},
	{"R119", "writable_means_that_a_get_waits", volatileWithGet},
	{"R190", "sent_over_websocket", func(t *testing.T) {
		w, id := steady.connect(t)
		play(t, w, "live")
		volatile(t, steady.socket(t, "/", id), 1)
		w.want(`42["v",1]`)
	}},
	{"R118", "emits_of_one_turn_keep_their_order", func(t *testing.T) {
		c := steady.poll(t, probePath)
		p := c.wait()
		c.seat().say(t, "a", "b", "c")
		body := p.wait().body
		for !strings.HasSuffix(body, "4c") {
			body += "\x1e" + c.get().body
		}
		if body != "4a\x1e4b\x1e4c" {
			t.Fatalf("got %q", body)
		}
	}},
	{"R253", "a_panic_ends_one_call_alone", func(t *testing.T) {
		w, _ := steady.connect(t)
		play(t, w, `> 42["panic"]`, "live")
	}},
	{"R253", "a_panic_in_a_middleware_refuses", func(t *testing.T) {
		play(t, steady.open(t, SocketPath), `> 40/gated,{"gate":"open","panic":1}`, `< 44/gated,{"message":"connection refused","data":{"id":"<ID>"}}`, "open")
	}},
	{"CVE-2024-38355", "the_process_lives", func(t *testing.T) {
		w, _ := steady.connect(t)
		play(t, w, `> 42["x`, "closed")
		steady.connect(t)
	}},
	{"R250", "rooms", func(t *testing.T) {
		w, id := steady.connect(t)
		socket := steady.socket(t, "/", id)
		room := steady.Socket.Of("/").To(socketio.Room("R250" + id))
		for i := range 20 {
			if err := errors.Join(socket.Join(socketio.Room("R250"+id)), room.Emit(t.Context(), "in", i)); err != nil {
				t.Fatal(err)
			}
			socket.Leave(socketio.Room("R250" + id))
			if err := errors.Join(room.Emit(t.Context(), "out", i), socket.Emit(t.Context(), "next", i)); err != nil {
				t.Fatal(err)
			}
			w.want(fmt.Sprintf(`42["in",%d]`, i), fmt.Sprintf(`42["next",%d]`, i))
		}
	}},
}

// heardAs checks what an application gets that listens to every event.
func heardAs(packet, want string) func(*testing.T) {
	return func(t *testing.T) {
		w, id := steady.connect(t)
		play(t, w, "> "+packet, "live")
		if got := next(t, stringsOf(&steady.unhandled, socketio.ID(id)), "the event"); got != want {
			t.Fatalf("event %q, want %q", got, want)
		}
	}
}

func nothingHeard(t *testing.T, id string) {
	t.Helper()
	if c := stringsOf(&steady.unhandled, socketio.ID(id)); len(c) > 0 {
		t.Fatalf("the application got %q", <-c)
	}
}

func reservedNames(t *testing.T) {
	w, id := steady.connect(t)
	socket := steady.socket(t, "/", id)
	for _, name := range reserved {
		if err := socket.Emit(t.Context(), name); !errors.Is(err, socketio.ErrReservedName) {
			t.Errorf("Emit(%q): %v", name, err)
		}
	}
	play(t, w, "live")
}

func inOrder(t *testing.T) {
	w, id := steady.connect(t)
	var all []byte
	const n = 500
	for i := range n {
		all = append(all, masked(fin|opText, fmt.Appendf(nil, `42["event",%d]`, i))...)
	}
	w.raw(all)
	heard := stringsOf(&steady.unhandled, socketio.ID(id))
	for i := range n {
		if got, want := next(t, heard, "the event"), fmt.Sprintf("event %d", i); got != want {
			t.Fatalf("heard %q, want %q", got, want)
		}
	}
}

func droppedAfterBye(t *testing.T) {
	w, id := steady.connect(t)
	play(t, w, `> 42["sleep",100]`, `> 42["bye"]`, `> 42["emitback",1]`, `> 42["late"]`, "< 41", "open")
	steady.endsWith(t, id, "server namespace disconnect")
	nothingHeard(t, id)
}

// askClient emits an event with ack and returns the first argument of the answer, or
// the error's text.
func askClient(t *testing.T, socket *socketio.Socket, event string) <-chan string {
	answer := make(chan string, 1)
	go func() {
		args, err := socket.EmitWithAck(t.Context(), event)
		switch {
		case err != nil:
			answer <- err.Error()
		case args.Len() == 0:
			answer <- ""
		default:
			answer <- string(args.At(0))
		}
	}()
	return answer
}

func serverIDs(t *testing.T) {
	w, id := private(t, Config{}).connectTo(t)
	for i := range 3 {
		answer := askClient(t, id, "q")
		w.want(fmt.Sprintf(`42%d["q"]`, i))
		w.send(fmt.Sprintf(`43%d[%d]`, i, i))
		if got := next(t, answer, "the answer"); got != fmt.Sprint(i) {
			t.Fatalf("answered %s", got)
		}
	}
}

// connectTo is connect, with the server's side of the socket.
func (s *site) connectTo(t *testing.T) (*ws, *socketio.Socket) {
	t.Helper()
	w, id := s.connect(t)
	return w, s.socket(t, "/", id)
}

// drain fetches what is on its way to a socket that was just joined.
func drain(t *testing.T, c *session) {
	t.Helper()
	c.ok(`42["emitback","drained"]`)
	for !strings.Contains(c.get().body, `"drained"`) {
	}
}

// volatile emits a volatile event once nothing else is on its way: what a client has read
// may still have to be noted as written.
func volatile(t *testing.T, socket *socketio.Socket, arg any) {
	t.Helper()
	if err := socket.AwaitSent(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := socket.Volatile().Emit(t.Context(), "v", arg); err != nil {
		t.Fatal(err)
	}
}

func volatileWithGet(t *testing.T) {
	c := steady.poll(t, SocketPath)
	c.ok("40")
	socket := steady.socket(t, "/", idIn(c.get().body))
	drain(t, c)
	p := c.wait()
	volatile(t, socket, 1)
	p.wait().is(t, 200, `42["v",1]`)
	volatile(t, socket, 2)
	p = c.wait()
	volatile(t, socket, 3)
	p.wait().is(t, 200, `42["v",3]`)
}

// An ended is a way to end a connection and the reason that sockets get for it.
type ended struct {
	rule, name string
	end        func(t *testing.T, w *ws, socket *socketio.Socket)
	reason     string
}

var endedCases = []ended{
	{"R192", "reason", func(t *testing.T, w *ws, _ *socketio.Socket) { w.send("41") }, "client namespace disconnect"},
	{"R194", "reason", func(t *testing.T, w *ws, s *socketio.Socket) { s.Disconnect(); w.want("41") }, "server namespace disconnect"},
	{"R196", "reason", func(t *testing.T, w *ws, s *socketio.Socket) { s.CloseConnection(); w.want("41"); w.closed(0) }, "server namespace disconnect"},
	{"R199", "reason", func(t *testing.T, w *ws, _ *socketio.Socket) { w.send("41"); w.bye() }, "client namespace disconnect"},
	{"R198", "close_frame", func(t *testing.T, w *ws, _ *socketio.Socket) { w.bye() }, "transport close"},
	{"R198", "dropped", func(t *testing.T, w *ws, _ *socketio.Socket) { w.conn.Close() }, "transport close"},
	{"R198", "framing_error", func(t *testing.T, w *ws, _ *socketio.Socket) { w.frame(fin|3, nil); w.closed(1002) }, "transport error"},
	{"R198", "wrong_heartbeat", func(t *testing.T, w *ws, _ *socketio.Socket) { w.send("2"); w.closed(0) }, "transport error"},
	{"R198", "malformed_packet", func(t *testing.T, w *ws, _ *socketio.Socket) { w.send("x"); w.closed(0) }, "parse error"},
	{"R200", "violation", func(t *testing.T, w *ws, _ *socketio.Socket) { w.send("42[]"); w.closed(0) }, "forced close"},
	{"R200", "state_violation", func(t *testing.T, w *ws, _ *socketio.Socket) { w.send("40"); w.closed(0) }, "forced close"},
	{"R251", "several_ends_at_once", func(t *testing.T, w *ws, s *socketio.Socket) {
		w.send("41", "42[]", "2")
		w.frame(fin|opClose, nil)
	}, "client namespace disconnect"},
}

func endedChecks() []check {
	var checks []check
	for _, e := range endedCases {
		checks = append(checks, check{e.rule, e.name, func(t *testing.T) {
			w, socket := steady.connectTo(t)
			e.end(t, w, socket)
			id := string(socket.ID())
			steady.endsWith(t, id, e.reason)
			if c := stringsOf(&steady.endings, socket.ID()); len(c) > 0 {
				t.Fatalf("ended again with %q", <-c)
			}
		}})
	}
	return append(checks,
		check{"R198", "ping_timeout", func(t *testing.T) {
			w := suite.open(t, SocketPath)
			id := play(t, w, "> 40", joined)[0]
			suite.endsWith(t, id, "ping timeout")
		}},
		check{"R197", "shutdown_sends_no_disconnect", func(t *testing.T) {
			s := private(t, Config{})
			w, id := s.connect(t)
			done := make(chan error, 1)
			go func() { done <- s.Socket.Shutdown(t.Context()) }()
			w.closed(0)
			s.endsWith(t, id, "server shutting down")
			if err := next(t, done, "the shutdown's end"); err != nil {
				t.Fatal(err)
			}
		}},
		check{"R200", "violations_are_reported_at_once_on_polling", func(t *testing.T) {
			c := steady.poll(t, SocketPath)
			c.ok("40")
			id := idIn(c.get().body)
			c.ok("40")
			steady.endsWith(t, id, "forced close")
		}},
		check{"R199", "by_polling", func(t *testing.T) {
			c := steady.poll(t, SocketPath)
			c.ok("40")
			id := idIn(c.get().body)
			c.ok("41")
			c.ok("1")
			steady.endsWith(t, id, "client namespace disconnect")
			c.gone()
		}},
		check{"R198", "the_client_ends_the_session", func(t *testing.T) {
			c := steady.poll(t, SocketPath)
			c.ok("40")
			id := idIn(c.get().body)
			c.ok("1")
			steady.endsWith(t, id, string(engineio.TransportClose))
		}})
}
