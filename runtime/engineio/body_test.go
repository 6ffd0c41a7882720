// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAnswersDoNotWaitForBodies holds that whatever is answered without its body is
// answered at once, and that the connection ends then: 100 bytes are announced and one
// comes.
func TestAnswersDoNotWaitForBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		l, _ := r.connect("polling")
		defer l.close()
		ws, _ := r.connect("websocket")
		defer ws.close()
		for _, body := range []string{"Content-Length: 100\r\n\r\n4", "Transfer-Encoding: chunked\r\n\r\n64\r\n4"} {
			for line, status := range map[string]int{
				"POST /elsewhere": 404,
				"GET /elsewhere":  404,
				"PUT /engine.io/" + polling + "&sid=" + l.sid:             405,
				"POST /engine.io/" + polling:                              400,
				"PUT /engine.io/" + polling:                               400,
				"POST /engine.io/" + polling + "&sid=" + "unknown":        400,
				"GET /engine.io/" + polling + "&sid=" + "unknown":         400,
				"POST /engine.io/?EIO=9&transport=polling":                400,
				"POST /engine.io/?EIO=4&transport=carrier-pigeon":         400,
				"POST /engine.io/" + polling + "&sid=" + ws.sid:           400,
				"OPTIONS /engine.io/" + polling:                           400,
				"GET /engine.io/" + polling:                               200,
				"POST /engine.io/?EIO=4&transport=websocket&sid=" + l.sid: 400,
			} {
				start := time.Now()
				c := r.begin(line + " HTTP/1.1\r\nHost: server.test\r\n" + body)
				answers := bufio.NewReader(c)
				_ = c.SetReadDeadline(time.Now().Add(time.Minute))
				res, err := http.ReadResponse(answers, nil)
				if err != nil {
					t.Errorf("%s, %.9s: %v", line, body, err)
					continue
				}
				_, _ = io.Copy(io.Discard, res.Body)
				if took := time.Since(start); res.StatusCode != status && res.StatusCode != 204 || took > time.Second {
					t.Errorf("%s, %.9s: %s after %v, want %d at once", line, body, res.Status, took, status)
				}
				if _, err := answers.ReadByte(); err == nil || time.Since(start) > lastBodyTime+2*time.Second {
					t.Errorf("%s, %.9s: the connection lasts %v: %v", line, body, time.Since(start), err)
				}
				c.Close()
			}
		}
	})
}

// TestOtherStreamsGoOn holds that a refusal over HTTP/2 does not end the connection, which
// carries other requests, too.
func TestOtherStreamsGoOn(t *testing.T) {
	srv := NewServer(Config{}, newApp())
	for major, want := range map[int]string{1: "close", 2: ""} {
		req := httptest.NewRequest("POST", "/engine.io/"+polling+"&sid=unknown", strings.NewReader("4x"))
		req.ProtoMajor = major
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, req)
		if got := w.Header().Get("Connection"); w.Code != 400 || got != want {
			t.Errorf("HTTP/%d: %d, Connection %q, want %q", major, w.Code, got, want)
		}
	}
}

// TestABodyThatWasReadKeepsTheConnection holds that an ordinary POST does not cost the
// client its connection.
func TestABodyThatWasReadKeepsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		l, p := r.connect("polling")
		defer l.close()
		c, err := r.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		answers := bufio.NewReader(c)
		for i := range 3 {
			_, _ = io.WriteString(c, request("POST", polling+"&sid="+l.sid, fmt.Sprint("4", i)))
			res, err := http.ReadResponse(answers, nil)
			if err != nil || res.StatusCode != 200 || res.Close {
				t.Fatalf("POST %d: %v, %v", i, res, err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
		}
		if got := strings.Join(p.messages(), " "); got != "0 1 2" {
			t.Errorf("%q", got)
		}
	})
}

// TestABodyInChunksEndsTheConnection holds that a request which may have had two lengths is
// answered, and the connection closed.
func TestABodyInChunksEndsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		for _, extra := range []string{"", "Content-Length: 2\r\n"} {
			l, p := r.connect("polling")
			c := r.begin(fmt.Sprintf("POST /engine.io/%s&sid=%s HTTP/1.1\r\nHost: a\r\n%sTransfer-Encoding: chunked\r\n\r\n2\r\n4x\r\n0\r\n\r\n", polling, l.sid, extra))
			_ = c.SetReadDeadline(time.Now().Add(time.Minute))
			all, err := io.ReadAll(c)
			if answer := string(all); err != nil || !strings.HasPrefix(answer, "HTTP/1.1 200") || !strings.HasSuffix(answer, "ok") || strings.Join(p.messages(), " ") != "x" {
				t.Errorf("%q: %q, %v, %v", extra, answer, err, p.messages())
			}
			c.Close()
		}
	})
}

// TestPipelinersMustRead holds H-18: that nobody keeps a connection by asking and not reading the
// answers, and that the deadline does not outlive the answer.
func TestPipelinersMustRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := make(chan error, 1)
		r := newRig(t, true, Config{CORS: CORS{Origins: []string{"https://a.test"}}}, newApp(), func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.URL.Path != "/slow" {
					h.ServeHTTP(w, req)
					return
				}
				time.Sleep(time.Minute)
				_, err := w.Write(make([]byte, 10_000))
				slow <- err
			})
		})
		l, _ := r.connect("polling")
		for name, line := range map[string]string{
			"404":       "GET /elsewhere",
			"refused":   "GET /engine.io/?EIO=4",
			"405":       "PUT /engine.io/" + polling + "&sid=" + l.sid,
			"preflight": "OPTIONS /engine.io/" + polling,
			"handshake": "GET /engine.io/" + polling,
		} {
			c := r.begin("")
			start := time.Now()
			var err error
			for err == nil {
				_, err = io.WriteString(c, line+" HTTP/1.1\r\nHost: a\r\nOrigin: https://a.test\r\n\r\n")
			}
			if took := time.Since(start); took > 25*time.Second {
				t.Errorf("%s: cut after %v", name, took)
			}
			c.Close()
		}
		c := r.begin("GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\nGET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
		defer c.Close()
		go func() { _, _ = io.Copy(io.Discard, c) }()
		if err := <-slow; err != nil {
			t.Errorf("another handler's answer: %v", err)
		}
	})
}

// TestABodyEndsSoonAfterItsSession holds that a POST does not outlive its session by more
// than a moment, however slowly and much it sends.
func TestABodyEndsSoonAfterItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		l, p := r.connect("polling")
		defer l.close()
		c := r.begin(fmt.Sprintf("POST /engine.io/%s&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n4", polling, l.sid))
		defer c.Close()
		ended := make(chan time.Time, 1)
		go func() {
			for {
				time.Sleep(time.Second)
				if _, err := c.Write(make([]byte, 5000)); err != nil {
					ended <- time.Now()
					return
				}
			}
		}()
		go func() { _, _ = io.Copy(io.Discard, c) }()
		time.Sleep(20 * time.Second)
		p.wantOpen(t)
		closed := time.Now()
		p.Close(ForcedClose)
		if took := (<-ended).Sub(closed); took > lastBodyTime+2*time.Second {
			t.Errorf("the body was read for %v more", took)
		}
	})
}

// TestABareServerIsWarnedOf holds N-01.
func TestABareServerIsWarnedOf(t *testing.T) {
	for name, tt := range map[string]struct {
		server *http.Server
		warns  int
	}{
		"defaults":          {&http.Server{}, 1},
		"ReadHeaderTimeout": {&http.Server{ReadHeaderTimeout: time.Second}, 0},
		"ReadTimeout":       {&http.Server{ReadTimeout: time.Second}, 0},
		"no server":         {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var log strings.Builder
			srv := NewServer(Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, newApp())
			for range 3 {
				req := httptest.NewRequest("GET", "/elsewhere", nil)
				if tt.server != nil {
					req = req.WithContext(context.WithValue(req.Context(), http.ServerContextKey, tt.server))
				}
				srv.ServeHTTP(httptest.NewRecorder(), req)
			}
			if got := strings.Count(log.String(), "no ReadHeaderTimeout"); got != tt.warns {
				t.Errorf("%d warnings, want %d: %s", got, tt.warns, &log)
			}
		})
	}
}
