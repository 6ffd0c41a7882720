// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// A checker turns one document into its ir. It is used by one goroutine, once.
type checker struct {
	doc   *schema.Document
	out   *ir.Document
	diags []diag.Diagnostic

	spell    naming.Speller
	forms    []*typeForm
	compared int                    // candidates that suggest has looked at
	manual   map[diag.Position]bool // where a suggestion is no text to put there as it is

	types   map[string]*declared      // by the schema's name
	names   []string                  // of types, in source order
	errors  map[string]*declaredError // by code
	codes   []string                  // of errors, in source order
	inline  []inlineStruct
	later   []func()                   // read the values of declared lists and maps that stand in place, once all else is known
	order   map[string]int             // of the files, by name: imported ones first
	shared  map[string]map[string]bool // the files that others share → those that they may refer to
	fields  map[*ir.Field]*schema.Node // where each field's name stands
	targets []ir.Target
	own     ir.Names            // of all targets, but for the claims
	idents  naming.Scope[owner] // of the Go package and the TypeScript module
}

// An owner is what has an identifier.
type owner struct {
	what string       // "type \"Message\""
	node *schema.Node // nil when sockgen itself needs the name
}

// An inlineStruct is a struct without a name of its own in the schema.
type inlineStruct struct {
	decl *ir.Decl
	node *schema.Node
}

// Options say how to read a schema. The zero value serves most.
type Options struct {
	Initialisms []string // words that identifiers have in one case, besides those that Go's linters know
	Shared      []string // imported files whose types other documents have, too

	Targets []ir.Target // what is generated: their own names cannot be the schema's
}

// Check returns what doc means together with the files that it imports, and everything that is wrong with it. The
// document is nil when a diagnostic is an error, or when doc is damaged. It
// belongs to the caller.
func Check(doc *schema.Document) (*ir.Document, []diag.Diagnostic) { return Options{}.Check(doc) }

// Check is the function Check with options.
func (o Options) Check(doc *schema.Document) (*ir.Document, []diag.Diagnostic) {
	c := &checker{
		doc:     doc,
		spell:   naming.NewSpeller(o.Initialisms),
		shared:  closures(doc, o.Shared),
		targets: o.Targets,
		out:     &ir.Document{Source: filepath.Base(doc.File), Initialisms: o.Initialisms},
		types:   map[string]*declared{},
		errors:  map[string]*declaredError{},
		fields:  map[*ir.Field]*schema.Node{},
		forms:   typeForms(),
		order:   map[string]int{},
		manual:  map[diag.Position]bool{},
	}
	for i, imported := range doc.Imports {
		c.order[imported.File] = i - len(doc.Imports)
	}
	if doc.Root != nil {
		c.document(doc.Root)
	}
	c.edits()
	diags := diag.Sort(c.diags)
	if doc.Root == nil || doc.Damaged || diag.HasErrors(diags) {
		return nil, diags
	}
	return c.out, diags
}

var (
	documentKeys = keysOf(language.Document)
	importedKeys = keysOf(language.Imported)
)

// document reads the sections in the order in which they depend on each other,
// whatever their order in the file.
func (c *checker) document(root *schema.Node) {
	if root.Kind == schema.Null {
		c.report(root, diag.MissingKey, `the schema is empty; it begins with "sockgen: 1" and has namespaces`)
		return
	}
	m, ok := c.mapping(withoutOwn(root), "the schema", documentKeys)
	if !ok {
		return
	}
	c.version(root, m["sockgen"])
	c.info(root, m["info"])
	c.claimOwn(m["namespaces"])
	for _, imported := range c.doc.Imports {
		c.imported(imported.Root)
	}
	c.declareTypes(m["types"], false)
	c.declareErrors(m["errors"], false)
	c.resolveTypes()
	c.resolveErrors()
	c.namespaces(root, m["namespaces"])
	c.recursion()
	c.collect()
	c.unused()
}

// withoutOwn returns the mapping n without the keys that begin with x-: they are the
// author's own, such as places for anchors.
func withoutOwn(n *schema.Node) *schema.Node {
	if n.Kind != schema.Mapping {
		return n
	}
	kept := *n
	kept.Entries = slices.DeleteFunc(slices.Clone(n.Entries), func(e schema.Entry) bool { return strings.HasPrefix(e.Key.Text, language.Document.Own) })
	return &kept
}

// rootKeys are those that the schema's own file alone may have.
var rootKeys = []string{"info", "namespaces"}

// imported declares the types and the errors of an imported file. Its own imports
// have been followed.
func (c *checker) imported(root *schema.Node) {
	switch {
	case root == nil:
		return // it was not YAML
	case root.Kind == schema.Null:
		c.report(root, diag.MissingKey, `the file is empty; it begins with "sockgen: 1" and has types or errors`)
		return
	case !c.isMapping(root, "an imported file"):
		return
	}
	kept := *root
	kept.Entries = nil
	for _, e := range withoutOwn(root).Entries {
		if slices.Contains(rootKeys, e.Key.Text) {
			c.report(e.Key, diag.Import, "an imported file has types and errors alone; %s belongs to the file that imports", e.Key.Text)
			continue
		}
		kept.Entries = append(kept.Entries, e)
	}
	m, _ := c.mapping(&kept, "an imported file", importedKeys)
	c.version(root, m["sockgen"])
	c.declareTypes(m["types"], true)
	c.declareErrors(m["errors"], true)
}

func (c *checker) version(root, n *schema.Node) {
	switch {
	case n == nil:
		c.reportAt(root.Pos, 1, diag.Version, `the schema does not say its language version: begin with "sockgen: 1"`)
	case n.Kind == schema.Invalid:
	case n.Kind == schema.Scalar && n.Literal == schema.Int && n.Text != "1" && n.Text != "0" && !strings.HasPrefix(n.Text, "-"):
		c.report(n, diag.Version, "this sockgen reads language version 1, and the schema is written in version %s: update sockgen, with go get -tool github.com/sockgen/sockgen/cmd/sockgen@latest", n.Text)
	case n.Kind != schema.Scalar || n.Text != "1":
		c.report(n, diag.Version, "this sockgen reads language version 1 alone: write %q", "sockgen: 1")
	}
}

var infoKeys = keysOf(language.Info)

func (c *checker) info(root, n *schema.Node) {
	var m map[string]*schema.Node
	if n != nil {
		m, _ = c.mapping(n, "info", infoKeys)
	}
	c.out.Version = c.line(m["version"], "the version")
	c.out.Doc = c.text(m["doc"], "the doc")
	if name := m["name"]; name != nil {
		c.out.Name = c.line(name, "the name")
		if c.out.Name != "" {
			c.packageName(name, c.out.Name)
		}
		return
	}
	base := filepath.Base(c.doc.File)
	c.out.Name = strings.TrimSuffix(base, filepath.Ext(base))
	if badPackageName(c.out.Name) != "" {
		c.out.Name = packageOf(c.out.Name)
	}
	if problem := badPackageName(c.out.Name); problem != "" {
		c.reportAt(root.Pos, 1, diag.MissingKey, "the file's name cannot name the generated package, since %s: write info: { name: … }", problem)
	}
}

// collect puts the declarations in order: declared types, then inline structs,
// each as the file has them.
func (c *checker) collect() {
	for _, name := range c.names {
		c.out.Decls = append(c.out.Decls, c.types[name].decl)
		c.within(c.types[name].decl, c.types[name].name)
	}
	slices.SortStableFunc(c.inline, func(a, b inlineStruct) int {
		return cmp.Or(cmp.Compare(c.order[a.node.Pos.File], c.order[b.node.Pos.File]), a.node.Pos.Compare(b.node.Pos))
	})
	for _, s := range c.inline {
		c.out.Decls = append(c.out.Decls, s.decl)
		c.within(s.decl, s.node)
	}
	c.claimInputs()
	for _, code := range c.codes {
		if d := c.errors[code]; !d.imported || d.used || d.unlisted != nil {
			c.out.Errors = append(c.out.Errors, d.err)
		}
	}
}

// within notes in which file d stands, at n, and whether others have it, too.
func (c *checker) within(d *ir.Decl, n *schema.Node) {
	if n.Pos.File == c.doc.File {
		return
	}
	if d.File = n.Pos.File; c.shared[d.File] != nil {
		d.Module = &ir.Module{} // whoever asked for it knows the names
	}
}

// claimInputs takes the names of what is sent of types, where it differs.
func (c *checker) claimInputs() {
	inputs := c.out.Inputs()
	claim := func(d *ir.Decl, n *schema.Node, what string) {
		sent := inputs[d]
		if sent == nil {
			return
		}
		c.claim(sent.Ident, n, what+", as it is sent,")
		if d.Kind == ir.Union && d.Open {
			c.claim("Unknown"+sent.Ident, n, "what "+what+", as it is sent, does not know")
		}
	}
	for _, name := range c.names {
		d := c.types[name]
		claim(d.decl, d.name, "type "+diag.Quote(name))
	}
	for _, s := range c.inline {
		claim(s.decl, s.node, "the "+inlineKinds[s.decl.Kind]+" of "+diag.Quote(s.decl.Origin))
	}
}

// report adds an error at n.
func (c *checker) report(n *schema.Node, code diag.Code, format string, args ...any) *diag.Diagnostic {
	p, width := n.Span()
	return c.reportAt(p, width, code, format, args...)
}

// reportPart adds an error at a part of n's text.
func (c *checker) reportPart(n *schema.Node, from, to int, code diag.Code, format string, args ...any) *diag.Diagnostic {
	p, width := n.Part(from, to)
	return c.reportAt(p, width, code, format, args...)
}

func (c *checker) reportAt(p diag.Position, width int, code diag.Code, format string, args ...any) *diag.Diagnostic {
	c.diags = append(c.diags, diag.Diagnostic{
		Code: code, Position: p, Width: width, Message: fmt.Sprintf(format, args...), Line: c.doc.LineAt(p),
	})
	return &c.diags[len(c.diags)-1]
}

// maxCompared is with how many candidates a run compares the words that it does
// not know. A schema with that many mistakes has better uses of time.
const maxCompared = 100_000

// suggest returns the candidate that word most likely stands for, or "".
func (c *checker) suggest(word string, candidates ...[]string) string {
	if c.compared > maxCompared {
		return ""
	}
	all := slices.Concat(candidates...)
	c.compared += len(all)
	return diag.Suggest(word, all)
}

// claim takes an identifier of the generated files, or reports who has it.
func (c *checker) claim(ident string, n *schema.Node, what string) {
	if ident == "" {
		return // already reported
	}
	first, ok := c.idents.Claim(ident, owner{what, n})
	if !ok {
		c.collision(n, what, ident, first)
	}
}

func (c *checker) collision(n *schema.Node, what, ident string, first owner) {
	if first.node == nil {
		c.report(n, diag.ReservedName, "%s would be called %s in generated code, which is the name of %s: %s", what, ident, first.what, remedy(what, ident))
		return
	}
	if first.node == n {
		return // the same text, used twice through an alias
	}
	if first.node.Pos.File != n.Pos.File {
		c.report(n, diag.Collision, "%s would be called %s in generated code, and so is %s at %s: %s", what, ident, first.what, first.node.Pos, remedy(what, ident))
		return
	}
	c.report(n, diag.Collision, "%s would be called %s in generated code, and so is %s in line %d, column %d: %s",
		what, ident, first.what, first.node.Pos.Line, first.node.Pos.Column, remedy(what, ident))
}

// remedy says how to get another identifier: by another name, which changes what
// travels, or by a key "name", which does not.
func remedy(what, ident string) string {
	if strings.HasPrefix(what, "the struct of ") || strings.HasPrefix(what, "the enum of ") {
		return "declare it under \"types\", by another name"
	}
	kind, _, _ := strings.Cut(what, " ")
	switch kind {
	case "type":
		return "choose another, or add name: " + ident + "Type"
	case "event":
		return "choose another, or add name: " + strings.TrimPrefix(ident, "Cluster") + "Event"
	case "field":
		return "choose another, or add name: " + ident + "Field"
	case "error":
		return "choose another, or add name: " + ident + "Failure"
	case "room":
		return "choose another, or add a key \"name\": { room: …, name: … }"
	case "value":
		return `choose another, or add a key "name"`
	}
	return "choose another"
}
