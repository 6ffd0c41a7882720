// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// Where git is missing, a revision is refused with the reason.
func TestWithoutGit(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("PATH", t.TempDir())
	if err := os.WriteFile("events.yaml", []byte("sockgen: 1\nnamespaces: { /: { server: { tick: string } } }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	status := run([]string{"breaking", "-against", "main"}, &stdout, &stderr)
	const want = `sockgen: "main" is no file, and as a git revision it cannot be looked up: git is not installed`
	if status != statusFail || strings.TrimSpace(stderr.String()) != want {
		t.Errorf("status %d, want %d\n%swant %s", status, statusFail, &stderr, want)
	}
}
