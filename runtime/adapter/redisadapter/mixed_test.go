// SPDX-License-Identifier: Apache-2.0

package redisadapter_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	goio "io"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/adapter/redisadapter"
	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// A command is something that a server of the cluster shall do in /chat.
type command struct {
	ID     int      `json:"id"`
	Op     string   `json:"op"`
	Rooms  []string `json:"rooms,omitempty"`
	Except []string `json:"except,omitempty"`
	Event  string   `json:"event,omitempty"`
	Args   []any    `json:"args,omitempty"`
	Names  []string `json:"names,omitempty"`
}

// A blob is a binary value of a command.
type blob struct {
	Hex string `json:"hex"`
}

func (b blob) bytes() []byte {
	data, _ := hex.DecodeString(b.Hex)
	return data
}

// A peer is one server of a cluster with one client.
type peer interface {
	name() string
	do(c command) (any, error)
	heard() []string // what the client and the listeners heard since the last call
}

// A hearer collects what was heard.
type hearer struct {
	mu   sync.Mutex // guards list
	list []string
}

func (h *hearer) add(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, text)
}

func (h *hearer) heard() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.list
	h.list = nil
	return list
}

// canonical is an event as text, as the Node peer writes it.
func canonical(event string, args siowire.Args) string {
	var texts []string
	for i := range args.Len() {
		texts = append(texts, string(args.At(i)))
	}
	parts := []string{event, "[" + strings.Join(texts, ",") + "]"}
	for _, p := range args.Attachments {
		parts = append(parts, hex.EncodeToString(p))
	}
	return strings.Join(parts, " ")
}

// goPeer is a server of this project.
type goPeer struct {
	hearer
	title string
	chat  *socketio.Namespace
	sock  *client.Socket
}

func (p *goPeer) name() string { return p.title }

func newGoPeer(t *testing.T, title string, cfg redisadapter.Config) *goPeer {
	t.Helper()
	io := socketio.NewServer(socketio.Config{Adapter: redisadapter.New(server.client(t), cfg)})
	p := &goPeer{title: title, chat: io.Of("/chat")}
	p.chat.OnConnect(func(_ context.Context, s *socketio.Socket) { s.SetData(map[string]string{"node": title}) })
	p.chat.On("joined", func(_ context.Context, s *socketio.Socket, e *socketio.Event) {
		_ = s.Join("red", socketio.Room("room "+title))
		_ = e.Ack()
	})
	p.chat.OnServerSide("news", func(_ context.Context, e *socketio.ServerSideEvent) { p.add(canonical("news", e.Args)) })
	p.chat.OnServerSide("question", func(_ context.Context, e *socketio.ServerSideEvent) {
		p.add(canonical("question", e.Args))
		_ = e.Ack(title)
	})
	web := httptest.NewServer(io)
	manager, err := client.New(web.URL, client.Config{Transports: []string{"websocket"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := errors.Join(manager.Close(ctx), io.Shutdown(ctx)); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	p.sock = manager.Socket("/chat", client.SocketConfig{})
	p.sock.OnAny(func(_ context.Context, e *client.Event) {
		p.add(canonical(e.Name, e.Args))
		switch {
		case e.Name == "ask blob":
			_ = e.Ack([]byte(title))
		case e.WantsAck():
			_ = e.Ack(title)
		}
	})
	p.sock.OnDisconnect(func(context.Context, client.DisconnectReason) { p.add("disconnect") })
	if _, err := p.do(command{Op: "reconnect"}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *goPeer) do(c command) (any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	to := p.chat.Except()
	if len(c.Rooms) > 0 {
		to = to.To(roomsOf(c.Rooms)...)
	}
	to = to.Except(roomsOf(c.Except)...)
	args := slices.Clone(c.Args)
	for i, v := range args {
		if b, ok := v.(blob); ok {
			args[i] = b.bytes()
		}
	}
	switch c.Op {
	case "id":
		return p.sock.ID(), nil
	case "count":
		return p.chat.ServerCount(ctx)
	case "emit":
		return nil, to.Emit(ctx, c.Event, args...)
	case "volatile":
		return nil, to.Volatile().Uncompressed().Emit(ctx, c.Event, args...)
	case "ask":
		return answersOf(to.Timeout(5*time.Second).EmitWithAck(ctx, c.Event, args...))
	case "join":
		return nil, to.SocketsJoin(ctx, roomsOf(c.Names)...)
	case "leave":
		return nil, to.SocketsLeave(ctx, roomsOf(c.Names)...)
	case "disconnect":
		return nil, to.DisconnectSockets(ctx)
	case "fetch":
		return fetched(to.FetchSockets(ctx))
	case "tell":
		return nil, p.chat.ServerSideEmit(ctx, c.Event, args...)
	case "question":
		list, err := p.chat.ServerSideEmitWithAck(ctx, c.Event, args...)
		var answers []any
		for _, a := range list {
			answers = append(answers, textOf(a))
		}
		return answers, err
	case "reconnect":
		if err := p.sock.Connect(ctx); err != nil {
			return nil, err
		}
		_, err := p.sock.EmitWithAck(ctx, "joined")
		return p.sock.ID(), err
	}
	return nil, fmt.Errorf("no operation %q", c.Op)
}

func roomsOf(names []string) (rooms []socketio.Room) {
	for _, n := range names {
		rooms = append(rooms, socketio.Room(n))
	}
	return rooms
}

// textOf is an answer's first argument, which is a string or bytes.
func textOf(a siowire.Args) string {
	if len(a.Attachments) > 0 {
		return string(a.Attachments[0])
	}
	var text string
	_ = a.Decode(0, &text) // the comparison finds it
	return text
}

func answersOf(list []socketio.Answer, err error) (any, error) {
	var answers []any
	for _, a := range list {
		answers = append(answers, textOf(a.Args))
	}
	return answers, err
}

func fetched(list []socketio.RemoteSocket, err error) (any, error) {
	var sockets []any
	for _, s := range list {
		var data struct{ Node string }
		err = errors.Join(err, s.Data(&data))
		var rooms []string
		for _, r := range s.Rooms() {
			rooms = append(rooms, string(r))
		}
		slices.Sort(rooms)
		sockets = append(sockets, fmt.Sprintf("%s %s %s %s", s.ID(), data.Node, strings.Join(rooms, ","), s.Handshake().Query.Get("EIO")))
	}
	return sockets, err
}

// nodePeer is an official server in a process of its own.
type nodePeer struct {
	hearer
	in goio.Writer

	mu      sync.Mutex // guards what follows
	last    int
	replies map[int]chan reply
}

type reply struct {
	Result any
	Error  string
}

func (p *nodePeer) name() string { return "node" }

func newNodePeer(t *testing.T, cfg redisadapter.Config) *nodePeer {
	t.Helper()
	options, err := json.Marshal(map[string]any{
		"redis": fmt.Sprintf("redis://127.0.0.1:%d", server.port), "prefix": cfg.Prefix, "sharded": cfg.Sharded,
		"mode": map[wire.Mode]string{wire.Dynamic: "dynamic", wire.Static: "static", wire.DynamicPrivate: "dynamic-private"}[cfg.Mode], "specific": cfg.SpecificResponses,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "testdata/peer.mjs", string(options))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan reply, 1)
	p := &nodePeer{in: in, replies: map[int]chan reply{0: ready}}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.read(bufio.NewScanner(out))
	}()
	t.Cleanup(func() {
		_ = in.Close()
		<-done
		_ = cmd.Wait()
	})
	select {
	case <-ready:
	case <-done:
		t.Fatal("the Node server ended: run npm ci in the project's folder first")
	case <-time.After(patience):
		t.Fatal("the Node server does not start")
	}
	return p
}

// read takes what the process says until it ends.
func (p *nodePeer) read(lines *bufio.Scanner) {
	for lines.Scan() {
		var line struct {
			reply
			ID    int
			Heard *string
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		if line.Heard != nil {
			p.add(*line.Heard)
			continue
		}
		p.mu.Lock()
		if to := p.replies[line.ID]; to != nil {
			to <- line.reply
			delete(p.replies, line.ID)
		}
		p.mu.Unlock()
	}
}

func (p *nodePeer) do(c command) (any, error) {
	to := make(chan reply, 1)
	p.mu.Lock()
	p.last++
	c.ID = p.last
	p.replies[c.ID] = to
	p.mu.Unlock()
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	if _, err := p.in.Write(append(text, '\n')); err != nil {
		return nil, err
	}
	select {
	case r := <-to:
		if r.Error != "" {
			return r.Result, errors.New(r.Error)
		}
		return r.Result, nil
	case <-time.After(patience):
		return nil, errors.New("no answer")
	}
}

// A mixed cluster is two servers of this project and an official one.
type mixed struct {
	t     *testing.T
	peers []peer
	ids   map[string]string // of the clients' sockets, by the server's name
	table map[string]map[string]string
	order []string
	marks int

	sharded bool
}

// TestMixedCluster has every operation of the API done by each of the servers, and checks
// what all of them hear. Each pair of servers is so tried in both directions.
func TestMixedCluster(t *testing.T) {
	for name, cfg := range formats {
		t.Run(name, func(t *testing.T) {
			cfg.Prefix = prefix()
			m := &mixed{t: t, sharded: cfg.Sharded, ids: map[string]string{}, table: map[string]map[string]string{}}
			m.peers = []peer{newGoPeer(t, "go 1", cfg), newGoPeer(t, "go 2", cfg), newNodePeer(t, cfg)}
			m.know()
			for _, from := range m.peers {
				m.play(from)
			}
			if !cfg.Sharded {
				m.emitter(m.peers[2])
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
