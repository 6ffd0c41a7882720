// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/internal/call"
)

// A callFlags is what the command line of call says.
type callFlags struct {
	settings settings
	auth     string
	path     string
	headers  texts
	timeout  time.Duration
	watch    bool
	count    int
	json     bool
}

func (a *app) callCommand() *cobra.Command {
	f := &callFlags{}
	cmd := &cobra.Command{
		Use: "call URL [EVENT [JSON…]] [flags]", Short: "Emits an event to a server and prints what comes of it; without one, asks for events",
		Example: "  sockgen call http://localhost:3000 say '{\"text\": \"hello\"}'\n  sockgen call http://localhost:3000/chat -auth '{\"name\": \"Ada\"}' -watch\n  sockgen call http://localhost:3000",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("it takes the URL of a server, such as http://localhost:3000, and then an event with its payload")
			}
			return nil
		},
		RunE: a.runs(func(args []string) (int, error) { return a.call(f, args) }),
	}
	f.settings.bind(cmd)
	cmd.Flags().StringVar(&f.auth, "auth", "", "what to connect with, in `JSON`")
	cmd.Flags().StringVar(&f.path, "path", "/socket.io/", "where Socket.IO is on the server")
	cmd.Flags().Var(&f.headers, "header", "a `header` of the requests, such as \"Cookie: a=b\"; may be repeated")
	cmd.Flags().DurationVar(&f.timeout, "timeout", 10*time.Second, "how long the connection, and each answer, may take")
	cmd.Flags().BoolVar(&f.watch, "watch", false, "print the events of the server until Ctrl-C")
	cmd.Flags().IntVar(&f.count, "count", 0, "end after so many events of the server; with -watch")
	cmd.Flags().BoolVar(&f.json, "json", false, "print a line of JSON for each thing that happens")
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) != 1 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.eventNames(&f.settings), cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

// call connects and emits what the command line says, or what is typed.
func (a *app) call(f *callFlags, args []string) (int, error) {
	headers, err := f.header()
	if err != nil {
		return 0, err
	}
	if f.timeout <= 0 || f.count < 0 {
		return 0, errors.New("-timeout and -count are more than nothing")
	}
	doc, status := a.theDocument(&f.settings)
	if doc == nil {
		return status, nil
	}
	ctx, stop := signal.NotifyContext(a.ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // a second signal ends what does not end by itself
	c, err := call.New(call.Config{
		Document: doc, URL: args[0], Path: f.path, Auth: f.auth, Headers: headers, Timeout: f.timeout, JSON: f.json, Stdout: a.stdout, Stderr: a.stderr,
	})
	if err == nil {
		err = a.converse(ctx, c, f, args[1:])
		err = errors.Join(err, c.Close())
	}
	var no *call.RefusedError
	switch {
	case err == nil || ctx.Err() != nil && !errors.As(err, &no):
		return statusFine, nil
	case errors.As(err, &no):
		fmt.Fprintf(a.stderr, "sockgen: %v\n", err)
		return statusRefuse, nil
	}
	return a.fail(err), nil
}

// converse does what the command line wants of a server: one event, all of the server's
// events, or what is typed.
func (a *app) converse(ctx context.Context, c *call.Caller, f *callFlags, args []string) (err error) {
	var payload *call.Payload
	if len(args) > 0 { // what does not fit is told before anything is sent
		for i, arg := range args[1:] {
			if arg == "-" {
				text, err := io.ReadAll(io.LimitReader(a.input(), maxRead))
				if err != nil {
					return fmt.Errorf("read the payload: %w", err)
				}
				args[1+i] = string(text)
			}
		}
		if payload, err = c.Prepare(args[0], args[1:]); err != nil {
			return err
		}
	}
	watch := f.watch || f.count > 0
	var listening *call.Listening
	if watch || payload == nil {
		listening = c.Listen()
	}
	if err := c.Connect(ctx); err != nil {
		return err
	}
	if payload != nil {
		if err := c.Send(ctx, payload); err != nil {
			return err
		}
	}
	switch {
	case watch:
		return listening.Wait(ctx, f.count)
	case payload == nil:
		return c.Interact(ctx, a.input(), listening)
	}
	return nil
}

func (a *app) input() *os.File {
	if a.stdin != nil {
		return a.stdin
	}
	return os.Stdin
}

func (f *callFlags) header() (http.Header, error) {
	headers := http.Header{}
	for _, text := range f.headers {
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			return nil, fmt.Errorf(`-header is a name and a value, such as "Cookie: a=b", and not %q`, text)
		}
		headers.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return headers, nil
}

// eventNames returns what clients may emit, for shells that complete it. It says
// nothing of what is wrong.
func (a *app) eventNames(s *settings) []string {
	quiet := &app{stdout: io.Discard, stderr: io.Discard}
	doc, _ := quiet.theDocument(s)
	if doc == nil {
		return nil
	}
	return call.EventNames(doc)
}

// theDocument returns what the one schema means that the command line names. It has
// printed what is wrong when it returns nil, and the status.
func (a *app) theDocument(s *settings) (*gen.Meaning, int) {
	w := a.complete(s)
	if w == nil {
		return nil, statusFail
	}
	if len(w.documents) > 1 {
		return nil, a.fail(fmt.Errorf("there are %d schemas in %s: choose one with -schema", len(w.documents), w.config))
	}
	in, err := w.documents[0].input()
	if err != nil {
		return nil, a.fail(err)
	}
	doc, diags := gen.Document(in)
	if diag.HasErrors(diags) {
		a.say(diags)
		return nil, statusRefuse
	}
	return doc, statusFine
}
