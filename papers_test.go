// SPDX-License-Identifier: Apache-2.0

package sockgen_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// A release's notes are what CHANGELOG.md says under its heading.
func TestReleaseNotes(t *testing.T) {
	data, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`^(Unreleased|What a version number promises|\d+\.\d+\.\d+(-[0-9a-z.]+)? – \d{4}-\d\d-\d\d)$`)
	for n, text := range strings.Split(string(data), "\n") {
		if name, ok := strings.CutPrefix(text, "## "); ok && !version.MatchString(name) {
			t.Errorf("CHANGELOG.md:%d: the heading of a release reads ## 1.2.3 – 2026-11-30, not %s", n+1, text)
		}
	}
	notes, err := exec.Command(".ci/release-notes", "Unreleased").Output()
	if err != nil || !bytes.HasPrefix(notes, []byte("### ")) || bytes.Contains(notes, []byte("\n## ")) {
		t.Errorf("the notes of what is unreleased are\n%s (%v)", notes, err)
	}
	if out, err := exec.Command(".ci/release-notes", "v0.0.0").CombinedOutput(); err == nil || !strings.Contains(string(out), "says nothing of 0.0.0") {
		t.Errorf("a version that CHANGELOG.md does not have gives %q (%v)", out, err)
	}
}

// Every source file says its licence. What sockgen writes, and what init begins a
// user's project with, does not: that is the user's own.
func TestSourcesSayTheirLicence(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "*.go", "*.ts", "*.tsx", "*.mjs", "*.css").Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := regexp.MustCompile(`^generated/|/generated/|/testdata/|^gen/typescript/helpers/|^internal/scaffold/(app|web)/`)
	checked := 0
	for name := range strings.FieldsSeq(string(out)) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if theirs.MatchString(name) || bytes.HasPrefix(data, []byte("// Code generated")) {
			continue
		}
		checked++
		first, _, _ := bytes.Cut(data, []byte("\n\n"))
		if !bytes.Contains(first, []byte("SPDX-License-Identifier: Apache-2.0")) {
			t.Errorf("%s: begin it with // SPDX-License-Identifier: Apache-2.0 and an empty line", name)
		}
	}
	if checked < 500 {
		t.Errorf("%d files were checked: the test does not see them any more", checked)
	}
}
