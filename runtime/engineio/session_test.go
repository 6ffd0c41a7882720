// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestEcho(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		a := newApp()
		a.echo = true
		l, p := newRig(t, true, Config{}, a).connect(kind)
		defer l.close()
		for _, s := range []string{"4hello", "4é€", "4", "4" + strings.Repeat("x", 100_000)} {
			l.send(s)
			l.want(s)
		}
		if got := p.messages(); len(got) != 4 {
			t.Errorf("%d messages received", len(got))
		}
	})
}

// TestCloseDeliversWhatWasSent holds R114 and the endings of R76 and R112.
func TestCloseDeliversWhatWasSent(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{}, newApp())
		l, p := r.connect(kind)
		defer l.close()
		for i := range 20 {
			if err := p.text(fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		p.Close("going")
		p.Close(ForcedClose)
		if err := p.text("late"); !errors.Is(err, ErrSessionClosed) {
			t.Errorf("Send after Close: %v", err)
		}
		p.wantClosed(t, "going")
		if r.srv.Len() != 0 {
			t.Errorf("Len is %d", r.srv.Len())
		}
		for i := range 20 {
			l.want(fmt.Sprintf("4%d", i))
		}
		l.want("close 1005")
		if kind == "polling" {
			r.get(l.sid).want(t, 400, `{"code":1,"message":"Session ID unknown"}`)
		}
	})
}

// TestClientEnds holds the reasons of R74, R75, R106, R110 and R35.
func TestClientEnds(t *testing.T) {
	tests := []struct {
		packet string
		want   CloseReason
	}{
		{"1", TransportClose},
		{"2", TransportError},
		{"2probe", TransportError},
	}
	for _, tt := range tests {
		t.Run(tt.packet, func(t *testing.T) {
			eachTransport(t, func(t *testing.T, kind transportKind) {
				l, p := newRig(t, true, Config{}, newApp()).connect(kind)
				defer l.close()
				l.send(tt.packet)
				p.wantClosed(t, tt.want)
				if l.ws != nil {
					l.want("close 1005")
				}
			})
		})
	}
}

func TestIgnoredPacketsAndStrayPong(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		a := newApp()
		a.echo = true
		l, p := newRig(t, true, Config{}, a).connect(kind)
		defer l.close()
		for _, s := range []string{"0", `0{"sid":"x"}`, "5", "6", "3", "3anything"} { // R41, R42, R102
			l.send(s)
		}
		l.send("4still here")
		l.want("4still here")
		p.wantOpen(t)
		for range maxStrayPongs - 1 {
			if kind == "polling" {
				l.r.post(l.sid, "3")
			} else {
				l.send("3")
			}
		}
		p.wantClosed(t, TransportError)
	})
}

// TestOpenMaySend holds R30: what Open sends rides with the handshake's answer.
func TestOpenMaySend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		a.onOpen = func(p *peer) {
			if err := p.text("hello"); err != nil {
				t.Error(err)
			}
			p.Flush()
		}
		r := newRig(t, true, Config{}, a)
		if got := r.do("GET", polling, ""); !strings.HasSuffix(got.body, "}\x1e4hello") {
			t.Errorf("polling handshake %v", got)
		}
		r.opened()
		c, p := r.openWS()
		defer c.Close()
		c.want("4hello")
		if p.Transport() != "websocket" {
			t.Errorf("transport %q", p.Transport())
		}
	})
}

func TestOpenMayClose(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		if kind == "upgrade" {
			return // a session closed in Open never gets there
		}
		a := newApp()
		a.onOpen = func(p *peer) {
			_ = p.text("bye")
			p.Close(ForcedClose)
		}
		r := newRig(t, true, Config{}, a)
		if kind == "polling" {
			if got := r.do("GET", polling, ""); !strings.HasSuffix(got.body, "}\x1e4bye\x1e1") {
				t.Errorf("handshake %v", got)
			}
		} else {
			c, _, err := r.ws("?EIO=4&transport=websocket")
			if err != nil {
				t.Fatal(err)
			}
			c.read()
			c.want("4bye")
			c.want("close 1005")
			c.Close()
		}
		r.opened().wantClosed(t, ForcedClose)
	})
}

func TestPanicEndsTheSession(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		a := newApp()
		a.receive = func(*peer, []byte, bool) { panic("boom") }
		r := newRig(t, true, Config{}, a)
		l, p := r.connect(kind)
		defer l.close()
		l.send("4x")
		p.wantClosed(t, TransportError)
		if r.srv.Len() != 0 {
			t.Errorf("Len is %d", r.srv.Len())
		}
	})
}

func TestPanicInOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		a.onOpen = func(*peer) { panic("boom") }
		r := newRig(t, true, Config{}, a)
		r.do("GET", polling, "").want(t, 500, "")
		c, _, err := r.ws("?EIO=4&transport=websocket")
		if err == nil {
			c.read()
			c.want("close 1005")
			c.Close()
		}
		synctest.Wait()
		if r.srv.Len() != 0 || r.kept() != 0 {
			t.Errorf("%d open, %d kept", r.srv.Len(), r.kept())
		}
	})
}

// TestSlowReader holds that a peer which takes nothing is given up: R-04.
func TestSlowReader(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		r.mem.Buffer = 256
		l, p := r.connect(kind)
		defer l.close()
		if kind == "polling" {
			c := r.pending(l.sid, p)
			defer c.Close()
		}
		start := time.Now()
		_ = p.text(strings.Repeat("x", 500_000))
		select {
		case <-p.closed:
		case <-time.After(time.Minute):
		}
		p.wantClosed(t, TransportError)
		want := 10 * time.Second
		if kind == "polling" {
			want *= 2
		}
		if d := time.Since(start); d != want {
			t.Errorf("closed after %v, want %v", d, want)
		}
	})
}

// TestGroupStaysTogether holds R215: nothing comes between a text and its attachments.
func TestGroupStaysTogether(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		l, p := newRig(t, true, Config{}, newApp()).connect(kind)
		defer l.close()
		for range 2 {
			go func() {
				for range 50 {
					m := NewMessage()
					m.Text = append(m.Buffer(), "group"...)
					m.Attachments = [][]byte{{1}, {2}}
					_ = p.Send(m)
					m.Release()
				}
			}()
		}
		want := []string{"4group", "<01>", "<02>"}
		if kind == "polling" {
			want = []string{"4group", "bAQ==", "bAg=="}
		}
		for range 100 {
			for _, w := range want {
				l.want(w)
			}
		}
	})
}

// TestShutdown holds R113 and a graceful shutdown.
func TestShutdown(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{}, newApp())
		l, p := r.connect(kind)
		defer l.close()
		_, idle := r.open() // a client that will not poll again
		_ = p.text("last words")
		done := make(chan error, 1)
		go func() { done <- r.srv.Shutdown(context.Background()) }()
		synctest.Wait()
		l.want("4last words")
		l.want("close 1005")
		if err := <-done; err != nil {
			t.Error(err)
		}
		p.wantClosed(t, ServerShutdown)
		idle.wantClosed(t, ServerShutdown)
		a := r.do("GET", polling, "")
		if a.status != 503 || a.header.Get("Retry-After") == "" {
			t.Errorf("handshake after Shutdown: %v", a)
		}
		if err := r.srv.Shutdown(context.Background()); err != nil {
			t.Errorf("second Shutdown: %v", err)
		}
	})
}

// TestShutdownCutsWhatDoesNotEnd holds that ctx bounds Shutdown.
func TestShutdownCutsWhatDoesNotEnd(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{}, newApp())
		l, p := r.connect(kind) // a WebSocket client that never answers the Close frame
		defer l.close()
		_ = p.text("unread")
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := r.srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		synctest.Wait()
		if n := r.kept(); n != 0 {
			t.Errorf("%d sessions left", n)
		}
	})
}

// TestShutdownDoesNotWaitForTheVanished holds that a peer which never comes for
// its last data, or never answers the Close frame, holds a shutdown up for five
// seconds, not for Limits.CloseTimeout.
func TestShutdownDoesNotWaitForTheVanished(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{}, newApp())
		l, p := r.connect(kind)
		defer l.close()
		_ = p.text("unread")
		start := time.Now()
		if err := r.srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if waited := time.Since(start); waited != shutdownGrace {
			t.Errorf("Shutdown took %v, want %v", waited, shutdownGrace)
		}
	})
}

// TestReceiveBlocks holds that reading pauses and the ping timeout with it.
func TestReceiveBlocks(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		a := newApp()
		release := make(chan struct{})
		a.receive = func(_ *peer, data []byte, _ bool) {
			if string(data) == "block" {
				<-release
			}
		}
		r := newRig(t, true, Config{}, a)
		l, p := r.connect(kind)
		defer l.close()
		done := make(chan struct{})
		go func() {
			defer close(done)
			l.send("4block")
			l.send("3") // the pong cannot be read while Receive blocks
			l.send("4after")
		}()
		time.Sleep(80 * time.Second)
		p.wantOpen(t)
		if got := p.messages(); !slices.Equal(got, []string{"block"}) {
			t.Errorf("received %q", got)
		}
		close(release)
		<-done
		synctest.Wait()
		p.wantOpen(t)
		if got := p.messages(); !slices.Equal(got, []string{"block", "after"}) {
			t.Errorf("received %q", got)
		}
		time.Sleep(time.Minute) // nobody answers the next ping
		p.wantClosed(t, PingTimeout)
	})
}

// TestPingsGoOnWhileReceiveBlocks holds that backpressure does not starve the
// client's own watchdog (R107, R177), that its pongs are not too many later, and that a
// peer which may have vanished is not waited for forever.
func TestPingsGoOnWhileReceiveBlocks(t *testing.T) {
	for _, vanished := range []bool{false, true} {
		eachTransport(t, func(t *testing.T, kind transportKind) {
			a := newApp()
			release := make(chan struct{})
			a.receive = func(*peer, []byte, bool) { <-release }
			r := newRig(t, true, Config{}, a)
			start := time.Now()
			l, p := r.connect(kind)
			defer l.close()
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				l.send("4block")
			}()
			for n, last := 0, start; n < 1+maxSuspensions; n++ {
				l.want("2")
				if gap := time.Since(last); gap > 45*time.Second {
					t.Fatalf("no ping for %v", gap)
				}
				last = time.Now()
			}
			if vanished {
				p.wantOpen(t)
				l.want("close 1005")
				// One for the traffic, and two for what may be unread (R103).
				if took, want := time.Since(start), (25+20+maxSuspensions*20)*time.Second; took != want {
					t.Errorf("noticed after %v, want %v", took, want)
				}
				p.wantClosed(t, PingTimeout)
				close(release)
				<-sent
				return
			}
			close(release)
			<-sent
			synctest.Wait()
			for range 1 + maxSuspensions {
				l.send("3")
			}
			p.wantOpen(t)
			for range 2 { // the heartbeat goes on as ever
				l.want("2")
				l.send("3")
			}
			p.wantOpen(t)
		})
	}
}

// TestCloseWhileReceiveBlocks holds that an ending never waits for the application.
func TestCloseWhileReceiveBlocks(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		a := newApp()
		release := make(chan struct{})
		a.receive = func(*peer, []byte, bool) { <-release }
		r := newRig(t, true, Config{}, a)
		l, p := r.connect(kind)
		defer l.close()
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			l.send("4block")
		}()
		synctest.Wait()
		p.Close(ForcedClose)
		p.wantClosed(t, ForcedClose)
		close(release)
		<-sent
	})
}

func TestRequestFacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		r.do("GET", polling+"&token=a&token=b", "", "X-Custom: yes")
		q := r.opened().Request()
		if q.Header.Get("X-Custom") != "yes" || len(q.Query()["token"]) != 2 || q.Secure ||
			q.URL != "/engine.io/?EIO=4&transport=polling&token=a&token=b" || !strings.HasPrefix(q.RemoteAddr, "192.0.2.1:") || q.Time.IsZero() {
			t.Errorf("request %+v", q)
		}
	})
}

func TestSessionLimits(t *testing.T) {
	for _, lim := range []Limits{{Sessions: 2}, {SessionsPerIP: 2}} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, true, Config{Limits: lim}, newApp())
			sid, _ := r.open()
			c, _ := r.openWS()
			defer c.Close()
			if a := r.do("GET", polling, ""); a.status != 503 || a.header.Get("Retry-After") == "" {
				t.Errorf("third session: %v", a)
			}
			if _, res, err := r.ws("?EIO=4&transport=websocket"); err == nil || res.StatusCode != 503 {
				t.Errorf("third session by WebSocket: %v, %v", res, err)
			}
			r.post(sid, "1")
			synctest.Wait()
			r.open()
		})
	}
}

func TestMessageReferences(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a Release too many went unnoticed")
		}
	}()
	m := NewMessage()
	if m.Text != nil {
		t.Errorf("new message with text %q", m.Text)
	}
	m.Text = []byte("mine")
	m.refs.Add(1)
	m.Release()
	m.Release()
	m.refs.Store(0)
	m.Release()
}

// TestForeignTextIsNotRecycled holds that a Text which did not come from Buffer
// stays the caller's.
func TestForeignTextIsNotRecycled(t *testing.T) {
	mine := append(make([]byte, 0, 4096), "mine"...)
	for range 100 {
		m := NewMessage()
		m.Text = mine
		m.Release()
		n := NewMessage()
		n.Text = append(n.Buffer(), "overwritten"...)
		n.Release()
	}
	if string(mine) != "mine" {
		t.Errorf("the caller's slice became %q", mine)
	}
}
