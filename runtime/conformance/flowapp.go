// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"fmt"
	"strings"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// maxBurst bounds the bytes that a client may have sent to it at once.
const maxBurst = 8 << 20

// serveFlow adds what the matrix of clients needs to see that nobody who reads is thrown
// out, however much comes at once: the namespace /flow, and /flow/history and
// /flow/snapshot, which emit before the CONNECT reply and after it.
func serveFlow(srv *socketio.Server) {
	onTally(srv.Of("/"), "i", (*tally).numbered) // 60,000 with that name fit into one POST
	flow := srv.Of("/flow")
	flow.On("burst", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		var sizes []int
		if e.Args.Len() != 1 || e.Args.Decode(0, &sizes) != nil {
			return
		}
		if burst(ctx, s, sizes) == nil {
			_ = e.Ack() // the client has gone if this fails
		}
	})
	flow.On("back", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		if e.Args.Len() != 1 {
			return
		}
		if args, err := s.EmitWithAck(ctx, "question", e.Args.At(0)); err == nil && args.Len() == 1 {
			_ = e.Ack(args.At(0))
		}
	})
	for name, sizes := range map[string][]int{"history": repeated(2000, 100), "snapshot": {1_200_000}} {
		ns := srv.Of("/flow/" + name)
		ns.Use(func(ctx context.Context, s *socketio.Socket) error { return burst(ctx, s, sizes) })
		ns.OnConnect(func(ctx context.Context, s *socketio.Socket) { _ = burst(ctx, s, sizes) })
	}
}

// burst emits one numbered event of each size.
func burst(ctx context.Context, s *socketio.Socket, sizes []int) error {
	total := 0
	for i, size := range sizes {
		if total += max(size, 0); total > maxBurst {
			return fmt.Errorf("conformance: a burst of more than %d bytes", maxBurst)
		}
		if err := s.Emit(ctx, "numbered", i, strings.Repeat("x", max(size, 0))); err != nil {
			return err
		}
	}
	return nil
}

func repeated(n, value int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = value
	}
	return list
}
