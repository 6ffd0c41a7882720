// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/lint"
	"github.com/sockgen/sockgen/gen/schema"
)

// A Config is what sockgen.yaml says about reading and writing files. Paths are
// as they stand there, slash-separated and relative to its folder; "" is what it
// does not say.
type Config struct {
	// Documents are the schemas with what holds for each: those of "documents", or the
	// one of which the top of the file speaks. There is one at least.
	Documents []DocumentConfig
	Listed    bool // there is a key "documents"

	Manifest string // where what was written is noted
}

// A DocumentConfig is what sockgen.yaml says about one schema.
type DocumentConfig struct {
	Schema     string
	Lock       string
	GoDir      string
	TSDir      string
	TypeScript TypeScriptOptions
	Lint       LintOptions

	Initialisms []string // as Input has them
	Allow       []string // the paths of changes that Allow takes
}

// IsInitialism tells whether a word can be one of Input.Initialisms.
func IsInitialism(word string) bool { return initialism.MatchString(word) }

// IsExtension tells whether a text can be TypeScriptOptions.Extension.
func IsExtension(text string) bool { return text == "" || text == ".js" || text == ".ts" }

var initialism = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,15}$`)

// ParseConfig reads a sockgen.yaml, which diagnostics call file. When there is a
// diagnostic, the configuration is not to be used.
func ParseConfig(file string, src []byte) (Config, []diag.Diagnostic) {
	doc, diags := schema.Parse(file, src)
	r := &configReader{doc: doc, diags: diags}
	var c Config
	top := DocumentConfig{Lint: AllLints}
	var list *schema.Node
	if doc.Root != nil && doc.Root.Kind != schema.Null {
		keys := r.keys(&top)
		keys["documents"] = func(n *schema.Node) { list = n }
		keys["manifest"] = func(n *schema.Node) { c.Manifest = r.path(n, "manifest", "file") }
		r.mapping(doc.Root, "the configuration", keys)
	}
	c.Documents = []DocumentConfig{top}
	if list != nil {
		c.Listed = true
		if n := doc.Root.Get("schema"); n != nil {
			r.report(n, diag.KeyConflict, "", "the schemas are those of documents; leave schema out here")
		}
		c.Documents = r.documents(list, top)
	}
	return c, diag.Sort(r.diags)
}

// A configReader collects what is wrong with a configuration.
type configReader struct {
	doc   *schema.Document
	diags []diag.Diagnostic
}

// documents reads the list of schemas. What an entry does not say is as top has it.
func (r *configReader) documents(n *schema.Node, top DocumentConfig) []DocumentConfig {
	if n.Kind != schema.Sequence || len(n.Items) == 0 {
		if n.Kind != schema.Invalid {
			r.report(n, diag.WrongKind, "", "documents is a list such as [events.yaml, { schema: game.yaml }], and this is none")
		}
		return nil
	}
	var all []DocumentConfig
	for _, item := range n.Items {
		d := top
		switch item.Kind {
		case schema.Mapping:
			r.mapping(item, "a document", r.keys(&d))
			if item.Get("schema") == nil {
				r.report(item, diag.MissingKey, "", "a document has a schema: write { schema: events.yaml }")
			}
		default:
			d.Schema = r.path(item, "a document", "file")
		}
		all = append(all, d)
	}
	return all
}

// keys returns what reads each key of a document.
func (r *configReader) keys(c *DocumentConfig) map[string]func(*schema.Node) {
	return map[string]func(*schema.Node){
		"schema": func(n *schema.Node) { c.Schema = r.path(n, "schema", "file") },
		"lock":   func(n *schema.Node) { c.Lock = r.path(n, "lock", "file") },
		"go": func(n *schema.Node) {
			r.mapping(n, "go", map[string]func(*schema.Node){
				"dir": func(n *schema.Node) { c.GoDir = r.path(n, "go.dir", "folder") },
			})
		},
		"typescript": func(n *schema.Node) { r.typescript(n, c) },
		"breaking": func(n *schema.Node) {
			r.mapping(n, "breaking", map[string]func(*schema.Node){
				"allow": func(n *schema.Node) { c.Allow = r.texts(n, "breaking.allow", `["/ client say payload.text"]`) },
			})
		},
		"lint": func(n *schema.Node) {
			r.mapping(n, "lint", map[string]func(*schema.Node){
				"event-case":  func(n *schema.Node) { c.Lint.EventCase = r.eventCase(n) },
				"missing-doc": func(n *schema.Node) { c.Lint.MissingDoc = r.flag(n, "missing-doc") },
				"closed-enum": func(n *schema.Node) { c.Lint.ClosedEnum = r.flag(n, "closed-enum") },
			})
		},
		"initialisms": func(n *schema.Node) { c.Initialisms = r.initialisms(n) },
	}
}

func (r *configReader) typescript(n *schema.Node, c *DocumentConfig) {
	r.mapping(n, "typescript", map[string]func(*schema.Node){
		"dir":       func(n *schema.Node) { c.TSDir = r.path(n, "typescript.dir", "folder") },
		"react":     func(n *schema.Node) { c.TypeScript.React = r.flag(n, "react") },
		"vue":       func(n *schema.Node) { c.TypeScript.Vue = r.flag(n, "vue") },
		"svelte":    func(n *schema.Node) { c.TypeScript.Svelte = r.flag(n, "svelte") },
		"mock":      func(n *schema.Node) { c.TypeScript.Mock = r.flag(n, "mock") },
		"schemas":   func(n *schema.Node) { c.TypeScript.Schemas = r.flag(n, "schemas") },
		"dates":     func(n *schema.Node) { c.TypeScript.Dates = r.flag(n, "dates") },
		"extension": func(n *schema.Node) { c.TypeScript.Extension = r.extension(n) },
	})
}

// eventCase reads how events are spelled. YAML takes off for false.
func (r *configReader) eventCase(n *schema.Node) EventCase {
	word := EventCase(n.Text)
	if n.Kind == schema.Scalar && n.Literal == schema.Bool && !strings.EqualFold(n.Text, "true") {
		word = lint.Off
	}
	if n.Kind == schema.Scalar && slices.Contains(lint.Cases(), word) {
		return word
	}
	if n.Kind != schema.Invalid {
		r.report(n, diag.BadValue, "", "event-case is same, camel, snake, kebab, pascal or off")
	}
	return ""
}

func (r *configReader) report(n *schema.Node, code diag.Code, suggestion, format string, args ...any) {
	p, width := n.Span()
	r.diags = append(r.diags, diag.Diagnostic{
		Code: code, Position: p, Width: width, Message: fmt.Sprintf(format, args...), Suggestion: suggestion, Line: r.doc.Line(p.Line),
	})
}

// mapping calls read for each key of n, and reports keys that it does not have.
func (r *configReader) mapping(n *schema.Node, what string, read map[string]func(*schema.Node)) {
	if n.Kind == schema.Invalid {
		return
	}
	if n.Kind != schema.Mapping {
		r.report(n, diag.WrongKind, "", "%s is a mapping, and this is %s", what, n.Kind)
		return
	}
	var known []string
	for key := range read {
		known = append(known, key)
	}
	for _, e := range n.Entries {
		if f, ok := read[e.Key.Text]; ok {
			f(e.Value)
			continue
		}
		r.report(e.Key, diag.UnknownKey, diag.Suggest(e.Key.Text, known), "%s has no key %s", what, diag.Quote(e.Key.Text))
	}
}

// path reads where a file or a folder is.
func (r *configReader) path(n *schema.Node, key, what string) string {
	switch {
	case n.Kind == schema.Invalid:
	case n.Kind != schema.Scalar:
		r.report(n, diag.WrongKind, "", "%s is the path of a %s, and this is %s", key, what, n.Kind)
	case strings.TrimSpace(n.Text) == "":
		r.report(n, diag.BadValue, "", "%s is the path of a %s, and this one is empty", key, what)
	case strings.Contains(n.Text, `\`):
		r.report(n, diag.BadValue, strings.ReplaceAll(n.Text, `\`, "/"), "the parts of a path are separated by /, so that the file serves on every system")
	case path.IsAbs(n.Text) || filepath.IsAbs(n.Text) || filepath.VolumeName(n.Text) != "":
		r.report(n, diag.BadValue, "", "%s is relative to the folder of this file, so that it serves on every machine", key)
	default:
		return path.Clean(n.Text)
	}
	return ""
}

func (r *configReader) flag(n *schema.Node, key string) bool {
	if n.Kind == schema.Scalar && n.Literal == schema.Bool {
		return strings.EqualFold(n.Text, "true")
	}
	if n.Kind != schema.Invalid {
		r.report(n, diag.BadValue, "", "%s is true or false", key)
	}
	return false
}

func (r *configReader) initialisms(n *schema.Node) []string {
	if n.Kind != schema.Sequence {
		if n.Kind != schema.Invalid {
			r.report(n, diag.WrongKind, "", "initialisms is a list such as [SDP, ICE], and this is %s", n.Kind)
		}
		return nil
	}
	var words []string
	for _, item := range n.Items {
		if item.Kind == schema.Scalar && IsInitialism(item.Text) {
			words = append(words, item.Text)
		} else if item.Kind != schema.Invalid {
			r.report(item, diag.BadValue, "", "an initialism is a letter, then letters and digits, 16 at most: SDP")
		}
	}
	return words
}

// texts reads a list of texts, such as example.
func (r *configReader) texts(n *schema.Node, key, example string) []string {
	var list []string
	if n.Kind != schema.Sequence && n.Kind != schema.Invalid {
		r.report(n, diag.WrongKind, "", "%s is a list such as %s, and this is %s", key, example, n.Kind)
	}
	for _, item := range n.Items {
		if item.Kind == schema.Scalar {
			list = append(list, item.Text)
		} else if item.Kind != schema.Invalid {
			r.report(item, diag.WrongKind, "", "%s is a list of texts, and this is %s", key, item.Kind)
		}
	}
	return list
}

func (r *configReader) extension(n *schema.Node) string {
	if n.Kind == schema.Scalar && IsExtension(n.Text) {
		return n.Text
	}
	if n.Kind != schema.Invalid {
		r.report(n, diag.BadValue, "", `extension is what the imports within the generated files end in: "", ".js" or ".ts"`)
	}
	return ""
}
