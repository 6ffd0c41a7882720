// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/sockgen/sockgen/runtime/adapter/cluster/clustertest"
)

// A balancer sends each request to the next of several nodes, whoever asks.
type balancer struct {
	*httptest.Server
	nodes []*hall
}

// balanced starts nodes that pass requests on to each other, and a balancer without
// affinity before them.
func balanced(t *testing.T, kind string, count int, setUp func(i int, srv *Server)) *balancer {
	t.Helper()
	b := &balancer{}
	network := &clustertest.Network{Counts: true}
	for i := range count {
		l := listenTCP(t)
		cfg := Config{Adapter: network.Factory(), Forward: &Forward{Advertise: "http://" + l.Addr().String()}}
		b.nodes = append(b.nodes, variant{kind: kind, loopback: true}.openOn(t, l, cfg, func(srv *Server) { setUp(i, srv) }))
	}
	for _, n := range b.nodes {
		eventually(t, "the nodes know each other", func() bool { return n.Stats().Forward.Peers == count-1 })
	}
	var next atomic.Int64
	b.Server = httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: b.nodes[int(next.Add(1))%count].l.Addr().String()})
	}})
	t.Cleanup(b.Close)
	return b
}

// hall returns the nodes as one for talkers.
func (b *balancer) hall() *hall {
	h := *b.nodes[0]
	h.dial = dialer(b.Listener)
	return &h
}

// forwarded adds up what the nodes have passed on.
func (b *balancer) forwarded() (sum ForwardStats) {
	for _, n := range b.nodes {
		st := n.Stats().Forward
		sum.Active += st.Active
		sum.Forwarded += st.Forwarded
		sum.Failed += st.Failed
		sum.Refused += st.Refused
	}
	return sum
}

// TestNoStickySessions has clients talk to three nodes through a balancer that sends each
// of their requests to the next one: polls, POSTs, upgrades and WebSockets.
func TestNoStickySessions(t *testing.T) {
	const n = 40
	for _, kind := range []string{"polling", "upgrade", "websocket"} {
		t.Run(kind, func(t *testing.T) {
			b := balanced(t, kind, 3, func(i int, srv *Server) {
				srv.Of("/").On("n", func(_ context.Context, s *Socket, e *Event) {
					if err := e.Ack(e.Args.At(0)); err != nil {
						t.Error(err)
					}
				})
			})
			h := b.hall()
			var talkers []*talker
			for range 4 {
				c := h.talk(nil)
				c.join("/")
				c.sendNumbered("n", n)
				c.wantAcks(n)
				talkers = append(talkers, c)
			}
			for i, node := range b.nodes {
				if err := node.Of("/").Emit(t.Context(), "all", i); err != nil {
					t.Error(err)
				}
			}
			for _, c := range talkers {
				got := map[string]bool{}
				for range b.nodes {
					got[c.next()] = true
				}
				for i := range b.nodes {
					if !got[fmt.Sprintf(`2["all",%d]`, i)] {
						t.Errorf("got %v", got)
					}
				}
				c.leave()
			}
			sum := b.forwarded()
			if sum.Failed+sum.Refused != 0 || kind != "websocket" && sum.Forwarded == 0 {
				t.Errorf("%+v", sum)
			}
			for _, node := range b.nodes {
				node.unharmed()
			}
		})
	}
}
