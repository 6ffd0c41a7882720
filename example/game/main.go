// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/sockgen/sockgen/example/site"
	"github.com/sockgen/sockgen/generated/game"
	"github.com/sockgen/sockgen/runtime/socketio"
)

func main() {
	addr := flag.String("addr", ":3001", "listen on this `host:port`")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "unexpected argument %q\n", flag.Arg(0))
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "game:", err)
		os.Exit(1)
	}
}

// run serves the game until ctx ends.
func run(ctx context.Context, addr string) error {
	io := socketio.NewServer(socketio.Config{})
	game.Mount(io, newGameServer(io))

	front, err := page()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("/", front)
	// Each match ends when its last socket has gone.
	return site.Server{Addr: addr, Handler: mux, Goodbye: io.Shutdown, Greet: func(url string) {
		fmt.Printf("The game is at %s\n", url)
	}}.Run(ctx)
}
