// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/internal/dev"
)

// rescanEvery is how often new files are looked for, of which nobody has told.
const rescanEvery = time.Second

// A devFlags is what the command line of dev says.
type devFlags struct {
	generate generateFlags
	pkg      string
	page     string
}

func (a *app) devCommand() *cobra.Command {
	f := &devFlags{}
	cmd := &cobra.Command{
		Use: "dev [flags] [-- arguments of the server]", Short: "Generates, restarts the Go server and serves the page, whenever something changes",
		Example: "  sockgen dev\n  sockgen dev -package ./cmd/server -page \"pnpm dev\" -- -addr :4000",
		RunE: a.runs(func(args []string) (int, error) {
			if len(args) > 0 && !slices.Contains(a.args, "--") {
				return 0, fmt.Errorf("unexpected argument %q; arguments of the server stand behind --", args[0])
			}
			return a.dev(f, args), nil
		}),
	}
	f.generate.settings.bind(cmd)
	f.generate.settings.bindMeaning(cmd)
	f.generate.settings.bindLock(cmd)
	f.generate.settings.bindOutput(cmd)
	cmd.Flags().StringVar(&f.pkg, "package", "", "the Go `package` of the server (default that of the schema's folder, if it is a program)")
	cmd.Flags().StringVar(&f.page, "page", "", "the `command` that serves the page, or none (default npm run dev, if package.json has it)")
	cmd.Flags().BoolVar(&f.generate.poll, "poll", false, "look for changes, where the file system does not tell of them")
	f.generate.format = "text"
	return cmd
}

// A developer follows a project.
type developer struct {
	*app
	flags  *devFlags
	args   []string // of the server
	dir    string   // of the project: the schema's, or sockgen.yaml's
	binary string   // of the server, which is built anew each time

	mu       sync.Mutex // guards what is printed
	renderer *renderer
	sources  map[string]time.Time // of the server: when each was changed
	server   *dev.Program         // nil while none runs
	page     *dev.Program
}

// dev generates, builds and runs, again after each change, until it is interrupted.
func (a *app) dev(f *devFlags, args []string) int {
	ctx, stop := signal.NotifyContext(a.ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	w := a.complete(&f.generate.settings)
	if w == nil {
		return statusFail
	}
	beside := w.documents[0].schema
	if w.config != "" {
		beside = w.config
	}
	folder, err := os.MkdirTemp("", "sockgen-dev-")
	if err != nil {
		return a.fail(err)
	}
	defer os.RemoveAll(folder)
	d := &developer{app: a, flags: f, args: args, dir: filepath.Dir(beside), binary: filepath.Join(folder, "server"), renderer: &renderer{}}
	if d.flags.pkg == "" && isProgram(d.dir) {
		d.flags.pkg = "."
	}
	defer d.end()
	d.follow(ctx)
	return statusFine
}

// end ends everything that was started.
func (d *developer) end() {
	for _, p := range []*dev.Program{d.page, d.server} {
		if p != nil {
			p.Stop()
		}
	}
	d.say("ended")
}

// follow takes every change until ctx ends.
func (d *developer) follow(ctx context.Context) {
	n := newNotifier(d.flags.generate.poll)
	defer n.close()
	d.take(true)
	d.servePage()
	d.say("live: %s; end with Ctrl-C", d.live())
	for ctx.Err() == nil {
		known := maps.Clone(d.renderer.files)
		for name := range d.sources {
			known[name] = state{}
		}
		n.watch(slices.Collect(maps.Keys(known)))
		timed, cancel := context.WithTimeout(ctx, rescanEvery)
		n.wait(timed, d.renderer.files)
		cancel()
		if ctx.Err() == nil {
			d.take(false)
		}
	}
}

// live says what runs.
func (d *developer) live() string {
	parts := []string{fmt.Sprintf("%s generated", number(len(d.renderer.last), "schema"))}
	if d.server != nil {
		parts = append(parts, "server running")
	}
	if d.page != nil {
		parts = append(parts, "page served by "+d.pageCommand())
	}
	return strings.Join(parts, ", ")
}

// take looks for changes, and makes anew what follows from them. One line tells of it.
func (d *developer) take(first bool) {
	var line []string
	if first || d.renderer.files.changed(true) {
		done, ok := d.generateAgain()
		if !ok {
			return
		}
		line = append(line, done)
	}
	if d.flags.pkg == "" {
		d.tell(line)
		return
	}
	sources := d.scan()
	changed := differences(d.sources, sources)
	d.sources = sources
	if len(changed) > 0 || first {
		if len(line) == 0 && !first {
			line = append(line, summary(changed)+" changed")
		}
		done, ok := d.restart()
		line = append(line, done...)
		if !ok {
			return
		}
	}
	d.tell(line)
}

func (d *developer) tell(line []string) {
	if len(line) > 0 {
		d.say("%s", strings.Join(line, ", "))
	}
}

// generateAgain generates, and says what came of it. Mistakes are printed.
func (d *developer) generateAgain() (done string, ok bool) {
	begun := time.Now()
	d.renderer.files = files{}
	var out, mistakes bytes.Buffer
	part := &app{ctx: d.ctx, stdout: &out, stderr: &mistakes}
	status := part.generate(&d.flags.generate, d.renderer)
	took := since(begun)
	d.mu.Lock()
	_, _ = d.stderr.Write(mistakes.Bytes()) // as all that is printed
	d.mu.Unlock()
	if status != statusFine {
		d.say("not generated, everything goes on as it was")
		return "", false
	}
	wrote := 0
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "wrote ") || strings.HasPrefix(line, "removed ") {
			wrote++
		}
	}
	if wrote == 0 {
		return fmt.Sprintf("generated in %s, nothing changed", took), true
	}
	return fmt.Sprintf("generated %s in %s", number(wrote, "file"), took), true
}

// restart builds the server and runs it in place of the one before, which goes on where
// it does not build.
func (d *developer) restart() (done []string, ok bool) {
	begun := time.Now()
	next := d.binary + "-next"
	if err := dev.Build(d.dir, d.flags.pkg, next); err != nil {
		d.say("does not build, the server goes on as it was\n%s", strings.TrimRight(err.Error(), "\n"))
		return nil, false
	}
	done = append(done, "built in "+since(begun))
	word := "server started"
	if d.server != nil {
		d.server.Stop()
		word = "server restarted"
	}
	d.server = nil
	if err := os.Rename(next, d.binary); err != nil {
		d.say("the server cannot be started: %v", err)
		return nil, false
	}
	p, err := dev.Start(d.dir, append([]string{d.binary}, d.args...), d.prefixed("server"), func(err error) {
		d.say("the server ended (%v); it starts again after the next change", outcomeOf(err))
	})
	if err != nil {
		d.say("the server cannot be started: %v", err)
		return nil, false
	}
	d.server = p
	return append(done, word), true
}

func outcomeOf(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// pageCommand returns what serves the page, "" for nothing.
func (d *developer) pageCommand() string {
	switch d.flags.page {
	case "none":
		return ""
	case "":
		data, err := readFile(filepath.Join(d.dir, "package.json"))
		var manifest struct{ Scripts map[string]string }
		if err != nil || json.Unmarshal(data, &manifest) != nil || manifest.Scripts["dev"] == "" {
			return ""
		}
		return "npm run dev"
	}
	return d.flags.page
}

// servePage starts the server of the page, which follows changes by itself.
func (d *developer) servePage() {
	command := d.pageCommand()
	if command == "" {
		return
	}
	if _, err := os.Stat(filepath.Join(d.dir, "node_modules")); errors.Is(err, fs.ErrNotExist) && d.flags.page == "" {
		d.say("the page waits for npm install: run it, then sockgen dev again")
		return
	}
	p, err := dev.Start(d.dir, strings.Fields(command), d.prefixed("page"), func(err error) {
		d.say("the page's server ended (%v)", outcomeOf(err))
	})
	if err != nil {
		d.say("the page cannot be served: %v", err)
		return
	}
	d.page = p
}

// scan returns the Go files of the project's folder, and when they were changed.
func (d *developer) scan() map[string]time.Time {
	found := map[string]time.Time{}
	_ = filepath.WalkDir(d.dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // it may have gone; what is left counts
		}
		base := entry.Name()
		if entry.IsDir() {
			if name != d.dir && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(base) != ".go" && base != "go.mod" || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			found[name] = info.ModTime()
		}
		return nil
	})
	return found
}

// differences returns the files that are in one of two scans alone, or changed.
func differences(before, now map[string]time.Time) (names []string) {
	for name, at := range now {
		if was, ok := before[name]; !ok || !was.Equal(at) {
			names = append(names, name)
		}
	}
	for name := range before {
		if _, ok := now[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// summary names the first of some files.
func summary(names []string) string {
	if len(names) > 1 {
		return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
	}
	return strings.Join(names, "")
}

// isProgram tells whether a folder has a Go program.
func isProgram(dir string) bool {
	names, _ := filepath.Glob(filepath.Join(dir, "*.go")) // the pattern is sound
	for _, name := range names {
		data, err := readFile(name)
		if err == nil && !strings.HasSuffix(name, "_test.go") && slices.Contains(strings.Split(string(fold(data)), "\n"), "package main") {
			return true
		}
	}
	return false
}

// say prints a line with the time.
func (d *developer) say(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(d.stdout, "%s %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}

// prefixed returns what prints the lines of a program.
func (d *developer) prefixed(name string) func(string) {
	return func(line string) {
		d.mu.Lock()
		defer d.mu.Unlock()
		fmt.Fprintf(d.stdout, "%-6s | %s\n", name, line)
	}
}

// since says how long something took.
func since(begun time.Time) string {
	if took := time.Since(begun); took >= time.Second {
		return took.Round(100 * time.Millisecond).String()
	}
	return time.Since(begun).Round(time.Millisecond).String()
}
