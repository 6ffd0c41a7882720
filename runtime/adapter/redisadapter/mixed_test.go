// SPDX-License-Identifier: Apache-2.0

package redisadapter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter/redisadapter"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// A mixed cluster is two servers of this project and an official one.
type mixed struct {
	t     *testing.T
	peers []peer
	ids   map[string]string // of the clients' sockets, by the server's name
	table map[string]map[string]string
	order []string
	marks int

	sharded, streams bool
}

// TestMixedCluster has every operation of the API done by each of the servers, and checks
// what all of them hear. Each pair of servers is so tried in both directions.
func TestMixedCluster(t *testing.T) {
	flavours := map[string]flavour{"streams": {streams: true}, "streams sharded": {Config: redisadapter.Config{Sharded: true}, streams: true}}
	for name, cfg := range formats {
		flavours[name] = flavour{Config: cfg}
	}
	for name, cfg := range flavours {
		t.Run(name, func(t *testing.T) {
			cfg.Prefix = prefix()
			m := &mixed{t: t, sharded: cfg.Sharded || cfg.streams, streams: cfg.streams, ids: map[string]string{}, table: map[string]map[string]string{}}
			m.peers = []peer{newGoPeer(t, "go 1", cfg), newGoPeer(t, "go 2", cfg), newNodePeer(t, cfg)}
			m.know()
			for _, from := range m.peers {
				m.play(from)
			}
			if !cfg.Sharded && !cfg.streams {
				m.emitter(m.peers[2])
			}
			if cfg.streams {
				m.comeBack()
			}
			m.print(name)
		})
	}
}

// know waits until all servers know each other.
func (m *mixed) know() {
	for _, p := range m.peers {
		for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
			if n, err := p.do(command{Op: "count"}); err == nil && fmt.Sprint(n) == fmt.Sprint(len(m.peers)) {
				break
			} else if time.Now().After(end) {
				m.t.Fatalf("%s counts %v servers, %v", p.name(), n, err)
			}
		}
		id, err := p.do(command{Op: "id"})
		if err != nil {
			m.t.Fatal(err)
		}
		m.ids[p.name()] = fmt.Sprint(id)
	}
	for _, p := range m.peers { // whose rooms may have channels that are not heard at once
		for _, room := range []string{"red", "room " + p.name(), m.ids[p.name()]} {
			m.await(p, room)
		}
	}
	m.settle()
}

// await waits until what the others send to a room arrives.
func (m *mixed) await(p peer, room string) {
	for _, from := range m.peers {
		for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
			if _, err := from.do(command{Op: "emit", Rooms: []string{room}, Event: "probe"}); err != nil {
				m.t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
			if slices.Contains(p.heard(), "probe []") {
				break
			}
			if time.Now().After(end) {
				m.t.Fatalf("%s hears nothing that %s sends to %q", p.name(), from.name(), room)
			}
		}
	}
}

// settle waits until all that was sent has arrived, and returns what each server heard.
func (m *mixed) settle() map[string][]string {
	m.t.Helper()
	m.marks++
	mark := fmt.Sprintf("mark [%d]", m.marks)
	for _, p := range m.peers {
		if _, err := p.do(command{Op: "emit", Event: "mark", Args: []any{m.marks}}); err != nil {
			m.t.Fatalf("%s: %v", p.name(), err)
		}
	}
	came := map[string][]string{}
	for _, p := range m.peers {
		marks := 0
		for end := time.Now().Add(patience); marks < len(m.peers); time.Sleep(time.Millisecond) {
			for _, text := range p.heard() {
				switch {
				case text == mark:
					marks++
				case text != "probe []":
					came[p.name()] = append(came[p.name()], text)
				}
			}
			if time.Now().After(end) {
				m.t.Fatalf("%s heard %d marks, and %q", p.name(), marks, came[p.name()])
			}
		}
	}
	return came
}

// note writes into the table how an operation went.
func (m *mixed) note(row string, from peer, ok bool) {
	if m.table[row] == nil {
		m.table[row] = map[string]string{}
		m.order = append(m.order, row)
	}
	m.table[row][from.name()] = map[bool]string{true: "ok", false: "FAIL"}[ok]
}

// expect does something and checks what every server hears, and what it returns.
func (m *mixed) expect(row string, from peer, c command, want any, heard map[string][]string) {
	m.t.Helper()
	got, err := from.do(c)
	if list, ok := got.([]any); ok {
		texts := []string{}
		for _, v := range list {
			texts = append(texts, fmt.Sprint(v))
		}
		slices.Sort(texts)
		got = texts
	}
	ok := err == nil && (want == nil || fmt.Sprintf("%q", got) == fmt.Sprintf("%q", want))
	if !ok {
		m.t.Errorf("%s from %s: got %q, %v, want %q", row, from.name(), got, err, want)
	}
	for name, came := range m.settle() {
		if !slices.Equal(came, heard[name]) {
			ok = false
			m.t.Errorf("%s from %s: %s heard %q, want %q", row, from.name(), name, came, heard[name])
		}
		delete(heard, name)
	}
	for name, left := range heard {
		if len(left) > 0 {
			ok = false
			m.t.Errorf("%s from %s: %s heard nothing, want %q", row, from.name(), name, left)
		}
	}
	m.note(row, from, ok)
}

// all returns what everybody hears, but for those that are left out.
func (m *mixed) all(text string, but ...string) map[string][]string {
	heard := map[string][]string{}
	for _, p := range m.peers {
		if !slices.Contains(but, p.name()) {
			heard[p.name()] = []string{text}
		}
	}
	return heard
}

// only returns what one server hears.
func only(name, text string) map[string][]string { return map[string][]string{name: {text}} }

// play has one server do everything.
func (m *mixed) play(from peer) {
	var names, others []string
	for _, p := range m.peers {
		names = append(names, p.name())
		if p != from {
			others = append(others, p.name())
		}
	}
	slices.Sort(names)
	slices.Sort(others)
	data := []any{"text", 1.5, nil, true, map[string]any{"ü": []any{1, "x"}}}
	const dataText = `["text",1.5,null,true,{"ü":[1,"x"]}]`
	blobs := []any{blob{"010203"}, "x", blob{""}}
	const blobText = `[{"_placeholder":true,"num":0},"x",{"_placeholder":true,"num":1}] 010203 `
	red := []string{"red"}
	m.expect("emit", from, command{Op: "emit", Event: "e", Args: data}, nil, m.all("e "+dataText))
	m.expect("emit, binary", from, command{Op: "emit", Event: "blob", Args: blobs}, nil, m.all("blob "+blobText))
	m.expect("to(room)", from, command{Op: "emit", Event: "e", Rooms: red, Args: data}, nil, m.all("e "+dataText))
	m.expect("to(room), binary", from, command{Op: "emit", Event: "blob", Rooms: red, Args: blobs}, nil, m.all("blob "+blobText))
	m.expect("to(room).except(room)", from, command{Op: "emit", Event: "e", Rooms: red, Except: []string{"room " + others[0]}}, nil, m.all("e []", others[0]))
	for _, other := range others {
		m.expect("to(id)", from, command{Op: "emit", Event: "e", Rooms: []string{m.ids[other]}}, nil, only(other, "e []"))
		m.expect("to(room of one)", from, command{Op: "emit", Event: "e", Rooms: []string{"room " + other}, Args: blobs}, nil, only(other, "e "+blobText))
	}
	m.expect("except(id)", from, command{Op: "emit", Event: "e", Except: []string{m.ids[others[1]]}}, nil, m.all("e []", others[1]))
	m.volatile(from)
	m.expect("emitWithAck", from, command{Op: "ask", Event: "ask", Rooms: red, Args: data}, names, m.all("ask "+dataText))
	m.expect("emitWithAck, binary", from, command{Op: "ask", Event: "ask blob", Args: blobs}, names, m.all("ask blob "+blobText))
	m.expect("emitWithAck, nobody", from, command{Op: "ask", Event: "ask", Rooms: []string{"nobody"}}, []string{}, nil)
	m.expect("socketsJoin", from, command{Op: "join", Except: []string{m.ids[others[0]]}, Names: []string{"blue", "green"}}, nil, nil)
	m.expect("socketsJoin, reached", from, command{Op: "emit", Event: "e", Rooms: []string{"blue", "nobody"}}, nil, m.all("e []", others[0]))
	m.expect("fetchSockets", from, command{Op: "fetch", Rooms: red}, m.sockets(others[0]), nil)
	m.expect("socketsLeave", from, command{Op: "leave", Rooms: []string{"blue"}, Names: []string{"blue", "green"}}, nil, nil)
	m.expect("socketsLeave, reached", from, command{Op: "emit", Event: "e", Rooms: []string{"blue", "nobody"}}, nil, nil)
	m.expect("serverSideEmit", from, command{Op: "tell", Event: "news", Args: data}, nil, m.all("news "+dataText, from.name()))
	told := blobText
	if from.name() == "node" && !m.sharded {
		told = `[{"type":"Buffer","data":[1,2,3]},"x",{"type":"Buffer","data":[]}]` // what the official classic adapter makes of it
	}
	m.expect("serverSideEmit, binary", from, command{Op: "tell", Event: "news", Args: blobs}, nil, m.all("news "+told, from.name()))
	m.expect("serverSideEmitWithAck", from, command{Op: "question", Event: "question", Args: data}, others, m.all("question "+dataText, from.name()))
	m.expect("serverCount", from, command{Op: "count"}, nil, nil)
	m.disconnect(from, others)
}

// sockets returns what fetch finds: everybody, all but one in blue and green.
func (m *mixed) sockets(not string) []string {
	list := []string{}
	for name, id := range m.ids {
		rooms := []string{id, "red", "room " + name}
		if name != not {
			rooms = append(rooms, "blue", "green")
		}
		slices.Sort(rooms)
		list = append(list, fmt.Sprintf("%s %s %s 4", id, name, strings.Join(rooms, ",")))
	}
	slices.Sort(list)
	return list
}

// volatile emits what may be dropped, until everybody has heard it.
func (m *mixed) volatile(from peer) {
	missing := m.all("")
	for end := time.Now().Add(patience); len(missing) > 0 && time.Now().Before(end); {
		if _, err := from.do(command{Op: "volatile", Event: "e", Args: []any{1}}); err != nil {
			m.t.Fatal(err)
		}
		for name, came := range m.settle() {
			if slices.Equal(came, []string{"e [1]"}) {
				delete(missing, name)
			} else {
				m.t.Errorf("volatile from %s: %s heard %q", from.name(), name, came)
			}
		}
	}
	if len(missing) > 0 {
		m.t.Errorf("volatile from %s: %v heard nothing", from.name(), missing)
	}
	m.note("volatile, uncompressed", from, len(missing) == 0)
}

// disconnect ends the sockets of the other servers, which come back.
func (m *mixed) disconnect(from peer, others []string) {
	const row = "disconnectSockets"
	if _, err := from.do(command{Op: "disconnect", Except: []string{"room " + from.name()}}); err != nil {
		m.t.Error(err)
	}
	ok := true
	for _, p := range m.peers {
		if p == from {
			continue
		}
		var got []string
		for end := time.Now().Add(patience); !slices.Contains(got, "disconnect"); time.Sleep(time.Millisecond) {
			got = append(got, p.heard()...)
			if time.Now().After(end) {
				ok = false
				m.t.Errorf("%s from %s: %s heard %q", row, from.name(), p.name(), got)
				break
			}
		}
		if _, err := p.do(command{Op: "reconnect"}); err != nil {
			m.t.Fatal(err)
		}
	}
	m.note(row, from, ok)
	m.know()
}

// emitter has the official emitter do what it can.
func (m *mixed) emitter(from peer) {
	as := emitterPeer{from}
	red := []string{"red"}
	m.expect("emit", as, command{Op: "emitter emit", Event: "e", Args: []any{1, "x"}}, nil, m.all(`e [1,"x"]`))
	m.expect("emit, binary", as, command{Op: "emitter emit", Event: "e", Args: []any{blob{"0a"}}}, nil, m.all(`e [{"_placeholder":true,"num":0}] 0a`))
	m.expect("to(room)", as, command{Op: "emitter emit", Event: "e", Rooms: red}, nil, m.all("e []"))
	m.expect("to(room).except(room)", as, command{Op: "emitter emit", Event: "e", Rooms: red, Except: []string{"room go 1"}}, nil, m.all("e []", "go 1"))
	m.expect("socketsJoin", as, command{Op: "emitter join", Rooms: red, Names: []string{"blue"}}, nil, nil)
	m.expect("socketsJoin, reached", as, command{Op: "emitter emit", Event: "e", Rooms: []string{"blue", "nobody"}}, nil, m.all("e []"))
	m.expect("socketsLeave", as, command{Op: "emitter leave", Rooms: red, Names: []string{"blue"}}, nil, nil)
	m.expect("socketsLeave, reached", as, command{Op: "emitter emit", Event: "e", Rooms: []string{"blue", "nobody"}}, nil, nil)
	m.expect("serverSideEmit", as, command{Op: "emitter tell", Event: "news", Args: []any{1}}, nil, m.all("news [1]"))
}

// emitterPeer names the emitter in the table.
type emitterPeer struct{ peer }

func (emitterPeer) name() string { return "emitter" }

// print prints the table: who did it, with what came of it on all servers.
func (m *mixed) print(title string) {
	columns := []string{"go 1", "go 2", "node", "emitter"}
	text := fmt.Sprintf("%-26s", title)
	for _, c := range columns {
		text += fmt.Sprintf("%-9s", c)
	}
	for _, row := range m.order {
		text += fmt.Sprintf("\n%-26s", row)
		for _, c := range columns {
			cell := m.table[row][c]
			if cell == "" {
				cell = "–"
			}
			text += fmt.Sprintf("%-9s", cell)
		}
	}
	m.t.Log("\n" + text)
}
