// SPDX-License-Identifier: Apache-2.0

package sockgen_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The pages that hold what comments and tests cite by number.
const (
	rulesPage = "docs/protocol.md"
	rowsPage  = "docs/limits.md"
)

var (
	// cited finds rules (R57, R131 to R136), rows (W-03 to W-05) and, where mistakes of
	// other servers are played, those (D3).
	cited = regexp.MustCompile(`\b(R\d{1,3}|[EGHNRSW]-\d\d|D\d{1,2})(?: to (R\d{1,3}|[EGHNRSW]-\d\d))?\b`)
	// held finds the same on a page.
	held = regexp.MustCompile(`(?m)^- <a id="([^"]*)"></a>\*\*(\S+?)(?: to (\S+?))?\.\*\* .`)
	// unknown finds what looks like a number of a list that no page has.
	unknown = regexp.MustCompile(`\b([A-I]\d{1,2}|[CT]-\d\d|DESIGN|FEATURES|LIMITS|PROTOCOL)\b`)
)

// Whoever meets a number in a comment can look it up, and every rule of the pages is one
// that code or a test carries out.
func TestEveryCitedRuleIsOnItsPage(t *testing.T) {
	cites := citations(t)
	if len(cites) < 300 {
		t.Fatalf("found %d cited rules only", len(cites))
	}
	on := map[string]string{} // rule to page
	for _, page := range []string{rulesPage, rowsPage} {
		for _, rule := range heldBy(t, page) {
			if on[rule] != "" {
				t.Errorf("%s holds %s, which %s has already", page, rule, on[rule])
			}
			on[rule] = page
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(cites)) {
		if page := pageOf(rule); on[rule] != page {
			t.Errorf("%s cites %s, which %s does not have", cites[rule], rule, page)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(on)) {
		if cites[rule] == "" {
			t.Errorf("%s holds %s, which no comment and no test cites", on[rule], rule)
		}
	}
}

// pageOf returns the page where a rule belongs.
func pageOf(rule string) string {
	if strings.Contains(rule, "-") {
		return rowsPage
	}
	return rulesPage
}

// citations returns each rule that our sources cite, with one place.
func citations(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	walkSources(t, func(name, text string) {
		for _, m := range cited.FindAllStringSubmatch(text, -1) {
			if m[1][0] == 'D' && !strings.HasPrefix(name, "runtime/conformance/") {
				continue // a word of the application's
			}
			for _, rule := range spread(t, name, m[1], m[2]) {
				found[rule] = name
			}
		}
		if strings.HasPrefix(name, "runtime/conformance/") {
			return // B1 to B3 are named after what they play
		}
		for line := range strings.Lines(text) {
			if _, comment, ok := strings.Cut(line, "//"); ok && unknown.MatchString(comment) {
				t.Errorf("%s cites what no page of docs has: %s", name, strings.TrimSpace(comment))
			}
		}
	})
	return found
}

// heldBy returns the rules of a page, and holds each to an anchor of its own name.
func heldBy(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, m := range held.FindAllStringSubmatch(string(text), -1) {
		if m[1] != strings.ToLower(m[2]) {
			t.Errorf("%s: the anchor of %s is %q", page, m[2], m[1])
		}
		rules = append(rules, spread(t, page, m[2], m[3])...)
	}
	return rules
}

// spread returns the rules from first to last; last may be empty.
func spread(t *testing.T, where, first, last string) []string {
	t.Helper()
	if last == "" {
		return []string{first}
	}
	kind := strings.TrimRight(first, "0123456789")
	from, err1 := strconv.Atoi(strings.TrimPrefix(first, kind))
	to, err2 := strconv.Atoi(strings.TrimPrefix(last, kind))
	if err1 != nil || err2 != nil || from >= to {
		t.Fatalf("%s: %s to %s is no range", where, first, last)
	}
	width := len(first) - len(kind)
	if !strings.HasSuffix(kind, "-") {
		width = 1
	}
	var rules []string
	for i := from; i <= to; i++ {
		rules = append(rules, fmt.Sprintf("%s%0*d", kind, width, i))
	}
	return rules
}

// walkSources calls f with each source of ours that may cite a rule.
func walkSources(t *testing.T, f func(name, text string)) {
	t.Helper()
	kinds := []string{".go", ".ts", ".tsx", ".mjs", ".py"}
	skip := []string{"testdata", "node_modules", "generated", "dist"}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains(skip, entry.Name())):
			return fs.SkipDir
		case entry.IsDir() || !slices.Contains(kinds, path.Ext(name)) || name == "docs_test.go":
			return nil
		}
		text, err := os.ReadFile(name)
		if err == nil {
			f(name, string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	anchor  = regexp.MustCompile(`<a id="([^"]*)"`)
	fenced  = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	noSlug  = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
)

// Every link from one page to another leads somewhere.
func TestLinksOfThePages(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, page := range append(pages, top...) {
		text := fenced.ReplaceAllString(readPage(t, page), "")
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			seen++
			file, place, _ := strings.Cut(m[1], "#")
			target := page
			if file != "" {
				target = path.Join(path.Dir(filepath.ToSlash(page)), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			} else if place != "" && strings.HasSuffix(target, ".md") && !hasPlace(readPage(t, target), place) {
				t.Errorf("%s links to %s, which has no such place", page, m[1])
			}
		}
	}
	if seen < 40 {
		t.Errorf("found %d links only", seen)
	}
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// hasPlace reports whether a page has an anchor or a heading of that name.
func hasPlace(text, place string) bool {
	for _, m := range anchor.FindAllStringSubmatch(text, -1) {
		if m[1] == place {
			return true
		}
	}
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		if slug(m[1]) == place {
			return true
		}
	}
	return false
}

// slug is what GitHub makes of a heading.
func slug(text string) string {
	text = noSlug.ReplaceAllString(strings.ToLower(text), "")
	return strings.ReplaceAll(strings.TrimSpace(text), " ", "-")
}

// What users read, on pkg.go.dev and in their editors, explains itself: it cites no rule
// and tells no order of locks.
func TestPublicCommentsSpeakToUsers(t *testing.T) {
	inside := regexp.MustCompile(`\b(R\d{1,3}|[EGHNRSW]-\d\d)\b|Locks are taken|[Ll]ock order`)
	seen := 0
	walkGo(t, "runtime", func(name string) error {
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/internal/") || strings.HasPrefix(name, "runtime/conformance/") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		eachPublicComment(file, func(what, comment string) {
			if comment == "" {
				return
			}
			seen++
			if found := inside.FindString(comment); found != "" {
				t.Errorf("%s: the comment of %s says %s to users: put it inside", name, what, found)
			}
		})
		return nil
	})
	if seen < 500 {
		t.Errorf("found %d public comments only", seen)
	}
}

// eachPublicComment calls f with the comments of a file that its users see, and what they
// are of.
func eachPublicComment(file *ast.File, f func(what, comment string)) {
	tell := func(what string, groups ...*ast.CommentGroup) {
		for _, g := range groups {
			f(what, g.Text())
		}
	}
	tell("package "+file.Name.Name, file.Doc)
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && (d.Recv == nil || isExportedType(d.Recv.List[0].Type)) {
				tell(d.Name.Name, d.Doc)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				tellSpec(tell, d, spec)
			}
		}
	}
}

// tellSpec tells the comments of a constant, a variable or a type, and of its fields.
func tellSpec(tell func(string, ...*ast.CommentGroup), d *ast.GenDecl, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		if spec.Names[0].IsExported() {
			tell(spec.Names[0].Name, d.Doc, spec.Doc, spec.Comment)
		}
	case *ast.TypeSpec:
		of, ok := spec.Type.(*ast.StructType)
		if !spec.Name.IsExported() {
			return
		}
		tell(spec.Name.Name, d.Doc, spec.Doc, spec.Comment)
		for i := 0; ok && i < len(of.Fields.List); i++ {
			if field := of.Fields.List[i]; len(field.Names) > 0 && field.Names[0].IsExported() {
				tell(spec.Name.Name+"."+field.Names[0].Name, field.Doc, field.Comment)
			}
		}
	}
}

// isExportedType reports whether a receiver is of a type that users see.
func isExportedType(receiver ast.Expr) bool {
	switch of := receiver.(type) {
	case *ast.StarExpr:
		return isExportedType(of.X)
	case *ast.IndexExpr:
		return isExportedType(of.X)
	case *ast.IndexListExpr:
		return isExportedType(of.X)
	case *ast.Ident:
		return of.IsExported()
	default:
		return false
	}
}
