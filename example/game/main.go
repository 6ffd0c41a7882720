package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/sockgen/sockgen/generated/game"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// shutdownTimeout bounds the goodbye to everybody who is connected.
const shutdownTimeout = 15 * time.Second

// dist is what the page's build leaves behind; before the first build it holds
// nothing to serve.
//
//go:embed all:page/dist
var dist embed.FS

const unbuilt = `The game's page is not built yet. Build and serve it with:

    make game

The Socket.IO server behind it runs already, at /socket.io/.
`

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

	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("/", page())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%w; choose another address with -addr", err)
	}
	fmt.Printf("The game is at http://%s\n", strings.Replace(listener.Addr().String(), "[::]", "localhost", 1))

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	goodbye, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	// Each match ends when its last socket has gone.
	err = errors.Join(io.Shutdown(goodbye), server.Shutdown(goodbye))
	<-served
	return err
}

// page serves the game's page, or says how to build it.
func page() http.Handler {
	files, err := fs.Sub(dist, "page/dist")
	if err != nil {
		panic(err) // the folder is named above
	}
	serve := http.FileServerFS(files)
	if _, err := fs.Stat(files, "index.html"); err != nil {
		serve = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write([]byte(unbuilt)) // a client that has gone needs no answer
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache") // the embedded files carry no date to compare
		serve.ServeHTTP(w, r)
	})
}
