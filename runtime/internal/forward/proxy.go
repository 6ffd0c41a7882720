// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Header is the field in which a node says that it passes a request on: its signature and
// the client's address.
const Header = "Sockgen-Forwarded"

// maxHeaderBytes bounds the header of another node's answer.
const maxHeaderBytes = 64 << 10

// contextKey is the key of a passage in a request's context, and of what Arrived notes.
type contextKey int

const (
	keyPassage contextKey = iota
	keyArrived
)

// A passage is a request on its way to another node. It belongs to the goroutine that
// serves the request, unless noted.
type passage struct {
	to     *peer
	sid    string
	body   *body
	writer http.ResponseWriter
	err    error // why the other node did not answer
}

// A proxy passes requests on.
type proxy struct {
	reverse   *httputil.ReverseProxy
	transport *http.Transport
}

func newProxy(cfg *tls.Config) *proxy {
	t := &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 2 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSClientConfig:        cfg,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxIdleConnsPerHost:    1024,
		IdleConnTimeout:        30 * time.Second, // before the other node's own
		DisableCompression:     true,             // what comes is passed on as it is
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
	return &proxy{transport: t, reverse: &httputil.ReverseProxy{
		Rewrite: rewrite, Transport: t, ModifyResponse: modify, ErrorHandler: fail,
		BufferPool: buffers{}, ErrorLog: log.New(io.Discard, "", 0), // what matters ends in passage.err
	}}
}

func (p *proxy) close() { p.transport.CloseIdleConnections() }

// Serve answers a request whose session another node holds, and reports true. It reports
// false, and has answered nothing, when no other node is known to hold it, or that node
// cannot be reached.
func (f *Forwarder) Serve(w http.ResponseWriter, r *http.Request, sid string) bool {
	if r.Context().Value(keyArrived) != nil {
		return false // it was passed on once, and the session is gone
	}
	to := f.find(r.Context(), sid)
	if to == nil {
		return false
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	t := f.begin(cancel, r.Header.Get("Upgrade") != "")
	if t == nil {
		f.refused.Add(1)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
		return true
	}
	defer f.end(t)
	f.forwarded.Add(1)
	p := &passage{to: to, sid: sid, body: &body{ReadCloser: r.Body}}
	patient := &patient{ResponseWriter: w, stall: 2 * f.cfg.Stall}
	p.writer = patient
	patient.begin()
	defer patient.done()
	r = r.WithContext(context.WithValue(ctx, keyPassage, p))
	r.Body = p.body
	f.proxy.reverse.ServeHTTP(patient, r)
	if p.err != nil {
		f.failed.Add(1)
		if ctx.Err() == nil {
			f.warn("another node did not answer: "+to.url.Host, p.err)
		}
		return patient.begun
	}
	return true
}

func passageOf(r *http.Request) *passage { return r.Context().Value(keyPassage).(*passage) }

// untouched are the fields that httputil takes off, and that proxies before this node
// have set.
var untouched = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"}

// rewrite makes the request to the other node.
func rewrite(r *httputil.ProxyRequest) {
	p := passageOf(r.In)
	u, err := url.ParseRequestURI(r.In.RequestURI) // as it was before routers cut it
	if err != nil {
		u = r.In.URL
	}
	r.Out.URL = &url.URL{Scheme: p.to.url.Scheme, Host: p.to.url.Host, Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}
	r.Out.Host = r.In.Host
	for _, name := range untouched {
		if v := r.In.Header[name]; v != nil {
			r.Out.Header[name] = v
		}
	}
	r.Out.Header.Set(Header, p.to.key.sign(p.sid, r.In.RemoteAddr)+" "+r.In.RemoteAddr)
}

// modify prepares the answer: what this node has already said about it, the other one says
// again.
func modify(res *http.Response) error {
	p := passageOf(res.Request)
	h := p.writer.Header()
	for name := range res.Header {
		h.Del(name)
	}
	if p.body.ended() {
		h.Del("Connection") // the connection can be used again
	}
	return nil
}

// fail notes that the other node has not answered.
func fail(_ http.ResponseWriter, r *http.Request, err error) { passageOf(r).err = err }

// A body is that of a request that is passed on.
type body struct {
	io.ReadCloser
	mu  sync.Mutex
	end bool // all of it was read; guarded by mu
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.mu.Lock()
		b.end = true
		b.mu.Unlock()
	}
	return n, err
}

func (b *body) ended() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.end
}

// A patient writer gives up when the client takes nothing for long.
type patient struct {
	http.ResponseWriter
	stall time.Duration
	begun bool // something was answered
}

// Unwrap is for http.ResponseController.
func (w *patient) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *patient) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *patient) Write(b []byte) (int, error) {
	w.begun = true
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(w.stall))
	return w.ResponseWriter.Write(b)
}

// Hijack implements http.Hijacker, for a WebSocket.
func (w *patient) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.begun = true
	return &patientConn{conn, w.stall}, rw, nil
}

// begin takes the deadlines of the server, which are not for polls: the other node has its
// own for what comes, and Write for what goes.
func (w *patient) begin() {
	rc := http.NewResponseController(w.ResponseWriter)
	_ = rc.SetReadDeadline(time.Time{})
	_ = rc.SetWriteDeadline(time.Time{})
}

// done leaves no deadline behind.
func (w *patient) done() {
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Time{})
}

type patientConn struct {
	net.Conn
	stall time.Duration
}

// Write implements io.Writer.
func (c *patientConn) Write(b []byte) (int, error) {
	_ = c.SetWriteDeadline(time.Now().Add(c.stall))
	return c.Conn.Write(b)
}

// Arrived returns r as it was before another node passed it on: from the client's address.
// What only pretends to come from a node keeps its own.
func (f *Forwarder) Arrived(r *http.Request) *http.Request {
	values, ok := r.Header[Header]
	if !ok {
		return r
	}
	r.Header.Del(Header)
	r = r.WithContext(context.WithValue(r.Context(), keyArrived, true))
	signature, address, _ := strings.Cut(values[0], " ")
	if f.key.signed(lastOf(r.URL.Query()["sid"]), address, signature) {
		r.RemoteAddr = address
	}
	return r
}

// lastOf returns the last of several values, as sessions are looked up by it.
func lastOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// buffers is a pool for httputil.
type buffers struct{}

var pool = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// Get implements httputil.BufferPool.
func (buffers) Get() []byte { return pool.Get().(*[32 << 10]byte)[:] }

// Put implements httputil.BufferPool.
func (buffers) Put(b []byte) { pool.Put((*[32 << 10]byte)(b)) }
