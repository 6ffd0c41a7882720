// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/siowire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type clock struct{}

func (clock) Now() time.Time                                  { return time.Now() }
func (clock) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }

// A bus joins the forwarders of a test. It tells each of them what another one tells, on
// the teller's goroutine.
type bus struct {
	mu    sync.Mutex
	ears  []adapter.Local // guarded by mu
	fails error           // of everything that is told; guarded by mu
}

// Open implements adapter.Hub. Nothing else of a hub is asked for.
func (b *bus) Open(namespace string, local adapter.Local) (adapter.Adapter, error) {
	if namespace != Namespace {
		return nil, errors.New("not the namespace for it")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ears = append(b.ears, local)
	return &end{Adapter: adapter.NewMemory(local), bus: b, local: local}, nil
}

func (b *bus) Elsewhere(string) adapter.Reach { return adapter.NoNodes }
func (b *bus) Close(context.Context) error    { return nil }
func (b *bus) others(l adapter.Local) ([]adapter.Local, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.ears), func(o adapter.Local) bool { return o == l }), b.fails
}

// An end is one node's.
type end struct {
	adapter.Adapter
	bus   *bus
	local adapter.Local
}

func (e *end) ServerSideEmit(ctx context.Context, ev adapter.Event) error {
	args, err := ev.Args.Args()
	if err != nil {
		return err
	}
	others, err := e.bus.others(e.local)
	for _, o := range others {
		if err == nil {
			o.ServerSide(ctx, adapter.ServerSideEvent{Name: ev.Name, Args: args})
		}
	}
	return err
}

func (e *end) ServerSideEmitWithAck(ctx context.Context, ev adapter.Event, _ adapter.Options) (answers []siowire.Args, err error) {
	args, err := ev.Args.Args()
	if err != nil {
		return nil, err
	}
	others, err := e.bus.others(e.local)
	for _, o := range others {
		if err == nil {
			o.ServerSide(ctx, adapter.ServerSideEvent{Name: ev.Name, Args: args, Ack: func(a *siowire.Encoder) error {
				defer a.Release()
				answer, err := a.Args()
				answers = append(answers, answer)
				return err
			}})
		}
	}
	return answers, err
}

func (e *end) Close() error {
	e.bus.mu.Lock()
	defer e.bus.mu.Unlock()
	e.bus.ears = slices.DeleteFunc(e.bus.ears, func(o adapter.Local) bool { return o == e.local })
	return nil
}

// A node is a server that holds sessions, and passes on what it does not hold.
type node struct {
	*Forwarder
	*httptest.Server
	here  sync.Map // ids of its sessions
	serve func(w http.ResponseWriter, r *http.Request)
}

// newNode starts a node whose sessions are answered by serve.
func newNode(t *testing.T, b *bus, change func(*Config), serve func(http.ResponseWriter, *http.Request)) *node {
	t.Helper()
	n := &node{serve: serve}
	n.Server = httptest.NewServer(http.HandlerFunc(n.answer))
	u, err := ParseURL(n.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Advertise: u, Requests: 100, Stall: time.Second, Logger: slog.New(slog.DiscardHandler), Clock: clock{}}
	if change != nil {
		change(&cfg)
	}
	if n.Forwarder, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	if err := n.Join(b); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.down)
	return n
}

func (n *node) down() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n.Drain(ctx)
	_ = n.Forwarder.Close()
	n.Server.Close()
}

// session returns the id of a new session of the node.
func (n *node) session(id string) string {
	id = n.Name(id)
	n.here.Store(id, true)
	return id
}

func (n *node) answer(w http.ResponseWriter, r *http.Request) {
	r = n.Arrived(r)
	sid := r.URL.Query().Get("sid")
	if _, ok := n.here.Load(sid); ok {
		n.serve(w, r)
		return
	}
	w.Header().Set("X-From", "the node that was asked")
	if !n.Serve(w, r, sid) {
		http.Error(w, "unknown", http.StatusBadRequest)
	}
}

// ask makes a request and returns status and body.
func (n *node) ask(t *testing.T, method, sid, body string, header ...string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequest(method, n.URL+"/prefix/%73ocket.io/?x=1&sid="+sid, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Header
}

// know waits until the nodes know each other.
func know(t *testing.T, nodes ...*node) {
	t.Helper()
	for _, n := range nodes {
		for end := time.Now().Add(time.Minute); len(n.Peers()) < len(nodes)-1; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("knows %v", n.Peers())
			}
		}
	}
}

// What a client has sent arrives as it was, from the client's address, and so does the
// answer.
func TestPassedOnAsItIs(t *testing.T) {
	b := &bus{}
	type seen struct{ method, uri, host, remote, body, proxies, agent string }
	got := make(chan seen, 1)
	holder := newNode(t, b, nil, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- seen{r.Method, r.URL.RequestURI(), r.Host, r.RemoteAddr, string(body), r.Header.Get("X-Forwarded-For"), r.Header.Get("User-Agent")}
		if r.Header[Header] != nil {
			t.Error("the signature reaches the application")
		}
		w.Header().Set("X-From", "the holder")
		w.Header().Set("Vary", "Origin")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, "answer")
	})
	asked := newNode(t, b, nil, nil)
	know(t, holder, asked)
	sid := holder.session("abc")
	for _, body := range []string{"", strings.Repeat("x", 100_000)} {
		method := "GET"
		if body != "" {
			method = "POST"
		}
		status, answer, h := asked.ask(t, method, sid, body, "X-Forwarded-For", "203.0.113.1", "User-Agent", "me", "Host", "ignored")
		if status != http.StatusTeapot || answer != "answer" || len(h["X-From"]) != 1 || h.Get("X-From") != "the holder" || h.Get("Vary") != "Origin" {
			t.Errorf("%d %q %v", status, answer, h)
		}
		s := <-got
		host, _, _ := net.SplitHostPort(s.remote)
		if s.method != method || s.uri != "/prefix/%73ocket.io/?x=1&sid="+sid || s.host != asked.Listener.Addr().String() || s.body != body || s.proxies != "203.0.113.1" || s.agent != "me" || host != "127.0.0.1" {
			t.Errorf("%.300v", s)
		}
	}
	if st := asked.Stats(); st.Forwarded != 2 || st.Failed != 0 || st.Active != 0 || st.Peers != 1 {
		t.Errorf("%+v", st)
	}
}

// A recorder notes the deadlines that are set.
type recorder struct {
	*httptest.ResponseRecorder
	read, write []time.Time
}

func (r *recorder) SetReadDeadline(t time.Time) error  { r.read = append(r.read, t); return nil }
func (r *recorder) SetWriteDeadline(t time.Time) error { r.write = append(r.write, t); return nil }

// The timeouts of an http.Server are not for polls. A client that takes nothing has one.
func TestDeadlines(t *testing.T) {
	b := &bus{}
	holder := newNode(t, b, nil, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "answer") })
	asked := newNode(t, b, nil, nil)
	know(t, holder, asked)
	w := &recorder{ResponseRecorder: httptest.NewRecorder()}
	begun := time.Now()
	if !asked.Serve(w, httptest.NewRequest("GET", "/?sid="+holder.session("a"), nil), holder.Name("a")) || w.Body.String() != "answer" {
		t.Errorf("answered %q", w.Body)
	}
	if len(w.read) != 1 || !w.read[0].IsZero() {
		t.Errorf("read deadlines %v", w.read)
	}
	if n := len(w.write); n != 3 || !w.write[0].IsZero() || w.write[1].Before(begun.Add(2*time.Second)) || !w.write[2].IsZero() {
		t.Errorf("write deadlines %v", w.write)
	}
}

// A client can neither make the id of a session elsewhere nor change whose it is.
func TestIdsCannotBeForged(t *testing.T) {
	b := &bus{}
	reached := func(w http.ResponseWriter, r *http.Request) { t.Error("a forged id was passed on") }
	holder, asked := newNode(t, b, nil, reached), newNode(t, b, nil, reached)
	know(t, holder, asked)
	sid := holder.Name("abcdefgh")
	mark := sid[len(sid)-markLength:]
	for _, forged := range []string{
		"", "x", mark, "abcdefgi" + mark, "abcdefg" + mark, sid[:len(sid)-1], sid + "x", sid[:len(sid)-1] + "!", "abcdefgh" + strings.Repeat("A", markLength),
		asked.Name("abcdefgh"), strings.ToUpper(sid), strings.Repeat("a", 5000),
	} {
		holder.here.Store(forged, true) // it would be answered
		if status, _, _ := asked.ask(t, "GET", forged, ""); status != http.StatusBadRequest {
			t.Errorf("%.40q is answered with %d", forged, status)
		}
	}
	for i := range len(sid) {
		forged := []byte(sid)
		forged[i] ^= 1
		if asked.find(t.Context(), string(forged)) != nil {
			t.Errorf("%q is somebody's", forged)
		}
	}
	if asked.Name("a") == holder.Name("a") || !strings.HasPrefix(sid, "abcdefgh") {
		t.Error("the marks of two nodes are the same")
	}
}

// Who only says that a node passes the request on keeps the own address. It is not passed
// on again.
func TestSignaturesCannotBeForged(t *testing.T) {
	b := &bus{}
	remote := make(chan string, 1)
	holder := newNode(t, b, nil, func(_ http.ResponseWriter, r *http.Request) { remote <- r.RemoteAddr })
	asked := newNode(t, b, nil, nil)
	know(t, holder, asked)
	sid := holder.session("abc")
	for _, value := range []string{"", " ", "x", "x 10.1.1.1:1", holder.key.sign("other", "10.1.1.1:1") + " 10.1.1.1:1", holder.key.sign(sid, "10.1.1.1:1") + " 10.1.1.2:1", asked.key.sign(sid, "10.1.1.1:1") + " 10.1.1.1:1"} {
		if status, _, _ := holder.ask(t, "GET", sid, "", Header, value); status != 200 {
			t.Errorf("answered with %d", status)
		}
		if got := <-remote; !strings.HasPrefix(got, "127.0.0.1:") {
			t.Errorf("%q makes the address %s", value, got)
		}
		if status, _, _ := asked.ask(t, "GET", sid, "", Header, value); status != http.StatusBadRequest {
			t.Errorf("what was passed on once is passed on again: %d", status)
		}
	}
	if _, _, _ = holder.ask(t, "GET", sid, "", Header, holder.key.sign(sid, "10.1.1.1:1")+" 10.1.1.1:1"); <-remote != "10.1.1.1:1" {
		t.Error("a true signature does not count")
	}
}

// A session whose node has gone is unknown, and so is one that its node has forgotten.
func TestTheOtherNodeIsGone(t *testing.T) {
	b := &bus{}
	holder := newNode(t, b, nil, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	asked := newNode(t, b, nil, nil)
	know(t, holder, asked)
	if status, _, _ := asked.ask(t, "POST", holder.Name("never there"), "x"); status != http.StatusBadRequest {
		t.Errorf("a session that is gone: %d", status)
	}
	if status, _, h := asked.ask(t, "POST", holder.session("breaks"), "x"); status != http.StatusBadRequest || h.Get("X-From") != "the node that was asked" {
		t.Errorf("a node that breaks off: %d %v", status, h)
	}
	holder.Server.Close()
	if status, _, _ := asked.ask(t, "POST", holder.session("dead"), "x"); status != http.StatusBadRequest {
		t.Errorf("a node that is dead: %d", status)
	}
	if st := asked.Stats(); st.Failed != 2 || st.Active != 0 {
		t.Errorf("%+v", st)
	}
	if err := holder.Forwarder.Close(); err != nil {
		t.Error(err)
	}
	if peers := asked.Peers(); len(peers) != 0 {
		t.Errorf("still knows %v", peers)
	}
}

// tunnel asks for a WebSocket and returns the connection behind the 101.
func (n *node) tunnel(t *testing.T, sid string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", n.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "GET /?sid=%s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", sid)
	r := bufio.NewReader(c)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != 101 {
		t.Fatal(res, err)
	}
	return c, r
}

// echo answers a WebSocket's handshake and repeats what comes.
func echo(w http.ResponseWriter, r *http.Request) {
	c, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	fmt.Fprint(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	_, _ = io.Copy(c, rw)
}

// A WebSocket goes through both nodes until one of the three ends it.
func TestTunnels(t *testing.T) {
	b := &bus{}
	over := make(chan bool, 1)
	holder := newNode(t, b, nil, func(w http.ResponseWriter, r *http.Request) {
		echo(w, r)
		over <- true
	})
	asked := newNode(t, b, nil, nil)
	know(t, holder, asked)
	sid := holder.session("a")
	for _, ends := range []func(c net.Conn){
		func(c net.Conn) { c.Close() },
		func(net.Conn) { go asked.Drain(t.Context()) },
	} {
		c, r := asked.tunnel(t, sid)
		fmt.Fprint(c, "hello")
		got := make([]byte, 5)
		if _, err := io.ReadFull(r, got); err != nil || string(got) != "hello" {
			t.Fatalf("%q, %v", got, err)
		}
		ends(c)
		<-over // the holder learns of it
	}
	if status, _, _ := asked.ask(t, "GET", sid, ""); status != http.StatusServiceUnavailable {
		t.Errorf("while it drains: %d", status)
	}
}

// A client that takes nothing holds a tunnel for the stall time only.
func TestTunnelOfAStuckClient(t *testing.T) {
	b := &bus{}
	over := make(chan bool, 1)
	holder := newNode(t, b, nil, func(w http.ResponseWriter, r *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprint(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		for {
			if _, err := c.Write(make([]byte, 1<<20)); err != nil {
				over <- true
				return
			}
		}
	})
	asked := newNode(t, b, func(c *Config) { c.Stall = 50 * time.Millisecond }, nil)
	know(t, holder, asked)
	asked.tunnel(t, holder.session("a"))
	<-over
}

// Requests under way may end before Drain cuts them; beyond Config.Requests there are none.
func TestRequestsAreBounded(t *testing.T) {
	b := &bus{}
	release, began := make(chan bool), make(chan bool, 2)
	holder := newNode(t, b, nil, func(w http.ResponseWriter, r *http.Request) {
		began <- true
		<-release
		fmt.Fprint(w, "done")
	})
	asked := newNode(t, b, func(c *Config) { c.Requests = 1 }, nil)
	know(t, holder, asked)
	sid := holder.session("a")
	first := make(chan string, 1)
	go func() { _, body, _ := asked.ask(t, "GET", sid, ""); first <- body }()
	<-began
	status, _, h := asked.ask(t, "GET", sid, "")
	if status != http.StatusServiceUnavailable || h.Get("Retry-After") == "" || asked.Stats().Refused != 1 {
		t.Errorf("one too many: %d %v", status, h)
	}
	drained := make(chan bool)
	go func() { asked.Drain(t.Context()); close(drained) }()
	close(release)
	if got := <-first; got != "done" {
		t.Errorf("answered %q", got)
	}
	<-drained
}

// Notes that no node of ours has written change nothing.
func TestNotes(t *testing.T) {
	b := &bus{}
	n := newNode(t, b, nil, nil)
	good := `{"version":1,"id":"other","url":"http://10.0.0.1:80","key":"` + strings.Repeat("A", 43) + `="}`
	hear := func(event, text string) int {
		args, err := siowire.ParseArgs([]byte("["+text+"]"), nil, siowire.Limits{})
		if err != nil {
			t.Fatal(text, err)
		}
		listener{n.Forwarder}.ServerSide(t.Context(), adapter.ServerSideEvent{Name: event, Args: args})
		return len(n.Peers())
	}
	for _, bad := range []string{
		``, `null`, `"x"`, `[]`, `{}`, strings.Replace(good, `"version":1`, `"version":2`, 1), strings.Replace(good, "other", "", 1),
		strings.Replace(good, "other", strings.Repeat("x", 65), 1), strings.Replace(good, "AAAA", "", 1), strings.Replace(good, "AAAA", "!!!!", 1),
		strings.Replace(good, "http:", "ftp:", 1), strings.Replace(good, "10.0.0.1:80", "", 1), strings.Replace(good, "10.0.0.1", "a@b", 1), strings.Replace(good, ":80", ":80/path", 1), strings.Replace(good, ":80", ":80?x", 1),
	} {
		if hear(eventHere, bad) != 0 || hear(eventGone, bad) != 0 {
			t.Errorf("%s is a peer", bad)
		}
	}
	if hear("else", good) != 0 || hear(eventHere, good) != 1 || hear(eventHere, good) != 1 {
		t.Error("a good note is not heard, or twice")
	}
	if hear(eventHere, strings.Replace(good, "other", "successor", 1)) != 1 || (*n.peers.Load())[0].id != "successor" {
		t.Error("a node that came back at the same address does not take the place of the old one")
	}
	if hear(eventGone, good) != 1 || hear(eventGone, strings.Replace(good, "other", "successor", 1)) != 0 {
		t.Error("a node that goes is still there")
	}
	if _, err := ParseURL("http://10.0.0.1:80/"); err != nil {
		t.Error(err)
	}
}

// A bus that is away is no reason not to serve; those who are there are found when it is
// back.
func TestTheBusIsAway(t *testing.T) {
	b := &bus{fails: errors.New("away")}
	one, two := newNode(t, b, nil, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }), newNode(t, b, nil, nil)
	sid := one.session("a")
	if status, _, _ := two.ask(t, "GET", sid, ""); status != http.StatusBadRequest {
		t.Errorf("answered %d", status)
	}
	b.mu.Lock()
	b.fails = nil
	b.mu.Unlock()
	one.tell(eventHere)
	know(t, one, two)
	if status, body, _ := two.ask(t, "GET", sid, ""); status != 200 || body != "ok" {
		t.Errorf("answered %d", status)
	}
}
