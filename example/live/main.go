// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/sockgen/sockgen/example/site"
	"github.com/sockgen/sockgen/generated/live"
	"github.com/sockgen/sockgen/runtime/socketio"
)

func main() {
	addr := flag.String("addr", ":3002", "listen on this `host:port`")
	tick := flag.Duration("tick", time.Second, "push metrics each `interval`")
	flag.Parse()
	if flag.NArg() > 0 || *tick < minTick {
		if flag.NArg() > 0 {
			fmt.Fprintf(os.Stderr, "unexpected argument %q\n", flag.Arg(0))
		} else {
			fmt.Fprintf(os.Stderr, "-tick %v is too short: use at least %v\n", *tick, minTick)
		}
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *tick); err != nil {
		fmt.Fprintln(os.Stderr, "live:", err)
		os.Exit(1)
	}
}

// run serves the board until ctx ends.
func run(ctx context.Context, addr string, tick time.Duration) error {
	io := socketio.NewServer(socketio.Config{})
	board := newBoard(everybody{live.On(io)}, rand.Uint64())
	live.Mount(io, &server{board: board})

	front, err := page()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("/api/incidents", incidents(board))
	mux.Handle("/", front)

	ticking, stop := context.WithCancel(ctx)
	ticked := make(chan struct{})
	go func() {
		defer close(ticked)
		board.run(ticking, tick)
	}()
	defer func() {
		stop()
		<-ticked
	}()
	// Socket.IO's connections outlive any deadline, so the handler of the API sets its own.
	return site.Server{Addr: addr, Handler: mux, Goodbye: io.Shutdown, Greet: func(url string) {
		fmt.Printf("The board is at %s\n", url)
	}}.Run(ctx)
}
