// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// The names of files that are found by themselves.
const (
	defaultSchema = "events.yaml"
	configName    = "sockgen.yaml"     // beside the schema
	lockName      = "sockgen.lock"     // beside the schema
	manifestName  = "sockgen.manifest" // beside sockgen.yaml, else beside the schema
)

// A settings is what the command line says about the schemas and what becomes of them.
type settings struct {
	schemas  texts
	config   string
	lock     string
	manifest string

	out, goDir, tsDir string // of -out, -go and -typescript
	ts                gen.TypeScriptOptions
	initialisms       words
	allow             texts // the changes that are deliberate
	lints             gen.LintOptions

	flags *pflag.FlagSet // the command's
	read  func(name string) ([]byte, error)
}

// bind adds the flags of every command that reads a schema.
func (s *settings) bind(cmd *cobra.Command) {
	s.flags, s.read = cmd.Flags(), readFile
	s.flags.Var(&s.schemas, "schema", "the schema to read: a `file` (default events.yaml, or those of sockgen.yaml); may be repeated")
	s.flags.StringVar(&s.config, "config", "", "the `file` with the settings (default sockgen.yaml beside the schema, if there is one)")
	completesFiles(cmd, "schema", "yaml", "yml")
	completesFiles(cmd, "config", "yaml", "yml")
}

// bindMeaning adds the flags of commands that understand a schema.
func (s *settings) bindMeaning(cmd *cobra.Command) {
	s.flags.Var(&s.initialisms, "initialisms", "more `words` that keep one case in identifiers: SDP,ICE")
}

// bindLock adds the flag of commands that heed what was released.
func (s *settings) bindLock(cmd *cobra.Command) {
	s.flags.StringVar(&s.lock, "lock", "", "the `file` with the released schemas (default sockgen.lock beside the schema, if there is one)")
	completesFiles(cmd, "lock", "lock")
}

// bindOutput adds the flags that say what is written, and where.
func (s *settings) bindOutput(cmd *cobra.Command) {
	s.flags.StringVar(&s.out, "out", "", "the `folder` that generated files go to (default generated)")
	s.flags.StringVar(&s.goDir, "go", "", "the `folder` that Go goes to (default <out>)")
	s.flags.StringVar(&s.tsDir, "typescript", "", "the `folder` that TypeScript goes to (default <out>/ts)")
	s.flags.StringVar(&s.manifest, "manifest", "", "the `file` that notes what was written (default sockgen.manifest beside sockgen.yaml, else beside the schema)")
	s.flags.BoolVar(&s.ts.React, "react", false, "write <name>.react.ts, too: hooks")
	s.flags.BoolVar(&s.ts.Vue, "vue", false, "write <name>.vue.ts, too: composables")
	s.flags.BoolVar(&s.ts.Svelte, "svelte", false, "write <name>.stores.ts, too: Svelte stores")
	s.flags.BoolVar(&s.ts.Mock, "mock", false, "write <name>.mock.ts, too: a socket and a server in memory")
	s.flags.BoolVar(&s.ts.Schemas, "schemas", false, "write <name>.schemas.ts, too: validators")
	s.flags.BoolVar(&s.ts.Dates, "dates", false, "make timestamps Dates in TypeScript, not texts")
	s.flags.Var((*extension)(&s.ts.Extension), "extension", "what imports between the TypeScript files end in: nothing, .js or .ts")
	completes(cmd, "extension", ".js", ".ts")
	for _, name := range []string{"out", "go", "typescript"} {
		if err := cmd.MarkFlagDirname(name); err != nil {
			panic(err) // the flag is not there
		}
	}
}

// given tells whether the command line has a flag.
func (s *settings) given(flag string) bool { return s.flags.Changed(flag) }

// A workspace is the schemas that a command works on, with their settings.
type workspace struct {
	documents []*document
	others    []*document // those of sockgen.yaml that the command line does not ask for
	listed    bool        // sockgen.yaml has "documents", and these are all of them
	config    string      // the sockgen.yaml, "" when there is none
	manifest  string
}

// complete reads sockgen.yaml and fills in what the command line leaves open. It
// has printed what is wrong when it returns nil.
func (a *app) complete(s *settings) *workspace {
	w, diags, err := s.workspace()
	switch {
	case err != nil:
		a.fail(err)
		return nil
	case len(diags) > 0:
		a.say(diags)
		return nil
	}
	return w
}

func (s *settings) workspace() (*workspace, []diag.Diagnostic, error) {
	w := &workspace{}
	c, diags, err := s.configuration(w)
	if err != nil || len(diags) > 0 {
		return nil, diags, err
	}
	if err := s.documents(w, c); err != nil {
		return nil, nil, err
	}
	w.shareLocks()
	beside := w.documents[0].schema
	if w.config != "" {
		beside = w.config
	}
	w.manifest = filepath.Join(filepath.Dir(beside), manifestName)
	if c.Manifest != "" {
		w.manifest = filepath.Join(filepath.Dir(w.config), filepath.FromSlash(c.Manifest))
	}
	if s.manifest != "" {
		w.manifest = s.manifest
	}
	return w, nil, nil
}

// configuration reads the sockgen.yaml that the command line names, else the one beside
// the schema, else the one of the folder that sockgen runs in if it lists the schema.
func (s *settings) configuration(w *workspace) (c gen.Config, diags []diag.Diagnostic, err error) {
	none := gen.Config{Documents: []gen.DocumentConfig{{Lint: gen.AllLints}}}
	if s.given("config") {
		w.config = s.config
		return s.readConfig(s.config)
	}
	beside := configName
	if len(s.schemas) > 0 {
		beside = filepath.Join(filepath.Dir(s.schemas[0]), configName)
	}
	for _, file := range []string{beside, configName} {
		c, diags, err = s.readConfig(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && file != beside && !(c.Listed && s.names(c)) {
			break
		}
		w.config = file
		return c, diags, err
	}
	return none, nil, nil
}

// names tells whether c, which is beside no schema, has every schema of the command line.
func (s *settings) names(c gen.Config) bool {
	for _, name := range s.schemas {
		if !slices.ContainsFunc(c.Documents, func(d gen.DocumentConfig) bool { return filepath.FromSlash(d.Schema) == filepath.Clean(name) }) {
			return false
		}
	}
	return true
}

func (s *settings) readConfig(file string) (gen.Config, []diag.Diagnostic, error) {
	src, err := s.read(file)
	if err != nil {
		return gen.Config{}, nil, fmt.Errorf("read the configuration: %w", err)
	}
	c, diags := gen.ParseConfig(file, src)
	return c, diags, nil
}

// documents fills in the schemas: those of the command line, else those of c.
func (s *settings) documents(w *workspace, c gen.Config) error {
	place := func(configured, otherwise string) string {
		if configured == "" {
			configured = otherwise
		}
		return filepath.Join(filepath.Dir(w.config), filepath.FromSlash(configured))
	}
	if w.config == "" {
		place = func(_, otherwise string) string { return filepath.FromSlash(otherwise) }
	}
	if !c.Listed && len(s.schemas) > 0 {
		for _, schema := range s.schemas {
			w.documents = append(w.documents, s.document(schema, c.Documents[0], place))
		}
		return nil
	}
	w.listed = c.Listed && len(s.schemas) == 0
	for _, d := range c.Documents {
		schema := place(d.Schema, defaultSchema)
		if len(s.schemas) == 0 || slices.ContainsFunc(s.schemas, func(name string) bool { return filepath.Clean(name) == schema }) {
			w.documents = append(w.documents, s.document(schema, d, place))
		} else {
			w.others = append(w.others, s.document(schema, d, place))
		}
	}
	for _, name := range s.schemas {
		if !slices.ContainsFunc(w.documents, func(d *document) bool { return d.schema == filepath.Clean(name) }) {
			return fmt.Errorf("%s is none of the documents of %s", name, w.config)
		}
	}
	return nil
}

// document returns one schema with what holds for it: the flags, else what c says.
func (s *settings) document(schema string, c gen.DocumentConfig, place func(configured, otherwise string) string) *document {
	d := &document{
		schema: schema, lock: s.lock, goDir: s.goDir, tsDir: s.tsDir, ts: s.ts, lints: s.lints,
		initialisms: s.initialisms, allow: slices.Concat(s.allow, c.Allow), read: readFile,
	}
	if d.lock == "" && c.Lock != "" {
		d.lock = place(c.Lock, "")
	}
	if d.lock == "" {
		d.lock = filepath.Join(filepath.Dir(schema), lockName)
	}
	goDir, tsDir := place(c.GoDir, "generated"), place(c.TSDir, "generated/ts")
	if s.out != "" {
		goDir, tsDir = s.out, filepath.Join(s.out, "ts")
	}
	for flag, use := range map[string]func(){
		"go":          func() { d.goDir = goDir },
		"typescript":  func() { d.tsDir = tsDir },
		"initialisms": func() { d.initialisms = c.Initialisms },
		"react":       func() { d.ts.React = c.TypeScript.React },
		"vue":         func() { d.ts.Vue = c.TypeScript.Vue },
		"svelte":      func() { d.ts.Svelte = c.TypeScript.Svelte },
		"mock":        func() { d.ts.Mock = c.TypeScript.Mock },
		"schemas":     func() { d.ts.Schemas = c.TypeScript.Schemas },
		"dates":       func() { d.ts.Dates = c.TypeScript.Dates },
		"extension":   func() { d.ts.Extension = c.TypeScript.Extension },
		"event-case":  func() { d.lints.EventCase = c.Lint.EventCase },
		"missing-doc": func() { d.lints.MissingDoc = c.Lint.MissingDoc },
		"closed-enum": func() { d.lints.ClosedEnum = c.Lint.ClosedEnum },
	} {
		if !s.given(flag) {
			use()
		}
	}
	return d
}

// shareLocks notes which documents have the lock of another one.
func (w *workspace) shareLocks() {
	first := map[string]*document{}
	for _, d := range w.documents {
		if other := first[d.lock]; other != nil && other.schema != d.schema {
			d.sharesLock = other.schema
			continue
		}
		first[d.lock] = d
	}
}

// names returns the schemas as messages name them.
func (w *workspace) names() string {
	var names []string
	for _, d := range w.documents {
		if !slices.Contains(names, d.schema) {
			names = append(names, d.schema)
		}
	}
	if len(names) > 3 {
		return fmt.Sprintf("the %d schemas", len(names))
	}
	return enumerate(names)
}

// enumerate returns a, b and c.
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// A words is the value of a flag that is a list of initialisms.
type words []string

func (w *words) Type() string { return "words" }

func (w *words) String() string { return strings.Join(*w, ",") }

func (w *words) Set(text string) error {
	*w = nil
	for word := range strings.SplitSeq(text, ",") {
		if !gen.IsInitialism(word) {
			return errors.New("it is a list such as SDP,ICE")
		}
		*w = append(*w, word)
	}
	return nil
}

// A texts is the value of a flag that may be given several times.
type texts []string

func (t *texts) Type() string { return "text" }

func (t *texts) String() string { return strings.Join(*t, "; ") }

func (t *texts) Set(text string) error {
	*t = append(*t, text)
	return nil
}

// An extension is the value of -extension.
type extension string

func (e *extension) Type() string { return "text" }

func (e *extension) String() string { return string(*e) }

func (e *extension) Set(text string) error {
	if !gen.IsExtension(text) {
		return errors.New(`it is .js, .ts or ""`)
	}
	*e = extension(text)
	return nil
}
