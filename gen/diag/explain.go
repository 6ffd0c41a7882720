// SPDX-License-Identifier: Apache-2.0

package diag

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// An Explanation tells more about a code than a diagnostic can: what the rule is
// and why, with a schema that breaks it and the same one mended.
type Explanation struct {
	Code Code
	Text string // some sentences in lines of at most 120 bytes

	// Wrong gives rise to the code and nothing else, Right to no diagnostic. Each is
	// the text of events.yaml; ExampleFiles separates the files that it imports.
	Wrong, Right string
}

//go:embed explanations.txt
var explanationsText string

var explanations = sync.OnceValue(func() []Explanation { return parseExplanations(explanationsText) })

// Codes returns every code in the order in which a schema meets them. The slice
// belongs to the caller.
func Codes() []Code {
	var codes []Code
	for _, e := range explanations() {
		codes = append(codes, e.Code)
	}
	return codes
}

// Explain returns what there is to say about a code, and whether there is such a
// code.
func Explain(code Code) (Explanation, bool) {
	all := explanations()
	i := slices.IndexFunc(all, func(e Explanation) bool { return e.Code == code })
	if i < 0 {
		return Explanation{}, false
	}
	return all[i], true
}

// ExampleFiles returns the files of an example by their names: events.yaml, then
// each that begins with a line such as "-- shared.yaml --".
func ExampleFiles(example string) map[string]string {
	files := map[string]string{}
	name := "events.yaml"
	for line := range strings.Lines(example) {
		if other, ok := header(line); ok {
			name = other
			continue
		}
		files[name] += line
	}
	return files
}

// header returns the name in a line such as "-- name --".
func header(line string) (string, bool) {
	line = strings.TrimSuffix(line, "\n")
	name, ok := strings.CutPrefix(line, "-- ")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(name, " --")
}

// parseExplanations reads the embedded file: for each code a line "== code", the
// text, a line "-- wrong --" with the schema that breaks the rule, and a line
// "-- right --" with the one that keeps it.
func parseExplanations(text string) []Explanation {
	var list []Explanation
	var part *string
	for line := range strings.Lines(text) {
		if code, ok := strings.CutPrefix(line, "== "); ok {
			list = append(list, Explanation{Code: Code(strings.TrimSpace(code))})
			part = &list[len(list)-1].Text
			continue
		}
		if len(list) == 0 {
			panic(fmt.Sprintf("diag: explanations.txt begins with %q", line))
		}
		e := &list[len(list)-1]
		switch name, _ := header(line); name {
		case "wrong":
			part = &e.Wrong
		case "right":
			part = &e.Right
		default:
			*part += line
		}
	}
	for i := range list {
		list[i].Text = strings.TrimSpace(list[i].Text)
	}
	return list
}
