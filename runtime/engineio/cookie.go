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

// A Cookie is what a polling handshake's answer sets for load balancers that keep
// a session on one node by a cookie. Its value is the session's id; the
// server itself never reads it. Later answers and WebSocket handshakes carry none.
// The zero value is "io=<sid>; Path=/; HttpOnly; Secure; SameSite=Lax".
type Cookie struct {
	Name       string        // "io" when empty
	Path       string        // "/" when empty
	NoPath     bool          // leaves the attribute out: browsers then take the request's folder
	Domain     string        // none when empty: the cookie goes to this host alone
	MaxAge     time.Duration // whole seconds; zero ends the cookie with the browser's session
	Readable   bool          // leaves HttpOnly out: scripts of the page can read the session's id
	Insecure   bool          // leaves Secure out, for sites that browsers reach without TLS
	SameSite   http.SameSite // Lax when zero; None needs Secure
	attributes string        // all but name and value, made by withDefaults
}

func (c Cookie) withDefaults() Cookie {
	def(&c.Name, "io")
	def(&c.Path, "/")
	if c.SameSite == 0 || c.SameSite == http.SameSiteDefaultMode {
		c.SameSite = http.SameSiteLaxMode
	}
	return c
}

func (c Cookie) validate() error {
	c = c.withDefaults()
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("engineio: Config.Cookie."+format, args...))
	}
	if !isToken(c.Name) {
		bad("Name %q: use letters, digits and the signs of an HTTP token", c.Name)
	}
	if !strings.HasPrefix(c.Path, "/") || strings.ContainsFunc(c.Path, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ';' }) {
		bad("Path %q: must begin with a slash, without spaces, semicolons and characters beyond ASCII", c.Path)
	}
	if c.Domain != "" && (!isHost(c.Domain) || strings.Contains(c.Domain, "[") || strings.Trim(c.Domain, ".-") == "") {
		bad("Domain %q: is not a host name", c.Domain)
	}
	if c.MaxAge < 0 || c.MaxAge%time.Second != 0 {
		bad("MaxAge %v: use whole seconds, or zero for a cookie of the browser's session", c.MaxAge)
	}
	switch c.SameSite {
	case http.SameSiteLaxMode, http.SameSiteStrictMode:
	case http.SameSiteNoneMode:
		if c.Insecure {
			bad("SameSite: browsers refuse None without Secure; clear Insecure")
		}
	default:
		bad("SameSite %d: use one of net/http's constants", c.SameSite)
	}
	host := strings.HasPrefix(c.Name, "__Host-")
	if c.Insecure && (host || strings.HasPrefix(c.Name, "__Secure-")) {
		bad("Name %q: browsers refuse the prefix without Secure; clear Insecure", c.Name)
	}
	if host && (c.Domain != "" || c.Path != "/" || c.NoPath) {
		bad("Name %q: browsers refuse the prefix __Host- with a Domain or another Path than /", c.Name)
	}
	return errors.Join(errs...)
}

// render is the value of Set-Cookie for a session. The attributes have the order
// of the reference server.
func (c Cookie) render(id SID) string { return c.Name + "=" + string(id) + c.attributes }

func (c Cookie) renderAttributes() string {
	var b strings.Builder
	if c.MaxAge > 0 {
		b.WriteString("; Max-Age=" + strconv.FormatInt(int64(c.MaxAge/time.Second), 10))
	}
	if c.Domain != "" {
		b.WriteString("; Domain=" + c.Domain)
	}
	if !c.NoPath {
		b.WriteString("; Path=" + c.Path)
	}
	if !c.Readable {
		b.WriteString("; HttpOnly")
	}
	if !c.Insecure {
		b.WriteString("; Secure")
	}
	switch c.SameSite {
	case http.SameSiteStrictMode:
		b.WriteString("; SameSite=Strict")
	case http.SameSiteNoneMode:
		b.WriteString("; SameSite=None")
	default:
		b.WriteString("; SameSite=Lax")
	}
	return b.String()
}
