package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// The exit statuses.
const (
	statusFine   = 0
	statusRefuse = 1 // the schema is wrong, or -check found stale files
	statusFail   = 2 // sockgen could not do its work, or was not told what to do
)

const usage = `sockgen writes typed Go handlers and a TypeScript client from a schema of Socket.IO events.

usage:

	sockgen generate [-schema events.yaml] [-out generated] [-check]
		writes Go to <out>/<name>/ and TypeScript to <out>/ts/<name>.ts
	sockgen version
		prints sockgen's version
	sockgen help
		prints this text

flags of generate:

	-schema file   the schema to read (default events.yaml)
	-out folder    where generated files go (default generated)
	-check         write nothing; list the files that are stale and exit with status 1
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run carries out one command line and returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return statusFail
	}
	command, args := args[0], args[1:]
	switch command {
	case "generate":
		return generate(args, stdout, stderr)
	case "version":
		return simple(command, args, version(), stdout, stderr)
	case "help", "-h", "-help", "--help":
		return simple(command, args, usage, stdout, stderr)
	}
	fmt.Fprintf(stderr, "sockgen: unknown command %q\n\n%s", command, usage)
	return statusFail
}

// simple prints the text of a command without arguments.
func simple(command string, args []string, text string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		fmt.Fprintf(stderr, "sockgen: %s takes no arguments, and was given %q\n\n%s", command, args[0], usage)
		return statusFail
	}
	fmt.Fprint(stdout, text)
	return statusFine
}

// version says which release this is, as the Go tool recorded it.
func version() string {
	v := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	return fmt.Sprintf("sockgen %s, schema language version 1\n", v)
}
