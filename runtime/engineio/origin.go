// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// An originPolicy is a CORS configuration made ready for requests.
type originPolicy struct {
	any     bool            // "*"
	allowed map[string]bool // normalised; the server's own origin is allowed besides
	cors    CORS
}

func (c CORS) validate() error {
	var errs []error
	for _, o := range c.Origins {
		if o == "*" {
			if c.Credentials {
				errs = append(errs, errors.New(`engineio: Config.CORS: "*" together with Credentials would let every web page act as its visitor; list the origins`))
			}
			continue
		}
		if _, ok := parseOrigin(o); !ok {
			errs = append(errs, fmt.Errorf(`engineio: Config.CORS.Origins: %q is not an origin; write scheme://host or scheme://host:port without a path`, o))
		}
	}
	for _, h := range append(append([]string{}, c.AllowedHeaders...), c.ExposedHeaders...) {
		if !isToken(h) {
			errs = append(errs, fmt.Errorf("engineio: Config.CORS: %q is not a header name", h))
		}
	}
	return errors.Join(errs...)
}

func newOriginPolicy(c CORS) *originPolicy {
	p := &originPolicy{allowed: make(map[string]bool), cors: c}
	for _, o := range c.Origins {
		if o == "*" {
			p.any = true
		} else if parsed, ok := parseOrigin(o); ok {
			p.allowed[parsed.String()] = true
		}
	}
	return p
}

// enabled reports whether CORS headers are sent at all (R123).
func (p *originPolicy) enabled() bool { return p.any || len(p.allowed) > 0 }

// allow decides about a request by its Origin. Browsers leave that away in same-origin
// GETs, but also where a page of another site has them load a script or an image: then
// they say so.
func (p *originPolicy) allow(r *http.Request) bool {
	origins := r.Header["Origin"]
	switch {
	case len(origins) > 1:
		return false
	case p.any:
		return true
	case len(origins) == 0 || origins[0] == "":
		return r.Header.Get("Sec-Fetch-Site") != "cross-site"
	}
	o, ok := parseOrigin(origins[0])
	return ok && (p.allowed[o.String()] || o.sameHost(r))
}

// ofAnotherHost reports whether a request is of a page that another host has served.
func ofAnotherHost(r *http.Request) bool {
	text := r.Header.Get("Origin")
	o, ok := parseOrigin(text)
	return text != "" && !(ok && o.sameHost(r))
}

// setHeaders adds the CORS headers that every answer carries, errors included.
func (p *originPolicy) setHeaders(h http.Header, r *http.Request) {
	h.Add("Vary", "Origin") // also when refused: a cache must not serve one origin's answer to another
	if !p.enabled() {
		return
	}
	origin := r.Header.Get("Origin")
	switch {
	case p.any:
		h.Set("Access-Control-Allow-Origin", "*")
	case origin != "" && p.allow(r):
		h.Set("Access-Control-Allow-Origin", origin)
	case origin != "":
		return
	}
	if p.cors.Credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if len(p.cors.ExposedHeaders) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(p.cors.ExposedHeaders, ","))
	}
}

// preflight answers an OPTIONS request (R124); setHeaders has run.
func (p *originPolicy) preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
	if len(p.cors.AllowedHeaders) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(p.cors.AllowedHeaders, ","))
	} else {
		h.Set("Vary", "Origin, Access-Control-Request-Headers")
		if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			h.Set("Access-Control-Allow-Headers", asked)
		}
	}
	if p.cors.MaxAge > 0 {
		h.Set("Access-Control-Max-Age", strconv.FormatInt(int64(p.cors.MaxAge/time.Second), 10))
	}
	answer(w, http.StatusNoContent, "", "")
}

// validOriginBytes reports whether s may stand in a header: no control byte but
// the tab (R8). Bytes above 127 are Latin-1 there.
func validOriginBytes(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// An origin is a parsed web origin: lower case, port "" when it is the scheme's
// default.
type origin struct{ scheme, host, port string }

func (o origin) String() string {
	if o.port == "" {
		return o.scheme + "://" + o.host
	}
	return o.scheme + "://" + o.host + ":" + o.port
}

// sameHost reports whether o is the origin of a page that the host served to which r goes.
// A proxy may have ended TLS, so https is fine on a connection without it, and a host
// without a port takes the default port of o's scheme. With TLS on this connection an http
// page is a foreign one: whoever is on its way may have written it.
func (o origin) sameHost(r *http.Request) bool {
	if o.scheme != "https" && (o.scheme != "http" || r.TLS != nil) {
		return false
	}
	h, ok := parseOrigin(o.scheme + "://" + r.Host)
	return ok && h == o
}

// parseOrigin reads a serialised origin strictly: no user, path, query or
// percent encoding. "null" is not an origin.
func parseOrigin(s string) (origin, bool) {
	const longest = 1024
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || len(s) > longest || !isScheme(scheme) {
		return origin{}, false
	}
	host, port := rest, ""
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		host, port = rest[:i], rest[i+1:]
		if !isPort(port) {
			return origin{}, false
		}
	}
	if !isHost(host) {
		return origin{}, false
	}
	o := origin{strings.ToLower(scheme), strings.ToLower(host), port}
	if o.scheme == "http" && port == "80" || o.scheme == "https" && port == "443" {
		o.port = ""
	}
	return o, true
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if !(c >= 'a' && c <= 'z' || i > 0 && (s[i] >= '0' && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.')) {
			return false
		}
	}
	return s != ""
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0' && s[0] != '+'
}

func isHost(s string) bool {
	if inner, ok := strings.CutPrefix(s, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		return ok && inner != "" && strings.Trim(inner, "0123456789abcdefABCDEF:.") == ""
	}
	for i := range len(s) {
		c := s[i]
		if l := c | 0x20; !(l >= 'a' && l <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return s != ""
}

func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if l := c | 0x20; !(l >= 'a' && l <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}
