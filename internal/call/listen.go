// SPDX-License-Identifier: Apache-2.0

package call

import (
	"context"
	"errors"

	"github.com/sockgen/sockgen/runtime/client"
)

// A Listening is the events of a server, as they are printed.
type Listening struct {
	events chan bool  // whether one fitted the schema; those that nobody counts are dropped
	ended  chan error // why the server ended the socket for good
}

// Listen prints every event of the server from now on, and answers those that ask for
// it. It is called before Connect, once at most.
func (c *Caller) Listen() *Listening {
	l := &Listening{events: make(chan bool, 1024), ended: make(chan error, 1)}
	c.listening = true
	c.socket.OnAny(func(_ context.Context, e *client.Event) {
		ok := c.received(e)
		c.answer(e)
		offer(l.events, ok)
	})
	c.socket.OnDisconnect(func(_ context.Context, reason client.DisconnectReason) {
		if reason == client.ClientDisconnect {
			return
		}
		c.tell(map[string]any{"disconnected": reason}, "disconnected: "+string(reason))
		if reason == client.ServerDisconnect {
			offer(l.ended, refused("the server ended the connection"))
		}
	})
	connected := false
	c.socket.OnConnect(func(context.Context) {
		if connected {
			c.tell(map[string]any{"connected": c.namespace, "id": c.socket.ID()}, "connected again")
		}
		connected = true
	})
	c.socket.OnConnectError(func(_ context.Context, err error) {
		var no *client.ConnectError
		if connected && errors.As(err, &no) {
			offer(l.ended, refused("the server refuses %s: %s%s", c.namespace, no.Message, suffix(no.Data)))
		}
	})
	return l
}

// Wait returns after so many events, or with count 0 once ctx or the connection ends.
// The error says that one did not fit the schema, or why the server ended it.
func (l *Listening) Wait(ctx context.Context, count int) error {
	for n := 0; count == 0 || n < count; n++ {
		select {
		case ok := <-l.events:
			if !ok && count > 0 {
				return refused("an event does not fit the schema")
			}
		case err := <-l.ended:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
