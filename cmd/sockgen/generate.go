package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// maxRead is how many bytes of a schema are read. The schema's own limit is
// lower; this one keeps a wrong -schema such as a device from filling memory.
const maxRead = 8 << 20

// An options is what the command line of generate says.
type options struct {
	schema string
	out    string
	check  bool
}

// parseOptions reads the flags. It has printed what is wrong when ok is false,
// and the status to exit with.
func parseOptions(args []string, stdout, stderr io.Writer) (o options, status int, ok bool) {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.schema, "schema", "events.yaml", "")
	flags.StringVar(&o.out, "out", "generated", "")
	flags.BoolVar(&o.check, "check", false, "")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return o, statusFine, false
	case err == nil && flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q; the schema is given by -schema", flags.Arg(0))
	case err == nil && (o.schema == "" || o.out == ""):
		err = errors.New("-schema and -out cannot be empty")
	}
	if err != nil {
		fmt.Fprintf(stderr, "sockgen: generate: %v\n\n%s", err, usage)
		return o, statusFail, false
	}
	return o, statusFine, true
}

// generate reads the schema, renders it in memory, and writes or checks.
func generate(args []string, stdout, stderr io.Writer) int {
	o, status, ok := parseOptions(args, stdout, stderr)
	if !ok {
		return status
	}
	src, err := readFile(o.schema)
	if err != nil {
		fmt.Fprintf(stderr, "sockgen: read the schema: %v\n", err)
		return statusFail
	}
	result, err := gen.Generate(gen.Input{File: o.schema, Source: src, Read: readFile})
	fmt.Fprint(stderr, diag.Render(result.Diagnostics))
	if err != nil {
		fmt.Fprintf(stderr, "sockgen: %v; this is a fault of sockgen, not of %s\n", err, o.schema)
		return statusFail
	}
	if diag.HasErrors(result.Diagnostics) {
		fmt.Fprintf(stderr, "sockgen: %s, nothing was written\n", countErrors(result.Diagnostics))
		return statusRefuse
	}
	p, err := makePlan(o.out, result.Files)
	if err != nil {
		fmt.Fprintf(stderr, "sockgen: %v\n", err)
		return statusFail
	}
	defer p.close()
	if o.check {
		return report(p, o, stdout, stderr)
	}
	if err := p.carryOut(stdout); err != nil {
		fmt.Fprintf(stderr, "sockgen: %v\n", err)
		return statusFail
	}
	return statusFine
}

// report lists what generate would change.
func report(p *plan, o options, stdout, stderr io.Writer) int {
	if len(p.changes) == 0 {
		return statusFine
	}
	for _, c := range p.changes {
		fmt.Fprintf(stdout, "%s: %s\n", p.path(c.name), c.why)
	}
	fmt.Fprintf(stderr, "sockgen: %s does not match %s; run: sockgen generate -schema %s -out %s\n", o.out, o.schema, o.schema, o.out)
	return statusRefuse
}

// readFile reads the schema, or a file that it imports.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxRead))
}

func countErrors(diags []diag.Diagnostic) string {
	n := 0
	for _, d := range diags {
		if d.Severity == diag.Error {
			n++
		}
	}
	if n == 1 {
		return "1 error"
	}
	return fmt.Sprintf("%d errors", n)
}
