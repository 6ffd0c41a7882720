// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"

	"github.com/sockgen/sockgen/runtime/internal/guard"
)

// errFunction stands for what a function of the application did not return.
var errFunction = errors.New("client: a function of the application did not return")

// contain replaces the functions in c by ones that do no harm when they do not return.
func (c *Config) contain(g *guard.Guard) {
	c.Logger = g.Logger()
	dial, proxy, random := c.DialContext, c.Proxy, c.Rand
	c.DialContext = func(ctx context.Context, network, addr string) (conn net.Conn, err error) {
		if !g.Apart(func() { conn, err = dial(ctx, network, addr) }, "function", "DialContext") {
			return nil, errFunction
		}
		return conn, err
	}
	c.Proxy = func(r *http.Request) (u *url.URL, err error) {
		if !g.Apart(func() { u, err = proxy(r) }, "function", "Proxy") {
			return nil, errFunction
		}
		return u, err
	}
	c.Rand = func() float64 {
		x := 0.5
		g.Apart(func() { x = random() }, "function", "Rand")
		return x
	}
}

// each calls f for the listeners of a list, one after the other. One that does not
// return keeps none of the others from running.
func (s *Socket) each(what string, list []*listener, f func(*listener)) {
	if len(list) == 0 {
		return
	}
	defer s.each(what, list[1:], f) // also after runtime.Goexit
	s.m.guard.Run(func() { f(list[0]) }, "namespace", plain(s.nsp), "function", what)
}
