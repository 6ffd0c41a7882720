// SPDX-License-Identifier: Apache-2.0

package typedclient

import (
	"context"

	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/internal/seam"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// What this package needs of the client and users do not meet. Each function is
// documented where it is, as a method of the same name, and takes the Encoder over.
var (
	emitToSocket  = seam.Take[func(*client.Socket, context.Context, string, *siowire.Encoder) error]("client.Socket.emitEncoded")
	emitToEmitter = seam.Take[func(client.Emitter, context.Context, string, *siowire.Encoder) error]("client.Emitter.emitEncoded")
	callSocket    = seam.Take[func(*client.Socket, context.Context, string, *siowire.Encoder) (siowire.Args, error)]("client.Socket.callEncoded")
	callTimed     = seam.Take[func(client.TimedSocket, context.Context, string, *siowire.Encoder) (siowire.Args, error)]("client.TimedSocket.callEncoded")
	acknowledge   = seam.Take[func(*client.Event, *siowire.Encoder) error]("client.Event.ackEncoded")
)
