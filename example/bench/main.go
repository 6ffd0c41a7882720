// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// A command is one word after the program's name.
type command struct {
	name, doc string
	run       func(ctx context.Context, args []string) error
}

func commands() []command {
	return []command{
		{"run", "measure every server in every mode, and print one table", runCommand},
		{"serve", "start our server alone", serveCommand},
		{"floor", "start the plainest hand-written server alone", floorCommand},
		{"chart", "draw the table that run has printed", chartCommand},
		{"load", "drive one server in one mode, and print the figures as JSON", loadCommand},
	}
}

// errUsage ends the program with status 2. What is wrong has been said.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, os.Args[1:])
	stop()
	switch {
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		help(os.Stderr)
		return errUsage
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, args[1:])
		}
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		help(os.Stdout)
		return nil
	}
	fmt.Fprintf(os.Stderr, "unknown command %q\n\n", args[0])
	help(os.Stderr)
	return errUsage
}

// help lists commands and modes. Where it is shown, nothing can be done about an
// error.
func help(w io.Writer) {
	fmt.Fprintln(w, "usage: go run ./example/bench COMMAND [-flag …]   (COMMAND -help lists its flags)\n\ncommands:")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-18s %s\n", c.name, c.doc)
	}
	fmt.Fprintln(w, "\nmodes:")
	for _, m := range modes {
		fmt.Fprintf(w, "  %-18s %s\n", m.name, m.doc)
	}
}

// parse parses the flags of a command, which has no other arguments.
func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		os.Exit(0) // the flags have been listed
	} else if err != nil {
		return errUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "unexpected argument %q\n", flags.Arg(0))
		flags.Usage()
		return errUsage
	}
	return nil
}
