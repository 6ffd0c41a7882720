// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"iter"
	"time"

	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/internal/seam"
	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// What this package needs of the runtime and users do not meet. Each function is
// documented where it is, as a method of the same name. Those with an Encoder take
// it over.
var (
	reserve = seam.Take[func(*siowire.Encoder, int)]("siowire.Encoder.reserve")

	emitToSocket  = seam.Take[func(*socketio.Socket, context.Context, string, *siowire.Encoder) error]("socketio.Socket.emitEncoded")
	emitToEmitter = seam.Take[func(socketio.Emitter, context.Context, string, *siowire.Encoder) error]("socketio.Emitter.emit")
	emitToAll     = seam.Take[func(socketio.Broadcast, context.Context, string, *siowire.Encoder) error]("socketio.Broadcast.emitEncoded")

	callSocket  = seam.Take[func(*socketio.Socket, context.Context, string, *siowire.Encoder) (siowire.Args, error)]("socketio.Socket.callEncoded")
	callTimed   = seam.Take[func(socketio.TimedSocket, context.Context, string, *siowire.Encoder) (siowire.Args, error)]("socketio.TimedSocket.callEncoded")
	timeoutOr   = seam.Take[func(socketio.Broadcast, time.Duration) socketio.AckBroadcast]("socketio.Broadcast.timeoutOr")
	answersOf   = seam.Take[func(socketio.AckBroadcast, context.Context, string, *siowire.Encoder) iter.Seq2[socketio.Answer, error]]("socketio.AckBroadcast.answersEncoded")
	acknowledge = seam.Take[func(*socketio.Event, *siowire.Encoder) error]("socketio.Event.ackEncoded")
	recycle     = seam.Take[func(*socketio.Event)]("socketio.Event.recycle")
	noteRefused = seam.Take[func(*socketio.Event, string)]("socketio.Event.refused")

	bindTo      = seam.Take[func(*socketio.Socket, any)]("socketio.Socket.bind")
	allowCancel = seam.Take[func(*socketio.Socket)]("socketio.Socket.allowCancel")
	boundTo     = seam.Take[func(*socketio.Socket) any]("socketio.Socket.boundTo")

	familyOf  = seam.Take[func(*socketio.Server, string, func(name string) bool) *socketio.ParentNamespace]("socketio.Server.ofFamily")
	withChild = seam.Take[func(*socketio.ParentNamespace, string, func(*socketio.Namespace) error) error]("socketio.ParentNamespace.withChild")

	homeOf       = seam.Take[func(socketio.Broadcast) *socketio.Namespace]("socketio.Broadcast.home")
	clockOf      = seam.Take[func(*socketio.Namespace) socketio.Clock]("socketio.Namespace.clock")
	maxPayloadOf = seam.Take[func(*socketio.Namespace) int]("socketio.Namespace.maxPayload")
	guardOf      = seam.Take[func(*socketio.Namespace) *guard.Guard]("socketio.Namespace.guard")
)
