// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strconv"
	"strings"
	"testing"
)

// plain undoes a content coding.
func (a reply) plain(t *testing.T) string {
	t.Helper()
	var r io.Reader = strings.NewReader(a.body)
	var err error
	switch a.header.Get("Content-Encoding") {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "deflate":
		r, err = zlib.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestHTTPCompression holds R66.
func TestHTTPCompression(t *testing.T) {
	text := strings.Repeat("sock", 300)
	on := Config{HTTPCompression: &Compression{}}
	tests := []struct {
		name   string
		cfg    Config
		accept string
		sizes  []int // of the messages; negative: not to be compressed
		want   string
	}{
		{"gzip", on, "gzip", []int{1023}, "gzip"},
		{"below the threshold", on, "gzip", []int{1022}, ""},
		{"together above it", on, "gzip", []int{600, 600}, "gzip"},
		{"another threshold", Config{HTTPCompression: &Compression{Threshold: 500}}, "gzip", []int{499}, "gzip"},
		{"off", Config{}, "gzip", []int{1023}, ""}, // H-15
		{"none accepted", on, "", []int{1023}, ""},
		{"unknown alone", on, "br, zstd", []int{1023}, ""},
		{"as browsers ask", on, "gzip, deflate, br, zstd", []int{1023}, "gzip"},
		{"either", on, "deflate, gzip", []int{1023}, "gzip"},
		{"deflate alone", on, "deflate", []int{1023}, "deflate"},
		{"deflate preferred", on, "deflate, gzip;q=0.5", []int{1023}, "deflate"},
		{"gzip refused", on, "gzip;q=0, *", []int{1023}, "deflate"},
		{"anything", on, "*", []int{1023}, "gzip"},
		{"identity", on, "identity, *;q=0", []int{1023}, ""},
		{"odd weights", on, "GZIP; Q=nan, deflate;q=7", []int{1023}, ""},
		{"not allowed", on, "gzip", []int{-1100}, ""},
		{"one allows it", on, "gzip", []int{-1100, 3}, "gzip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, true, tt.cfg, newApp())
			sid, p := r.open()
			var want []string
			for _, n := range tt.sizes {
				m := NewMessage()
				m.NoCompress = n < 0
				m.Text = append(m.Buffer(), text[:max(n, -n)]...)
				if err := p.Send(m); err != nil {
					t.Fatal(err)
				}
				want = append(want, "4"+string(m.Text))
				m.Release()
			}
			a := r.do("GET", polling+"&sid="+sid, "", "Accept-Encoding: "+tt.accept)
			if got := a.header.Get("Content-Encoding"); a.status != 200 || got != tt.want {
				t.Fatalf("%d, Content-Encoding %q, want %q", a.status, got, tt.want)
			}
			if got := a.plain(t); got != strings.Join(want, "\x1e") {
				t.Errorf("%d bytes came", len(got))
			}
			if got := a.header.Get("Content-Length"); got != strconv.Itoa(len(a.body)) || tt.want != "" && len(a.body) > 300 {
				t.Errorf("Content-Length %s for %d bytes", got, len(a.body))
			}
			if vary := strings.Contains(strings.Join(a.header["Vary"], ","), "Accept-Encoding"); vary != (tt.cfg.HTTPCompression != nil) {
				t.Errorf("Vary %q", a.header["Vary"])
			}
			p.wantOpen(t)
		})
	}
}

// TestHTTPCompressionGainsNothing holds that what does not shrink goes out plain,
// and that POST's answers and refusals are never compressed.
func TestHTTPCompressionGainsNothing(t *testing.T) {
	r := newRig(t, true, Config{HTTPCompression: &Compression{Threshold: 1}}, newApp())
	sid, p := r.open()
	_ = p.text("ab")
	accept := "Accept-Encoding: gzip"
	r.do("GET", polling+"&sid="+sid, "", accept).want(t, 200, "4ab")
	r.do("POST", polling+"&sid="+sid, "4x", accept).want(t, 200, "ok")
	r.do("GET", "?EIO=4", "", accept).want(t, 400, body0)
	if err := (Config{HTTPCompression: &Compression{Threshold: -1}}).Validate(); err == nil {
		t.Error("a negative threshold was accepted")
	}
}

// TestCompressorsAreNotShared compresses from several goroutines at once.
func TestCompressorsAreNotShared(t *testing.T) {
	r := newRig(t, true, Config{HTTPCompression: &Compression{}}, newApp())
	done := make(chan struct{})
	for i := range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			sid, p := r.open()
			want := strings.Repeat(strconv.Itoa(i), 2000+100*i)
			for range 20 {
				if p.text(want) != nil {
					return
				}
				if a := r.do("GET", polling+"&sid="+sid, "", "Accept-Encoding: "+codings[i%2].name); a.plain(t) != "4"+want {
					t.Errorf("session %d got %d bytes", i, len(a.body))
				}
			}
		}()
	}
	for range 8 {
		<-done
	}
}

// TestXSSProtection holds R65.
func TestXSSProtection(t *testing.T) {
	r := newRig(t, true, Config{}, newApp())
	for agent, want := range map[string]string{
		"Mozilla/4.0 (compatible;MSIE 8.0; Windows)": "0", "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0)": "0", "Mozilla/5.0 Firefox": "",
	} {
		line := "User-Agent: " + agent
		a := r.do("GET", polling, "", line)
		sid := string(r.opened().ID())
		for _, h := range []reply{a, r.do("POST", polling+"&sid="+sid, "4x", line)} {
			if got := h.header.Get("X-XSS-Protection"); got != want {
				t.Errorf("%s: %q, want %q", agent, got, want)
			}
		}
	}
}

// FuzzAcceptEncoding holds that no header makes the choice fail or take a coding
// that is not named.
func FuzzAcceptEncoding(f *testing.F) {
	for _, s := range []string{"gzip", "gzip;q=0, *", ";;,,q=", "deflate;q=1e309", "*;q=-0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := chooseCoding([]string{s})
		if c != nil && !strings.Contains(s, "*") && !bytes.Contains(bytes.ToLower([]byte(s)), []byte(c.name)) {
			t.Errorf("%q chose %s", s, c.name)
		}
	})
}
