// SPDX-License-Identifier: Apache-2.0

package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var script = strings.Repeat("const socks = 2;\n", 200)

func built(t *testing.T) http.Handler {
	t.Helper()
	h, err := Page{
		Embedded: fstest.MapFS{
			"page/dist/index.html": {Data: []byte("<html></html>")},
			"page/dist/main.js":    {Data: []byte(script)},
			"page/dist/.gitkeep":   {},
		},
		Policy:  "connect-src 'self'",
		Unbuilt: "build it",
	}.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, target string, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, body io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAFileIsCompressedForThoseWhoAcceptIt(t *testing.T) {
	h := built(t)
	for accept, want := range map[string]string{
		"":                    "",
		"gzip":                "gzip",
		"br, GZIP;q=0.8":      "gzip",
		"*":                   "gzip",
		"gzip;q=0":            "",
		"gzip; q=0.0, br":     "",
		"*;q=0":               "",
		"gzip;q=0, *":         "",
		"*;q=0, gzip;q=0.001": "gzip",
		"deflate, br":         "",
	} {
		answer := get(h, "/main.js", "Accept-Encoding", accept)
		if got := answer.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: Content-Encoding %q, want %q", accept, got, want)
			continue
		}
		if vary := answer.Header.Get("Vary"); vary != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: Vary %q", accept, vary)
		}
		var body io.Reader = answer.Body
		if want == "gzip" {
			if answer.ContentLength >= int64(len(script))/2 {
				t.Errorf("%d bytes, of %d", answer.ContentLength, len(script))
			}
			unzipped, err := gzip.NewReader(body)
			if err != nil {
				t.Fatal(err)
			}
			body = unzipped
		}
		if read(t, body) != script {
			t.Errorf("Accept-Encoding %q: another text", accept)
		}
	}
}

func TestWhoHasAFileAlreadyIsToldSo(t *testing.T) {
	h := built(t)
	tags := map[string]bool{}
	for _, accept := range []string{"", "gzip"} {
		tag := get(h, "/main.js", "Accept-Encoding", accept).Header.Get("ETag")
		tags[tag] = true
		again := get(h, "/main.js", "Accept-Encoding", accept, "If-None-Match", tag)
		if again.StatusCode != http.StatusNotModified || read(t, again.Body) != "" {
			t.Errorf("Accept-Encoding %q: status %d", accept, again.StatusCode)
		}
	}
	if len(tags) != 2 || tags[""] {
		t.Errorf("tags %v: the two forms of a file need one each", tags)
	}
	if answer := get(h, "/main.js", "If-None-Match", `"another"`); answer.StatusCode != http.StatusOK {
		t.Errorf("status %d for another tag", answer.StatusCode)
	}
}

func TestWhatIsServed(t *testing.T) {
	h := built(t)
	for target, want := range map[string]struct {
		status int
		kind   string
	}{
		"/":           {http.StatusOK, "text/html; charset=utf-8"},
		"/index.html": {http.StatusOK, "text/html; charset=utf-8"},
		"/main.js":    {http.StatusOK, "text/javascript; charset=utf-8"},
		"/.gitkeep":   {http.StatusNotFound, "text/plain; charset=utf-8"},
		"/none.css":   {http.StatusNotFound, "text/plain; charset=utf-8"},
	} {
		answer := get(h, target)
		if kind := answer.Header.Get("Content-Type"); answer.StatusCode != want.status || kind != want.kind {
			t.Errorf("%s: %d %s, want %d %s", target, answer.StatusCode, kind, want.status, want.kind)
		}
		const policy = "default-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
		if got := answer.Header.Get("Content-Security-Policy"); got != policy {
			t.Errorf("%s: Content-Security-Policy %q", target, got)
		}
	}
}

func TestAPageThatIsNotBuiltSaysHowToBuildIt(t *testing.T) {
	h, err := Page{Embedded: fstest.MapFS{"page/dist/.gitkeep": {}}, Unbuilt: "build it"}.Handler()
	if err != nil {
		t.Fatal(err)
	}
	if text := read(t, get(h, "/").Body); text != "build it" {
		t.Errorf("got %q", text)
	}
}

func TestATakenPortIsSaidInOneLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	err = Server{Addr: addr, Handler: http.NotFoundHandler()}.Run(context.Background())
	want := addr + " is in use by another program: end that one, or choose another address with -addr"
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}

func TestRunSaysGoodbye(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var heard bytes.Buffer
	err := Server{
		Addr:    "127.0.0.1:0",
		Handler: http.NotFoundHandler(),
		Greet: func(url string) {
			heard.WriteString("hello ")
			stop()
		},
		Goodbye: func(context.Context) error {
			heard.WriteString("goodbye")
			return nil
		},
	}.Run(ctx)
	if err != nil || heard.String() != "hello goodbye" {
		t.Errorf("%q, %v", heard.String(), err)
	}
}

func TestABrowserFindsTheAddress(t *testing.T) {
	for _, c := range []struct {
		ip   string
		want string
	}{{"::", "localhost:3000"}, {"0.0.0.0", "localhost:3000"}, {"127.0.0.1", "127.0.0.1:3000"}, {"::1", "[::1]:3000"}} {
		if got := visible(&net.TCPAddr{IP: net.ParseIP(c.ip), Port: 3000}); got != c.want {
			t.Errorf("%s: %s, want %s", c.ip, got, c.want)
		}
	}
}
