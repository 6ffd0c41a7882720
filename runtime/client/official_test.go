// SPDX-License-Identifier: Apache-2.0

package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// An official is a process with the official server.
type official struct {
	url   string
	stdin io.WriteCloser
	cmd   *exec.Cmd
}

// newOfficial starts the official server, with options in its own words as JSON.
func newOfficial(t testing.TB, port, options string) *official {
	t.Helper()
	cmd := exec.Command("node", "testdata/server.mjs", port, options)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: this test needs Node, and npm ci in the project's root", err)
	}
	o := &official{stdin: stdin, cmd: cmd}
	t.Cleanup(o.stop)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the official server does not start (%v): run npm ci in the project's root", err)
	}
	o.url = "http://127.0.0.1:" + strings.TrimSpace(line)
	return o
}

func (o *official) stop() {
	_ = o.stdin.Close()
	_ = o.cmd.Wait()
}

// drop ends all connections of the server.
func (o *official) drop() { _, _ = io.WriteString(o.stdin, "drop\n") }

// eachTransport runs a test on every transport, with a Manager for the official server.
func (o *official) eachTransport(t *testing.T, f func(t *testing.T, m *Manager, w way)) {
	for _, w := range ways() {
		if !w.mem {
			t.Run(strings.TrimPrefix(w.name, "loopback/"), func(t *testing.T) {
				cfg := w.cfg
				cfg.ReconnectionDelay, cfg.ReconnectionDelayMax = 300*time.Millisecond, time.Second // the server has to notice a loss first
				f(t, newManager(t, o.url, cfg), w)
			})
		}
	}
}

func TestOfficialServerEventsAndAcks(t *testing.T) {
	newOfficial(t, "0", "{}").eachTransport(t, func(t *testing.T, m *Manager, w way) {
		s := m.Socket("/", SocketConfig{})
		s.On("question", func(ctx context.Context, e *Event) {
			var data []byte
			if err := e.Args.Decode(1, &data); err != nil {
				t.Error(err)
			}
			if err := e.Ack(append(data, 8)); err != nil {
				t.Errorf("Ack: %v", err)
			}
		})
		connect(t, s)
		for range 2 { // before and after the upgrade
			text, data := strings.Repeat("ä€😀x", 100_000), bytes.Repeat([]byte{0, 0x1e, 0xff, 1}, 250_000)
			got, err := s.Timeout(patience).EmitWithAck(t.Context(), "echo", text, map[string]any{"data": data}, []byte{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var gotText string
			var gotData struct{ Data []byte }
			var empty []byte
			if err := errors.Join(got.Decode(0, &gotText), got.Decode(1, &gotData), got.Decode(2, &empty)); err != nil {
				t.Fatal(err)
			}
			if gotText != text || !bytes.Equal(gotData.Data, data) || len(empty) != 0 || got.Len() != 4 {
				t.Errorf("came back changed: %d bytes of text, %d binary", len(gotText), len(gotData.Data))
			}
			if got, err = s.EmitWithAck(t.Context(), "askMe"); err != nil {
				t.Fatal(err)
			}
			if err := got.Decode(0, &data); err != nil || !bytes.Equal(data, []byte{7, 8}) {
				t.Errorf("the answer to the answer: %v (%v)", data, err)
			}
			settle(t, m, w)
		}
	})
}

func TestOfficialServerNamespaces(t *testing.T) {
	newOfficial(t, "0", "{}").eachTransport(t, func(t *testing.T, m *Manager, w way) {
		chat := connect(t, m.Socket("/chat", SocketConfig{}))
		token := "guess"
		secret := m.Socket("/secret", SocketConfig{Auth: func(context.Context) (any, error) {
			return map[string]string{"token": token}, nil
		}})
		var refused *ConnectError
		if err := secret.Connect(t.Context()); !errors.As(err, &refused) || refused.Message != "not authorized" || string(refused.Data) != `{"code":7}` {
			t.Fatalf("refused with %v", err)
		}
		token = "open sesame"
		connect(t, secret)
		if ask(t, chat, "echo", "a") != "a" || ask(t, secret, "echo", "b") != "b" {
			t.Error("wrong echo")
		}
		reasons := make(chan DisconnectReason, 1)
		chat.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { reasons <- reason })
		if err := chat.Emit(t.Context(), "kick"); err != nil {
			t.Fatal(err)
		}
		if reason := within(t, reasons, "OnDisconnect"); reason != ServerDisconnect || chat.Active() {
			t.Errorf("kicked with %q", reason)
		}
		if ask(t, connect(t, chat), "echo", "again") != "again" {
			t.Error("wrong echo")
		}
	})
}

func TestOfficialServerKeepsOrderAcrossTheUpgrade(t *testing.T) {
	newOfficial(t, "0", "{}").eachTransport(t, func(t *testing.T, m *Manager, w way) {
		const n = 10_000
		s := m.Socket("/", SocketConfig{})
		done := make(chan struct{})
		var ticks, backs []int
		note := func(to *[]int) EventFunc {
			return func(ctx context.Context, e *Event) {
				var i int
				if err := e.Args.Decode(0, &i); err != nil {
					t.Error(err)
				}
				if *to = append(*to, i); len(ticks) == n && len(backs) == n {
					close(done)
				}
			}
		}
		s.On("tick", note(&ticks))
		s.On("back", note(&backs))
		connect(t, s)
		if err := s.Emit(t.Context(), "count", n); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if err := s.Emit(t.Context(), "echo", i); err != nil {
				t.Fatal(err)
			}
		}
		within(t, done, "all events")
		if !slices.IsSorted(ticks) || !slices.IsSorted(backs) {
			t.Error("events out of order")
		}
		settle(t, m, w)
	})
}

func TestOfficialServerRecoversAndRestarts(t *testing.T) {
	const options = `{"connectionStateRecovery":{},"pingInterval":300,"pingTimeout":2000}`
	o := newOfficial(t, "0", options)
	o.eachTransport(t, func(t *testing.T, m *Manager, w way) {
		s := m.Socket("/", SocketConfig{})
		got := make(chan string, 100)
		s.OnConnect(func(context.Context) { got <- map[bool]string{false: "connect", true: "recover"}[s.Recovered()] })
		s.OnDisconnect(func(context.Context, DisconnectReason) { got <- "disconnect" })
		s.On("news", func(ctx context.Context, e *Event) {
			var news string
			if err := e.Args.Decode(0, &news); err != nil {
				t.Error(err)
			}
			got <- news
		})
		connect(t, s)
		want := func(texts ...string) {
			t.Helper()
			for _, text := range texts {
				if have := within(t, got, text); have != text {
					t.Fatalf("got %q, want %q", have, text)
				}
			}
		}
		want("connect", "first")
		settle(t, m, w)
		id := s.ID()
		m.mu.Lock()
		sess := m.session
		m.mu.Unlock()
		for sess.ctx.Err() == nil { // between two polls there may be nothing to drop
			o.drop()
			select {
			case <-sess.ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
		want("disconnect", "recover", "missed")
		if s.ID() != id {
			t.Errorf("the id changed from %s to %s", id, s.ID())
		}
		if w.name == "loopback/upgrade" { // the last one
			o.stop()
			want("disconnect")
			_, port, _ := strings.Cut(strings.TrimPrefix(o.url, "http://"), ":")
			o = newOfficial(t, port, options)
			want("connect", "first")
			if ask(t, s, "echo", "x") != "x" {
				t.Error("wrong echo")
			}
		}
	})
}
