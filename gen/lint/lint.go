// SPDX-License-Identifier: Apache-2.0

// Package lint says what could be better in a schema that is right. Each lint is a
// matter of taste, and can be switched off.
package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
)

// Options say which lints there are. The zero value has none.
type Options struct {
	EventCase  Case // how events are spelled
	MissingDoc bool // types and events say what they are for
	ClosedEnum bool // enums that a server sends are open, or say that they are not
}

// All are the options of somebody who said nothing.
var All = Options{EventCase: Same, MissingDoc: true, ClosedEnum: true}

// Check returns the warnings about a schema as written, and as meant: doc is nil when
// it is wrong, and then lints that have to understand it say nothing.
func Check(written *schema.Document, doc *ir.Document, o Options) []diag.Diagnostic {
	l := &linter{written: written}
	if written.Root == nil {
		return nil
	}
	if o.EventCase != Off && o.EventCase != "" {
		l.eventCase(o.EventCase)
	}
	if o.MissingDoc {
		l.missingDocs()
	}
	if o.ClosedEnum && doc != nil {
		l.closedEnums(doc)
	}
	return diag.Sort(l.diags)
}

// A linter collects warnings.
type linter struct {
	written *schema.Document
	diags   []diag.Diagnostic
}

func (l *linter) warn(n *schema.Node, code diag.Code, format string, args ...any) {
	p, width := n.Span()
	l.diags = append(l.diags, diag.Diagnostic{
		Code: code, Severity: diag.Warning, Position: p, Width: width, Message: fmt.Sprintf(format, args...), Line: l.written.LineAt(p),
	})
}

// files returns the schema and what it imports.
func (l *linter) files() []*schema.Document {
	return append([]*schema.Document{l.written}, l.written.Imports...)
}

// entries calls f for each entry of a section of every file.
func (l *linter) entries(section string, f func(schema.Entry)) {
	for _, d := range l.files() {
		if d.Root == nil || d.Root.Get(section) == nil {
			continue
		}
		for _, e := range d.Root.Get(section).Entries {
			f(e)
		}
	}
}

// events calls f for each event of the schema, with the name that travels.
func (l *linter) events(f func(e schema.Entry, name string)) {
	l.entries("namespaces", func(ns schema.Entry) {
		for _, side := range []string{"client", "server", "cluster"} {
			section := ns.Value.Get(side)
			if section == nil {
				continue
			}
			for _, e := range section.Entries {
				name, _, _ := strings.Cut(e.Key.Text, "->")
				f(e, strings.TrimSpace(name))
			}
		}
	})
}

// missingDocs warns of types and events that nobody says a word about.
func (l *linter) missingDocs() {
	l.entries("types", func(e schema.Entry) {
		if lacksDoc(e.Value) {
			l.warn(e.Key, diag.MissingDoc, "type %s has no doc; it goes into the comments of both languages", diag.Quote(e.Key.Text))
		}
	})
	l.events(func(e schema.Entry, name string) {
		if lacksDoc(e.Value) {
			l.warn(e.Key, diag.MissingDoc, "event %s has no doc; it goes into the comments of both languages", diag.Quote(name))
		}
	})
}

func lacksDoc(n *schema.Node) bool {
	doc := n.Get("doc")
	return doc == nil || doc.Kind == schema.Null || doc.Kind == schema.Scalar && strings.TrimSpace(doc.Text) == ""
}

// closedEnums warns of closed enums that a server sends: a value that is added later
// breaks the clients that are out there.
func (l *linter) closedEnums(doc *ir.Document) {
	sent := map[*ir.Decl]bool{}
	for _, t := range sentByServer(doc) {
		t.Reach(sent)
	}
	said := map[string]bool{}
	for d := range sent {
		if d.Kind == ir.Enum && !d.Open {
			said[d.Origin] = true
		}
	}
	look := func(e schema.Entry, origin string) {
		if in := e.Value.Within(); said[origin] && in.Get("enum") != nil && in.Get("open") == nil {
			l.warn(e.Key, diag.ClosedEnum, "the server sends enum %s, which is closed: clients that are out there refuse a value that is added later; add open: true, or open: false if there never will be one", diag.Quote(origin))
		}
	}
	l.entries("types", func(e schema.Entry) {
		look(e, e.Key.Text)
		inPlace(e.Value.Within().Get("struct"), e.Key.Text, look)
	})
	l.entries("errors", func(e schema.Entry) { inPlace(e.Value.Get("data"), e.Key.Text+" data", look) })
	l.events(func(e schema.Entry, name string) {
		inPlace(e.Value.Get("payload"), name, look)
		inPlace(e.Value.Get("ack"), name+" ack", look)
	})
}

// inPlace calls look for each field of a struct that may declare its type itself, with the
// origin of that, and for those within.
func inPlace(body *schema.Node, origin string, look func(e schema.Entry, origin string)) {
	if body == nil {
		return
	}
	for _, e := range body.Entries {
		within := origin + "." + e.Key.Text
		look(e, within)
		inPlace(e.Value.Within().Get("struct"), within, look)
	}
}

// sentByServer returns the types of what a server sends to clients; some are nil.
func sentByServer(doc *ir.Document) []*ir.Type {
	var types []*ir.Type
	for _, ns := range doc.Namespaces {
		for _, e := range ns.Server {
			types = append(types, e.Payload)
		}
		for _, e := range ns.Client {
			if e.Ack != nil {
				types = append(types, e.Ack.Type)
			}
			for _, failure := range e.Errors {
				types = append(types, failure.Data)
			}
		}
		for _, failure := range slices.Concat(ns.ConnectErrors, ns.EveryErrors) {
			types = append(types, failure.Data)
		}
	}
	return types
}
