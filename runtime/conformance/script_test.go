// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

// A peer is a client that speaks Engine.IO packets, over any transport.
type peer interface {
	send(packets ...string)
	packet() (string, error) // waits for the next one
	closed(code int)         // expects the ending of R76 or R112, and nothing before it
}

// A poller is a peer that polls.
type poller struct {
	*session
	queue []string
	over  bool // the packet "1" came
}

func (p *poller) send(packets ...string) {
	p.t.Helper()
	for _, packet := range packets {
		if data, ok := binaryOf(p.t, packet); ok {
			packet = "b" + base64.StdEncoding.EncodeToString(data)
		}
		if r := p.post(packet); r.err != nil || r.status != 200 && r.status != 400 {
			p.t.Fatalf("POST %q: answered %d %q, %v", packet, r.status, r.body, r.err)
		}
	}
}

func (p *poller) packet() (string, error) {
	p.t.Helper()
	for len(p.queue) == 0 {
		r := p.get()
		if r.err != nil || r.status != 200 {
			return "", fmt.Errorf("GET: %d %q %v", r.status, r.body, r.err)
		}
		p.queue = strings.Split(r.body, "\x1e")
	}
	packet := p.queue[0]
	p.queue = p.queue[1:]
	switch {
	case packet == "1":
		p.over = true
		return "", fmt.Errorf("the session ended")
	case packet == "6":
		return p.packet()
	case strings.HasPrefix(packet, "b"):
		data, err := base64.StdEncoding.DecodeString(packet[1:])
		return show(data, true), err
	}
	return packet, nil
}

// closed accepts both endings: with "1", and at once.
func (p *poller) closed(int) {
	p.t.Helper()
	if got, err := p.packet(); err == nil {
		p.t.Fatalf("got %q, want the end", got)
	}
	if len(p.queue) > 0 {
		p.t.Fatalf("after the end: %q", p.queue)
	}
	p.gone()
}

// A kind is a way to reach a session's application.
type kind struct {
	name string
	open func(t *testing.T, s *site, path string) peer
}

var (
	overWebSocket = kind{"websocket", func(t *testing.T, s *site, path string) peer { return s.open(t, path) }}
	overPolling   = kind{"polling", func(t *testing.T, s *site, path string) peer { return &poller{session: s.poll(t, path)} }}
	overUpgrade   = kind{"upgraded", func(t *testing.T, s *site, path string) peer { return s.poll(t, path).upgraded() }}
	everyKind     = []kind{overWebSocket, overPolling, overUpgrade}
)

const joined = `< 40{"sid":"<SID>"}`

// play runs a script. Its lines are
//
//	> 40             the client sends; <01 02> is binary
//	< 40{"sid":…}    the server sends; <SID> stands for any id
//	live             the socket of / answers an event
//	open             the connection answers a CONNECT
//	closed           the connection has ended
//	closed 1009      with this code
//
// The suites' application emits "auth" on connection to / and /custom; a script
// that does not expect it passes over it. play returns the ids that came in place
// of <SID>, in order.
func play(t *testing.T, p peer, lines ...string) []string {
	t.Helper()
	var ids []string
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "> "):
			p.send(line[2:])
		case strings.HasPrefix(line, "< "):
			got := expect(t, p, line[2:])
			if strings.Contains(line, "<SID>") {
				ids = append(ids, idIn(got))
			}
			greeted := line == joined || line == `< 40/custom,{"sid":"<SID>"}`
			if greeted && (i+1 == len(lines) || !strings.Contains(lines[i+1], `["auth"`)) {
				skipAuth(t, p)
			}
		case line == "live":
			p.send(`42["emitback","live"]`)
			expect(t, p, `42["back","live"]`)
		case line == "open":
			p.send("40/nowhere,")
			expect(t, p, `44/nowhere,{"message":"Invalid namespace"}`)
		case strings.HasPrefix(line, "closed"):
			code := 0
			fmt.Sscanf(line, "closed %d", &code)
			p.closed(code)
		default:
			t.Fatalf("script: %q", line)
		}
	}
	return ids
}

func expect(t *testing.T, p peer, want string) string {
	t.Helper()
	got, err := p.packet()
	if err != nil {
		t.Fatalf("%v; want %q", err, want)
	}
	if !matches(want, got) {
		t.Fatalf("got %q, want %q", got, want)
	}
	return got
}

func skipAuth(t *testing.T, p peer) {
	t.Helper()
	if got, err := p.packet(); err != nil || !strings.Contains(got, `["auth",{`) {
		t.Fatalf("got %q, %v; want the auth event", got, err)
	}
}

// idIn returns the id that follows "sid":" in a packet.
func idIn(packet string) string {
	_, id, _ := strings.Cut(packet, `"sid":"`)
	id, _, _ = strings.Cut(id, `"`)
	return id
}

// connect joins / over WebSocket and returns the socket's id.
func (s *site) connect(t *testing.T) (*ws, string) {
	t.Helper()
	w := s.open(t, SocketPath)
	return w, play(t, w, "> 40", joined)[0]
}

// A check is one case: what it is called says which rule it is about.
type check struct {
	rule string // R57, V12, D3, B1 or an advisory
	name string
	run  func(t *testing.T)
}

// A conversation is a check that is a script.
type conversation struct {
	rule, name string
	lines      []string
}

func say(rule, name string, lines ...string) conversation { return conversation{rule, name, lines} }

// joinedSay begins after / was joined.
func joinedSay(rule, name string, lines ...string) conversation {
	return conversation{rule, name, append([]string{"> 40", joined}, lines...)}
}

// conversations turns scripts into checks, one for each transport.
func conversations(site **site, path string, kinds []kind, list []conversation) []check {
	var checks []check
	for _, c := range list {
		for _, k := range kinds {
			checks = append(checks, check{c.rule, c.name + "/" + k.name, func(t *testing.T) {
				play(t, k.open(t, *site, path), c.lines...)
			}})
		}
	}
	return checks
}

// within fails unless d lies between low and high.
func within(t *testing.T, what string, d, low, high time.Duration) {
	t.Helper()
	if d < low || d > high {
		t.Fatalf("%s after %v, want %v to %v", what, d, low, high)
	}
}
