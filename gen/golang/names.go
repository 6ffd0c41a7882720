// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/naming"
)

// checkNames makes sure that every identifier of doc is one and that none is
// declared twice. Package check reports such mistakes in the schema's
// coordinates; this is the last line before they would become Go that does not
// compile, or code that nobody wrote.
func checkNames(doc *ir.Document) error {
	n := &names{}
	if !token.IsIdentifier(doc.Name) || strings.ToLower(doc.Name) != doc.Name {
		n.fail("%q is no package name", doc.Name)
	}
	for _, d := range doc.Decls {
		n.declare(d.Ident, "type "+d.Origin)
		n.fields(d)
		for _, v := range d.Values {
			n.declare(v.Ident, "value "+v.Wire+" of "+d.Origin)
		}
		if d.Kind == ir.Union && d.Open {
			n.declare("Unknown"+d.Ident, "what union "+d.Origin+" does not know")
		}
	}
	for _, e := range doc.Errors {
		if ir.IsBuiltInCode(e.Code) {
			n.fail("%q is a built-in code", e.Code)
		}
		n.declare(e.Ident, "error "+e.Code)
		n.declare("Code"+e.Ident, "the code of error "+e.Code)
	}
	for _, ns := range doc.Namespaces {
		n.namespace(ns)
	}
	return n.err
}

// A names collects the identifiers of a document's packages.
type names struct {
	top     naming.Scope[string]
	clients naming.Scope[string] // in the package of the clients
	err     error
}

func (n *names) fail(format string, args ...any) {
	if n.err == nil {
		n.err = fmt.Errorf("golang: "+format, args...)
	}
}

func (n *names) declare(ident, what string) { n.claim(&n.top, ident, what) }

func (n *names) claim(scope *naming.Scope[string], ident, what string) {
	if !token.IsIdentifier(ident) || !token.IsExported(ident) {
		n.fail("%s: %q is no exported identifier", what, ident)
		return
	}
	if other, ok := scope.Claim(ident, what); !ok {
		n.fail("%s and %s are both called %s in Go", other, what, ident)
	}
}

func (n *names) fields(d *ir.Decl) {
	var members naming.Scope[string]
	for _, ident := range structMembers {
		n.claim(&members, ident, "a method of every struct")
	}
	for _, f := range d.Fields {
		n.claim(&members, f.Ident, "field "+d.Ident+"."+f.Wire)
	}
}

func (n *names) namespace(ns *ir.Namespace) {
	what := "namespace " + ns.Path
	for _, a := range aroundNamespaces {
		if a.After != "Params" { // a struct like those of the schema
			n.declare(a.Before+ns.Prefix+a.After, what)
		}
	}
	for _, a := range aroundClients {
		n.claim(&n.clients, a.Before+ns.Prefix+a.After, what)
	}
	for _, r := range ns.Rooms {
		n.declare(r.Ident, "room "+r.Key)
	}
	var handler, server naming.Scope[string]
	n.claim(&handler, "Connect", "a method of every handler")
	n.claim(&handler, "Disconnect", "a method of every handler")
	for _, e := range ns.Client {
		n.claim(&handler, e.Ident, "event "+e.Wire)
	}
	for _, e := range ns.Cluster {
		n.claim(&handler, "Cluster"+e.Ident, "cluster event "+e.Wire)
	}
	for _, e := range ns.Server {
		n.claim(&server, e.Ident, "event "+e.Wire)
	}
	n.clientMethods(ns)
}

// clientMethods makes sure that no two members of the namespace's client are
// called the same.
func (n *names) clientMethods(ns *ir.Namespace) {
	var client naming.Scope[string]
	for _, ident := range clientMembers {
		n.claim(&client, ident, "a member of every client")
	}
	for _, e := range ns.Client {
		n.claim(&client, e.Ident, "event "+e.Wire)
	}
	for _, e := range ns.Server {
		n.claim(&client, "On"+e.Ident, "the listener of event "+e.Wire)
	}
}

// localNames are what generated functions call their parameters, receivers and
// variables, besides those that the schema names. No import has one of them: the one
// would hide the other.
var localNames = set(
	"a", "ack", "answer", "auth", "b", "c", "ctx", "d", "data", "e", "err", "f", "field", "got", "h", "id", "ids", "m", "mount", "name", "o", "ok", "opts",
	"p", "params", "r", "reason", "result", "rooms", "s", "srv", "stop", "t", "tag", "text", "to", "url", "v", "x",
)

// besideNamed are the local names of functions that have a parameter which the schema
// names.
var besideNamed = set("a", "ack", "c", "ctx", "d", "e", "err", "f", "got", "h", "m", "n", "opts", "p", "params", "rooms", "s", "srv", "v")

func set(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// paramName returns name as a parameter, or otherwise when a function or its file
// needs the name for something else.
func (g *generator) paramName(name, otherwise string) string {
	if !token.IsIdentifier(name) || naming.IsGoPredeclared(name) || besideNamed[name] || g.isImport(name) {
		return otherwise
	}
	return name
}

// isImport tells whether a file of the document imports a package by that name.
func (g *generator) isImport(name string) bool {
	for _, imported := range importNames {
		if imported == name {
			return true
		}
	}
	return g.imports[name]
}

// importName returns name, or one that is like it, for a package that is none of
// importNames: no local name, no other import and no word of Go's.
func (g *generator) importName(name string) string {
	for localNames[name] || g.isImport(name) || naming.IsGoPredeclared(name) || naming.IsGoKeyword(name) || name == g.doc.Name || name == "init" || name == "main" {
		name += "pkg"
	}
	g.imports[name] = true
	return name
}

// lastWord returns the last word of an identifier: what "ClientMessage" is, is a
// "message".
func (g *generator) lastWord(ident string) string {
	words := g.spell.Words(ident)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}
