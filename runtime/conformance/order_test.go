// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A course is one session with numbered events in both directions, which it
// upgrades on the way.
type course struct {
	events int // each way
	window int // of the server's events that the client has not got yet
	burst  int // of the client's events in one POST
	before int // of the client's events sent by polling
}

// run plays the course against s. It ends early with an error.
func (c course) run(t *testing.T, s *site) error {
	client := s.poll(t, SocketPath)
	client.ok("40")
	socket := s.socket(t, "/", idIn(client.get().body))
	drain(t, client)
	heard := stringsOf(&s.unhandled, socket.ID())

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got := make(chan struct{}, c.events) // one for each event of the server
	up := make(chan error, 1)
	go func() { up <- c.emit(ctx, socket, got) }()
	down := make(chan error, 1)
	go func() { down <- c.hear(ctx, heard) }()

	err := c.client(client, got)
	if err != nil {
		cancel()
	}
	return errors.Join(err, <-up, <-down)
}

// emit is the server's side: it sends numbered events.
func (c course) emit(ctx context.Context, socket *socketio.Socket, got <-chan struct{}) error {
	for i := range c.events {
		if i >= c.window {
			select {
			case <-got:
			case <-ctx.Done():
				return fmt.Errorf("emit %d: %w", i, ctx.Err())
			}
		}
		if err := socket.Emit(ctx, "n", i); err != nil {
			return fmt.Errorf("emit %d: %w", i, err)
		}
	}
	return nil
}

// hear checks what the application gets of the client's events.
func (c course) hear(ctx context.Context, heard <-chan string) error {
	for i := range c.events {
		select {
		case event := <-heard:
			if want := "n " + strconv.Itoa(i); event != want {
				return fmt.Errorf("the application got %q, want %q", event, want)
			}
		case <-ctx.Done():
			return fmt.Errorf("the application waits for event %d: %w", i, ctx.Err())
		}
	}
	select {
	case event := <-heard:
		return fmt.Errorf("the application also got %q", event)
	default:
		return nil
	}
}

// client is the client's side. Like the official client it has one GET and one
// POST in flight, pauses polling for the upgrade and sends the rest over the
// WebSocket.
func (c course) client(session *session, got chan<- struct{}) error {
	posted := make(chan error, 1)
	go func() { posted <- c.post(session) }()
	w := session.upgrade()
	probed := make(chan error, 1)
	next := 0
	sent := false
	for released := false; !released; {
		r := session.site.begin(session.t, "GET", session.target, "").wait()
		if r.err != nil || r.status != 200 {
			return fmt.Errorf("GET: %d %q %v", r.status, r.body, r.err)
		}
		for packet := range strings.SplitSeq(r.body, "\x1e") {
			if packet == "6" {
				released = true
				continue
			}
			if err := c.expect(packet, &next, got); err != nil {
				return err
			}
		}
		if !sent && next >= c.before {
			sent = true
			w.send("2probe")
			go func() { probed <- wantText(w, "3probe") }()
		}
	}
	if err := errors.Join(<-probed, <-posted); err != nil {
		return err
	}
	w.send("5")
	sending := make(chan struct{})
	go func() {
		defer close(sending)
		for i := c.before; i < c.events; i++ {
			w.send(fmt.Sprintf(`42["n",%d]`, i))
		}
	}()
	defer func() { <-sending }()
	for next < c.events {
		packet, err := w.packet()
		if err == nil {
			err = c.expect(packet, &next, got)
		}
		if err != nil {
			w.conn.Close()
			return err
		}
	}
	return nil
}

func wantText(w *ws, want string) error {
	got, err := w.packet()
	if err == nil && got != want {
		err = fmt.Errorf("got %q, want %q", got, want)
	}
	return err
}

// post sends the first events by polling.
func (c course) post(session *session) error {
	for i := 0; i < c.before; {
		var body []string
		for ; i < c.before && len(body) < c.burst; i++ {
			body = append(body, fmt.Sprintf(`42["n",%d]`, i))
		}
		r := session.site.begin(session.t, "POST", session.target, strings.Join(body, "\x1e")).wait()
		if r.err != nil || r.status != 200 {
			return fmt.Errorf("POST: %d %q %v", r.status, r.body, r.err)
		}
	}
	return nil
}

// expect checks one event of the server.
func (c course) expect(packet string, next *int, got chan<- struct{}) error {
	if want := fmt.Sprintf(`42["n",%d]`, *next); packet != want {
		return fmt.Errorf("the client got %q, want %q", packet, want)
	}
	*next++
	got <- struct{}{}
	return nil
}

func TestTenThousandEventsEachWayAcrossAnUpgrade(t *testing.T) {
	t.Parallel()
	s := private(t, Config{})
	if err := (course{events: 10_000, window: 400, burst: 100, before: 3_000}).run(t, s); err != nil {
		t.Fatal(err)
	}
}

func TestUpgradesUnderTrafficLoseNothing(t *testing.T) {
	t.Parallel()
	const upgrades, atOnce = 200, 8
	s := private(t, Config{})
	turns := make(chan struct{}, atOnce)
	for i := range upgrades {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			// The upgrade comes at another moment in each.
			if err := (course{events: 100, window: 20, burst: 1 + i%7, before: 10 + i%50}).run(t, s); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A session that ends in the middle of an upgrade must end for its application,
// too, whatever the moment.
func TestSessionsThatEndDuringAnUpgradeEndOnce(t *testing.T) {
	t.Parallel()
	s := private(t, Config{})
	for i := range 30 {
		c := s.poll(t, probePath)
		seat := c.seat()
		w := c.upgrade()
		w.send("2probe")
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			time.Sleep(time.Duration(i) * 100 * time.Microsecond)
			seat.Close(engineio.ForcedClose)
		}()
		w.want("3probe")
		w.send("5")
		w.closed(0)
		<-ended
		seat.ends(t, engineio.ForcedClose)
		if len(seat.closed) > 0 {
			t.Fatalf("closed again with %q", <-seat.closed)
		}
	}
}
