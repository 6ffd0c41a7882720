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
