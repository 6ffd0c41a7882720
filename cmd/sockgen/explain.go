package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
)

// explain prints what there is to say about a code, or all codes.
func explain(args []string, stdout, stderr io.Writer) int {
	switch {
	case len(args) == 0:
		for _, code := range diag.Codes() {
			fmt.Fprintln(stdout, code)
		}
		return statusFine
	case len(args) > 1:
		fmt.Fprintf(stderr, "sockgen: explain takes one code, and was given %d\n\n%s", len(args), usage)
		return statusFail
	case slices.Contains([]string{"-h", "-help", "--help"}, args[0]):
		fmt.Fprint(stdout, usage)
		return statusFine
	}
	// People copy what a diagnostic shows: error[unknown-type].
	name := args[0]
	if _, inside, ok := strings.Cut(name, "["); ok {
		name = strings.TrimSuffix(inside, "]")
	}
	e, ok := diag.Explain(diag.Code(name))
	if !ok {
		var names []string
		for _, code := range diag.Codes() {
			names = append(names, string(code))
		}
		meant := "sockgen explain lists them"
		if near := diag.Suggest(name, names); near != "" {
			meant = "did you mean " + near + "?"
		}
		fmt.Fprintf(stderr, "sockgen: no diagnostic has the code %s (%s)\n", diag.Quote(name), meant)
		return statusFail
	}
	fmt.Fprintf(stdout, "%s\n\n%s\n\nwrong:\n\n%s\nright:\n\n%s", e.Code, strings.TrimSpace(e.Text), indent(e.Wrong), indent(e.Right))
	return statusFine
}

// indent returns the lines of an example with space before them.
func indent(example string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(example, "\n") + "\n") {
		if strings.TrimSpace(line) != "" {
			b.WriteString("    ")
		}
		b.WriteString(line)
	}
	return b.String()
}
