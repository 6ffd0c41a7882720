// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

func quietRig(b *testing.B, setUp func(*Server)) *rig {
	return newRig(b, Config{Logger: slog.New(slog.DiscardHandler)}, setUp)
}

// BenchmarkEcho is one event and one answer through everything but the kernel's
// network.
func BenchmarkEcho(b *testing.B) {
	r := quietRig(b, func(srv *Server) {
		srv.Of("/").On("clientMessage", func(ctx context.Context, s *Socket, e *Event) {
			args := siowire.NewEncoder()
			args.Forward(e.Args)
			if err := s.emitEncoded(ctx, "serverMessage", args); err != nil {
				b.Error(err)
			}
			e.recycle()
		})
	})
	c, _ := r.join("/")
	b.ReportAllocs()
	for b.Loop() {
		c.send(`42["clientMessage","hello, I am a message"]`)
		if c.read() == "closed" {
			b.Fatal("closed")
		}
	}
}

// BenchmarkDispatch is what this package does for one event: parse, queue, start the
// worker, call the handler.
func BenchmarkDispatch(b *testing.B) {
	for _, burst := range []int{1, 64} {
		b.Run(fmt.Sprint("burst of ", burst), func(b *testing.B) {
			done := make(chan struct{}, burst)
			r := quietRig(b, func(srv *Server) {
				srv.Of("/").On("e", func(_ context.Context, _ *Socket, e *Event) {
					e.recycle()
					done <- struct{}{}
				})
			})
			_, id := r.join("/")
			s, _ := r.Of("/").Socket(id)
			text := []byte(`2["e",{"room":"general","text":"hello"}]`)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				s.conn.Receive(text, false)
				if n%burst == burst-1 {
					for range burst {
						<-done
					}
				}
			}
		})
	}
}

// BenchmarkBroadcast is one event to 1,000 clients, until all of them have its last
// byte. Half of the work is theirs.
func BenchmarkBroadcast(b *testing.B) {
	const crowd = 1000
	r := quietRig(b, func(srv *Server) { srv.Of("/") })
	n := r.Of("/")
	var got atomic.Int64
	var wg sync.WaitGroup
	var conns []net.Conn
	for range crowd {
		c, id := r.join("/")
		s, _ := n.Socket(id)
		if err := s.Join("room"); err != nil {
			b.Fatal(err)
		}
		conn := c.ws.UnderlyingConn()
		conns = append(conns, conn)
		conn.SetReadDeadline(time.Time{})
		wg.Go(func() {
			buf := make([]byte, 256)
			for {
				k, err := conn.Read(buf)
				got.Add(int64(k))
				if err != nil {
					return
				}
			}
		})
	}
	const frame = int64(len(`42["message:posted","hello to everybody in the room"]`)) + 2 // and its header
	b.ReportAllocs()
	for b.Loop() {
		got.Store(0)
		if err := n.To("room").Emit(context.Background(), "message:posted", "hello to everybody in the room"); err != nil {
			b.Fatal(err)
		}
		for got.Load() < crowd*frame {
			runtime.Gosched()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/crowd, "ns/delivery")
	for _, conn := range conns {
		conn.Close()
	}
	wg.Wait()
}
