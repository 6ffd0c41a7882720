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
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// A limitRow takes one limit to what it allows, one past it, and has an honest client do what
// comes closest, with every limit at its default. Each gets a fresh client.
type limitRow struct {
	limits        Limits
	setUp         func(srv *Server)
	within, above func(c *talker)
	honest        func(c *talker)
	hits          uint64 // beyond the limit; 1 when zero
}

// sends has a client that is in the main namespace send packets.
func sends(packets ...string) func(*talker) {
	return func(c *talker) {
		c.join("/")
		c.raw(packets...)
	}
}

// raw sends packets as they are, binary ones written as <01 02>, until the connection ends.
func (c *talker) raw(packets ...string) {
	synctest.Wait() // until what it sent before has left
	for _, p := range packets {
		kind, data := 1, []byte(p)
		if strings.HasPrefix(p, "<") {
			kind, data = 2, unhex(c.h.t, p)
		}
		if c.ws.WriteMessage(kind, data) != nil {
			return
		}
		synctest.Wait()
	}
}

func event(args string) string { return `42["e",` + args + `]` }

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

// connects sends CONNECTs for namespaces, with an auth or "".
func connects(auth string, names ...string) func(*talker) {
	return func(c *talker) {
		for _, name := range names {
			c.raw("40" + name + "," + auth)
		}
	}
}

func someNamespaces(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprint("/n", i))
	}
	return names
}

// roomer joins as many rooms as the client says, whose names are as long as it says.
func roomer(srv *Server) {
	srv.Of("/").On("join", func(_ context.Context, s *Socket, e *Event) {
		var n, length int
		_ = errors.Join(e.Args.Decode(0, &n), e.Args.Decode(1, &length))
		for i := range n {
			_ = s.Join(Room(fmt.Sprintf("%0*d", length, i)))
		}
		e.Ack()
	})
}

func joins(n, length int) func(*talker) { return sends(fmt.Sprintf(`421["join",%d,%d]`, n, length)) }

// asker asks as many questions at once as the client says, and takes no answer.
func asker(srv *Server) {
	srv.Of("/").On("e", func(ctx context.Context, s *Socket, e *Event) {
		var n int
		_ = e.Args.Decode(0, &n)
		for range n {
			s.conn.session.Go(func() { _, _ = s.Timeout(5*time.Second).EmitWithAck(ctx, "q") })
		}
		time.Sleep(6 * time.Second)
	})
}

// holder emits messages of 1,000 bytes in Use, as many as the auth says.
func holder(srv *Server) {
	srv.Of("/").Use(func(ctx context.Context, s *Socket) error {
		var n int
		_ = json.Unmarshal(s.Handshake().Auth, &struct{ N *int }{&n})
		for range n {
			_ = s.Emit(ctx, "snapshot", strings.Repeat("x", 1000))
		}
		return nil
	})
}

// sluggish handlers take as many milliseconds as the client says.
func sluggish(srv *Server) {
	srv.Of("/").On("e", func(_ context.Context, _ *Socket, e *Event) {
		var n time.Duration
		_ = e.Args.Decode(0, &n)
		time.Sleep(n * time.Millisecond)
	})
}

func waits(d time.Duration) func(*talker) { return func(*talker) { time.Sleep(d) } }

func shaped(l siowire.Limits) Limits { return Limits{Packet: l} }

var limitRows = map[string]limitRow{
	"Namespaces": {limits: Limits{Namespaces: 3}, within: connects("", "/n0", "/n1", "/n2"), above: connects("", someNamespaces(4)...), honest: connects("", someNamespaces(20)...)},
	"ChildNamespaces": {limits: Limits{ChildNamespaces: 3},
		setUp:  func(srv *Server) { srv.OfPattern(regexp.MustCompile("^/child")) },
		within: connects("", "/child0", "/child1"), above: connects("", "/child2", "/child3"), honest: connects("", "/child4", "/child5")},
	"StrangeConnects": {limits: Limits{StrangeConnects: 2}, within: connects("", slices.Repeat([]string{"/no"}, 20)...), above: connects("", slices.Repeat([]string{"/no"}, 21)...),
		honest: connects("", slices.Repeat([]string{"/no"}, 1000)...)},
	"Refusals": {limits: Limits{Refusals: 2},
		setUp: func(srv *Server) {
			srv.Of("/gate").Use(func(context.Context, *Socket) error { return errors.New("no") })
		},
		within: connects(`{"a":1}`, "/gate", "/gate"), above: connects(`{"a":1}`, "/gate", "/gate", "/gate"), honest: connects("", slices.Repeat([]string{"/gate"}, 20)...)},
	"Rooms":       {limits: Limits{Rooms: 3}, setUp: roomer, within: joins(3, 1), above: joins(4, 1), honest: joins(1000, 10)},
	"RoomBytes":   {limits: Limits{RoomBytes: 10}, setUp: roomer, within: joins(1, 10), above: joins(1, 11), honest: joins(10, 100)},
	"InboxBytes":  {limits: Limits{InboxBytes: 1000}, setUp: sluggish, within: sends(slices.Repeat([]string{event("1000")}, 3)...), above: sends(slices.Repeat([]string{event("1000")}, 5)...), honest: sends(slices.Repeat([]string{event("1")}, 1000)...)},
	"PendingAcks": {limits: Limits{PendingAcks: 3}, setUp: asker, within: sends(event("3")), above: sends(event("4")), honest: sends(event("1000"))},
	"HeldBytes": {limits: Limits{HeldBytes: 5000}, setUp: holder,
		within: func(c *talker) { c.raw(`40{"N":4}`) }, above: func(c *talker) { c.raw(`40{"N":5}`) }, honest: func(c *talker) { c.raw(`40{"N":5000}`) }},
	"AssemblyTime": {
		within: func(c *talker) {
			sends(`451-["e",` + ph0 + `]`)(c)
			time.Sleep(9 * time.Second)
			c.raw("<01>")
		},
		above: func(c *talker) { sends(`451-["e",` + ph0 + `]`)(c); time.Sleep(11 * time.Second) }, honest: sends(`451-["e",`+ph0+`]`, "<01>")},
	"AssemblyBytes":  {limits: Limits{AssemblyBytes: 50}, within: sends(`451-["e",`+ph0+`]`, "<"+strings.Repeat("01", 11)+">"), above: sends(`451-["e",`+ph0+`]`, "<"+strings.Repeat("01", 13)+">"), honest: sends(`451-["e",`+ph0+`]`, "<"+strings.Repeat("01", 900_000)+">")},
	"ConnectTimeout": {within: func(c *talker) { time.Sleep(44 * time.Second); c.join("/") }, above: waits(46 * time.Second), honest: waits(30 * time.Second)},
	"EventRate":      {limits: Limits{EventRate: 1, EventBurst: 3}, within: sends(slices.Repeat([]string{event("1")}, 3)...), above: sends(slices.Repeat([]string{event("1")}, 4)...), honest: sends(slices.Repeat([]string{event("1")}, 3000)...)},

	"Packet.Attachments":    {limits: shaped(siowire.Limits{Attachments: 1}), within: sends(`451-["e",`+ph0+`]`, "<01>"), above: sends(`452-["e",` + ph0 + `,` + ph1 + `]`), honest: sends(`452-["e",`+ph0+`,`+ph1+`]`, "<01>", "<02>")},
	"Packet.Depth":          {limits: shaped(siowire.Limits{Depth: 4}), within: sends(event(nested(3))), above: sends(event(nested(4))), honest: sends(event(nested(63)))},
	"Packet.Values":         {limits: shaped(siowire.Limits{Values: 4}), within: sends(event("1,2")), above: sends(event("1,2,3,4")), honest: sends(event(strings.Repeat("1,", 100_000) + "1"))},
	"Packet.NumberLength":   {limits: shaped(siowire.Limits{NumberLength: 4}), within: sends(event("1234")), above: sends(event("12345")), honest: sends(event("1.7976931348623157e+308"))},
	"Packet.NameLength":     {limits: shaped(siowire.Limits{NameLength: 4}), within: sends(`42["abcd"]`), above: sends(`42["abcde"]`), honest: sends(`42["` + strings.Repeat("x", 200) + `"]`)},
	"Packet.NamespaceBytes": {limits: shaped(siowire.Limits{NamespaceBytes: 8}), within: connects("", "/abcdefg"), above: connects("", "/abcdefgh"), honest: connects("", "/"+strings.Repeat("x", 100))},
	"Packet.AuthBytes":      {limits: shaped(siowire.Limits{AuthBytes: 20}), within: connects(`{"a":"0123456789ab"}`, "/n0"), above: connects(`{"a":"0123456789abc"}`, "/n0"), honest: connects(`{"token":"`+strings.Repeat("x", 4096)+`"}`, "/n0")},
	"Packet.AuthDepth":      {limits: shaped(siowire.Limits{AuthDepth: 4}), within: connects(`{"a":`+nested(3)+`}`, "/n0"), above: connects(`{"a":`+nested(4)+`}`, "/n0"), honest: connects(`{"a":`+nested(10)+`}`, "/n0")},
}

// TestEachLimit holds for each limit that what it allows is allowed, that what is beyond it
// counts under its name and is told, that another client does not notice, and that no limit's
// default is in the way of an honest one. Those of the connections beneath have a table in
// package engineio.
func TestEachLimit(t *testing.T) {
	for _, name := range limitNames {
		row, known := limitRows[name]
		if !known {
			t.Errorf("%s has no row", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { row.play(t, name) })
			synctest.Test(t, func(t *testing.T) {
				var told record
				h := row.open(t, Config{PingInterval: time.Hour, Observer: told.observer(func() {})})
				c := h.talk(nil)
				row.honest(c)
				c.send("0/alive,")
				for !strings.HasPrefix(c.next(), "0/alive,{") {
				}
				for other, n := range h.Stats().Limits {
					if n > 0 && other != "InboxBytes" && other != "Engine.QueueBytes" { // beyond which a side is slowed
						t.Errorf("an honest client came to %s", other)
					}
				}
				h.unharmed()
			})
		})
	}
}

func (row limitRow) open(t *testing.T, cfg Config) *hall {
	return variant{kind: "websocket"}.open(t, cfg, func(srv *Server) {
		srv.Of("/")
		for _, name := range someNamespaces(40) {
			srv.Of(name)
		}
		if row.setUp != nil {
			row.setUp(srv)
		}
	})
}

func (row limitRow) play(t *testing.T, name string) {
	var told record
	h := row.open(t, Config{PingInterval: time.Hour, Limits: row.limits, Observer: &Observer{Limit: told.observer(func() {}).Limit}})
	healthy := h.talk(nil)
	healthy.join("/alive")
	settle := func() uint64 {
		time.Sleep(10 * time.Second)
		synctest.Wait()
		return h.Stats().Limits[name]
	}
	row.within(h.talk(nil))
	if n := settle(); n != 0 {
		t.Errorf("within the limit it counts %d", n)
	}
	row.above(h.talk(nil))
	if n := settle(); n != max(row.hits, 1) {
		t.Errorf("beyond the limit it counts %d", n)
	}
	if got := strings.Count(told.take(), "limit "+name+" true"); uint64(got) != max(row.hits, 1) {
		t.Errorf("it was told %d times", got)
	}
	healthy.send(`2/alive,7["echo"]`)
	healthy.want(`3/alive,7[]`)
}
