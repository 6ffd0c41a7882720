// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/gen/diag"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use: "explain [code]", Short: "Explains a diagnostic, with an example; without a code, lists them all",
		Example: "  sockgen explain unknown-type",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("it takes one code, and was given %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return codeNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: a.runs(func(args []string) (int, error) { return a.explain(args), nil }),
	}
}

func codeNames() []string {
	var names []string
	for _, code := range diag.Codes() {
		names = append(names, string(code))
	}
	return names
}

// explain prints what there is to say about a code, or all codes.
func (a *app) explain(args []string) int {
	if len(args) == 0 {
		for _, name := range codeNames() {
			fmt.Fprintln(a.stdout, name)
		}
		return statusFine
	}
	// People copy what a diagnostic shows: error[unknown-type].
	name := args[0]
	if _, inside, ok := strings.Cut(name, "["); ok {
		name = strings.TrimSuffix(inside, "]")
	}
	e, ok := diag.Explain(diag.Code(name))
	if !ok {
		meant := "sockgen explain lists them"
		if near := diag.Suggest(name, codeNames()); near != "" {
			meant = "did you mean " + near + "?"
		}
		fmt.Fprintf(a.stderr, "sockgen: no diagnostic has the code %s (%s)\n", diag.Quote(name), meant)
		return statusFail
	}
	fmt.Fprintf(a.stdout, "%s\n\n%s\n\nwrong:\n\n%s\nright:\n\n%s", e.Code, strings.TrimSpace(e.Text), indent(e.Wrong), indent(e.Right))
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
