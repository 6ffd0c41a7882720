// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

var argKeys = keysOf(language.Argument)

// args reads positional arguments as a struct whose fields are the arguments.
func (c *checker) args(n *schema.Node, ident string, e *ir.Event) *ir.Type {
	switch {
	case n.Kind == schema.Invalid:
		return nil
	case n.Kind == schema.Null || n.Kind == schema.Sequence && len(n.Items) == 0:
		c.report(n, diag.Arguments, "args has no argument; leave it out when the event carries nothing")
		return nil
	case n.Kind != schema.Sequence:
		c.report(n, diag.WrongKind, "args is a list of types such as [ float32, float32 ], and this is %s", n.Kind)
		return nil
	}
	e.Positional = true
	decl := &ir.Decl{Ident: ident, Kind: ir.Struct, Origin: e.Wire, Fields: []*ir.Field{}}
	scope := c.fieldScope()
	wires := map[string]bool{}
	optional := false
	for i, item := range n.Items {
		f := c.arg(item, i, decl)
		if f == nil {
			continue
		}
		switch {
		case wires[f.Wire]:
			c.report(item, diag.Duplicate, "argument %s is here already", diag.Quote(f.Wire))
			continue
		case optional && !f.Optional:
			c.report(item, diag.Arguments, "only the last arguments can be optional, and one before this is")
		}
		wires[f.Wire] = true
		optional = optional || f.Optional
		c.claimField(scope, f, item)
		decl.Fields = append(decl.Fields, f)
	}
	return c.inlineDecl(n, decl)
}

// arg reads the argument at index i of owner, which is a type or the long form of a field
// with a name.
func (c *checker) arg(n *schema.Node, i int, owner *ir.Decl) *ir.Field {
	name := fmt.Sprintf("arg%d", i+1)
	f := &ir.Field{Wire: name, Ident: c.spell.Pascal(name)}
	c.fields[f] = n
	what := fmt.Sprintf("argument %d", i+1)
	if n.Kind != schema.Mapping {
		f.Type, f.Optional = c.typeExpr(n, "the type of "+what, true)
		return f
	}
	m, _ := c.mapping(n, "an argument", argKeys)
	if !saysType(n) {
		c.report(n, diag.MissingKey, "argument %d has no type: write { name: y, type: float32 }", i+1)
		return nil
	}
	if node := m["name"]; node != nil {
		word, ok := c.word(node, "an argument's name")
		if !ok || !c.name(node, argRule) {
			return nil
		}
		if camel := c.spell.Camel(word); camel == "ack" || naming.IsTypeScriptReserved(camel) {
			c.report(node, diag.ReservedName, "no argument is called %s, which TypeScript or sockgen keeps for itself", diag.Quote(camel))
			return nil
		}
		if f.Wire, f.Ident = word, c.ident(node, "argument"); f.Ident == "" {
			return nil
		}
		c.fields[f] = node
	}
	c.longField(f, m, owner, what)
	return f
}
