package sockgen_test

import (
	"bytes"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`^#{1,6} +(.*?)\s*$`)
	code    = regexp.MustCompile("`[^`]*`")
	anchor  = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
)

// Links between the pages lead somewhere, down to the heading.
func TestLinksOfThePagesLeadSomewhere(t *testing.T) {
	checked := 0
	for _, page := range pages(t) {
		for n, text := range prose(t, page) {
			for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
				target, fragment, _ := strings.Cut(m[1], "#")
				if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
					continue
				}
				checked++
				file := page
				if target != "" {
					file = path.Join(path.Dir(page), target)
				}
				if _, err := os.Stat(filepath.FromSlash(file)); err != nil {
					t.Errorf("%s:%d: %s is not there", page, n+1, file)
				} else if fragment != "" && !anchors(t, file)[fragment] {
					t.Errorf("%s:%d: %s has no heading for #%s", page, n+1, file, fragment)
				}
			}
		}
	}
	if checked < 50 {
		t.Errorf("%d links were checked: the test does not see them any more", checked)
	}
}

// A release's notes are what CHANGELOG.md says under its heading.
func TestReleaseNotes(t *testing.T) {
	version := regexp.MustCompile(`^(Unreleased|What a version number promises|\d+\.\d+\.\d+(-[0-9a-z.]+)? – \d{4}-\d\d-\d\d)$`)
	for n, text := range prose(t, "CHANGELOG.md") {
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

// pages returns the paths of all Markdown files under version control.
func pages(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "ls-files", "*.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

// prose returns a page's lines, with those of its code blocks empty.
func prose(t *testing.T, page string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(page))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	fenced := false
	for i, text := range lines {
		fence := strings.HasPrefix(strings.TrimSpace(text), "```")
		if fenced || fence {
			lines[i] = ""
		}
		fenced = fenced != fence
	}
	return lines
}

// anchors returns what a link to the page may have behind "#".
func anchors(t *testing.T, page string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, text := range prose(t, page) {
		for _, m := range anchor.FindAllStringSubmatch(text, -1) {
			found[m[1]] = true
		}
		if m := heading.FindStringSubmatch(text); m != nil {
			found[slug(m[1])] = true
		}
	}
	return found
}

// slug returns the anchor that a heading has where Markdown is shown: in lower case,
// with hyphens for blanks, without punctuation and the marks of code and links.
func slug(heading string) string {
	heading = link.ReplaceAllString(heading, "]")
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}
