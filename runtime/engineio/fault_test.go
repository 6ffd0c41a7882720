// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A journal is a log to look into.
type journal struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

// lines returns what was logged that contains part.
func (j *journal) lines(part string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var found []string
	for line := range strings.Lines(j.text.String()) {
		if strings.Contains(line, part) {
			found = append(found, line)
		}
	}
	return found
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func wantFaults(t *testing.T, r *rig, want map[Fault]uint64) {
	t.Helper()
	got := r.srv.Stats().Faults
	for _, f := range faults {
		if n, ok := got[f]; !ok || n != want[f] {
			t.Errorf("%s counted %d times, want %d", f, n, want[f])
		}
	}
}

// TestFaultsOfFrames holds that a session ended over a frame says why: to the
// application, in the log and in the counters.
func TestFaultsOfFrames(t *testing.T) {
	text := func(s string) string { return frame(0x81, true, s) }
	tests := []struct {
		name, send string
		fault      Fault
		level      string
	}{
		{"too large", text("4" + strings.Repeat("x", 1000)), ErrTooLarge, "WARN"},
		{"too large, announced", "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00x", ErrTooLarge, "WARN"},
		{"too slow", text("4slow")[:8], ErrTooSlow, "INFO"},
		{"fragments", frame(0x01, true, "4") + strings.Repeat(frame(0x00, true, ""), 200), ErrFragments, "INFO"},
		{"UTF-8", text("4\xff"), ErrText, "INFO"},
		{"opcode", frame(0x83, true, "x"), ErrFrame, "INFO"},
		{"half a status", frame(0x88, true, "\x03"), ErrFrame, "INFO"},
		{"packet", text("9\r\nforged=line"), ErrPacket, "INFO"},
		{"base64", text("b!!"), ErrPacket, "INFO"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log journal
				r := newRig(t, true, Config{MaxPayload: 1000, PingInterval: time.Hour, Logger: log.logger()}, newApp())
				c := r.rawWS("")
				defer c.Close()
				p := r.opened()
				c.write(tt.send)
				time.Sleep(40 * time.Second)
				synctest.Wait()
				select {
				case <-p.closed:
				default:
					t.Fatal("still open")
				}
				var f Fault
				if !errors.Is(p.err, tt.fault) || !errors.As(p.err, &f) || f != tt.fault {
					t.Errorf("closed with %v, want %v", p.err, tt.fault)
				}
				wantFaults(t, r, map[Fault]uint64{tt.fault: 1})
				if got := log.lines("fault=" + string(tt.fault)); len(got) != 1 || !strings.Contains(got[0], "level="+tt.level) || !strings.Contains(got[0], "remote=192.0.2.1:") {
					t.Errorf("logged %q", got)
				}
				if got := log.lines("forged=line"); len(got) > 0 {
					t.Errorf("the peer wrote a line of the log: %q", got)
				}
			})
		})
	}
}

// TestFaultOfAProbe holds that it is counted too, though the session lives on.
func TestFaultOfAProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log journal
		r := newRig(t, true, Config{Logger: log.logger()}, newApp())
		sid, p := r.open()
		c := r.rawWS(sid)
		defer c.Close()
		c.write(frame(0x81, true, "2\xff"))
		if got := c.next(); got != "close 1007" {
			t.Error(got)
		}
		synctest.Wait()
		p.wantOpen(t)
		wantFaults(t, r, map[Fault]uint64{ErrText: 1})
		if got := log.lines("fault="); len(got) != 1 {
			t.Errorf("logged %q", got)
		}
	})
}

// TestFaultsOfPosts holds the same for POSTs, of which OnRefused is told as well.
func TestFaultsOfPosts(t *testing.T) {
	tests := []struct {
		name, body string
		headers    []string
		status     int
		fault      Fault
		cause      RefusalCause
		lives      bool
	}{
		{"too large", "4" + strings.Repeat("x", 1000), nil, 413, ErrTooLarge, RefusedTooLarge, true},
		{"packet", "4a\x1e9", nil, 400, ErrPacket, RefusedPayload, false},
		{"packets", strings.Repeat("6\x1e", 200), nil, 400, ErrPackets, RefusedPayload, false},
		{"octets", "4a", []string{"Content-Type: application/octet-stream"}, 400, ErrPacket, RefusedPayload, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told refusals
				var log journal
				r := newRig(t, true, Config{MaxPayload: 1000, OnRefused: told.hook, Logger: log.logger()}, newApp())
				sid, p := r.open()
				r.do("POST", polling+"&sid="+sid, tt.body, tt.headers...).want(t, tt.status, "")
				synctest.Wait()
				if tt.lives {
					p.wantOpen(t)
				} else if !errors.Is(p.err, tt.fault) {
					t.Errorf("closed with %v, want %v", p.err, tt.fault)
				}
				wantFaults(t, r, map[Fault]uint64{tt.fault: 1})
				if e := told.take(t); e.Cause != tt.cause || e.Code != -1 || e.Status != tt.status {
					t.Errorf("OnRefused got %+v", e)
				}
				wantRefusals(t, r, map[RefusalCause]uint64{tt.cause: 1})
				if got := log.lines("fault=" + string(tt.fault)); len(got) != 1 {
					t.Errorf("logged %q", got)
				}
			})
		})
	}
}

// TestRefusedRequestsOfASession holds that the answers of R15, R58, R59 and 408 are
// told and counted.
func TestRefusedRequestsOfASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told refusals
		r := newRig(t, true, Config{OnRefused: told.hook}, newApp())
		want := func(cause RefusalCause, status int) {
			t.Helper()
			if e := told.take(t); e.Cause != cause || e.Status != status {
				t.Errorf("OnRefused got %+v, want %s with %d", e, cause, status)
			}
		}
		sid, p := r.open()
		r.do("PUT", polling+"&sid="+sid, "").want(t, 405, "")
		want(RefusedVerb, 405)

		get := r.pending(sid, p)
		r.get(sid).want(t, 400, "")
		want(RefusedOverlap, 400)
		r.finish(get, "GET").want(t, 200, "1")
		p.wantClosed(t, TransportError)
		if !errors.Is(p.err, ErrOverlap) {
			t.Errorf("closed with %v", p.err)
		}

		sid, p = r.open()
		half := strings.TrimSuffix(request("POST", polling+"&sid="+sid, "4abcdef"), "def")
		first := r.begin(half)
		defer first.Close()
		synctest.Wait()
		r.post(sid, "4x").want(t, 400, "")
		want(RefusedOverlap, 400)
		p.wantClosed(t, TransportError)
		if !errors.Is(p.err, ErrOverlap) {
			t.Errorf("closed with %v", p.err)
		}

		sid, p = r.open()
		slow := r.begin(strings.TrimSuffix(request("POST", polling+"&sid="+sid, "4abcdef"), "def"))
		r.finish(slow, "POST").want(t, 408, "")
		want(RefusedTooSlow, 408)
		p.wantClosed(t, TransportError)
		if !errors.Is(p.err, ErrTooSlow) {
			t.Errorf("closed with %v", p.err)
		}
		wantFaults(t, r, map[Fault]uint64{ErrOverlap: 2, ErrTooSlow: 1})
	})
}

// TestLogStaysSmall holds that what a peer can repeat does not fill the disk: one line
// a minute for each cause, with a count, however long what the peer sends.
func TestLogStaysSmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log journal
		r := newRig(t, true, Config{MaxPayload: 1000, Logger: log.logger()}, newApp())
		sid, _ := r.open()
		long := strings.Repeat("%0d%0aforged%3dline", 300)
		for range 500 {
			r.post(sid, "4"+strings.Repeat("x", 1000))
			r.do("GET", polling+"&sid="+long, "")
			r.do("GET", "?EIO=4&transport="+long, "")
		}
		time.Sleep(time.Minute)
		sid, _ = r.open()
		r.post(sid, "4"+strings.Repeat("x", 1000))
		r.do("GET", polling+"&sid="+long, "")
		for _, part := range []string{"fault=TOO_LARGE", "cause=UNKNOWN_SID"} {
			got := log.lines(part)
			if len(got) != 2 || !strings.Contains(got[1], "skipped=499") {
				t.Errorf("%s: %q", part, got)
			}
		}
		if n := log.text.Len(); n > 4000 || len(log.lines("forged=line")) > 0 {
			t.Errorf("%d bytes: %s", n, log.text.String())
		}
	})
}

// opaque hides everything of a ResponseWriter.
type opaque struct{ w http.ResponseWriter }

func (o opaque) Header() http.Header         { return o.w.Header() }
func (o opaque) Write(p []byte) (int, error) { return o.w.Write(p) }
func (o opaque) WriteHeader(status int)      { o.w.WriteHeader(status) }

// TestHijackFails holds that a middleware which hides Hijack is named, once, and that
// polling goes on.
func TestHijackFails(t *testing.T) {
	for _, wrap := range []func(http.ResponseWriter) http.ResponseWriter{
		func(w http.ResponseWriter) http.ResponseWriter { return opaque{w} },
		func(w http.ResponseWriter) http.ResponseWriter { return onlyUnwrap{opaque{w}} }, // the culprit is further in
	} {
		synctest.Test(t, func(t *testing.T) {
			var told refusals
			var log journal
			r := newRig(t, true, Config{OnRefused: told.hook, Logger: log.logger()}, newApp(), func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(wrap(w), r) })
			})
			sid, p := r.open()
			for _, query := range []string{wsQuery, wsQuery + "&sid=" + sid, wsQuery, wsQuery + "&sid=" + sid} {
				if a := r.do("GET", query, "", upgradeHeaders...); a.status != 500 {
					t.Errorf("%s: %v", query, a)
				}
				if e := told.take(t); e.Cause != RefusedHijack || e.Status != 500 || e.Code != -1 {
					t.Errorf("OnRefused got %+v", e)
				}
			}
			wantRefusals(t, r, map[RefusalCause]uint64{RefusedHijack: 4})
			got := log.lines("level=ERROR")
			if len(got) != 1 || !strings.Contains(got[0], "writer=engineio.opaque") || !strings.Contains(got[0], "Unwrap") {
				t.Errorf("logged %q", got)
			}
			p.wantOpen(t)
			r.post(sid, "4x").want(t, 200, "ok")
			synctest.Wait()
			if n := r.kept(); n != 1 {
				t.Errorf("%d sessions, want 1", n)
			}
		})
	}
}

func TestFaultText(t *testing.T) {
	err := fmt.Errorf("%w: something", ErrTooLarge)
	if err.Error() != "engineio: too large: something" || !errors.Is(err, ErrTooLarge) || errors.Is(err, ErrTooSlow) {
		t.Error(err)
	}
}

// TestShownInLogs holds N-04: what a peer says is one short piece of a line.
func TestShownInLogs(t *testing.T) {
	for in, want := range map[string]string{
		"plain é":                "plain é",
		"a\r\nb":                 `a\r\nb`,
		"\x1b[31mred\x00":        `\x1b[31mred\x00`,
		"bad\xffutf8":            `bad\xffutf8`,
		"right\u202eleft":        `right\u202eleft`,
		"\u2028":                 `\u2028`,
		strings.Repeat("x", 200): strings.Repeat("x", 128) + "…",
	} {
		if got := shown(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	if got := shown(strings.Repeat("\n", 200)); len(got) > 131 {
		t.Errorf("%d bytes", len(got))
	}
}
