// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"net/http"
	"strings"
)

// facts are what hooks learn of a request that has not opened a session.
func (s *Server) facts(r *http.Request) *Request {
	f := &Request{
		Header: r.Header, URL: r.RequestURI, RemoteAddr: r.RemoteAddr,
		Secure: r.TLS != nil, Time: s.cfg.Clock.Now(),
	}
	if len(r.URL.RawQuery) <= s.cfg.Limits.QueryBytes {
		f.RawQuery = r.URL.RawQuery
	}
	return f
}

// addHeaders gives hook an empty header and moves into h what it sets there.
// Fields that HTTP does not allow, or that would change what the answer is, are
// left out and logged: the hook may have built them from the peer's words.
func (s *Server) addHeaders(h http.Header, hook func(http.Header, *Request), facts *Request) {
	added := make(http.Header)
	hook(added, facts)
	for name, values := range added {
		valid := isToken(name) && !isFraming(name)
		for _, v := range values {
			valid = valid && validOriginBytes(v)
		}
		key := http.CanonicalHeaderKey(name)
		switch {
		case !valid:
			s.cfg.Logger.Error("engineio: a header hook set a field that cannot be sent; it was left out", "field", clip(name))
		case key == "Set-Cookie" || key == "Vary":
			h[key] = append(h[key], values...)
		default:
			h[key] = values
		}
	}
}

// initialHeaders runs the hook for the session's first answer. It reports false
// when the hook did not return, which has ended the session.
func (s *Session) initialHeaders(h http.Header) (ok bool) {
	if s.srv.cfg.InitialHeaders != nil {
		defer s.contain("InitialHeaders", &ok)
		s.srv.addHeaders(h, s.srv.cfg.InitialHeaders, &s.request)
	}
	return true
}

// isFraming reports whether a field says how an answer is to be read. Neither
// hooks nor handlers around the server may set one on an answer of ours.
func isFraming(name string) bool {
	switch strings.ToLower(name) {
	case "connection", "content-encoding", "content-length", "content-type", "keep-alive",
		"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade":
		return true
	}
	return len(name) > 14 && strings.EqualFold(name[:14], "sec-websocket-")
}

// insertHeaders adds the fields of h to a complete 101 answer.
func insertHeaders(answer []byte, h http.Header) []byte {
	end := []byte("\r\n\r\n")
	if len(h) == 0 || !bytes.HasSuffix(answer, end) {
		return answer
	}
	exclude := make(map[string]bool)
	for name := range h {
		exclude[name] = isFraming(name)
	}
	b := bytes.NewBuffer(answer[:len(answer)-2])
	_ = h.WriteSubset(b, exclude) // sorted, line breaks made spaces; a buffer takes everything
	b.WriteString("\r\n")
	return b.Bytes()
}

// clip shortens what a peer or a hook has written, for the log.
func clip(s string) string {
	const most = 128
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
