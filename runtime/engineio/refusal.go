// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
)

// A RefusalCause says why a request was refused. Where the reference server has a
// name for it, it is that name.
type RefusalCause string

// The causes, with the code of the protocol that the peer sees.
const (
	RefusedTransport        RefusalCause = "UNKNOWN_TRANSPORT"            // 0
	RefusedSID              RefusalCause = "UNKNOWN_SID"                  // 1
	RefusedMethod           RefusalCause = "BAD_HANDSHAKE_METHOD"         // 2
	RefusedMismatch         RefusalCause = "TRANSPORT_MISMATCH"           // 3: not the session's transport
	RefusedRevisionMismatch RefusalCause = "PROTOCOL_MISMATCH"            // 3: not the session's revision
	RefusedHandshake        RefusalCause = "TRANSPORT_HANDSHAKE_ERROR"    // 3: transport and kind of request differ
	RefusedOriginBytes      RefusalCause = "INVALID_ORIGIN"               // 3: an Origin that no header can hold
	RefusedID               RefusalCause = "ID_GENERATION_ERROR"          // 3
	RefusedWebSocket        RefusalCause = "INVALID_WEBSOCKET_REQUEST"    // 3: the key, version or method that RFC 6455 asks for
	RefusedUpgrade          RefusalCause = "UPGRADE_REFUSED"              // 3: a second upgrade, or upgrades are disabled
	RefusedQuery            RefusalCause = "QUERY_TOO_LONG"               // 3: Limits.QueryBytes, of the query or of the path
	RefusedForbidden        RefusalCause = "FORBIDDEN"                    // 4: by AllowRequest
	RefusedOrigin           RefusalCause = "FORBIDDEN_ORIGIN"             // 4: by the Origin check
	RefusedRevision         RefusalCause = "UNSUPPORTED_PROTOCOL_VERSION" // 5
	RefusedStopping         RefusalCause = "SHUTTING_DOWN"                // -1: answered 503
	RefusedSessions         RefusalCause = "TOO_MANY_SESSIONS"            // -1: Limits.Sessions
	RefusedSessionsPerIP    RefusalCause = "TOO_MANY_SESSIONS_PER_IP"     // -1: Limits.SessionsPerIP
	RefusedMemory           RefusalCause = "OUT_OF_MEMORY"                // -1: Limits.MemoryPercent
	RefusedEnded            RefusalCause = "SESSION_ENDED"                // -1: while the handshake was being answered
	RefusedTooLarge         RefusalCause = "PAYLOAD_TOO_LARGE"            // -1: a POST answered 413, MaxPayload
	RefusedTooSlow          RefusalCause = "PAYLOAD_TOO_SLOW"             // -1: a POST answered 408, Limits.BodyRate
	RefusedPayload          RefusalCause = "INVALID_PAYLOAD"              // -1: a POST answered 400
	RefusedOverlap          RefusalCause = "OVERLAPPING_REQUEST"          // -1: a second GET or POST while one was pending, answered 400
	RefusedVerb             RefusalCause = "METHOD_NOT_ALLOWED"           // -1: neither GET nor POST within a session, answered 405
	RefusedHijack           RefusalCause = "NO_HIJACK"                    // -1: a middleware hides the connection that a WebSocket needs, answered 500
)

var refusalCauses = [...]RefusalCause{
	RefusedTransport, RefusedSID, RefusedMethod, RefusedMismatch, RefusedRevisionMismatch, RefusedHandshake,
	RefusedOriginBytes, RefusedID, RefusedWebSocket, RefusedUpgrade, RefusedQuery, RefusedForbidden, RefusedOrigin,
	RefusedRevision, RefusedStopping, RefusedSessions, RefusedSessionsPerIP, RefusedMemory, RefusedEnded,
	RefusedTooLarge, RefusedTooSlow, RefusedPayload, RefusedOverlap, RefusedVerb, RefusedHijack,
}

// A Refusal describes a request that was refused, for Config.OnRefused.
type Refusal struct {
	Code    int    // of the protocol, 0 to 5; -1 when the answer tells none
	Status  int    // of the answer
	Message string // the text that the peer gets; may be empty
	Cause   RefusalCause
	// Context has what the reference server tells: "name" (the cause, with code 3),
	// "transport", "previousTransport", "sid", "method", "origin", "error",
	// "protocol", "previousProtocol", "message". Much of it is the peer's word, cut
	// to 128 bytes, and a sid may be a secret of another peer.
	Context map[string]string
}

// A refusal is the answer to a request that failed verification (R14, R17).
type refusal struct {
	code    int
	cause   RefusalCause
	raw     int // status for a WebSocket upgrade; 400 when zero
	plain   int // status, whatever the code; not for an upgrade's bare answer
	message string
	header  [2]string // one more header
	detail  [2]string // one more entry of Refusal.Context
}

func (e *refusal) Error() string { return "engineio: " + e.message }

// with returns a copy that tells OnRefused one fact more.
func (e *refusal) with(key, value string) *refusal {
	c := *e
	c.detail = [2]string{key, value}
	return &c
}

const textBadRequest = "Bad request"

var retryLater = [2]string{"Retry-After", "5"}

var (
	errTransport        = &refusal{code: 0, cause: RefusedTransport, message: "Transport unknown"}
	errSession          = &refusal{code: 1, cause: RefusedSID, message: "Session ID unknown"}
	errMethod           = &refusal{code: 2, cause: RefusedMethod, message: "Bad handshake method"}
	errMismatch         = &refusal{code: 3, cause: RefusedMismatch, message: textBadRequest}
	errRevisionMismatch = &refusal{code: 3, cause: RefusedRevisionMismatch, message: textBadRequest}
	errHandshake        = &refusal{code: 3, cause: RefusedHandshake, message: textBadRequest}
	errOriginBytes      = &refusal{code: 3, cause: RefusedOriginBytes, message: textBadRequest}
	errID               = &refusal{code: 3, cause: RefusedID, message: textBadRequest}
	errUpgrade          = &refusal{code: 3, cause: RefusedUpgrade, message: textBadRequest}
	errQuery            = &refusal{code: 3, cause: RefusedQuery, message: textBadRequest}
	errUpgradeMethod    = &refusal{code: 3, cause: RefusedWebSocket, message: textBadRequest}
	errVersion          = &refusal{code: 3, cause: RefusedWebSocket, message: "Missing or invalid Sec-WebSocket-Version header", header: [2]string{"Sec-WebSocket-Version", "13"}}
	errKey              = &refusal{code: 3, cause: RefusedWebSocket, message: "Missing or invalid Sec-WebSocket-Key header"}
	errForbidden        = &refusal{code: 4, cause: RefusedForbidden, message: "Forbidden"}
	errOrigin           = &refusal{code: 4, cause: RefusedOrigin, raw: 403, message: "Forbidden"}
	errRevision         = &refusal{code: 5, cause: RefusedRevision, message: "Unsupported protocol version"}
	errStopping         = &refusal{code: -1, cause: RefusedStopping, message: "Service Unavailable", header: retryLater}
	errSessions         = &refusal{code: -1, cause: RefusedSessions, message: "Service Unavailable", header: retryLater}
	errSessionsPerIP    = &refusal{code: -1, cause: RefusedSessionsPerIP, message: "Service Unavailable", header: retryLater}
	errMemory           = &refusal{code: -1, cause: RefusedMemory, message: "Service Unavailable", header: retryLater}
	errEnded            = &refusal{code: -1, cause: RefusedEnded, message: "Service Unavailable", header: retryLater}

	// These are answered without a body, by the one who reads the request.
	refusedTooLarge = &refusal{code: -1, cause: RefusedTooLarge, plain: http.StatusRequestEntityTooLarge}
	refusedTooSlow  = &refusal{code: -1, cause: RefusedTooSlow, plain: http.StatusRequestTimeout}
	refusedPayload  = &refusal{code: -1, cause: RefusedPayload, plain: http.StatusBadRequest}
	refusedOverlap  = &refusal{code: -1, cause: RefusedOverlap, plain: http.StatusBadRequest}
	refusedLate     = &refusal{code: 1, cause: RefusedSID, plain: http.StatusBadRequest}
	refusedVerb     = &refusal{code: -1, cause: RefusedVerb, plain: http.StatusMethodNotAllowed}
	refusedHijack   = &refusal{code: -1, cause: RefusedHijack, plain: http.StatusInternalServerError}
)

// status is that of the answer: over HTTP, or to a WebSocket upgrade (R14, R17).
func (e *refusal) status(upgrade bool) int {
	switch {
	case e.plain != 0:
		return e.plain
	case e.code < 0:
		return http.StatusServiceUnavailable
	case upgrade && e.raw != 0:
		return e.raw
	case e.code == 4 && !upgrade:
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

// context is what OnRefused learns besides code and message (R16).
func (e *refusal) context(r *http.Request) map[string]string {
	c := make(map[string]string)
	var q query
	if e.cause != RefusedQuery {
		q = parseQuery(r)
	}
	switch e.cause {
	case RefusedTransport, RefusedMismatch:
		c["transport"] = clip(q.transport)
	case RefusedSID:
		c["sid"] = clip(string(q.sid))
	case RefusedMethod:
		c["method"] = clip(r.Method)
	case RefusedRevision, RefusedRevisionMismatch:
		c["protocol"] = clip(q.revision)
	case RefusedForbidden:
		c["message"] = e.message
	case RefusedOrigin:
		c["origin"] = clip(r.Header.Get("Origin"))
	}
	if e.code == 3 {
		c["name"] = string(e.cause)
	}
	if e.detail[0] != "" {
		c[e.detail[0]] = clip(e.detail[1])
	}
	return c
}

// refuse counts, reports and writes the answer for a *refusal.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	e, ok := err.(*refusal)
	if !ok {
		e = errHandshake
	}
	s.noteRefusal(r, e, e.status(wantsUpgrade(r)))
	if wantsUpgrade(r) && s.refuseUpgrade(w, e) {
		return
	}
	if e.header[0] != "" {
		w.Header().Set(e.header[0], e.header[1])
	}
	if e.code < 0 {
		answer(w, e.status(false), "text/plain; charset=UTF-8", e.message)
		return
	}
	answer(w, e.status(false), "application/json", `{"code":`+strconv.Itoa(e.code)+`,"message":`+quote(e.message)+`}`)
}

// refusePlain is refuse for an answer without a body.
func (s *Server) refusePlain(w http.ResponseWriter, r *http.Request, e *refusal) {
	s.noteRefusal(r, e, e.status(false))
	answer(w, e.status(false), "", "")
}

// noteRefusal counts, logs and reports e, which is answered with status.
func (s *Server) noteRefusal(r *http.Request, e *refusal, status int) {
	s.refused[slices.Index(refusalCauses[:], e.cause)].Add(1)
	s.quiet.Write(r.Context(), slog.LevelInfo, "refusal "+string(e.cause), "engineio: request refused",
		"code", e.code, "status", status, "message", shown(e.message), "cause", string(e.cause), "remote", r.RemoteAddr)
	if l, ok := refusalLimits[e.cause]; ok {
		s.hit(l, s.facts(r))
	}
	if s.cfg.OnRefused != nil {
		told := Refusal{Code: e.code, Status: status, Message: e.message, Cause: e.cause, Context: e.context(r)}
		s.guard.Run(func() { s.cfg.OnRefused(r, told) }, "function", "OnRefused")
	}
}

// refuseUpgrade writes e to the bare connection, before any 101, and closes it
// (R17). It reports false when the connection cannot be had.
func (s *Server) refuseUpgrade(w http.ResponseWriter, e *refusal) bool {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		s.noHijack(w, err)
		return false
	}
	extra := ""
	if e.header[0] != "" {
		extra = e.header[0] + ": " + e.header[1] + "\r\n"
	}
	setWriteTimeout(conn)
	fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-type: text/html\r\nContent-Length: %d\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n%s\r\n%s",
		e.status(true), http.StatusText(e.status(true)), len(e.message), extra, e.message)
	conn.Close()
	return true
}
