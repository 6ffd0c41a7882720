// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sockgen/sockgen/gen/diag"
)

// An app carries out one command line. Results go to stdout; what it has to say
// about its work goes to stderr.
type app struct {
	stdin          *os.File // nil means os.Stdin
	stdout, stderr io.Writer
	ctx            context.Context // of commands that go on, such as -watch
	args           []string        // what stands behind the command's name
	status         int             // what the command returned
}

const about = `sockgen writes typed Go handlers and a TypeScript client from a schema of Socket.IO events.

Exit status: 0 all is well, 1 the answer is no, 2 sockgen could not do its work, 3 sockgen itself failed.`

// execute runs the command that args name.
func (a *app) execute(ctx context.Context, args []string) int {
	a.ctx = ctx
	root := a.root()
	args = longFlags(root, args)
	root.SetArgs(args)
	if len(args) == 0 {
		fmt.Fprint(a.stderr, about+"\n\n", root.UsageString())
		return statusFail
	}
	a.args = args[1:]
	cmd, err := root.ExecuteC()
	if err != nil {
		where := strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), root.Name()), " ")
		if where != "" {
			where += ": "
		}
		fmt.Fprintf(a.stderr, "sockgen: %s%v\n\n%s", where, err, cmd.UsageString())
		return statusFail
	}
	return a.status
}

// root returns the tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "sockgen", Short: "Writes typed Go handlers and a TypeScript client from a schema of Socket.IO events", Long: about,
		SilenceErrors: true, SilenceUsage: true,
	}
	for _, command := range []*cobra.Command{
		a.initCommand(), a.devCommand(), a.generateCommand(), a.lintCommand(), a.fixCommand(), a.fmtCommand(), a.lockCommand(), a.breakingCommand(), a.schemaCommand(), a.explainCommand(),
		a.callCommand(), a.mockCommand(), a.versionCommand(),
	} {
		root.AddCommand(command)
	}
	root.SetOut(a.stdout) // the commands for completion note at once where to print
	root.SetErr(a.stderr)
	root.SetHelpCommand(a.helpCommand(root))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	return root
}

// A command returns its status; an error is one of the command line.
type command func(args []string) (status int, err error)

// runs notes what the command returns.
func (a *app) runs(f command) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := noEmptyFlag(cmd.Flags()); err != nil {
			return err
		}
		status, err := f(args)
		a.status = status
		return err
	}
}

// mayBeEmpty are the flags whose empty value means something.
var mayBeEmpty = []string{"extension"}

func noEmptyFlag(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		if f.Value.String() == "" && !slices.Contains(mayBeEmpty, f.Name) && err == nil {
			err = fmt.Errorf("-%s cannot be empty", f.Name)
		}
	})
	return err
}

// noArgs refuses arguments that are no flags.
func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unexpected argument %q; the schema is given by -schema", args[0])
	}
	return nil
}

// longFlags returns args with flags as pflag reads them: -check and --check are the
// same here. A flag's value stays as it is.
func longFlags(root *cobra.Command, args []string) []string {
	takesValue := map[string]bool{}
	for _, cmd := range append(root.Commands(), root) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { takesValue[f.Name] = f.NoOptDefVal == "" })
	}
	long := slices.Clone(args)
	for i := 0; i < len(long); i++ {
		if long[i] == "--" {
			break // what follows are no flags
		}
		name := strings.TrimLeft(long[i], "-")
		dashes := len(long[i]) - len(name)
		if dashes == 0 || len(name) < 2 || dashes > 2 {
			continue
		}
		long[i] = "--" + name
		if takesValue[name] {
			i++
		}
	}
	return long
}

// helpCommand is cobra's, but for a command that there is not, which it refuses.
func (a *app) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: "Prints the usage of a command",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, cmd := range root.Commands() {
				names = append(names, cmd.Name()+"\t"+cmd.Short)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("there is no command %q", strings.Join(args, " "))
			}
			cmd.InitDefaultHelpFlag() // shown as -h behind the command shows it
			return cmd.Help()
		},
	}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Prints the release of sockgen, what it speaks, and what it was built from",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("it takes no arguments, and was given %q", args[0])
			}
			return nil
		},
		RunE: a.runs(func([]string) (int, error) {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				info = new(debug.BuildInfo)
			}
			fmt.Fprint(a.stdout, version(info))
			return statusFine, nil
		}),
	}
}

// formatFlag adds -format to a command.
func formatFlag(cmd *cobra.Command, format *string, usage string) {
	cmd.Flags().StringVar(format, "format", string(diag.Text), usage)
	var names []string
	for _, f := range diag.Formats() {
		names = append(names, string(f))
	}
	completes(cmd, "format", names...)
}

func checkFormat(format string) error {
	if !slices.Contains(diag.Formats(), diag.Format(format)) {
		return fmt.Errorf("-format is text, json, sarif or github, and not %q", format)
	}
	return nil
}

// completes says which values of a flag shells offer.
func completes(cmd *cobra.Command, flag string, values ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag is not there, or has its values already
	}
}

// completesFiles says of which kind the files are that shells offer for a flag.
func completesFiles(cmd *cobra.Command, flag string, extensions ...string) {
	if err := cmd.MarkFlagFilename(flag, extensions...); err != nil {
		panic(err)
	}
}

// fail prints why sockgen could not do its work.
func (a *app) fail(err error) int {
	fmt.Fprintf(a.stderr, "sockgen: %v\n", err)
	var own *ownFault
	if errors.As(err, &own) {
		return statusBroken
	}
	return statusFail
}

// An ownFault is an error that sockgen alone can be blamed for.
type ownFault struct {
	err    error
	schema string
}

func (f *ownFault) Error() string {
	return fmt.Sprintf("%v; this is a fault of sockgen, not of %s", f.err, f.schema)
}

func (f *ownFault) Unwrap() error { return f.err }

// say prints diagnostics for people.
func (a *app) say(list []diag.Diagnostic) {
	fmt.Fprint(a.stderr, diag.RenderIn(a.colors(), list))
}

// report writes diagnostics in a format: to stdout where it is one for machines.
// It returns where all else goes then, which is not the report's alone.
func (a *app) report(format diag.Format, list []diag.Diagnostic) error {
	if format == diag.Text {
		a.say(list)
		return nil
	}
	if err := diag.Write(a.stdout, format, located(format, list)); err != nil {
		return fmt.Errorf("print the diagnostics: %w", err)
	}
	return nil
}

// talk returns where a command prints what it did: to stderr when stdout holds a
// report for machines, which can go to a file as it is.
func (a *app) talk(format diag.Format) io.Writer {
	if format == diag.Text {
		return a.stdout
	}
	return a.stderr
}
