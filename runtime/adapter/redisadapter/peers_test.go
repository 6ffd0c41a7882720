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
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/adapter/redisadapter"
	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

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

// A flavour is a way to use Redis.
type flavour struct {
	redisadapter.Config
	streams bool // Prefix is the stream's name then, and that of all else
}

func (f flavour) factory(t *testing.T) adapter.Factory {
	if f.streams {
		return redisadapter.NewStreams(server.client(t), redisadapter.StreamsConfig{Stream: f.Prefix, Prefix: f.Prefix, Sessions: f.Prefix + " session:", Sharded: f.Sharded})
	}
	return redisadapter.New(server.client(t), f.Config)
}

// recovery is on where the official adapter has it.
func (f flavour) recovery() *socketio.Recovery {
	if f.streams {
		return &socketio.Recovery{}
	}
	return nil
}

var isOffset = regexp.MustCompile(`^"[0-9]+-[0-9]+"$`)

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
	url() string
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

// canonical is an event as text, as the Node peer writes it, without the offset if it has
// one.
func canonical(event string, args siowire.Args, placed bool) string {
	var texts []string
	for i := range args.Len() {
		texts = append(texts, string(args.At(i)))
	}
	if n := len(texts) - 1; placed && n >= 0 && isOffset.MatchString(texts[n]) {
		texts = texts[:n]
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

	address string
	chat    *socketio.Namespace
	sock    *client.Socket
}

func (p *goPeer) name() string { return p.title }

func (p *goPeer) url() string { return p.address }

func newGoPeer(t *testing.T, title string, cfg flavour) *goPeer {
	t.Helper()
	io := socketio.NewServer(socketio.Config{Adapter: cfg.factory(t), Recovery: cfg.recovery()})
	p := &goPeer{title: title, chat: io.Of("/chat")}
	p.chat.OnConnect(func(_ context.Context, s *socketio.Socket) {
		if !s.Recovered() {
			s.SetData(map[string]string{"node": title})
		}
	})
	p.chat.On("joined", func(_ context.Context, s *socketio.Socket, e *socketio.Event) {
		_ = s.Join("red", socketio.Room("room "+title))
		_ = e.Ack()
	})
	p.chat.OnServerSide("news", func(_ context.Context, e *socketio.ServerSideEvent) { p.add(canonical("news", e.Args, false)) })
	p.chat.OnServerSide("question", func(_ context.Context, e *socketio.ServerSideEvent) {
		p.add(canonical("question", e.Args, false))
		_ = e.Ack(title)
	})
	web := httptest.NewServer(io)
	p.address = web.URL
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
		p.add(canonical(e.Name, e.Args, cfg.streams && !e.WantsAck()))
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
	in   goio.Writer
	port int

	mu      sync.Mutex // guards what follows
	last    int
	replies map[int]chan reply
}

type reply struct {
	Result any
	Error  string
}

func (p *nodePeer) name() string { return "node" }

func (p *nodePeer) url() string { return fmt.Sprint("http://127.0.0.1:", p.port) }

func newNodePeer(t *testing.T, cfg flavour) *nodePeer {
	t.Helper()
	options, err := json.Marshal(map[string]any{
		"redis": fmt.Sprintf("redis://127.0.0.1:%d", server.port), "prefix": cfg.Prefix, "sharded": cfg.Sharded, "streams": cfg.streams,
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
	case first := <-ready:
		p.port = int(first.Result.(float64))
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
