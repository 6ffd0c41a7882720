// SPDX-License-Identifier: Apache-2.0

package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

// maxResponseHeader bounds the header of an answer to a poll or a POST, in bytes.
const maxResponseHeader = 64 << 10

// newHTTPClient returns the client of polling requests, and what closes its idle
// connections. No redirect is followed: the WebSocket would not follow it either.
func newHTTPClient(cfg *Config) (*http.Client, func()) {
	c, closeIdle := &http.Client{}, func() {}
	if cfg.HTTPClient != nil {
		*c = *cfg.HTTPClient
		c.Timeout = 0
	} else {
		transport := &http.Transport{
			DialContext:            cfg.DialContext,
			TLSClientConfig:        tlsConfig(cfg),
			Proxy:                  cfg.Proxy,
			MaxResponseHeaderBytes: maxResponseHeader,
			MaxIdleConnsPerHost:    2,               // one for the poll, one for the POST
			IdleConnTimeout:        4 * time.Second, // a Node server closes them after five
		}
		c.Transport, closeIdle = transport, transport.CloseIdleConnections
	}
	if cfg.Jar != nil {
		c.Jar = cfg.Jar
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, closeIdle
}

// openPolling opens the session with a GET (R25) and returns what follows the
// handshake in the same payload (R30).
func (s *session) openPolling(ctx context.Context) ([]byte, error) {
	body, err := s.request(ctx, http.MethodGet, nil, nil)
	if err != nil {
		return nil, err
	}
	first, rest, _ := bytes.Cut(body, []byte{eiowire.Separator})
	p, err := eiowire.Parse(first)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errHandshake, err)
	}
	return rest, s.adopt(p, polling)
}

// pollLoop is the poller: one GET after the other, as long as the session polls. It
// begins with the payload rest, if there is one.
func (s *session) pollLoop(rest []byte) {
	defer close(s.polled)
	if len(rest) > 0 && !s.deliver(rest) {
		return
	}
	for s.polling() {
		payload, err := s.request(s.ctx, http.MethodGet, nil, nil)
		if err != nil {
			s.end(TransportError, fmt.Errorf("client: poll: %w", err))
			return
		}
		if !s.deliver(payload) {
			return
		}
	}
}

// deliver handles the packets of a payload and reports whether reading goes on.
func (s *session) deliver(payload []byte) bool {
	for p, err := range eiowire.Packets(payload) {
		if err != nil {
			s.end(ParseError, fmt.Errorf("client: poll: %w", err))
			return false
		}
		// What an application keeps of a packet shall not keep the whole payload.
		p.Data = bytes.Clone(p.Data)
		if !s.receive(p) {
			return false
		}
	}
	return true
}

// polling reports whether another poll may begin.
func (s *session) polling() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.pausing && !s.ended
}

// post sends a batch. A server that takes nothing of it for a whole heartbeat, or is
// not done with it then, has missed the answer to its ping, too.
func (s *session) post(b batch) error {
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	timer := s.m.cfg.Clock.AfterFunc(s.patience, func() { cancel(fmt.Errorf("%w: after %v", ErrTimeout, s.patience)) })
	defer timer.Stop()
	moved := func() {
		s.wentOut()
		timer.Reset(s.patience)
	}
	if _, err := s.request(ctx, http.MethodPost, b.payload(), moved); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("client: post: %w", err)
	}
	return nil
}

var errPollBytes = errors.New("client: the server's answer is larger than Limits.PollBytes")

// A watchedReader tells whenever it was read from, which is often: a chunked body
// would fill the largest buffer before it returns.
type watchedReader struct {
	io.Reader
	moved func()
}

// Read implements io.Reader.
func (r watchedReader) Read(p []byte) (int, error) {
	const often = 16 << 10
	n, err := r.Reader.Read(p[:min(len(p), often)])
	if n > 0 {
		r.moved()
	}
	return n, err
}

// request sends one polling request and returns the body of its answer. moved is
// called when a part of the payload has left; it is nil without one.
func (s *session) request(ctx context.Context, method string, payload []byte, moved func()) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.m.address.url(polling, s.sid), http.NoBody)
	if err != nil {
		return nil, err
	}
	for name, values := range s.m.cfg.Headers {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "text/plain;charset=UTF-8")
		req.ContentLength = int64(len(payload))
		req.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(watchedReader{bytes.NewReader(payload), moved}), nil
		}
		req.Body, _ = req.GetBody()
	} else {
		// Package http repeats a GET whose connection was lost, unless it may have a
		// body. But the answer that was lost may have brought events.
		req.Body, req.GetBody = io.NopCloser(strings.NewReader("")), nil
	}
	res, err := (*http.Response)(nil), errFunction
	s.m.guard.Apart(func() { res, err = s.m.http.Do(req) }, "function", "HTTPClient")
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1024))
		return nil, &HTTPError{Status: res.StatusCode, Body: string(text)}
	}
	limit := int64(s.m.cfg.Limits.PollBytes)
	var from io.Reader = res.Body
	if method == http.MethodGet {
		s.reading.Store(true)
		defer s.reading.Store(false)
		from = watchedReader{from, s.cameIn}
	}
	body, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = errPollBytes
	}
	return body, err
}
