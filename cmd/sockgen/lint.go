// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

func (a *app) lintCommand() *cobra.Command {
	s, format := &settings{}, ""
	cmd := &cobra.Command{
		Use: "lint [flags]", Short: "Checks the schema and reports what could be better; writes nothing",
		Example: "  sockgen lint\n  sockgen lint -event-case snake -missing-doc=false -format github",
		Args:    noArgs,
	}
	s.bind(cmd)
	s.bindMeaning(cmd)
	s.bindLints(cmd)
	formatFlag(cmd, &format, "text, json, sarif or github")
	cmd.RunE = a.runs(func([]string) (int, error) {
		if err := checkFormat(format); err != nil {
			return 0, err
		}
		return a.lint(s, diag.Format(format)), nil
	})
	return cmd
}

// bindLints adds the flags that switch lints.
func (s *settings) bindLints(cmd *cobra.Command) {
	s.flags.Var((*eventCase)(&s.lints.EventCase), "event-case", "how events are spelled: same (as most of the schema), camel, snake, kebab, pascal or off (default same)")
	s.flags.BoolVar(&s.lints.MissingDoc, "missing-doc", true, "warn of types and events that have no doc")
	s.flags.BoolVar(&s.lints.ClosedEnum, "closed-enum", true, "warn of closed enums that the server sends")
	var names []string
	for _, c := range gen.EventCases() {
		names = append(names, string(c))
	}
	completes(cmd, "event-case", names...)
}

// lint prints all that there is to say about the schemas.
func (a *app) lint(s *settings, format diag.Format) int {
	w := a.complete(s)
	if w == nil {
		return statusFail
	}
	var diags []diag.Diagnostic
	for _, d := range w.documents {
		in, err := d.input()
		if err != nil {
			return a.fail(err)
		}
		diags = append(diags, gen.Lint(in, d.lints)...)
	}
	diags = diag.Sort(diags)
	if err := a.report(format, diags); err != nil {
		return a.fail(err)
	}
	if len(diags) == 0 {
		return statusFine
	}
	fmt.Fprintf(a.stderr, "sockgen: %s\n", countAll(diags))
	return statusRefuse
}

// countAll returns "2 errors, 1 warning".
func countAll(diags []diag.Diagnostic) string {
	errors, warnings := 0, 0
	for _, d := range diags {
		if d.Severity == diag.Error {
			errors++
		} else {
			warnings++
		}
	}
	switch {
	case warnings == 0:
		return number(errors, "error")
	case errors == 0:
		return number(warnings, "warning")
	}
	return number(errors, "error") + ", " + number(warnings, "warning")
}

// number returns "1 error" or "2 errors".
func number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// An eventCase is the value of -event-case.
type eventCase gen.EventCase

func (c *eventCase) Type() string { return "case" }

func (c *eventCase) String() string { return string(*c) }

func (c *eventCase) Set(text string) error {
	if !slices.Contains(gen.EventCases(), gen.EventCase(text)) {
		return errors.New("it is same, camel, snake, kebab, pascal or off")
	}
	*c = eventCase(text)
	return nil
}
