// SPDX-License-Identifier: Apache-2.0

package check

import (
	"maps"
	"regexp"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// reservedEvents are the names that no client may send and no server may emit
// (R146, R147), with what happens under them.
var reservedEvents = map[string]string{
	"connect":        "a namespace's connection",
	"connect_error":  "a refused connection",
	"disconnect":     "a socket's end",
	"disconnecting":  "a socket's end",
	"newListener":    "a listener that is added",
	"removeListener": "a listener that is removed",
}

// claimOwn takes the identifiers that the targets need themselves, before the schema's.
func (c *checker) claimOwn(namespaces *schema.Node) {
	doc := &ir.Document{}
	keys := map[*ir.Namespace]*schema.Node{}
	if namespaces != nil && namespaces.Kind == schema.Mapping {
		for _, e := range namespaces.Entries {
			var name *schema.Node
			if e.Value.Kind == schema.Mapping {
				name = e.Value.Get("name")
			}
			ns := &ir.Namespace{Path: e.Key.Text, Prefix: c.prefixOf(e.Key.Text, name, len(namespaces.Entries))}
			doc.Namespaces = append(doc.Namespaces, ns)
			keys[ns] = e.Key
		}
	}
	c.own.ClientEvents, c.own.ServerEvents = map[string]string{}, map[string]string{}
	scopes := map[string]*naming.Scope[*ir.Namespace]{}
	for _, target := range c.targets {
		names := target.Names(doc)
		c.own.Members = append(c.own.Members, names.Members...)
		maps.Copy(c.own.ClientEvents, names.ClientEvents)
		maps.Copy(c.own.ServerEvents, names.ServerEvents)
		for _, claim := range names.Claims {
			if claim.Scope == "" {
				c.idents.Claim(claim.Ident, owner{what: ownerOf(claim)})
				continue
			}
			if scopes[claim.Scope] == nil {
				scopes[claim.Scope] = &naming.Scope[*ir.Namespace]{}
			}
			if first, ok := scopes[claim.Scope].Claim(claim.Ident, claim.Namespace); !ok && !strings.EqualFold(first.Prefix, claim.Namespace.Prefix) { // alike are reported as such
				c.report(keys[claim.Namespace], diag.Collision, "this namespace and %s would both have a %s among the %s: call one of the two otherwise, with name",
					diag.Quote(first.Path), claim.Ident, claim.Scope)
			}
		}
	}
}

// ownerOf says what has the identifier of a claim.
func ownerOf(claim ir.Claim) string {
	if claim.Namespace == nil {
		return "something that generated files need"
	}
	return "what sockgen generates for each namespace"
}

var parameters = regexp.MustCompile(`\{[^{}]*\}`)

// prefixOf returns what the identifiers of a namespace carry: its name, or the
// words of its path, or nothing in a document of one namespace.
func (c *checker) prefixOf(path string, name *schema.Node, namespaces int) string {
	switch {
	case name != nil && name.Kind == schema.Scalar:
		return name.Text
	case namespaces == 1:
		return ""
	case path == "/":
		return "Main"
	}
	return c.spell.Pascal(parameters.ReplaceAllString(path, "/"))
}
