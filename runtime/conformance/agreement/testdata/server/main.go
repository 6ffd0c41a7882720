// Command server sends every value that it gets back to where it came from, twice,
// and compares what returns with what it has sent.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"reflect"
	"sync"
	"syscall"

	. "agreement.example/generated/agreement"
	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// shown is how many differing values a Tally has.
const shown = 20

type app struct {
	mu    sync.Mutex
	sent  map[socketio.ID]map[string][]any // what has not come back yet, by event
	tally Tally
}

var _ Handler = (*app)(nil)

// Everybody is one user, with one share of what is scarce.
func (a *app) Connect(context.Context, *Socket) (Data, error) { return Data{User: "all"}, nil }

// Scarce is had twice by all sockets together.
func (a *app) Scarce(context.Context, *Socket) error { return nil }

func (a *app) Disconnect(_ context.Context, s *Socket, _ socketio.DisconnectReason) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.sent, s.ID())
}

// forth emits v and remembers it until it is back.
func forth[T any](ctx context.Context, a *app, s *Socket, event string, v T, emit func(context.Context, T) error) error {
	a.mu.Lock()
	a.tally.Calls[event]++
	if a.sent[s.ID()] == nil {
		a.sent[s.ID()] = map[string][]any{}
	}
	a.sent[s.ID()][event] = append(a.sent[s.ID()][event], v)
	a.mu.Unlock()
	return emit(ctx, v)
}

// back compares v with the value of that event that has been away longest.
func (a *app) back(s *Socket, event string, v any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tally.Calls[event+":back"]++
	sent := a.sent[s.ID()][event]
	if len(sent) == 0 {
		a.differ("%s: %#v was never sent", event, v)
		return nil
	}
	a.sent[s.ID()][event] = sent[1:]
	if reflect.DeepEqual(sent[0], v) {
		a.tally.Same++
	} else {
		a.differ("%s: %#v became %#v", event, sent[0], v)
	}
	return nil
}

func (a *app) differ(format string, args ...any) {
	if len(a.tally.Different) < shown {
		a.tally.Different = append(a.tally.Different, fmt.Sprintf("%.1000s", fmt.Sprintf(format, args...)))
	}
}

// Tally tells what happened since it was asked last.
func (a *app) Tally(context.Context, *Socket) (Tally, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.tally
	a.tally = newTally()
	return t, nil
}

// Linger waits until its client does not.
func (a *app) Linger(ctx context.Context, _ *Socket) error {
	<-ctx.Done()
	if context.Cause(ctx) == socketio.ErrCanceled {
		a.mu.Lock()
		a.tally.GivenUp++
		a.mu.Unlock()
	}
	return ctx.Err()
}

func newTally() Tally { return Tally{Calls: map[string]int64{}, Different: []string{}} }

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "where to listen")
	depth := flag.Int("depth", 0, "how deep packets may nest; 0 means the default")
	flag.Parse()
	limits := socketio.Limits{Packet: siowire.Limits{Depth: *depth}}
	io := socketio.NewServer(socketio.Config{MaxPayload: 4 << 20, Limits: limits})
	Mount(io, &app{sent: map[socketio.ID]map[string][]any{}, tally: newTally()})
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: io}
	go func() {
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
		<-stop
		_ = server.Close()
	}()
	address, _ := json.Marshal("http://" + listener.Addr().String())
	fmt.Println(string(address))
	if err := server.Serve(listener); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}
