// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/internal/seam"
	"github.com/sockgen/sockgen/runtime/siowire"
)

var padEncoder = seam.Take[func(*siowire.Encoder)]("siowire.Encoder.pad")

// What package typed takes and users do not meet. Arguments that are encoded already
// belong to whom they are passed to.
func init() {
	seam.Offer("socketio.Socket.emitEncoded", (*Socket).emitEncoded)
	seam.Offer("socketio.Socket.callEncoded", (*Socket).callEncoded)
	seam.Offer("socketio.Socket.bind", (*Socket).bind)
	seam.Offer("socketio.Socket.boundTo", (*Socket).boundTo)
	seam.Offer("socketio.Socket.allowCancel", (*Socket).allowCancel)
	seam.Offer("socketio.Emitter.emit", Emitter.emit)
	seam.Offer("socketio.TimedSocket.callEncoded", TimedSocket.callEncoded)
	seam.Offer("socketio.Broadcast.emitEncoded", Broadcast.emitEncoded)
	seam.Offer("socketio.Broadcast.timeoutOr", Broadcast.timeoutOr)
	seam.Offer("socketio.AckBroadcast.answersEncoded", AckBroadcast.answersEncoded)
	seam.Offer("socketio.Event.ackEncoded", (*Event).ackEncoded)
	seam.Offer("socketio.Event.recycle", (*Event).recycle)
	seam.Offer("socketio.Event.refused", (*Event).refused)
	seam.Offer("socketio.Server.ofFamily", (*Server).ofFamily)
	seam.Offer("socketio.ParentNamespace.withChild", (*ParentNamespace).withChild)
	seam.Offer("socketio.Broadcast.home", Broadcast.home)
	seam.Offer("socketio.Namespace.clock", func(n *Namespace) Clock { return n.srv.cfg.Clock })
	seam.Offer("socketio.Namespace.maxPayload", func(n *Namespace) int { return n.srv.cfg.MaxPayload })
	seam.Offer("socketio.Namespace.guard", func(n *Namespace) *guard.Guard { return n.srv.guard })
}

// home returns the namespace that b is about, for a parent's broadcast one that stands
// for its children.
func (b Broadcast) home() *Namespace { return b.ns }
