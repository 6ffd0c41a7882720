// SPDX-License-Identifier: Apache-2.0

package client

import "github.com/sockgen/sockgen/runtime/internal/seam"

// What package typedclient takes and users do not meet. Arguments that are encoded
// already belong to whom they are passed to.
func init() {
	seam.Offer("client.Socket.emitEncoded", (*Socket).emitEncoded)
	seam.Offer("client.Emitter.emitEncoded", Emitter.emitEncoded)
	seam.Offer("client.Socket.callEncoded", (*Socket).callEncoded)
	seam.Offer("client.TimedSocket.callEncoded", TimedSocket.callEncoded)
	seam.Offer("client.Event.ackEncoded", (*Event).ackEncoded)
}
