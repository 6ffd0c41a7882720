// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// The exit statuses.
const (
	statusFine   = 0
	statusRefuse = 1 // the answer is no: the schema is wrong, -check found stale files, breaking found a break
	statusFail   = 2 // sockgen could not do its work, or was not told what to do
	statusBroken = 3 // sockgen itself is wrong
)

func main() {
	// Half the time of a big schema would go into collecting garbage that the end
	// of the process frees for nothing.
	debug.SetGCPercent(400)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run carries out one command line and returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	return runContext(context.Background(), args, stdout, stderr)
}

// runContext is run for a command that goes on until ctx ends, such as -watch.
func runContext(ctx context.Context, args []string, stdout, stderr io.Writer) (status int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "sockgen: %v; this is a fault of sockgen, please report it with what follows\n\n%s", p, debug.Stack())
			status = statusBroken
		}
	}()
	a := &app{stdout: stdout, stderr: stderr}
	return a.execute(ctx, args)
}
