// SPDX-License-Identifier: Apache-2.0

package emitter_test

import (
	"context"
	"fmt"

	"github.com/sockgen/sockgen/runtime/adapter/emitter"
)

// A worker without sockets tells a room of the cluster. Publish is one line with any client
// of Redis; here it prints.
func Example() {
	publish := func(_ context.Context, channel string, payload []byte) error {
		fmt.Printf("PUBLISH %s, %d bytes\n", channel, len(payload))
		return nil
	}
	e := emitter.New(emitter.Classic{Publish: publish})
	if err := e.Of("/chat").To("room 7").Emit(context.Background(), "news", "hello"); err != nil {
		fmt.Println(err)
	}
	// Output: PUBLISH socket.io#/chat#room 7#, 73 bytes
}
