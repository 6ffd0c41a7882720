// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A peer is a hand-written client over HTTP long-polling: it sees the wire.
type peer struct {
	t      *testing.T
	client *http.Client
	url    string
	queue  []string // packets that were received and not read
}

// dial opens a connection and enters namespace with auth, raw JSON or "".
func dial(t *testing.T, server *httptest.Server, namespace, auth string) *peer {
	t.Helper()
	p := &peer{t: t, client: server.Client(), url: server.URL + "/socket.io/?EIO=4&transport=polling"}
	open := p.get()
	var handshake struct{ SID string }
	if err := json.Unmarshal([]byte(open[1:]), &handshake); err != nil {
		t.Fatalf("%q: %v", open, err)
	}
	p.url += "&sid=" + handshake.SID
	t.Cleanup(p.close)
	p.send("40" + namespace + "," + auth)
	return p
}

// close ends the connection. Without it the server's shutdown would wait for the
// poll that brings the peer its last packets.
func (p *peer) close() {
	resp, err := p.client.Post(p.url, "text/plain;charset=UTF-8", strings.NewReader("1"))
	if err == nil {
		resp.Body.Close()
	}
}

func (p *peer) get() string {
	p.t.Helper()
	resp, err := p.client.Get(p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("GET: %v, %s: %s", err, resp.Status, body)
	}
	return string(body)
}

// send posts packets of Engine.IO.
func (p *peer) send(packets ...string) {
	p.t.Helper()
	resp, err := p.client.Post(p.url, "text/plain;charset=UTF-8", strings.NewReader(strings.Join(packets, "\x1e")))
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("POST %q: %v, %s: %s", packets, err, resp.Status, body)
	}
}

// next returns the next packet.
func (p *peer) next() string {
	p.t.Helper()
	for len(p.queue) == 0 {
		p.queue = strings.Split(p.get(), "\x1e")
	}
	packet := p.queue[0]
	p.queue = p.queue[1:]
	return packet
}

// expect reads the next packets and compares them; $id stands for an internal
// error's id.
func (p *peer) expect(want ...string) {
	p.t.Helper()
	for _, w := range want {
		got := internalID.ReplaceAllString(p.next(), `{"id":"$$id"}`)
		if got != w {
			p.t.Errorf("received\n%s, want\n%s", got, w)
		}
	}
}

// entered reads the answer to CONNECT.
func (p *peer) entered(namespace string) {
	p.t.Helper()
	if got := p.next(); !strings.HasPrefix(got, "40"+namespace+`,{"sid":"`) {
		p.t.Fatalf("CONNECT was answered %s", got)
	}
}

var internalID = regexp.MustCompile(`\{"id":"[a-z2-7]{16}"\}`)

// A member is what generated code would call a Socket.
type member struct {
	RoomSocket[string]
	name string
}

// A logs collects what is logged; its methods may be called from any goroutine.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A fixture is a server with one namespace that has an event of every kind.
type fixture struct {
	*httptest.Server
	ns       *socketio.Namespace
	shutdown func()        // returns when every handler has
	waiting  chan struct{} // closed by the handler of "wait"
	log      logs
	mu       sync.Mutex
	calls    []string  // of handlers with unsound payloads: none; guarded by mu
	failures []Failure // guarded by mu
}

func (f *fixture) called(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
}

var (
	errFrozen = NewError("frozen", "the board is frozen")
	errBudget = errors.New("the budget is spent")
)

func decodeString(d *Decoder, v *string) { d.String(v).Length(1, 10) }
func encodeString(e Encoder, v *string)  { e.String(*v) }

func newFixture(t *testing.T) *fixture {
	f := &fixture{waiting: make(chan struct{})}
	logger := slog.New(slog.NewJSONHandler(&f.log, nil))
	srv := socketio.NewServer(socketio.Config{Logger: logger})
	f.ns = srv.Of("/c")
	m := NewMount(f.ns, func(ctx context.Context, s *member, reason socketio.DisconnectReason) {
		f.called("disconnect " + s.name)
		panic("in disconnect")
	}, []MountOption{WithLogger(logger), OnFailure(func(failure Failure) {
		f.mu.Lock()
		f.failures = append(f.failures, failure)
		f.mu.Unlock()
		panic("in the hook")
	})})
	Accept(m, decodeAuthor, func(s *socketio.Socket, a author) *member {
		return &member{NewRoomSocket[string](s), a.Name}
	}, func(ctx context.Context, s *member, a author) error {
		switch a.ID {
		case "frozen":
			return errFrozen.Because(errBudget)
		case "turn":
			return NewErrorWith("turn", "wait", a, encodeAuthor)
		case "foreign":
			return errBudget
		case "panic":
			panic(errBudget)
		}
		return s.Join("r")
	}, "frozen", "turn")
	f.events(m)
	f.Server = httptest.NewServer(srv)
	f.shutdown = sync.OnceFunc(func() {
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		f.Server.Close()
		f.Client().CloseIdleConnections()
	})
	t.Cleanup(f.shutdown)
	return f
}

// events registers an event of every kind.
func (f *fixture) events(m *Mount[member]) {
	handle(m, Event{Name: "do", Errors: []Code{"frozen", "turn", "odd"}}, decodeString, func(ctx context.Context, s *member, what string) error {
		f.called("do " + what)
		return f.do(s, what)
	})
	handle(m, Event{Name: "nothing"}, DecodeNothing, func(ctx context.Context, s *member, _ Nothing) error { return nil })
	echo := func(ctx context.Context, s *member, text string) (string, error) {
		f.called("echo " + text)
		return text, f.do(s, text)
	}
	handleAck(m, Event{Name: "echo"}, decodeString, echo, encodeString)
	handleAck(m, Event{Name: "plain", Ack: Plain, Errors: []Code{"frozen"}}, decodeString, echo, encodeString)
	handleAck(m, Event{Name: "half"}, DecodeNothing, func(ctx context.Context, s *member, _ Nothing) (float64, error) {
		return math.NaN(), nil
	}, func(e Encoder, v *float64) { e.Float64(*v) })
	handleAck(m, Event{Name: "many"}, DecodeNothing, func(ctx context.Context, s *member, _ Nothing) ([][]byte, error) {
		return make([][]byte, 11), nil
	}, func(e Encoder, v *[][]byte) { EncodeList(e, *v, func(e Encoder, v *[]byte) { e.Bytes(*v) }) })
	handleAck(m, Event{Name: "reverse"}, func(d *Decoder, v *[]byte) { d.Bytes(v).Length(1, 4) }, func(ctx context.Context, s *member, p []byte) ([]byte, error) {
		return []byte{p[1], p[0]}, nil
	}, func(e Encoder, v *[]byte) { e.Bytes(*v) })
	result := func(ctx context.Context, s *member, text string) (string, error) {
		if text == "skip" {
			return "", Skip
		}
		return s.name + ": " + text, f.do(s, text)
	}
	emit := func(to func(s *member) Audience[member]) func(context.Context, *member, string) error {
		return func(ctx context.Context, s *member, p string) error {
			e := NewEncoder()
			e.Next().String(p)
			return to(s).Emit(ctx, "said", e)
		}
	}
	handleResult(m, Event{Name: "others", Errors: []Code{"frozen"}}, decodeString, result, emit(func(s *member) Audience[member] {
		return In(Others[member](s.Untyped()), []string{"r"})
	}))
	handleResult(m, Event{Name: "all"}, decodeString, result, emit(func(s *member) Audience[member] { return Everybody[member](f.ns) }))
	handleResult(m, Event{Name: "nobody"}, decodeString, result, emit(func(s *member) Audience[member] {
		return In(Everybody[member](f.ns), []string(nil))
	}))
	handleAckResult(m, Event{Name: "both"}, decodeString, func(ctx context.Context, s *member, text string) (string, string, error) {
		said, err := result(ctx, s, text)
		return "ok " + text, said, err
	}, encodeString, func(ctx context.Context, s *member, p string) error {
		e := NewEncoder()
		e.Next().String(p)
		return Emit(ctx, s.Untyped(), "said", e)
	})
	handle(m, Event{Name: "wait"}, DecodeNothing, func(ctx context.Context, s *member, _ Nothing) error {
		f.called("wait")
		close(f.waiting)
		<-ctx.Done()
		return fmt.Errorf("wait: %w", ctx.Err())
	})
	handle(m, Event{Name: "late"}, DecodeNothing, func(context.Context, *member, Nothing) error {
		return fmt.Errorf("late: %w", socketio.ErrDisconnected)
	})
	handle(m, Event{Name: "ask"}, decodeString, func(ctx context.Context, s *member, question string) error {
		e := NewEncoder()
		e.Next().String(question)
		answer, err := askFor(ctx, s.Untyped(), "question", 0, e, decodeString)
		if err != nil {
			return err
		}
		f.called("answer " + answer)
		return nil
	})
}

// do fails in the way that what names.
func (f *fixture) do(s *member, what string) error {
	switch what {
	case "frozen":
		return fmt.Errorf("move: %w", errFrozen.Because(errBudget))
	case "turn":
		return NewErrorWith("turn", "wait", author{"1", "<Ada>"}, encodeAuthor)
	case "odd":
		return &Error{Code: "odd", Data: map[string]any{"a": []int{1}}}
	case "chan":
		return &Error{Code: "odd", Data: make(chan int)}
	case "foreign":
		return errBudget
	case "panic":
		panic(errBudget)
	case "skip":
		return Skip
	}
	return nil
}

const internalAck = `{"ok":false,"error":{"code":"internal","message":"internal error","data":{"id":"$id"}}}`

// TestEvents plays each row on one connection: what is sent, what comes back.
func TestEvents(t *testing.T) {
	tests := []struct{ name, send, want string }{
		{"ack with a value", `42/c,1["echo","hi"]`, `43/c,1[{"ok":true,"value":"hi"}]`},
		{"ack without a value", `42/c,2["do","x"]`, `43/c,2[{"ok":true}]`},
		{"surplus arguments", `42/c,3["echo","hi",1,{}]`, `43/c,3[{"ok":true,"value":"hi"}]`},
		{"no payload", `42/c,4["nothing"]`, `43/c,4[{"ok":true}]`},
		{"plain ack", `42/c,5["plain","hi"]`, `43/c,5["hi"]`},
		{"typed error", `42/c,6["do","frozen"]`, `43/c,6[{"ok":false,"error":{"code":"frozen","message":"the board is frozen"}}]`},
		{"typed error with data", `42/c,7["do","turn"]`, `43/c,7[{"ok":false,"error":{"code":"turn","message":"wait","data":{"id":"1","name":"<Ada>"}}}]`},
		{"error with data of any type", `42/c,8["do","odd"]`, `43/c,8[{"ok":false,"error":{"code":"odd","message":"","data":{"a":[1]}}}]`},
		{"error whose data has no form", `42/c,9["do","chan"]`, `43/c,9[` + internalAck + `]`},
		{"error that is not declared", `42/c,10["echo","frozen"]`, `43/c,10[` + internalAck + `]`},
		{"foreign error", `42/c,11["echo","foreign"]`, `43/c,11[` + internalAck + `]`},
		{"panic", `42/c,12["echo","panic"]`, `43/c,12[` + internalAck + `]`},
		{"Skip without a result", `42/c,13["echo","skip"]`, `43/c,13[` + internalAck + `]`},
		{"ack that has no form", `42/c,14["half"]`, `43/c,14[` + internalAck + `]`},
		{"ack with too many attachments", `42/c,15["many"]`, `43/c,15[` + internalAck + `]`},
		{"invalid payload", `42/c,16["echo",5]`, `43/c,16[{"ok":false,"error":{"code":"invalid_payload","message":"the payload does not fit the schema","data":{"issues":[{"path":"","message":"expected string, got number"}]}}}]`},
		{"missing payload", `42/c,17["echo"]`, `43/c,17[{"ok":false,"error":{"code":"invalid_payload","message":"the payload does not fit the schema","data":{"issues":[{"path":"","message":"is required"}]}}}]`},
		{"unknown event", `42/c,18["Echo","hi"]`, `43/c,18[{"ok":false,"error":{"code":"unknown_event","message":"the schema has no such event"}}]`},
		{"invalid payload without ack", `42/c,["echo",""]`, `42/c,["$error",{"event":"echo","code":"invalid_payload","message":"the payload does not fit the schema","data":{"issues":[{"path":"","message":"must have 1 to 10 characters, has 0"}]}}]`},
		{"unknown event without ack", `42/c,["x<\n>"]`, `42/c,["$error",{"event":"x<\n>","code":"unknown_event","message":"the schema has no such event"}]`},
		{"typed error without ack", `42/c,["do","frozen"]`, `42/c,["$error",{"event":"do","code":"frozen","message":"the board is frozen"}]`},
		{"panic without ack", `42/c,["do","panic"]`, `42/c,["$error",{"event":"do","code":"internal","message":"internal error","data":{"id":"$id"}}]`},
		{"failure of a plain ack", `42/c,19["plain","frozen"]`, `42/c,["$error",{"event":"plain","code":"frozen","message":"the board is frozen"}]`},
		{"client may not emit $error", `42/c,20["$error",{}]`, `43/c,20[{"ok":false,"error":{"code":"unknown_event","message":"the schema has no such event"}}]`},
		{"result and ack", `42/c,21["both","hi"]`, `42/c,["said","Ada: hi"]` + "\x1e" + `43/c,21[{"ok":true,"value":"ok hi"}]`},
		{"result skipped and ack", `42/c,22["both","skip"]`, `43/c,22[{"ok":true,"value":"ok skip"}]`},
		{"result to all", `42/c,23["all","hi"]`, `42/c,["said","Ada: hi"]` + "\x1e" + `43/c,23[{"ok":true}]`},
		{"result to others, here none", `42/c,24["others","hi"]`, `43/c,24[{"ok":true}]`},
		{"result to no rooms", `42/c,25["nobody","hi"]`, `43/c,25[{"ok":true}]`},
		{"result refused", `42/c,26["others","frozen"]`, `43/c,26[{"ok":false,"error":{"code":"frozen","message":"the board is frozen"}}]`},
	}
	f := newFixture(t)
	p := dial(t, f.Server, "/c", `{"id":"1","name":"Ada"}`)
	p.entered("/c")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p.t = t
			p.send(tt.send)
			p.expect(strings.Split(tt.want, "\x1e")...)
		})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, call := range f.calls {
		if call == "echo " || call == "echo 5" {
			t.Errorf("a handler was called with an unsound payload: %s", call)
		}
	}
	refused := 0
	for _, tt := range tests {
		if strings.Contains(tt.want, `"code"`) {
			refused++
		}
	}
	if len(f.failures) != refused {
		t.Errorf("the hook was told of %d failures, the peer of %d", len(f.failures), refused)
	}
}

// TestAttachments sends bytes and gets bytes back.
func TestAttachments(t *testing.T) {
	f := newFixture(t)
	p := dial(t, f.Server, "/c", `{"id":"1","name":"Ada"}`)
	p.entered("/c")
	p.send(`451-/c,1["reverse",{"_placeholder":true,"num":0}]`, "bAQI=")
	p.expect(`461-/c,1[{"ok":true,"value":{"_placeholder":true,"num":0}}]`, "bAgE=")
	p.send(`451-/c,2["reverse",{"_placeholder":true,"num":0}]`, "bAQIDBAU=")
	p.expect(`43/c,2[{"ok":false,"error":{"code":"invalid_payload","message":"the payload does not fit the schema","data":{"issues":[{"path":"","message":"must have 1 to 4 bytes, has 5"}]}}}]`)
	p.send(`42/c,3["reverse",{"_placeholder":true,"num":0}]`)
	p.expect(`43/c,3[{"ok":false,"error":{"code":"invalid_payload","message":"the payload does not fit the schema","data":{"issues":[{"path":"","message":"expected bytes, got object"}]}}}]`)
}

// TestConnect refuses a socket for every reason.
func TestConnect(t *testing.T) {
	tests := []struct{ name, auth, want string }{
		{"typed error", `{"id":"frozen","name":"x"}`, `44/c,{"message":"the board is frozen","data":{"code":"frozen","message":"the board is frozen"}}`},
		{"with data", `{"id":"turn","name":"<x>"}`, `44/c,{"message":"wait","data":{"code":"turn","message":"wait","data":{"id":"turn","name":"<x>"}}}`},
		{"foreign error", `{"id":"foreign","name":"x"}`, `44/c,{"message":"internal error","data":{"code":"internal","message":"internal error","data":{"id":"$id"}}}`},
		{"panic", `{"id":"panic","name":"x"}`, `44/c,{"message":"internal error","data":{"code":"internal","message":"internal error","data":{"id":"$id"}}}`},
		{"no auth", ``, `44/c,{"message":"the payload does not fit the schema","data":{"code":"invalid_payload","message":"the payload does not fit the schema","data":{"issues":[{"path":"id","message":"is required"},{"path":"name","message":"is required"}]}}}`},
		{"unsound auth", `{"id":1,"name":"x","$sockgen":"abc"}`, `44/c,{"message":"the payload does not fit the schema","data":{"code":"invalid_payload","message":"the payload does not fit the schema","data":{"issues":[{"path":"id","message":"expected string, got number"}]}}}`},
	}
	f := newFixture(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { dial(t, f.Server, "/c", tt.auth).expect(tt.want) })
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.calls) > 0 {
		t.Errorf("handlers were called: %v", f.calls)
	}
}

// TestInternalIsLogged finds the id that the peer got in the log, with the cause
// and the stack that it did not get.
func TestInternalIsLogged(t *testing.T) {
	f := newFixture(t)
	p := dial(t, f.Server, "/c", `{"id":"1","name":"Ada"}`)
	p.entered("/c")
	p.send(`42/c,1["echo","panic"]`)
	answer := p.next()
	if strings.Contains(answer, "budget") || strings.Contains(answer, "goroutine") {
		t.Errorf("the peer sees %s", answer)
	}
	id := strings.TrimSuffix(strings.TrimPrefix(internalID.FindString(answer), `{"id":"`), `"}`)
	if id == "" {
		t.Fatalf("no id in %s", answer)
	}
	for _, entry := range strings.Split(f.log.String(), "\n") {
		if strings.Contains(entry, id) {
			for _, want := range []string{"the budget is spent", "mount_test.go", `"event":"echo"`, `"namespace":"/c"`} {
				if !strings.Contains(entry, want) {
					t.Errorf("no %s in %s", want, entry)
				}
			}
			return
		}
	}
	t.Errorf("no entry with id %s in %s", id, f.log.String())
}

// TestAudiences has two members: each sees what is meant for it.
func TestAudiences(t *testing.T) {
	f := newFixture(t)
	ada := dial(t, f.Server, "/c", `{"id":"1","name":"Ada"}`)
	ada.entered("/c")
	bob := dial(t, f.Server, "/c", `{"id":"2","name":"Bob"}`)
	bob.entered("/c")
	ada.send(`42/c,1["others","hi"]`)
	ada.expect(`43/c,1[{"ok":true}]`)
	bob.expect(`42/c,["said","Ada: hi"]`)
	bob.send(`42/c,2["all","yo"]`)
	bob.expect(`42/c,["said","Bob: yo"]`, `43/c,2[{"ok":true}]`)
	ada.expect(`42/c,["said","Bob: yo"]`)

	everybody := Everybody[member](f.ns).Sockets()
	if len(everybody) != 2 {
		t.Fatalf("%d sockets", len(everybody))
	}
	first := everybody[0]
	if rooms := first.Rooms(); len(rooms) != 1 || rooms[0] != "r" {
		t.Errorf("rooms %q", rooms)
	}
	if got := Others[member](first.Untyped()).Sockets(); len(got) != 1 || got[0] != everybody[1] {
		t.Errorf("others: %v", got)
	}
	if got := Everybody[member](f.ns).One(first.ID()).Sockets(); len(got) != 1 || got[0] != first {
		t.Errorf("one: %v", got)
	}
	if got := In(Everybody[member](f.ns), []string{}).Sockets(); len(got) != 0 {
		t.Errorf("no rooms: %v", got)
	}
	first.Leave("r")
	if got := In(Everybody[member](f.ns), []string{"r"}).Sockets(); len(got) != 1 || got[0] != everybody[1] {
		t.Errorf("in r: %v", got)
	}
	e := NewEncoder()
	e.Next().Float64(math.NaN())
	if err := Everybody[member](f.ns).Emit(t.Context(), "said", e); !errors.Is(err, ErrNotFinite) {
		t.Errorf("NaN: %v", err)
	}
}

// TestCall asks the client and waits for its answer within a handler.
func TestCall(t *testing.T) {
	f := newFixture(t)
	p := dial(t, f.Server, "/c", `{"id":"1","name":"Ada"}`)
	p.entered("/c")
	ask := func(id int, answer string) {
		t.Helper()
		p.send(fmt.Sprintf(`42/c,%d["ask","why"]`, id))
		got := p.next()
		question, ok := strings.CutSuffix(got, `["question","why"]`)
		if !ok || !strings.HasPrefix(question, "42/c,") {
			t.Fatalf("received %s", got)
		}
		p.send("43/c," + strings.TrimPrefix(question, "42/c,") + answer)
	}
	ask(1, `["because"]`)
	p.expect(`43/c,1[{"ok":true}]`)
	for i, bad := range []string{`[]`, `[5]`, `["much too long for it"]`} {
		ask(i+2, bad)
		// The peer's own payload was sound, so it is not told of an invalid one.
		p.expect(fmt.Sprintf(`43/c,%d[%s]`, i+2, internalAck))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.calls) != 1 || f.calls[0] != "answer because" {
		t.Errorf("calls %v", f.calls)
	}
	if !strings.Contains(f.log.String(), `ack of \"question\": expected string, got number`) {
		t.Errorf("log: %s", f.log.String())
	}
}

// TestDisconnect calls the handler once, and survives its panic.
func TestDisconnect(t *testing.T) {
	f := newFixture(t)
	p := dial(t, f.Server, "/c", `{"id":"1","name":"Ada"}`)
	p.entered("/c")
	p.send(`41/c,`)
	p.close()
	f.shutdown()
	if !strings.Contains(f.log.String(), "in disconnect") {
		t.Errorf("log: %s", f.log.String())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if got := strings.Join(f.calls, ","); strings.Count(got, "disconnect Ada") != 1 {
		t.Errorf("calls %s", got)
	}
}

// TestGoneIsNoError has a client that leaves while its handler waits, or before it
// emits: that is nobody's mistake, and the log is spared.
func TestGoneIsNoError(t *testing.T) {
	f := newFixture(t)
	p := dial(t, f.Server, "/c", `{"id":"1","name":"Ada"}`)
	p.entered("/c")
	p.send(`42/c,1["late"]`)
	if answer := p.next(); !strings.Contains(answer, `"internal"`) {
		t.Errorf("answer: %s", answer)
	}
	p.send(`42/c,["wait"]`)
	<-f.waiting
	p.close()
	f.shutdown()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.calls) != 2 || f.calls[0] != "wait" || f.calls[1] != "disconnect Ada" {
		t.Errorf("calls %q", f.calls)
	}
	if strings.Contains(f.log.String(), `"event":"wait"`) || strings.Contains(f.log.String(), `"event":"late"`) {
		t.Errorf("log: %s", f.log.String())
	}
}
