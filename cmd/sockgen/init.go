// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"

	"github.com/sockgen/sockgen/internal/scaffold"
)

const ownModule = "github.com/sockgen/sockgen"

// An initFlags is what the command line of init says.
type initFlags struct {
	web     string
	into    bool
	dir     string
	replace string
	get     bool
}

func (a *app) initCommand() *cobra.Command {
	f := &initFlags{}
	cmd := &cobra.Command{
		Use: "init NAME [flags]", Short: "Begins a project: a chat that works, with a page, tests and a Makefile",
		Example: "  sockgen init example.com/hello\n  sockgen init hello -web vue\n  sockgen init chat -into -web none",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("it takes one argument: the name of the module, such as hello or example.com/hello")
			}
			return nil
		},
		RunE: a.runs(func(args []string) (int, error) { return a.init(f, args[0]), nil }),
	}
	cmd.Flags().StringVar(&f.web, "web", "react", "the page: react, vue, svelte, vanilla or none")
	cmd.Flags().BoolVar(&f.into, "into", false, "make it a package of the module that the folder is in")
	cmd.Flags().StringVar(&f.dir, "dir", "", "the `folder` to write (default the last word of NAME)")
	cmd.Flags().StringVar(&f.replace, "replace", "", "use the checkout of sockgen in a `folder`, by a replace in go.mod")
	cmd.Flags().BoolVar(&f.get, "get", true, "run go get and go mod tidy")
	completes(cmd, "web", scaffold.Webs...)
	for _, name := range []string{"dir", "replace"} {
		if err := cmd.MarkFlagDirname(name); err != nil {
			panic(err) // the flag is not there
		}
	}
	return cmd
}

// init writes a project, and has Go get what it needs.
func (a *app) init(f *initFlags, name string) int {
	dir := filepath.Clean(cmp.Or(f.dir, scaffold.NameOf(name)))
	p, err := f.project(name, dir)
	if err != nil {
		return a.fail(err)
	}
	files, err := p.Files()
	if err != nil {
		return a.fail(err)
	}
	if !f.into {
		files = append(files, p.GoMod())
	}
	if err := scaffold.Write(dir, files, func(name string) { fmt.Fprintf(a.stdout, "wrote %s\n", name) }); err != nil {
		return a.fail(err)
	}
	if status := a.generateIn(dir); status != statusFine {
		return status
	}
	if err := a.get(f, dir); err != nil {
		return a.fail(err)
	}
	a.next(f, dir)
	return statusFine
}

// project returns what shall be in dir, or why that cannot be.
func (f *initFlags) project(name, dir string) (p scaffold.Project, err error) {
	p = scaffold.Project{Path: name, Name: scaffold.NameOf(name), Web: f.web}
	if err := scaffold.CheckPath(name); err != nil {
		return p, err
	}
	if f.replace != "" {
		if data, err := readFile(filepath.Join(f.replace, "go.mod")); err != nil || modulePath(data) != ownModule {
			return p, fmt.Errorf("-replace: %s is no checkout of sockgen", f.replace)
		}
	}
	if !f.into {
		return p, scaffold.CheckEmpty(dir)
	}
	if p.Path, err = importPath(dir); err != nil {
		return p, err
	}
	if p.Path == "" {
		return p, fmt.Errorf("-into: there is no go.mod in %s or above it; leave -into out to begin a module", dir)
	}
	return p, importable(dir, p.Path)
}

// generateIn generates what the schema of a new project gives, and the JSON Schema by
// which editors complete it.
func (a *app) generateIn(dir string) int {
	schema := "-schema=" + filepath.Join(dir, defaultSchema)
	for _, args := range [][]string{{"generate", schema}, {"schema", schema}} {
		part := &app{stdout: a.stdout, stderr: a.stderr}
		if status := part.execute(a.ctx, args); status != statusFine {
			return status
		}
	}
	return statusFine
}

// get has Go require what the project imports, and the command as a tool.
func (a *app) get(f *initFlags, dir string) error {
	commands, err := f.commands(dir)
	if err != nil {
		return err
	}
	for _, args := range commands {
		line := "go " + strings.Join(args, " ")
		cmd := exec.CommandContext(a.ctx, "go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%sThe files are written; run this in %s once it works, and at last: go mod tidy", line, err, indented(out), dir)
		}
		fmt.Fprintf(a.stdout, "ran %s\n", line)
	}
	return nil
}

// commands returns what go has to do in dir. A module that requires sockgen already
// keeps its version.
func (f *initFlags) commands(dir string) ([][]string, error) {
	root, err := moduleRoot(dir)
	if err != nil {
		return nil, err
	}
	mod, err := readFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, fmt.Errorf("read go.mod: %w", err)
	}
	edit, version := []string{"mod", "edit"}, released()
	if f.replace != "" {
		checkout, err := filepath.Abs(f.replace)
		if err != nil {
			return nil, err
		}
		edit, version = append(edit, "-replace="+ownModule+"="+checkout), "v0.0.0"
	}
	if f.into && f.web != "none" {
		inside, err := relative(root, filepath.Join(dir, "node_modules"))
		if err != nil {
			return nil, err
		}
		edit = append(edit, "-ignore="+inside)
	}
	known := version != "" || bytes.Contains(mod, []byte(ownModule+" v"))
	if version != "" && !bytes.Contains(mod, []byte(ownModule+" v")) {
		edit = append(edit, "-require="+ownModule+"@"+version)
	}
	if known {
		edit = append(edit, "-tool="+ownModule+"/cmd/sockgen")
	}
	var commands [][]string
	if len(edit) > 2 {
		commands = append(commands, edit)
	}
	if !f.get {
		return commands, nil
	}
	if !known {
		commands = append(commands, []string{"get", "-tool", ownModule + "/cmd/sockgen@latest"})
	}
	return append(commands, []string{"mod", "tidy"}), nil
}

// indented returns what a command printed, set off from what sockgen says.
func indented(out []byte) string {
	var text strings.Builder
	for line := range bytes.Lines(out) {
		fmt.Fprintf(&text, "    %s\n", bytes.TrimRight(line, "\r\n"))
	}
	return text.String()
}

// released returns the version of sockgen that the new project asks for: this one,
// where it is a release, else "".
func released() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != ownModule || module.Check(ownModule, info.Main.Version) != nil || strings.Contains(info.Main.Version, "+") {
		return ""
	}
	return info.Main.Version
}

// next says what to type next.
func (a *app) next(f *initFlags, dir string) {
	fmt.Fprint(a.stdout, "\nnext:\n")
	if dir != "." {
		fmt.Fprintf(a.stdout, "    cd %s\n", dir)
	}
	if !f.get {
		fmt.Fprintf(a.stdout, "    go get -tool %s/cmd/sockgen && go mod tidy\n", ownModule)
	}
	fmt.Fprint(a.stdout, "    go run .                     # the server: http://localhost:3000\n")
	if f.web != "none" {
		fmt.Fprint(a.stdout, "    npm install && npm run dev   # in another terminal; the page: http://localhost:5173\n")
	}
	fmt.Fprint(a.stdout, "or all of it, made anew when something changes: go tool sockgen dev\n")
}
