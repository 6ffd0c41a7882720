// SPDX-License-Identifier: Apache-2.0

package redisadapter_test

import (
	"fmt"
	goio "io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A poller is a client in /chat over HTTP requests, as the official one speaks, that can
// come back to another server.
type poller struct {
	t                *testing.T
	url              string // of its session
	sid, pid, offset string
	waiting          []string // packets that came together
}

var (
	openSID  = regexp.MustCompile(`"sid":"([^"]+)"`)
	answer   = regexp.MustCompile(`^40/chat,\{"sid":"([^"]+)","pid":"([^"]+)"\}$`)
	lastText = regexp.MustCompile(`,"([0-9]+-[0-9]+)"\]$`)
)

// connect begins, or comes back, and returns what was missed.
func (p *poller) connect(to peer) (missed []string) {
	p.t.Helper()
	p.url = to.url() + "/socket.io/?EIO=4&transport=polling"
	p.waiting = nil
	open := p.get()
	p.url += "&sid=" + openSID.FindStringSubmatch(open)[1]
	auth := ""
	if p.pid != "" {
		auth = fmt.Sprintf(`{"pid":%q,"offset":%q}`, p.pid, p.offset)
	}
	p.post("40/chat," + auth)
	for {
		packet := p.next()
		if m := answer.FindStringSubmatch(packet); m != nil {
			p.sid, p.pid = m[1], m[2]
			return missed
		}
		missed = append(missed, packet)
	}
}

// next returns the next packet without its offset, which it remembers.
func (p *poller) next() string {
	p.t.Helper()
	for len(p.waiting) == 0 {
		p.waiting = strings.Split(p.get(), "\x1e")
	}
	packet := p.waiting[0]
	p.waiting = p.waiting[1:]
	switch packet[0] {
	case '2':
		p.post("3")
		return p.next()
	case 'b': // an attachment
		return p.next()
	}
	if m := lastText.FindStringSubmatch(packet); m != nil {
		p.offset = m[1]
		packet = strings.TrimSuffix(packet, m[0]) + "]"
	}
	return packet
}

func (p *poller) get() string {
	p.t.Helper()
	answer, err := http.Get(p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := goio.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("%d %s %v", answer.StatusCode, body, err)
	}
	return string(body)
}

func (p *poller) post(packet string) {
	p.t.Helper()
	answer, err := http.Post(p.url, "text/plain;charset=UTF-8", strings.NewReader(packet))
	if err != nil {
		p.t.Fatal(err)
	}
	answer.Body.Close()
}

// fetched returns what a server tells of a socket.
func (m *mixed) fetched(at peer, id string) string {
	m.t.Helper()
	list, err := at.do(command{Op: "fetch"})
	if err != nil {
		m.t.Fatal(err)
	}
	for _, one := range list.([]any) {
		if text := fmt.Sprint(one); strings.HasPrefix(text, id) {
			return text
		}
	}
	return ""
}

// comeBack has a client of each server come back to each other one.
func (m *mixed) comeBack() {
	for _, from := range m.peers {
		for _, to := range m.peers {
			if to == from {
				continue
			}
			m.note("comes back to "+to.name(), from, m.comeBackTo(from, to))
		}
	}
	m.settle()
}

// comeBackTo has a client come back once. It reports whether that is as it should be.
func (m *mixed) comeBackTo(from, to peer) (ok bool) {
	m.t.Helper()
	p := &poller{t: m.t}
	p.connect(from)
	p.post(`42/chat,0["joined"]`)
	for p.next() != `43/chat,0[]` {
	}
	sid, room := p.sid, "room "+from.name()
	emit := func(at peer, rooms []string, args ...any) {
		m.t.Helper()
		if _, err := at.do(command{Op: "emit", Event: "e", Rooms: rooms, Args: args}); err != nil {
			m.t.Fatal(err)
		}
	}
	emit(to, []string{room}, "seen")
	if got := p.next(); got != `42/chat,["e","seen"]` {
		m.t.Fatalf("from %s to %s: got %s", from.name(), to.name(), got)
	}
	was := m.fetched(from, sid)
	p.post("1")
	for end := time.Now().Add(patience); m.fetched(from, sid) != ""; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatal("the socket does not end")
		}
	}
	time.Sleep(20 * time.Millisecond) // the official adapter does not say when it has kept the session
	emit(from, []string{room}, "one")
	emit(to, []string{"nobody"}, "not for it")
	emit(to, []string{sid}, 2, map[string]any{"ü": []any{nil}})
	emit(from, nil, blob{"0102"}, "three")
	m.settle()
	missed := p.connect(to)
	for range 3 - min(3, len(missed)) { // where they came after the reply: the server had not heard of them
		missed = append(missed, p.next())
	}
	events := slices.DeleteFunc(missed, func(packet string) bool { return strings.Contains(packet, `"mark"`) })
	events = events[:min(3, len(events))]
	slices.Sort(events) // the official server publishes when it likes
	want := []string{`42/chat,["e","one"]`, `42/chat,["e",2,{"ü":[null]}]`, `451-/chat,["e",{"_placeholder":true,"num":0},"three"]`}
	ok = slices.Equal(events, want) && p.sid == sid
	if !ok {
		m.t.Errorf("from %s to %s: missed %q, came back as %s, was %s", from.name(), to.name(), events, p.sid, sid)
	}
	if now := m.fetched(to, sid); !strings.Contains(now, from.name()+" ") {
		ok = false
		m.t.Errorf("from %s to %s: %q is %q now", from.name(), to.name(), was, now)
	}
	p.post("41/chat,")
	p.post("1")
	return ok
}
