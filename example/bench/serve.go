// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"github.com/sockgen/sockgen/generated/bench"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// An app answers the events of events.yaml. The schema says to whom.
type app struct{}

var _ bench.Handler = app{}

func (app) Connect(context.Context, *bench.Socket) error                         { return nil }
func (app) Disconnect(context.Context, *bench.Socket, socketio.DisconnectReason) {}

func (app) Echo(_ context.Context, _ *bench.Socket, text string) (string, error) { return text, nil }
func (app) Broadcast(_ context.Context, _ *bench.Socket, text string) (string, error) {
	return text, nil
}
func (app) Ask(_ context.Context, _ *bench.Socket, text string) (string, error) { return text, nil }
func (app) Order(_ context.Context, _ *bench.Socket, o bench.Order) (bench.Order, error) {
	return o, nil
}

// serveCommand serves ours.
func serveCommand(ctx context.Context, args []string) error {
	return serve(ctx, "serve", args, func() http.Handler {
		io := socketio.NewServer(socketio.Config{})
		bench.Mount(io, app{})
		return io
	})
}

// serve runs a server of this program until ctx ends. Sessions are not said goodbye
// to: whoever measures has gone.
func serve(ctx context.Context, name string, args []string, handler func() http.Handler) (err error) {
	flags := flag.NewFlagSet("bench "+name, flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:3003", "listen on this `host:port`; port 0 chooses a free one")
	cpuFile := flags.String("pprof", "", "write a CPU profile of the whole run to this `file`")
	memFile := flags.String("memprofile", "", "write a profile of all allocations to this `file`, at the end")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *memFile != "" {
		runtime.MemProfileRate = 4096 // bytes between samples, before anything is allocated
		defer func() { err = errors.Join(err, writeAllocations(*memFile)) }()
	}
	if *cpuFile != "" {
		file, err := os.Create(*cpuFile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", handler())
	mux.HandleFunc("/debug/bench", tell)
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return fmt.Errorf("%w; choose another address with -addr", err)
	}
	fmt.Printf("listening on %s\nmeasure it with: go run ./example/bench load -addr %[1]s -pid %d -mode echo-1\n", listener.Addr(), os.Getpid())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	err = server.Close()
	<-served
	return err
}

func writeAllocations(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}

// An inside is what a server tells about itself. The official server tells nothing.
type inside struct {
	Mallocs    uint64 // objects allocated since the start
	Bytes      uint64 // allocated since the start
	Goroutines int
}

// tell answers with an inside. Before that, gc=1 gives back to the operating system
// what nothing refers to.
func tell(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("gc") == "1" {
		debug.FreeOSMemory() // collects first
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	// A client that has gone needs no answer.
	_ = json.NewEncoder(w).Encode(inside{m.Mallocs, m.TotalAlloc, runtime.NumGoroutine()})
}
