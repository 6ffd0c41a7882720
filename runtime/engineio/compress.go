// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// A Compression says when outgoing data is compressed. Compressing secrets next to
// text that an attacker chooses can reveal the secrets by the size of what is sent
// (BREACH): mark such messages with Message.NoCompress, or leave compression off.
type Compression struct {
	Threshold int // bytes from which it is worth it; 1,024 when zero
}

func (c *Compression) withDefaults() *Compression {
	if c == nil {
		return nil
	}
	d := *c
	def(&d.Threshold, 1024)
	return &d
}

// compressible reports whether a message in l allows compression (R66).
func (l *itemList) compressible() bool {
	if l == nil {
		return false
	}
	for _, it := range l.items {
		if it.message != nil && !it.message.NoCompress {
			return true
		}
	}
	return false
}

// A compressor writes one of HTTP's content codings.
type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

// A coding is a content coding of HTTP, with a pool of compressors: an idle
// session holds none.
type coding struct {
	name string
	pool sync.Pool
}

// codings are in the server's order of preference.
var codings = [...]*coding{
	{name: "gzip", pool: sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed); return w }}},
	{name: "deflate", pool: sync.Pool{New: func() any { w, _ := zlib.NewWriterLevel(nil, zlib.BestSpeed); return w }}}, // zlib's format, as HTTP means it
}

// compressAnswer returns body as the request wants it compressed, appended to buf,
// and the coding's name. It returns body itself and "" when the request allows no
// coding or nothing would be gained.
func compressAnswer(buf, body []byte, r *http.Request) ([]byte, string) {
	c := chooseCoding(r.Header["Accept-Encoding"])
	if c == nil {
		return body, ""
	}
	out := bytes.NewBuffer(buf)
	w := c.pool.Get().(compressor)
	defer c.pool.Put(w)
	w.Reset(out)
	_, err := w.Write(body)
	if closed := w.Close(); err != nil || closed != nil || out.Len() >= len(body) {
		return body, "" // a Buffer takes everything, so there is no error
	}
	return out.Bytes(), c.name
}

// chooseCoding reads Accept-Encoding: the coding that the client prefers, and of
// several the server's first choice.
func chooseCoding(header []string) *coding {
	var best *coding
	bestQ := 0.0
	for _, c := range codings {
		if q := quality(header, c.name); q > bestQ {
			best, bestQ = c, q
		}
	}
	return best
}

// quality is the weight from 0 to 1 that the header gives to a coding, by its name
// or by "*". A weight that cannot be read is none.
func quality(header []string, name string) float64 {
	var star float64
	for _, line := range header {
		for part := range strings.SplitSeq(line, ",") {
			coding, params, _ := strings.Cut(part, ";")
			coding = strings.TrimSpace(coding)
			named := strings.EqualFold(coding, name)
			if !named && coding != "*" {
				continue
			}
			q := 1.0
			if value, ok := cutPrefixFold(strings.TrimSpace(params), "q="); ok {
				parsed, err := strconv.ParseFloat(value, 64)
				if err != nil || !(parsed >= 0 && parsed <= 1) {
					parsed = 0
				}
				q = parsed
			}
			if named {
				return q
			}
			star = q
		}
	}
	return star
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
