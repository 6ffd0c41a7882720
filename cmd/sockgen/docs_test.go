// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/sockgen/sockgen/internal/counts"
)

var update = flag.Bool("update", false, "rewrite what the commands of docs/cli.md print")

// The examples of docs/cli.md run one after the other in one folder: a block
// "yaml NAME" is a file, a block "console" has commands and what they print. The
// status, when it is not 0, is the comment behind the output. A server, whose command
// ends in "&", serves at another address than the page says, until the next one or the
// end.
func TestDocs(t *testing.T) {
	page, err := filepath.Abs(filepath.FromSlash("../../docs/cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	commands := 0
	servers := &background{t: t}
	defer servers.end()
	blocks := strings.Split(string(text), "```")
	for i, block := range blocks {
		info, body, _ := strings.Cut(block, "\n")
		if i%2 == 0 {
			continue
		}
		kind, name, _ := strings.Cut(info, " ")
		switch kind {
		case "yaml":
			if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
				t.Fatal(err)
			}
		case "console":
			got := session(t, body, &commands, servers)
			if diff := cmp.Diff(body, got); diff != "" && !*update {
				t.Errorf("the page says otherwise (-page +sockgen); -update rewrites it\n%s", diff)
			}
			blocks[i] = info + "\n" + got
		default:
			t.Errorf("a block of kind %q is not tested", info)
		}
	}
	if *update {
		if err := os.WriteFile(page, []byte(strings.Join(blocks, "```")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if commands < 10 {
		t.Errorf("the page has %d commands", commands)
	}
	counts.Print(t, "docs/cli.md: %s commands print what the page says", counts.Number(commands))
}

// Each command and each flag has its place on the page, and each command an example
// that runs.
func TestDocsAreComplete(t *testing.T) {
	data, err := os.ReadFile(filepath.FromSlash("../../docs/cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, cmd := range (&app{}).root().Commands() {
		if want := "| `sockgen " + cmd.Name(); !strings.Contains(text, want) {
			t.Errorf("docs/cli.md has no row %q", want)
		}
		if want := "\n$ sockgen " + cmd.Name(); !strings.Contains(text, want) {
			t.Errorf("docs/cli.md does not run sockgen %s", cmd.Name())
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if want := "| `-" + f.Name; f.Name != "help" && !strings.Contains(text, want) {
				t.Errorf("docs/cli.md has no row %q", want)
			}
		})
	}
}

// session returns body with what its commands print in place of what it says.
func session(t *testing.T, body string, commands *int, servers *background) string {
	t.Helper()
	var out strings.Builder
	for _, line := range strings.Split(body, "\n") {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue
		}
		*commands++
		command, lines, cut := strings.Cut(command, " | head -")
		args := shellWords(command)
		if args[0] != "sockgen" {
			t.Fatalf("the page runs %q", command)
		}
		if args[len(args)-1] == "&" {
			servers.begin(args[1 : len(args)-1])
			fmt.Fprintln(&out, line)
			continue
		}
		for i := range args {
			args[i] = strings.Replace(args[i], pageAddress, servers.address, 1)
		}
		var printed bytes.Buffer
		status := run(args[1:], &printed, &printed)
		text := strings.ReplaceAll(printed.String(), servers.address, pageAddress)
		if servers.address == "" {
			text = printed.String()
		}
		fmt.Fprintf(&out, "%s\n%s", line, head(t, text, lines, cut))
		if status != 0 {
			fmt.Fprintf(&out, "# exit status %d\n", status)
		}
	}
	return out.String()
}

// pageAddress is where servers of the page seem to be.
const pageAddress = "http://localhost:3000"

// A background is a server of the page.
type background struct {
	t       *testing.T
	address string // where it really is
	cancel  context.CancelFunc
	done    chan int
}

// begin runs a server in place of the one before.
func (b *background) begin(args []string) {
	b.t.Helper()
	b.end()
	ctx, cancel := context.WithCancel(context.Background())
	out := &transcript{lines: make(chan string, 10_000)}
	b.cancel, b.done = cancel, make(chan int, 1)
	go func() { b.done <- runContext(ctx, append(args, "-listen", "127.0.0.1:0"), out, out) }()
	line := out.expect(b.t, "serving http://")
	b.address, _, _ = strings.Cut(strings.TrimPrefix(line, "serving "), ";")
}

func (b *background) end() {
	if b.cancel == nil {
		return
	}
	b.cancel()
	if status := <-b.done; status != statusFine {
		b.t.Errorf("a server of the page ended with status %d", status)
	}
}

// shellWords splits a command line; single quotes keep words together.
func shellWords(line string) (words []string) {
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}

// head returns the first lines of text, as many as lines says, if it is to be cut.
func head(t *testing.T, text, lines string, cut bool) string {
	t.Helper()
	if !cut {
		return text
	}
	n, err := strconv.Atoi(lines)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.SplitAfter(text, "\n")
	return strings.Join(all[:min(n, len(all))], "")
}
