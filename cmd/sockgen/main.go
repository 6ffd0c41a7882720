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
	statusRefuse = 1 // the schema is wrong, -check found stale files, or breaking found a break
	statusFail   = 2 // sockgen could not do its work, or was not told what to do
)

const usage = `sockgen writes typed Go handlers and a TypeScript client from a schema of Socket.IO events.

usage:

	sockgen generate [flags]
		writes Go to <out>/<name>/ and TypeScript to <out>/ts/<name>.ts
	sockgen lock [flags]
		notes in sockgen.lock that the schema is being released as it is
	sockgen breaking -against <file, git revision or lock> [flags]
		tells what changed, and what it means to clients of the older schema
	sockgen explain [code]
		tells more about a diagnostic, with an example; without a code, lists them all
	sockgen version
		prints sockgen's version
	sockgen help
		prints this text

flags of generate, lock and breaking:

	-schema file       the schema to read (default events.yaml)
	-config file       where the settings are (default sockgen.yaml beside the schema, if there is one)
	-lock file         the released schemas (default sockgen.lock beside the schema, if there is one)
	-initialisms list  words that identifiers have in one case, besides Go's own: SDP,ICE

flags of generate:

	-out folder        where generated files go (default generated)
	-go folder         where Go goes (default <out>)
	-typescript folder where TypeScript goes (default <out>/ts)
	-react             write <name>.react.ts, too: hooks
	-mock              write <name>.mock.ts, too: a socket and a server in memory
	-schemas           write <name>.schemas.ts, too: validators
	-check             write nothing; list the files that are stale and exit with status 1
	-format form       of diagnostics: text (default), json, sarif or github

flags of breaking:

	-against what      a file; else the schema at a git revision; the word lock: the releases in the lock
	-allow path        a change that is deliberate, as text names its path; may be repeated
	-format form       text (default), json, sarif or github
`

func main() {
	// Half the time of a big schema would go into collecting garbage that the end
	// of the process frees for nothing.
	debug.SetGCPercent(400)
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
	case "lock":
		return lock(args, stdout, stderr)
	case "breaking":
		return breaking(args, stdout, stderr)
	case "explain":
		return explain(args, stdout, stderr)
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
