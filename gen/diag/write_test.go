// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mixed are an error with a suggestion, a warning, and an error of a whole file
// whose name has what the formats have to escape.
var mixed = []Diagnostic{
	{Code: UnusedType, Severity: Warning, Position: at(3, 1), Width: 7, Message: `nothing uses type "Message"`, Line: "Message: {}"},
	{Code: UnknownType, Position: at(14, 12), Width: 6, Message: `unknown type "Mesage"`, Suggestion: "Message", Line: "  payload: Mesage"},
	{Code: DocumentLimit, Position: Position{File: "a b,c:100%.yaml"}, Message: "too large:\n50% more\r"},
}

func TestWrite(t *testing.T) {
	for _, test := range []struct {
		format Format
		list   []Diagnostic
		want   string
	}{
		{Text, nil, ""},
		{GitHub, nil, ""},
		{JSON, nil, "[]\n"},
		{Text, mixed[1:2], Render(mixed[1:2])},
		{JSON, mixed, `[
  {
    "file": "a b,c:100%.yaml",
    "severity": "error",
    "code": "document-limit",
    "message": "too large:\n50% more\r"
  },
  {
    "file": "events.yaml",
    "line": 3,
    "column": 1,
    "endColumn": 8,
    "severity": "warning",
    "code": "unused-type",
    "message": "nothing uses type \"Message\""
  },
  {
    "file": "events.yaml",
    "line": 14,
    "column": 12,
    "endColumn": 18,
    "severity": "error",
    "code": "unknown-type",
    "message": "unknown type \"Mesage\"",
    "suggestion": "Message"
  }
]
`},
		{GitHub, mixed, "::error file=a b%2Cc%3A100%25.yaml,title=sockgen document-limit::too large:%0A50%25 more%0D\n" +
			"::warning file=events.yaml,line=3,col=1,endColumn=8,title=sockgen unused-type::nothing uses type \"Message\"\n" +
			"::error file=events.yaml,line=14,col=12,endColumn=18,title=sockgen unknown-type::unknown type \"Mesage\" (did you mean \"Message\"?)\n"},
		{SARIF, nil, `{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "sockgen",
          "informationUri": "https://github.com/sockgen/sockgen",
          "rules": []
        }
      },
      "columnKind": "unicodeCodePoints",
      "results": []
    }
  ]
}
`},
		{SARIF, []Diagnostic{mixed[0], mixed[0], mixed[2]}, `{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "sockgen",
          "informationUri": "https://github.com/sockgen/sockgen",
          "rules": [
            {
              "id": "document-limit",
              "shortDescription": {
                "text": "A schema is bounded: 4 MiB a file, 100 files, 8 MiB together, 64 levels of mappings and lists, 100,000 values with every alias written out, 8 lists and maps within each other."
              },
              "help": {
                "text": "A schema is bounded: 4 MiB a file, 100 files, 8 MiB together, 64 levels of mappings and lists, 100,000 values with every alias written out, 8 lists and maps within each other. What is larger was not written for people.\n\nWrong:\n\nsockgen: 1\nnamespaces: { /: { server: { deep: list<list<list<list<list<list<list<list<list<list<int>>>>>>>>>> } } }\n\nRight:\n\nsockgen: 1\ntypes: { Grid: { list: list<int> } }\nnamespaces: { /: { server: { deep: list<list<Grid>> } } }\n"
              }
            },
            {
              "id": "unused-type",
              "shortDescription": {
                "text": "A warning: nothing uses the type."
              },
              "help": {
                "text": "A warning: nothing uses the type. Types of imported files need not be used.\n\nWrong:\n\nsockgen: 1\ntypes: { Message: { struct: { text: string } } }\nnamespaces: { /: { server: { posted: string } } }\n\nRight:\n\nsockgen: 1\ntypes: { Message: { struct: { text: string } } }\nnamespaces: { /: { server: { posted: Message } } }\n"
              }
            }
          ]
        }
      },
      "columnKind": "unicodeCodePoints",
      "results": [
        {
          "ruleId": "document-limit",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "too large:\n50% more\r"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "./a%20b,c:100%25.yaml"
                }
              }
            }
          ]
        },
        {
          "ruleId": "unused-type",
          "ruleIndex": 1,
          "level": "warning",
          "message": {
            "text": "nothing uses type \"Message\""
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "events.yaml"
                },
                "region": {
                  "startLine": 3,
                  "startColumn": 1,
                  "endColumn": 8,
                  "snippet": {
                    "text": "Message: {}"
                  }
                }
              }
            }
          ]
        }
      ]
    }
  ]
}
`},
	} {
		t.Run(string(test.format), func(t *testing.T) {
			var b bytes.Buffer
			if err := Write(&b, test.format, test.list); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, b.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A name that is no format is refused with those that are; a writer that fails is
// heard of.
func TestWriteErrors(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, "xml", mixed); err == nil || !strings.Contains(err.Error(), "sarif") || b.Len() > 0 {
		t.Errorf("error %v, output %q", err, &b)
	}
	for _, format := range Formats() {
		if err := Write(brokenWriter{}, format, mixed); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

// Whatever a diagnostic holds: JSON is JSON, and a workflow command is one line.
func FuzzWrite(f *testing.F) {
	f.Add("events.yaml", "unknown type", "Message", "  payload: Mesage", 12, 6)
	f.Add("a::b,c\n", "\x1b[31m\n::error::", "\r%", "\t\x00\u2028", -1, 1000)
	f.Fuzz(func(t *testing.T, file, message, suggestion, line string, column, width int) {
		list := []Diagnostic{{Code: BadName, Position: Position{file, 1, column}, Width: width, Message: message, Suggestion: suggestion, Line: line}}
		for _, format := range Formats() {
			var b bytes.Buffer
			if err := Write(&b, format, list); err != nil {
				t.Fatal(err)
			}
			if format == GitHub && strings.Count(strings.ReplaceAll(b.String(), "\r", "\n"), "\n") != 1 {
				t.Fatalf("%q is not one line", &b)
			}
			if (format == JSON || format == SARIF) && !json.Valid(b.Bytes()) {
				t.Fatalf("%q is no JSON", &b)
			}
		}
	})
}

// Machines get what mends a mistake; two remedies for one place do not come together.
func TestEdits(t *testing.T) {
	typo := Diagnostic{Code: UnknownType, Position: at(14, 12), Width: 6, Message: `unknown type "Mesage"`, Suggestion: "Message", Line: "  payload: Mesage"}
	typo.Edits = []Edit{Replace(typo.Position, 6, "Message")}
	named := Diagnostic{Code: BadName, Position: at(14, 14), Message: "x", Line: typo.Line, Edits: []Edit{Insert(at(14, 14), "y"), Insert(at(20, 1), "z")}}
	var b bytes.Buffer
	if err := Write(&b, JSON, []Diagnostic{typo}); err != nil {
		t.Fatal(err)
	}
	const inJSON = `"edits": [
      {
        "file": "events.yaml",
        "line": 14,
        "column": 12,
        "endColumn": 18,
        "text": "Message"
      }
    ]`
	if !strings.Contains(b.String(), inJSON) {
		t.Errorf("%s", &b)
	}
	b.Reset()
	if err := Write(&b, SARIF, []Diagnostic{typo}); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Runs []struct {
			Results []struct {
				Fixes []struct {
					ArtifactChanges []struct {
						ArtifactLocation struct{ URI string }
						Replacements     []struct {
							DeletedRegion   struct{ StartLine, StartColumn, EndLine, EndColumn int }
							InsertedContent struct{ Text string }
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	change := log.Runs[0].Results[0].Fixes[0].ArtifactChanges[0]
	if r := change.Replacements[0]; change.ArtifactLocation.URI != "events.yaml" || r.DeletedRegion.StartColumn != 12 || r.DeletedRegion.EndColumn != 18 || r.DeletedRegion.EndLine != 14 || r.InsertedContent.Text != "Message" {
		t.Errorf("%+v", change)
	}
	if got := Fixable([]Diagnostic{named, typo, {Code: BadName, Position: at(1, 1)}}); len(got) != 1 || got[0].Code != UnknownType {
		t.Errorf("%v", got)
	}
}
