// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// BroadcastWithAck implements adapter.Adapter.
func (n *node) BroadcastWithAck(ctx context.Context, e adapter.Event, o adapter.Options, answer func(adapter.Answer) bool) (missing []adapter.ID, err error) {
	if o.Nobody() {
		return nil, nil
	}
	if o.Local {
		return n.Memory.BroadcastWithAck(ctx, e, o, answer)
	}
	within, done := n.deadline(ctx, o.Timeout)
	defer done()
	r := n.newRequest()
	stop := func() {}
	if n.local != nil {
		stop = n.askHere(within, e, o, r) // first: the bus may be away
	}
	defer stop() // before e is given back
	cause := n.askElsewhere(within, r, e, o)
	defer n.forget(r)
	for {
		p := n.look(r)
		if !use(p, answer) {
			return nil, nil
		}
		if p.complete() {
			return p.missing, cause
		}
		select {
		case <-r.arrived:
		case <-within.Done():
			stop()
			if p = n.look(r); !use(p, answer) {
				return nil, nil
			}
			return append(p.missing, make([]adapter.ID, p.clients)...), errors.Join(cause, n.missing(r, context.Cause(within)))
		}
	}
}

// use hands answers over. It reports false when no more are wanted.
func use(p progress, answer func(adapter.Answer) bool) bool {
	for _, a := range p.here {
		if !answer(a) {
			return false
		}
	}
	for _, m := range p.answers {
		if a, ok := m.Body.(wire.Answer); ok && !answer(adapter.Answer{Args: a.Args}) {
			return false
		}
	}
	return true
}

// askHere asks this node's sockets, in a goroutine that has ended when stop returns.
func (n *node) askHere(ctx context.Context, e adapter.Event, o adapter.Options, r *request) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	r.here = true
	go func() {
		defer close(over)
		var missing []adapter.ID
		defer func() { n.endHere(r, missing) }()
		missing = n.Memory.Ask(ctx, e, o, nil, func(a adapter.Answer) bool {
			n.answeredHere(r, a)
			return ctx.Err() == nil
		})
	}()
	return func() {
		cancel()
		<-over
	}
}

func (n *node) answeredHere(r *request, a adapter.Answer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	r.answersHere = append(r.answersHere, a)
	r.wakeLocked()
}

func (n *node) endHere(r *request, missing []adapter.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	r.missing, r.here = missing, false
	r.wakeLocked()
}

// askElsewhere asks the sockets of the other nodes.
func (n *node) askElsewhere(ctx context.Context, r *request, e adapter.Event, o adapter.Options) error {
	if err := n.begin(ctx, r); err != nil || r.id == "" {
		return err
	}
	body, err := broadcastOf(e, o, r.id)
	if err == nil {
		err = n.send(body)
	}
	if err != nil {
		n.giveUp(r)
	}
	return err
}
