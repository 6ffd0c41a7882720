// SPDX-License-Identifier: Apache-2.0

// Command server serves what the published Engine.IO and Socket.IO suites expect
// of a server, and the applications of the project's own test vectors and of its
// matrix of clients.
//
//	go run ./runtime/conformance/server -addr 127.0.0.1:3000
//
// With -clients it keeps the times that the matrix of clients expects, with -patient
// it gives busy clients more; with -recovery clients continue after a lost connection.
// With -nodes there are several servers, each on a port of its own, which pass requests on
// to each other: what is in front of them needs no affinity.
//
// It ends on SIGINT and SIGTERM, after its sessions have.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter/cluster/clustertest"
	"github.com/sockgen/sockgen/runtime/conformance"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// shutdownTime is how long clients have to take their last messages.
const shutdownTime = 2 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until ctx ends. It returns the exit status: 0 after a graceful end,
// 1 when it could not serve, 2 for a command line that it does not understand.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:3000", "listen on this TCP `address`")
	clients := flags.Bool("clients", false, "serve the matrix of clients: heartbeats every second, and long queues")
	patient := flags.Bool("patient", false, "give clients that are busy with a lot of data time for heartbeats, headers and upgrades")
	recovery := flags.Bool("recovery", false, "let clients continue after a lost connection, for two minutes")
	nodes := flags.Int("nodes", 1, "serve this `number` of nodes of one cluster, the further ones on ports of their own")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "server: unexpected argument %q: the address is given with -addr\n", flags.Arg(0))
		return 2
	}
	if _, _, err := net.SplitHostPort(*addr); err != nil {
		fmt.Fprintf(stderr, "server: -addr: %v: write host:port, for example 127.0.0.1:3000\n", err)
		return 2
	}
	cfg := conformance.SuiteConfig()
	if *clients {
		cfg = conformance.ClientConfig()
	}
	headers := 5 * time.Second
	if *patient {
		headers = time.Minute
		cfg.PingInterval, cfg.PingTimeout, cfg.UpgradeTimeout = 0, 0, time.Minute
	}
	if *recovery {
		cfg.Recovery = &socketio.Recovery{}
	}
	if err := serveNodes(ctx, *addr, max(*nodes, 1), cfg, headers, stdout); err != nil {
		fmt.Fprintln(stderr, "server:", err)
		return 1
	}
	return 0
}

// serveNodes serves a cluster of count nodes until ctx ends. The first one listens on addr.
func serveNodes(ctx context.Context, addr string, count int, cfg conformance.Config, headers time.Duration, stdout io.Writer) error {
	listeners := make([]net.Listener, count)
	for i := range listeners {
		var err error
		if listeners[i], err = net.Listen("tcp", addr); err != nil {
			for _, l := range listeners[:i] {
				l.Close()
			}
			return err
		}
		addr = "127.0.0.1:0"
	}
	network := &clustertest.Network{Counts: true}
	ended := make(chan error, count)
	for _, l := range listeners {
		cfg := cfg
		if count > 1 {
			cfg.Adapter = network.Factory()
			cfg.Forward = &socketio.Forward{Advertise: "http://" + l.Addr().String()}
		}
		handler := conformance.NewHandler(cfg)
		fmt.Fprintf(stdout, "listening on %s\n", l.Addr())
		go func() { ended <- serve(ctx, l, handler, headers) }()
	}
	var errs []error
	for range listeners {
		errs = append(errs, <-ended)
	}
	return errors.Join(errs...)
}

// serve answers the requests that come in through listener, which it closes, until
// ctx ends. Their headers must arrive in time.
func serve(ctx context.Context, listener net.Listener, handler *conformance.Handler, headers time.Duration) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headers,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	_ = handler.Shutdown(last) // sessions that outlast it were cut
	_ = server.Close()
	if err == nil {
		<-failed
	}
	return err
}
