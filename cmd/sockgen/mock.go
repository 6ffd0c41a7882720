// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/internal/mock"
)

// A mockFlags is what the command line of mock says.
type mockFlags struct {
	settings settings
	listen   string
	seed     uint64
	every    time.Duration
	delay    time.Duration
	scenario string
	origins  texts
	quiet    bool
}

func (a *app) mockCommand() *cobra.Command {
	f := &mockFlags{}
	cmd := &cobra.Command{
		Use: "mock [flags]", Short: "Serves a schema without a back end: with made values, and what a scenario says",
		Example: "  sockgen mock\n  sockgen mock -every 2s -seed 7\n  sockgen mock -scenario busy-room.yaml",
		Args:    noArgs,
		RunE:    a.runs(func([]string) (int, error) { return a.mock(f) }),
	}
	f.settings.bind(cmd)
	cmd.Flags().StringVar(&f.listen, "listen", "localhost:3000", "the `address` to serve at")
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "makes the same values each time (default others each time)")
	cmd.Flags().DurationVar(&f.every, "every", 0, "emit one of the server's events so often, such as 2s")
	cmd.Flags().DurationVar(&f.delay, "delay", 0, "wait so long before each answer")
	cmd.Flags().StringVar(&f.scenario, "scenario", "", "a `file` that says what happens, in YAML")
	cmd.Flags().Var(&f.origins, "origin", "the `origin` of pages that may connect (default all); may be repeated")
	cmd.Flags().BoolVar(&f.quiet, "quiet", false, "do not print what happens")
	completesFiles(cmd, "scenario", "yaml", "yml")
	return cmd
}

// mock serves until it is interrupted.
func (a *app) mock(f *mockFlags) (int, error) {
	if f.every < 0 || f.delay < 0 {
		return 0, errors.New("-every and -delay are not below zero")
	}
	doc, status := a.theDocument(&f.settings)
	if doc == nil {
		return status, nil
	}
	cfg := mock.Config{Document: doc, Seed: f.seed, Every: f.every, Delay: f.delay, Origins: f.origins}
	if f.settings.given("seed") {
		cfg.Now = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	} else {
		cfg.Seed = rand.Uint64()
	}
	if f.scenario != "" {
		src, err := readFile(f.scenario)
		if err != nil {
			return a.fail(fmt.Errorf("read the scenario: %w", err)), nil
		}
		if cfg.Scenario, err = mock.ParseScenario(f.scenario, src, doc); err != nil {
			fmt.Fprintf(a.stderr, "sockgen: %v\n", err)
			return statusRefuse, nil
		}
	}
	var mu sync.Mutex // guards stdout
	say := func(line string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(a.stdout, printableLine(line))
	}
	cfg.Say = say
	if f.quiet {
		cfg.Say = func(string) {}
	}
	ctx, stop := signal.NotifyContext(a.ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := a.serveMock(ctx, f.listen, mock.New(cfg), say); err != nil {
		return a.fail(err), nil
	}
	return statusFine, nil
}

// serveMock serves a mock, and carries out what is typed, until ctx ends.
func (a *app) serveMock(ctx context.Context, address string, m *mock.Server, say func(string)) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return errors.Join(err, m.Close(ctx))
	}
	say("serving " + "http://" + l.Addr().String() + "; end with Ctrl-C")
	srv := &http.Server{Handler: m, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	typed := a.commands(ctx, m, say)
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err = errors.Join(err, m.Close(late), srv.Shutdown(late))
	if ctx.Err() != nil {
		<-served
	}
	if a.stdin != nil { // a read of a terminal ends with the process
		<-typed
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// commands carries out the lines that are typed. The channel is closed once none are
// read any more.
func (a *app) commands(ctx context.Context, m *mock.Server, say func(string)) <-chan struct{} {
	done := make(chan struct{})
	if a.stdin == nil && !isTerminal(os.Stdin) {
		close(done)
		return done
	}
	in := a.input()
	stop := context.AfterFunc(ctx, func() { _ = in.Close() }) // ends a read that waits
	go func() {
		defer close(done)
		defer stop()
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			if err := m.Command(ctx, lines.Text()); err != nil {
				say("sockgen: " + err.Error())
			}
		}
	}()
	return done
}

// printableLine returns a text without what a terminal would obey.
func printableLine(s string) string {
	runes := []rune(s)
	for i, r := range runes {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 {
			runes[i] = '?'
		}
	}
	return string(runes)
}
