package check

import (
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
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
	var prefixes naming.Scope[*schema.Node]
	for _, e := range n.Entries {
		if !c.path(e.Key) {
			continue
		}
		prefix := prefixOf(e.Key.Text, len(n.Entries))
		if len(n.Entries) > 1 && (prefix == "" || isDigit(prefix[0])) {
			c.report(e.Key, diag.BadName, "namespace %s gives no identifier: it needs a letter before the first digit", diag.Quote(e.Key.Text))
			continue
		}
		// Files carry the prefix in lower case, and some disks ignore case anyway.
		if first, ok := prefixes.Claim(strings.ToLower(prefix), e.Key); !ok {
			c.report(e.Key, diag.Collision, "the identifiers of namespace %s would begin with %s, and so would those of %s in line %d: choose another path",
				diag.Quote(e.Key.Text), prefix, diag.Quote(first.Text), first.Pos.Line)
			continue
		}
		c.namespace(e.Key, e.Value, prefix)
	}
}

// path reports a name that a namespace cannot have.
func (c *checker) path(key *schema.Node) bool {
	path := key.Text
	switch {
	case strings.ContainsAny(path, "{}"):
		c.report(key, diag.Unsupported, "namespaces with parameters belong to the language, but this release of sockgen does not carry them out")
		return false
	case !strings.HasPrefix(path, "/"):
		d := c.report(key, diag.BadName, "a namespace is a path that begins with /")
		if _, ok := badPath("/" + path); !ok {
			d.Suggestion = "/" + path
		}
		return false
	case len(path) > maxName:
		c.report(key, diag.BadName, "a namespace has at most %d characters", maxName)
		return false
	}
	if r, bad := badPath(path); bad {
		c.report(key, diag.BadName, "a namespace cannot hold %s; it is /, letters, digits, _, - and .", diag.Quote(string(r)))
		return false
	}
	if path != "/" && (strings.HasSuffix(path, "/") || strings.Contains(path, "//")) {
		c.report(key, diag.BadName, "a namespace has no empty part between or behind its slashes")
		return false
	}
	return true
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

var namespaceKeys = keys{
	known: []string{"doc", "auth", "errors", "rooms", "client", "server"},
	later: []string{"data", "cluster"},
}

var namespaceErrorKeys = keys{known: []string{"connect", "every"}}

func (c *checker) namespace(key, value *schema.Node, prefix string) {
	ns := &ir.Namespace{Path: key.Text, Prefix: prefix}
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
	if n := m["errors"]; n != nil {
		if lists, ok := c.mapping(n, "a namespace's errors", namespaceErrorKeys); ok {
			ns.ConnectErrors = c.errorList(lists["connect"])
			ns.EveryErrors = c.errorList(lists["every"])
			c.connectErrors(lists["connect"], ns.ConnectErrors)
		}
	}
	ns.Rooms = c.rooms(m["rooms"], ns)
	server := c.events(m["server"], ns, fromServer)
	client := c.events(m["client"], ns, fromClient)
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
		if f.Wire == "pid" || f.Wire == "offset" {
			c.report(c.fields[f], diag.ReservedAuthField, "auth has no field %s: the client's recovery of a connection uses that key", diag.Quote(f.Wire))
		}
	}
	if path, ok := bytesIn(t, map[*ir.Decl]bool{}); ok {
		c.report(n, diag.BytesInConnect, "auth holds bytes%s, and the packet that carries it has no attachments", path)
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
