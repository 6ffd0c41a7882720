// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Format is a form in which diagnostics are written.
type Format string

// The formats.
const (
	Text   Format = "text"   // for people and editors; what Render returns
	JSON   Format = "json"   // an array of objects, for scripts
	SARIF  Format = "sarif"  // SARIF 2.1.0, for code scanning
	GitHub Format = "github" // workflow commands, for annotations in a pull request
)

// Formats returns the names of all formats.
func Formats() []Format { return []Format{Text, JSON, SARIF, GitHub} }

// Write writes list, sorted, in a format. JSON and SARIF are whole documents, also
// when list is empty. The error is w's, or says that there is no such format.
func Write(w io.Writer, format Format, list []Diagnostic) error {
	list = Sort(list)
	switch format {
	case Text:
		_, err := io.WriteString(w, Render(list))
		return err
	case JSON:
		return writeJSON(w, jsonOf(list))
	case SARIF:
		return writeJSON(w, sarifOf(list))
	case GitHub:
		_, err := io.WriteString(w, gitHub(list))
		return err
	}
	return fmt.Errorf("unknown format %q; it is one of %q", format, Formats())
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// A jsonDiagnostic is a diagnostic as JSON has it.
type jsonDiagnostic struct {
	File       string `json:"file"`
	Line       int    `json:"line,omitempty"`      // from 1; absent for a whole file
	Column     int    `json:"column,omitempty"`    // in Unicode code points, from 1
	EndColumn  int    `json:"endColumn,omitempty"` // behind the last code point, on the same line
	Severity   string `json:"severity"`
	Code       Code   `json:"code"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"`

	Edits []jsonEdit `json:"edits,omitempty"` // what mends it, all of them together
}

// A jsonEdit is an edit as JSON has it. Line and columns are as those of a diagnostic.
type jsonEdit struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndColumn int    `json:"endColumn"` // the same as column where text is inserted
	Text      string `json:"text"`
}

func jsonOf(list []Diagnostic) []jsonDiagnostic {
	all := make([]jsonDiagnostic, 0, len(list))
	for _, d := range list {
		j := jsonDiagnostic{File: d.Position.File, Severity: d.Severity.String(), Code: d.Code, Message: d.Message, Suggestion: d.Suggestion}
		if d.Position.Line > 0 {
			j.Line, j.Column, j.EndColumn = d.Position.Line, d.Position.Column, d.endColumn()
		}
		for _, e := range d.Edits {
			j.Edits = append(j.Edits, jsonEdit{e.Start.File, e.Start.Line, e.Start.Column, e.End.Column, e.Text})
		}
		all = append(all, j)
	}
	return all
}

// endColumn returns the column behind the last underlined rune, within the line.
func (d Diagnostic) endColumn() int {
	end := d.Position.Column + max(1, d.Width)
	if last := utf8.RuneCountInString(d.Line) + 1; end > last {
		end = max(last, d.Position.Column+1)
	}
	return end
}

// full returns the message with the suggestion, in one line.
func (d Diagnostic) full() string {
	if d.Suggestion == "" {
		return d.Message
	}
	return fmt.Sprintf("%s (did you mean %s?)", d.Message, Quote(d.Suggestion))
}

// gitHub returns list as workflow commands, one to a line.
func gitHub(list []Diagnostic) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "::%s file=%s", d.Severity, gitHubProperty(d.Position.File))
		if d.Position.Line > 0 {
			fmt.Fprintf(&b, ",line=%d,col=%d,endColumn=%d", d.Position.Line, d.Position.Column, d.endColumn())
		}
		fmt.Fprintf(&b, ",title=%s::%s\n", gitHubProperty("sockgen "+string(d.Code)), gitHubData(d.full()))
	}
	return b.String()
}

var (
	gitHubDataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	gitHubPropertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// gitHubData escapes what stands behind the last "::" of a command.
func gitHubData(s string) string { return gitHubDataEscapes.Replace(s) }

// gitHubProperty escapes the value of a command's property.
func gitHubProperty(s string) string { return gitHubPropertyEscapes.Replace(s) }

// The parts of a SARIF log that sockgen fills in.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               Code      `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
		Help             sarifText `json:"help"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    Code            `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
		Fixes     []sarifFix      `json:"fixes,omitempty"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifPlace `json:"deletedRegion"`
		Inserted sarifText  `json:"insertedContent"`
	}
	sarifPlace struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int       `json:"startLine"`
		StartColumn int       `json:"startColumn"`
		EndColumn   int       `json:"endColumn"`
		Snippet     sarifText `json:"snippet"`
	}
)

// sarifOf returns list as a log of one run, with the rules that occur in it.
func sarifOf(list []Diagnostic) sarifLog {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "sockgen", InformationURI: "https://github.com/sockgen/sockgen", Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	for _, d := range list {
		rule := slices.IndexFunc(run.Tool.Driver.Rules, func(r sarifRule) bool { return r.ID == d.Code })
		if rule < 0 {
			rule = len(run.Tool.Driver.Rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(d.Code))
		}
		place := sarifPhysical{Artifact: sarifArtifact{fileURI(d.Position.File)}}
		if d.Position.Line > 0 {
			place.Region = &sarifRegion{d.Position.Line, d.Position.Column, d.endColumn(), sarifText{excerptOf(d.Line)}}
		}
		run.Results = append(run.Results, sarifResult{
			RuleID: d.Code, RuleIndex: rule, Level: d.Severity.String(), Message: sarifText{d.full()}, Locations: []sarifLocation{{place}},
			Fixes: sarifFixesOf(d),
		})
	}
	return sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

// sarifFixesOf returns the one fix of d, if it has edits.
func sarifFixesOf(d Diagnostic) []sarifFix {
	if len(d.Edits) == 0 {
		return nil
	}
	fix := sarifFix{Description: sarifText{"Mend it as the message says."}}
	for _, e := range d.Edits {
		fix.Changes = append(fix.Changes, sarifChange{sarifArtifact{fileURI(e.Start.File)}, []sarifReplacement{{
			sarifPlace{e.Start.Line, e.Start.Column, e.End.Line, e.End.Column}, sarifText{e.Text},
		}}})
	}
	return []sarifFix{fix}
}

// excerptOf returns a line of the schema unless it was not written for people.
func excerptOf(line string) string {
	if len(line) > longest {
		return ""
	}
	return line
}

// sarifRuleOf describes a code by its explanation.
func sarifRuleOf(code Code) sarifRule {
	e, _ := Explain(code)
	text := strings.ReplaceAll(e.Text, "\n", " ")
	if text == "" { // no mistake in a schema
		text = "What became of an older schema may break its clients. The message says what changed, and for whom."
	}
	short, _, _ := strings.Cut(text, ". ")
	help := text
	if e.Wrong != "" {
		help += "\n\nWrong:\n\n" + e.Wrong + "\nRight:\n\n" + e.Right
	}
	return sarifRule{code, sarifText{strings.TrimSuffix(short, ".") + "."}, sarifText{help}}
}

// fileURI returns a path as a URI reference, relative when the path is.
func fileURI(file string) string {
	return (&url.URL{Path: filepath.ToSlash(file)}).String()
}
