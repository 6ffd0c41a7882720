// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/sockgen/sockgen/example/site"
	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/runtime/socketio"
)

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
		fmt.Fprintln(os.Stderr, "example:", err)
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

	front, err := page()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("/", front)
	return site.Server{Addr: addr, Handler: mux, Goodbye: io.Shutdown, Greet: func(url string) {
		fmt.Printf("The chat is at %s\nType a line to announce it to everybody; Ctrl-C ends.\n", url)
		// The terminal's reader has no owner: nothing can interrupt a read from it.
		go announceLines(ctx, chatting, input)
	}}.Run(ctx)
}

// announceLines announces each line of input to everybody, until it ends.
func announceLines(ctx context.Context, c *chatServer, input io.Reader) {
	for lines := bufio.NewScanner(input); lines.Scan(); {
		if text := strings.TrimSpace(lines.Text()); text != "" {
			report("announce", c.announce(ctx, text))
		}
	}
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
