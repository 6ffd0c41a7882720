package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// shutdownTimeout bounds the goodbye to everybody who is connected.
const shutdownTimeout = 15 * time.Second

func main() {
	flags := flag.NewFlagSet("example", flag.ExitOnError) // a wrong flag: usage, exit status 2
	addr := flags.String("addr", ":3000", "listen on this `host:port`")
	origins := originList{origins: []string{"http://localhost:8081"}}
	flags.Var(&origins, "origin", "admit pages of this `origin` besides our own; repeat it for several")
	_ = flags.Parse(os.Args[1:]) // ends the program by itself
	if flags.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "unexpected argument %q\n", flags.Arg(0))
		flags.Usage()
		os.Exit(2)
	}
	log.SetFlags(log.Ltime)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, origins.origins, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "example:", explain(err, *addr))
		os.Exit(1)
	}
}

// run serves the example until ctx ends, and announces each line of input.
func run(ctx context.Context, addr string, origins []string, input io.Reader) error {
	config := socketio.Config{CORS: socketio.CORS{Origins: origins}}
	if err := config.Validate(); err != nil {
		return err
	}
	io := socketio.NewServer(config)
	chat.MountMain(io, echo{})
	chatting := newChatServer(io)
	chat.MountChat(io, chatting)

	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("/", page())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("The chat is at http://%s\nType a line to announce it to everybody; Ctrl-C ends.\n", visible(listener.Addr()))

	// The terminal's reader has no owner: nothing can interrupt a read from it.
	go announceLines(ctx, chatting, input)

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
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

// announceLines announces each line of input to everybody, until it ends.
func announceLines(ctx context.Context, c *chatServer, input io.Reader) {
	for lines := bufio.NewScanner(input); lines.Scan(); {
		if text := strings.TrimSpace(lines.Text()); text != "" {
			report("announce", c.announce(ctx, text))
		}
	}
}

// visible returns the address under which a browser on this machine finds a.
func visible(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// explain says what to do about an error that keeps the example from serving.
func explain(err error, addr string) string {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Sprintf("%s is in use by another program: end that one, or choose another address with -addr", addr)
	}
	return err.Error()
}

// An originList is a repeatable flag. Its first use replaces the default.
type originList struct {
	origins []string
	given   bool
}

func (l *originList) String() string { return strings.Join(l.origins, ",") }

func (l *originList) Set(origin string) error {
	if !l.given {
		l.origins, l.given = nil, true
	}
	l.origins = append(l.origins, origin)
	return nil
}
