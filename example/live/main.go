package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/sockgen/sockgen/generated/live"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// shutdownTimeout bounds the goodbye to everybody who is connected.
const shutdownTimeout = 15 * time.Second

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

	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("/api/incidents", incidents(board))
	mux.Handle("/", page())
	// Socket.IO's connections outlive any deadline, so the handler of the API sets its own.
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%w; choose another address with -addr", err)
	}
	fmt.Printf("The board is at http://%s\n", strings.Replace(listener.Addr().String(), "[::]", "localhost", 1))

	served, ticked := make(chan error, 1), make(chan struct{})
	go func() { served <- server.Serve(listener) }()
	ticking, stop := context.WithCancel(ctx)
	go func() {
		defer close(ticked)
		board.run(ticking, tick)
	}()
	defer func() {
		stop()
		<-ticked
	}()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	goodbye, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	err = errors.Join(io.Shutdown(goodbye), server.Shutdown(goodbye))
	<-served
	return err
}
