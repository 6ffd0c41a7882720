// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A query is what the server reads of a request's URL (R2).
type query struct {
	transport string
	sid       SID
	revision  string
	base64    bool
	upgrade   bool        // the request asks for a WebSocket
	switching http.Header // what a 101 carries besides gorilla's own fields
}

// maxOrigin is how long an Origin may be where all are allowed: sessions keep it.
const maxOrigin = 2 << 10

var errPreflight = errors.New("engineio: preflight")

// verify runs the checks R7 to R12 in their order. The session is nil
// for a handshake. The error is a *refusal or errPreflight.
func (s *Server) verify(r *http.Request) (query, *Session, error) {
	origins := r.Header["Origin"]
	if r.Method == http.MethodOptions && s.origins.enabled() {
		if !s.origins.allow(r) {
			return query{}, nil, errOrigin
		}
		return query{}, nil, errPreflight
	}
	if most := s.cfg.Limits.QueryBytes; len(r.URL.RawQuery) > most || len(r.URL.EscapedPath()) > most {
		return query{}, nil, errQuery
	}
	q := parseQuery(r)
	if !slices.Contains(s.cfg.Transports, q.transport) {
		return q, nil, errTransport // R7
	}
	for _, o := range origins {
		if !validOriginBytes(o) {
			r.Header.Del("Origin")
			return q, nil, errOriginBytes.with("origin", o) // R8
		}
	}
	if !s.origins.allow(r) {
		return q, nil, errOrigin
	}
	if o := r.Header.Get("Origin"); len(o) > maxOrigin {
		return q, nil, errOriginBytes.with("origin", o)
	}
	if q.sid != "" {
		session, err := s.verifySession(r, q)
		return q, session, err
	}
	return q, nil, s.verifyHandshake(r, q)
}

// verifySession checks a request with a session id (R9).
func (s *Server) verifySession(r *http.Request, q query) (*Session, error) {
	session := s.lookup(q.sid)
	if session == nil {
		return nil, errSession
	}
	if r.Method == http.MethodGet {
		session.punctual()
	}
	session.mu.Lock()
	defer session.mu.Unlock()
	awaited := session.last != nil && r.Method == http.MethodGet && !q.upgrade // the client's last GET
	if session.state == stateClosed && !awaited || session.state == stateClosing && session.ws != nil {
		return nil, errSession
	}
	if session.state == stateOpening {
		return nil, errSession // nobody was told the id yet
	}
	// A request that is not an upgrade must use the present transport, and a plain
	// request for WebSocket would wait for ever (R90).
	if !q.upgrade && (q.transport != session.transportLocked() || q.transport == transportWebSocket) {
		return nil, errMismatch.with("previousTransport", session.transportLocked())
	}
	if q.upgrade && q.transport != transportWebSocket {
		return nil, errMismatch.with("previousTransport", session.transportLocked()) // R19
	}
	if q.revision != "4" {
		return nil, errRevisionMismatch.with("previousProtocol", "4")
	}
	// The session belongs to the origin that opened it. Same-origin GETs carry
	// none, so the first one that appears counts; other pages' requests have one each.
	switch o := r.Header.Get("Origin"); {
	case o == "" && session.foreign:
		return nil, errOrigin
	case o == "":
	case session.origin == "":
		session.origin = o
	case session.origin != o:
		return nil, errOrigin
	}
	if q.upgrade {
		if err := verifyUpgrade(r); err != nil {
			return nil, err
		}
	}
	return session, nil
}

// verifyHandshake checks a request without a session id (R10, R11).
func (s *Server) verifyHandshake(r *http.Request, q query) error {
	if r.Method != http.MethodGet {
		return errMethod
	}
	if q.upgrade != (q.transport == transportWebSocket) {
		return errHandshake // R10, R19
	}
	if err := s.allow(r); err != nil {
		return err
	}
	if q.revision != "4" {
		return errRevision
	}
	if q.upgrade {
		return verifyUpgrade(r)
	}
	return nil
}

// allow asks the application about a handshake, and returns how it is refused. A
// function that does not return refuses it.
func (s *Server) allow(r *http.Request) error {
	if s.cfg.AllowRequest == nil {
		return nil
	}
	refused, shown := true, (*RequestError)(nil)
	s.guard.Run(func() {
		err := s.cfg.AllowRequest(r)
		errors.As(err, &shown) // which calls methods of err
		refused = err != nil
	}, "function", "AllowRequest")
	switch {
	case !refused:
		return nil
	case shown == nil || shown.Message == "":
		return errForbidden
	}
	e := *errForbidden
	e.message = shown.Message
	return &e
}

// verifyUpgrade checks what RFC 6455 asks of the request's headers (R20, R21).
func verifyUpgrade(r *http.Request) error {
	if r.Method != http.MethodGet {
		return errUpgradeMethod
	}
	if r.Header.Get("Sec-WebSocket-Version") != "13" {
		return errVersion
	}
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key"))
	if err != nil || len(key) != 16 {
		return errKey
	}
	return nil
}

func parseQuery(r *http.Request) query {
	values := r.URL.Query()
	last := func(key string) string {
		v := values[key]
		if len(v) == 0 {
			return ""
		}
		return v[len(v)-1] // R3
	}
	return query{
		transport: last("transport"),
		sid:       SID(last("sid")),
		revision:  last("EIO"),
		base64:    last("b64") != "",
		upgrade:   wantsUpgrade(r),
	}
}

func wantsUpgrade(r *http.Request) bool {
	return hasToken(r.Header, "Connection", "upgrade") && hasToken(r.Header, "Upgrade", "websocket")
}

// hasToken reports whether a comma-separated header contains token.
func hasToken(h http.Header, key, token string) bool {
	for _, v := range h[key] {
		for t := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(t), token) {
				return true
			}
		}
	}
	return false
}

// answer writes a complete answer. HEAD gets no body; net/http sees to that.
func answer(w http.ResponseWriter, status int, contentType, body string) {
	h := w.Header()
	if contentType != "" {
		h.Set("Content-Type", contentType)
	} else {
		h["Content-Type"] = nil // or net/http guesses one
	}
	h.Set("Cache-Control", "no-store")
	if status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	// Who asks and asks and does not read the answers must not hold the connection. The
	// next request on it may be another handler's, so the deadline is taken back.
	rc := http.NewResponseController(w)
	_ = rc.SetWriteDeadline(time.Now().Add(answerTime))
	defer func() { _ = rc.SetWriteDeadline(time.Time{}) }()
	w.WriteHeader(status)
	if body != "" {
		_, _ = w.Write([]byte(body)) // the peer has gone if this fails
	}
	_ = rc.Flush()
}

// answerTime is how long a peer may take to read what came before a short answer.
const answerTime = 10 * time.Second

// quote is JSON for a string, without HTML escaping.
func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
