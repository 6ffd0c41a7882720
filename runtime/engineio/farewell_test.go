// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestTheLastPollMayComeLate holds R110 and R272 for a client whose last GET is
// overtaken by the POST that closes its session.
func TestTheLastPollMayComeLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		sid, p := r.open()
		closing := r.begin(request("POST", polling+"&sid="+sid, "1"))
		synctest.Wait()
		p.wantClosed(t, TransportClose) // the application does not wait
		time.Sleep(lastPollWait - time.Millisecond)
		r.get(sid).want(t, 200, "6")
		r.finish(closing, "POST").want(t, 200, "ok")
		r.get(sid).want(t, 400, `{"code":1,"message":"Session ID unknown"}`)
	})
}

// TestTheLastPollIsNotWaitedForLong holds that the session is unknown to whatever
// comes after the answer to its closing POST.
func TestTheLastPollIsNotWaitedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		sid, _ := r.open()
		start := time.Now()
		r.post(sid, "1").want(t, 200, "ok")
		if took := time.Since(start); took != lastPollWait {
			t.Errorf("the POST was answered after %v, want %v", took, lastPollWait)
		}
		r.get(sid).want(t, 400, `{"code":1,"message":"Session ID unknown"}`)
		synctest.Wait()
		if n := r.kept(); n != 0 {
			t.Errorf("%d sessions left", n)
		}
	})
}

// TestClosingEndsWithTheClientsClose holds R112 for clients before 4.5: they answer the
// end of their last namespace by a POST of "1", and never come for the server's own
// ending. Their session is not kept waiting for it.
func TestClosingEndsWithTheClientsClose(t *testing.T) {
	tests := []struct {
		name, body string
		ends       bool
	}{
		{"close", "1", true},
		{"close after messages", "4ignored\x1e1", true},
		{"close before messages", "1\x1e4ignored", true},
		{"messages", "4ignored\x1e41", false},
		{"pong", "3", false},
		{"malformed", "x\x1e", false},
		{"nothing", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, true, Config{}, newApp())
				sid, p := r.open()
				_ = p.text("41")
				p.Close(ForcedClose)
				r.get(sid).want(t, 200, "441")
				r.post(sid, tt.body).want(t, 200, "ok")
				synctest.Wait()
				if gone := r.kept() == 0; gone != tt.ends {
					t.Errorf("gone: %v, want %v", gone, tt.ends)
				}
				if tt.ends {
					r.get(sid).want(t, 400, body1)
				} else {
					r.post(sid, tt.body).want(t, 200, "ok")
					r.get(sid).want(t, 200, "6\x1e1")
				}
				p.wantClosed(t, ForcedClose)
				if got := p.messages(); len(got) != 0 {
					t.Errorf("received %q while closing", got)
				}
			})
		})
	}
}

// TestClosingAndTheLastPoll holds R110 while the session is closing: the GET that the
// client's POST has overtaken finds its noop, and what was queued is dropped.
func TestClosingAndTheLastPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		sid, p := r.open()
		_ = p.text("unread")
		p.Close(ForcedClose)
		closing := r.begin(request("POST", polling+"&sid="+sid, "1"))
		synctest.Wait()
		r.get(sid).want(t, 200, "6")
		r.finish(closing, "POST").want(t, 200, "ok")
		p.wantClosed(t, ForcedClose)
		if n := r.srv.Stats().Outgoing; n != 0 {
			t.Errorf("%d bytes are still queued", n)
		}
	})
}

// TestClosingDuringThePost holds R112 for POSTs that are on their way when the
// application closes the session, and for several of them.
func TestClosingDuringThePost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{MaxPayload: 100}, newApp())
		half := func(sid string) net.Conn {
			c := r.begin("POST /engine.io/" + polling + "&sid=" + sid + " HTTP/1.1\r\nHost: server.test\r\nContent-Length: 1\r\n\r\n")
			synctest.Wait()
			return c
		}
		sid, p := r.open()
		post := half(sid)
		p.Close(ForcedClose)
		_, _ = post.Write([]byte("1"))
		r.finish(post, "POST").want(t, 200, "ok")
		synctest.Wait()
		if n := r.kept(); n != 0 {
			t.Errorf("%d sessions left", n)
		}

		sid, p = r.open()
		p.Close(ForcedClose)
		post = half(sid)
		r.post(sid, "1").want(t, 200, "ok") // ignored: the other one has the slot
		post.Close()
		synctest.Wait()
		slow := half(sid)
		r.finish(slow, "POST").want(t, 408, "")
		r.post(sid, strings.Repeat("x", 101)).want(t, 413, "")
		r.get(sid).want(t, 200, "6\x1e1") // none of it ended the session
		p.wantClosed(t, ForcedClose)
	})
}

// TestEchoOfACloseFrameDoesNotHideTheEnd holds R74 when somebody who flushes is faster
// than the reader: the echo leaves between the reader's seeing the peer's Close frame
// and its ending the session for it.
func TestEchoOfACloseFrameDoesNotHideTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		c, p := r.openWS()
		if err := p.ws.onClose(1005, ""); err != nil { // the reader sees the frame
			t.Fatal(err)
		}
		if err := p.text("last"); err != nil {
			t.Fatal(err)
		}
		p.Flush()
		if p.ws.wantsFlush() {
			t.Fatal("nothing was written")
		}
		c.Close() // and the reader gets on
		p.wantClosed(t, TransportClose)
		synctest.Wait()
		if n := r.kept(); n != 0 || r.srv.Len() != 0 {
			t.Errorf("%d sessions kept, %d open", n, r.srv.Len())
		}
	})
}
