// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/sockgen/sockgen/example/app"
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
	return app.Run(ctx, app.Config{Addr: addr, Server: config, Input: input})
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
