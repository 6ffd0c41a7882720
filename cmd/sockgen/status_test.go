// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The exit status tells a wrong schema from a tool that could not work.
func TestExitStatus(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"good.yaml":  "sockgen: 1\ninfo: { name: chat }\nnamespaces: { /: { server: { tick: string } } }\n",
		"wrong.yaml": "sockgen: 2\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		args []string
		want int
	}{
		{nil, 2},
		{[]string{"help"}, 0},
		{[]string{"version"}, 0},
		{[]string{"version", "x"}, 2},
		{[]string{"nothing"}, 2},
		{[]string{"generate", "-nothing"}, 2},
		{[]string{"generate", "-watch", "-check"}, 2},
		{[]string{"generate", "-schema", "absent.yaml"}, 2},
		{[]string{"generate", "-schema", "wrong.yaml"}, 1},
		{[]string{"generate", "-schema", "wrong.yaml", "-check"}, 1},
		{[]string{"generate", "-schema", "good.yaml", "-check"}, 1},
		{[]string{"generate", "-schema", "good.yaml", "-out", "good.yaml"}, 2},
		{[]string{"generate", "-schema", "good.yaml"}, 0},
		{[]string{"generate", "-schema", "good.yaml", "-check"}, 0},
	} {
		var stdout, stderr bytes.Buffer
		if got := run(test.args, &stdout, &stderr); got != test.want {
			t.Errorf("sockgen %q: status %d, want %d\n%s%s", test.args, got, test.want, &stdout, &stderr)
		}
	}
	if _, err := os.Stat(filepath.Join("generated", "chat", "chat.go")); err != nil {
		t.Error(err)
	}
}

// What sockgen did not expect of itself has a status of its own, and what to report.
func TestOwnFaults(t *testing.T) {
	var stderr bytes.Buffer
	if got := run([]string{"version"}, panicking{}, &stderr); got != 3 || !strings.Contains(stderr.String(), "broken pipe of mine; this is a fault of sockgen") {
		t.Errorf("status %d\n%s", got, &stderr)
	}
	a := &app{stderr: &stderr}
	if got := a.fail(fmt.Errorf("try: %w", &ownFault{errors.New("x"), "events.yaml"})); got != 3 {
		t.Errorf("status %d", got)
	}
}

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("broken pipe of mine") }

// Colours are for terminals, and for those who do not mind.
func TestColors(t *testing.T) {
	for _, test := range []struct {
		noColor, term string
		want          bool
	}{{"", "xterm", true}, {"1", "xterm", false}, {"", "dumb", false}, {"", "", false}} {
		env := func(name string) string { return map[string]string{"NO_COLOR": test.noColor, "TERM": test.term}[name] }
		if got := wantsColors(env); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
	if isTerminal(&bytes.Buffer{}) {
		t.Error("a buffer is taken for a terminal")
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isTerminal(file) {
		t.Error("a file is taken for a terminal")
	}
}
