// SPDX-License-Identifier: Apache-2.0

package siowire

import "github.com/sockgen/sockgen/runtime/internal/seam"

// What other packages of the runtime take and users do not meet.
func init() {
	seam.Offer("siowire.Encoder.reserve", (*Encoder).reserve) // for package typed
	seam.Offer("siowire.Encoder.pad", (*Encoder).pad)         // for package socketio
	seam.Offer("siowire.checkValue", checkValue)              // for package adapter/cluster/wire
}
