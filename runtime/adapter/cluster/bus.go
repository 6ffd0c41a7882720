// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// A Bus carries messages between nodes. Its methods may be called from any goroutine.
// None but Close and a Listener's Ready waits for the network: a bus that is away for the
// moment queues what it can and refuses the rest, so that no caller is held up.
type Bus interface {
	// Listen brings what is said in a namespace to r, until the Listener is closed. uid is
	// the listener's name: answers to it come to it alone where the bus can do that. With
	// answersOnly it wants no more than these.
	Listen(namespace, uid string, answersOnly bool, r Receiver) (Listener, error)
	// Publish sends m to whoever listens in its namespace. It has encoded m when it
	// returns. Whether the sender hears it too does not matter.
	Publish(m wire.Message) error
	// Answer sends m to the listener of that name. Others may hear it too.
	Answer(to string, m wire.Message) error
	// Close ends what the bus runs. It is called once, after the listeners were closed.
	Close(ctx context.Context) error
}

// A Counter is a Bus that knows how many listen. Nodes of a bus that does not find each
// other by heartbeats.
type Counter interface {
	// Nodes returns how many nodes listen in a namespace for more than answers.
	Nodes(ctx context.Context, namespace string) (int, error)
}

// A Receiver is told what arrives. Its methods do not block. Calls about what a [Keeper] keeps
// do not overlap, and neither do those about the rest.
type Receiver interface {
	// Receive takes over m and what it points to.
	Receive(m wire.Message)
	// Reached says that everything up to an offset of what a [Keeper] keeps has been received,
	// also where that was for other namespaces. It is said now and then.
	Reached(offset string)
	// Gap says that messages may have been lost before the next one.
	Gap(cause error)
	// Has reports whether a socket of this node is in the room, so that what is for that
	// room alone need not be read where nobody is.
	Has(room adapter.Room) bool
}

// A Listener is one that listens.
type Listener interface {
	// Ready waits until messages that are sent from now on will arrive.
	Ready(ctx context.Context) error
	// RoomChanged tells that a room came to be on this node, or ceased to. It only takes
	// note. A bus may bring what is for a room to those nodes alone that have it.
	RoomChanged(e adapter.RoomEvent)
	// Close ends the listening. It does not wait for the network, and does no harm to
	// another listener in the same namespace.
	Close()
}

// A Config tunes what nodes expect of each other. A zero field means its default, which
// is that of the official adapters where they have one.
type Config struct {
	RequestTimeout time.Duration // for answers of other nodes, unless Options.Timeout says more; 5 s
	Heartbeat      time.Duration // after which a node that was silent shows that it lives; 5 s
	Lost           time.Duration // after which one that is silent has gone; 10 s
	TakeOver       time.Duration // how long a client that comes back waits for nodes that may still have its socket; 2 s
	Discovery      time.Duration // how long a node that has not the namespace waits to hear who has; 200 ms
	InboxBytes     int           // of messages that wait to be delivered in one namespace, then further ones are lost; 64 MiB
	Requests       int           // of other nodes that are worked on in one namespace; further ones wait; 1,024

	// OnGap learns that messages of other nodes may have been lost: sockets of this node
	// may miss events. It is called in a goroutine of its own, for one namespace at a time.
	OnGap func(Gap)
}

// A Gap says where messages may have been lost.
type Gap struct {
	Namespace string
	Cause     error // ErrOverflow, or what happened to the bus
}

// ErrOverflow says that messages came faster than they could be delivered.
var ErrOverflow = errors.New("cluster: too much waits to be delivered")

func (c Config) withDefaults() Config {
	c.RequestTimeout = cmp.Or(c.RequestTimeout, 5*time.Second)
	c.Heartbeat = cmp.Or(c.Heartbeat, 5*time.Second)
	c.Lost = cmp.Or(c.Lost, 10*time.Second)
	c.TakeOver = cmp.Or(c.TakeOver, 2*time.Second)
	c.Discovery = cmp.Or(c.Discovery, 200*time.Millisecond)
	c.InboxBytes = cmp.Or(c.InboxBytes, 64<<20)
	c.Requests = cmp.Or(c.Requests, 1024)
	return c
}

func (c Config) validate() error {
	if min(c.RequestTimeout, c.Heartbeat, c.Lost, c.TakeOver, c.Discovery) < 0 || min(c.InboxBytes, c.Requests) < 0 {
		return errors.New("cluster: Config has a negative field: use a positive value, or 0 for the default")
	}
	if c := c.withDefaults(); c.Lost <= c.Heartbeat {
		return errors.New("cluster: Config.Lost must be longer than Config.Heartbeat, or nodes that are silent are taken for lost")
	}
	return nil
}

// New returns a factory of hubs over buses that connect makes, one for each server.
func New(cfg Config, connect func(adapter.Environment) (Bus, error)) adapter.Factory {
	return func(env adapter.Environment) (adapter.Hub, error) {
		if err := cfg.validate(); err != nil {
			return nil, err
		}
		bus, err := connect(env)
		if err != nil {
			return nil, err
		}
		return newHub(env, cfg.withDefaults(), bus), nil
	}
}
