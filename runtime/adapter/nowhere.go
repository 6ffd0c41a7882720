// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// NoNodes is the Reach of a namespace that no node has. What it is asked for is done:
// there is nobody to do it to.
var NoNodes Reach = noNodes{}

type noNodes struct{}

func (noNodes) Broadcast(context.Context, Event, Options) error { return nil }

func (noNodes) BroadcastWithAck(context.Context, Event, Options, func(Answer) bool) ([]ID, error) {
	return nil, nil
}

func (noNodes) AddSockets(context.Context, Options, ...Room) error { return nil }

func (noNodes) RemoveSockets(context.Context, Options, ...Room) error { return nil }

func (noNodes) DisconnectSockets(context.Context, Options, bool) error { return nil }

func (noNodes) FetchSockets(context.Context, Options) ([]Description, error) { return nil, nil }

func (noNodes) ServerSideEmit(context.Context, Event) error { return nil }

func (noNodes) ServerSideEmitWithAck(context.Context, Event, Options) ([]siowire.Args, error) {
	return nil, nil
}

func (noNodes) ServerCount(context.Context) (int, error) { return 0, nil }
