// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// namespaces reads every namespace with its events.
func (c *checker) namespaces(root, n *schema.Node) {
	if n == nil {
		c.reportAt(root.Pos, 1, diag.MissingKey, `the schema has no namespaces: write namespaces: { /: { client: …, server: … } }`)
		return
	}
	if n.Kind == schema.Null || n.Kind == schema.Mapping && len(n.Entries) == 0 {
		c.report(n, diag.MissingKey, "the schema needs at least one namespace, such as /")
		return
	}
	if !c.isMapping(n, "namespaces") {
		return
	}
	var prefixes, shapes naming.Scope[*schema.Node]
	for _, e := range n.Entries {
		ns, ok := c.path(e.Key)
		if !ok {
			continue
		}
		if first, ok := shapes.Claim(pathShape(ns), e.Key); !ok {
			c.report(e.Key, diag.Collision, "namespace %s has the same paths as %s in line %d: begin it with another text",
				diag.Quote(e.Key.Text), diag.Quote(first.Text), first.Pos.Line)
			continue
		}
		var name *schema.Node
		if e.Value.Kind == schema.Mapping {
			name = e.Value.Get("name")
		}
		if name != nil && c.override(name) == "" {
			continue
		}
		ns.Prefix = c.prefixOf(e.Key.Text, name, len(n.Entries))
		if len(n.Entries) > 1 && (!naming.IsIdentifier(ns.Prefix)) {
			c.report(e.Key, diag.BadName, "namespace %s gives no identifier: it needs a letter before the first digit, or a key \"name\"", diag.Quote(e.Key.Text))
			continue
		}
		// Files carry the prefix in lower case, and some disks ignore case anyway.
		if first, ok := prefixes.Claim(strings.ToLower(ns.Prefix), e.Key); !ok {
			c.report(e.Key, diag.Collision, "the identifiers of namespace %s would begin with %s, and so would those of %s in line %d: add a key \"name\" to one",
				diag.Quote(e.Key.Text), ns.Prefix, diag.Quote(first.Text), first.Pos.Line)
			continue
		}
		c.namespace(ns, e.Value)
	}
}

// path reads the path of a namespace, with its parameters.
func (c *checker) path(key *schema.Node) (*ir.Namespace, bool) {
	path := key.Text
	switch {
	case !strings.HasPrefix(path, "/"):
		d := c.report(key, diag.BadName, "a namespace is a path that begins with /")
		if _, ok := badPath("/" + path); !ok {
			d.Suggestion = "/" + path
		}
		return nil, false
	case len(path) > maxName:
		c.report(key, diag.BadName, "a namespace has at most %d characters", maxName)
		return nil, false
	}
	ns := &ir.Namespace{Path: path}
	if strings.Contains(path, "{") {
		ns.Parts = (&template{c: c, n: key, kind: pathTemplate}).parse()
		if ns.Parts == nil {
			return nil, false
		}
		path = shape(ns.Parts)
		ns.Path = spelled(ns.Parts)
	} else if r, bad := badPath(path); bad {
		c.report(key, diag.BadName, "a namespace cannot hold %s; it is /, letters, digits, _, - and .", diag.Quote(string(r)))
		return nil, false
	}
	if path != "/" && (strings.HasSuffix(path, "/") || strings.Contains(path, "//")) {
		c.report(key, diag.BadName, "a namespace has no empty part between or behind its slashes")
		return nil, false
	}
	return ns, true
}

// pathShape returns the path of ns with its parameters made alike.
func pathShape(ns *ir.Namespace) string {
	if ns.Parts == nil {
		return ns.Path
	}
	return shape(ns.Parts)
}

// spelled returns a path with the names of its parameters in braces.
func spelled(parts []*ir.NamePart) string {
	var b strings.Builder
	for _, p := range parts {
		if b.WriteString(p.Text); p.Type != nil {
			b.WriteString("{" + p.Wire + "}")
		}
	}
	return b.String()
}

// badPath returns the first character that a namespace cannot hold.
func badPath(path string) (rune, bool) {
	for _, r := range path {
		if r >= 0x80 || !isAlphanumeric(byte(r)) && !strings.ContainsRune("/_-.", r) {
			return r, true
		}
	}
	return 0, false
}

var namespaceKeys = keysOf(language.Namespace)

var namespaceErrorKeys = keysOf(language.NamespaceErrors)

func (c *checker) namespace(ns *ir.Namespace, value *schema.Node) {
	c.out.Namespaces = append(c.out.Namespaces, ns)
	if value.Kind == schema.Null {
		return
	}
	m, ok := c.mapping(value, "a namespace", namespaceKeys)
	if !ok {
		return
	}
	ns.Doc = c.text(m["doc"], "the doc")
	if n := m["auth"]; n != nil {
		ns.Auth = c.auth(n, ns)
	}
	if n := m["data"]; n != nil {
		ns.Data = c.data(n, ns)
	}
	if n := m["errors"]; n != nil {
		if lists, ok := c.mapping(n, "a namespace's errors", namespaceErrorKeys); ok {
			ns.ConnectErrors = c.errorList(lists["connect"])
			ns.EveryErrors = c.errorList(lists["every"])
			c.connectErrors(lists["connect"], ns.ConnectErrors)
		}
	}
	ns.Rooms = c.rooms(m["rooms"], ns)
	var handler, listeners naming.Scope[owner]
	server := c.events(m["server"], ns, fromServer, &listeners)
	for _, s := range server { // a Go client has methods for both directions
		handler.Claim("On"+s.event.Ident, owner{"the listener of event " + diag.Quote(s.event.Wire), s.key})
	}
	client := c.events(m["client"], ns, fromClient, &handler)
	for _, s := range c.events(m["cluster"], ns, amongNodes, &handler) {
		ns.Cluster = append(ns.Cluster, s.event)
	}
	targets := map[string]*ir.Event{}
	for _, s := range server {
		ns.Server = append(ns.Server, s.event)
		targets[s.event.Wire] = s.event
	}
	for _, s := range client {
		ns.Client = append(ns.Client, s.event)
		c.result(s, ns, targets)
	}
}

// auth reads what accompanies CONNECT: always an object, since the official
// client adds keys of its own to it.
func (c *checker) auth(n *schema.Node, ns *ir.Namespace) *ir.Type {
	t := c.value(n, ns.Prefix+"Auth", ns.Path+" auth", "auth")
	if t == nil {
		return nil
	}
	if t.Kind != ir.RefType || t.Ref.Kind != ir.Struct || t.Nullable {
		c.report(n, diag.WrongKind, "auth is a struct: the client adds keys of its own to the object that it sends")
		return nil
	}
	for _, f := range t.Ref.Fields {
		switch {
		case f.Wire == "pid" || f.Wire == "offset":
			c.report(c.fields[f], diag.ReservedAuthField, "auth has no field %s: the client's recovery of a connection uses that key", diag.Quote(f.Wire))
		case strings.HasPrefix(f.Wire, "$"):
			c.report(c.fields[f], diag.ReservedAuthField, "auth has no field %s: sockgen keeps what begins with $ there for itself", diag.Quote(f.Wire))
		}
	}
	if path, ok := bytesIn(t, map[*ir.Decl]bool{}); ok {
		c.report(n, diag.BytesInConnect, "auth holds bytes%s, and the packet that carries it has no attachments", path)
	}
	return t
}

// data reads the server's state of a socket.
func (c *checker) data(n *schema.Node, ns *ir.Namespace) *ir.Type {
	t := c.value(n, ns.Prefix+"Data", ns.Path+" data", "data")
	if t == nil {
		return nil
	}
	if t.Kind != ir.RefType || t.Ref.Kind != ir.Struct || t.Nullable {
		c.report(n, diag.Data, "data is a struct: what the server keeps of each socket, by name")
		return nil
	}
	return t
}

// connectErrors reports errors whose data a refused connection cannot carry.
func (c *checker) connectErrors(n *schema.Node, list []*ir.Error) {
	for _, e := range list {
		if e.Data == nil {
			continue
		}
		if path, ok := bytesIn(e.Data, map[*ir.Decl]bool{}); ok {
			c.report(n, diag.BytesInConnect, "the data of error %s holds bytes%s, and the packet that refuses a connection has no attachments", diag.Quote(e.Code), path)
		}
	}
}

// bytesIn tells whether a value of t can hold bytes, and where.
func bytesIn(t *ir.Type, seen map[*ir.Decl]bool) (where string, ok bool) {
	switch {
	case t == nil:
		return "", false
	case t.Kind == ir.ScalarType:
		return "", t.Scalar == ir.Bytes
	case t.Kind != ir.RefType:
		return bytesIn(t.Elem, seen)
	case t.Ref.Kind == ir.Alias:
		return bytesIn(t.Ref.Of, seen)
	case seen[t.Ref]:
		return "", false
	}
	seen[t.Ref] = true
	for _, v := range t.Ref.Variants {
		if deeper, ok := bytesIn(&ir.Type{Kind: ir.RefType, Ref: v.Of}, seen); ok {
			return deeper, true
		}
	}
	for _, f := range t.Ref.Fields {
		if deeper, ok := bytesIn(f.Type, seen); ok {
			if deeper != "" {
				return deeper, true
			}
			return " in field " + diag.Quote(f.Wire), true
		}
	}
	return "", false
}
