// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// clusterParams returns the parameters of a handler's method for a cluster event,
// and its payload's name.
func (n *namespace) clusterParams(e *ir.Event) (params []jen.Code, payload string) {
	params = []jen.Code{ctxParam()}
	if n.hasParams() {
		params = append(params, jen.Id("params").Add(n.id("Params")))
	}
	if e.Payload != nil {
		payload = n.paramFor(e, e.Payload, "p")
		params = append(params, jen.Id(payload).Add(n.typ(e.Payload)))
	}
	return params, payload
}

// clusterMethod renders a handler's method for a cluster event.
func (n *namespace) clusterMethod(i *jen.Group, e *ir.Event) {
	name := "Cluster" + e.Ident
	text := name + " handles " + strconv.Quote(e.Wire) + ", which another node of the cluster sends"
	if e.Doc != "" {
		text += ": " + lowerFirst(e.Doc)
	} else {
		text += "."
	}
	(&comment{}).add(text).add("Calls may overlap. An error is for the log.").deprecated(e.Deprecated).to(i)
	params, _ := n.clusterParams(e)
	i.Id(name).Params(params...).Error()
}

// handleCluster renders the registration of a cluster event.
func (n *namespace) handleCluster(b *jen.Group, e *ir.Event) {
	args := []jen.Code{jen.Id("ctx")}
	if n.hasParams() {
		args = append(args, jen.Id(n.pathName()).Dot("ParamsOf").Call(jen.Id("e").Dot("Namespace").Call()))
	}
	name := jen.Id("_")
	if n.hasParams() || e.Payload != nil {
		name = jen.Id("e")
	}
	handle := jen.Func().Params(ctxParam(), name.Qual(typedPath, "ClusterEvent")).Error().BlockFunc(func(b *jen.Group) {
		if e.Payload != nil {
			args = append(args, jen.Id("p"))
			b.Var().Id("p").Add(n.typ(e.Payload))
			b.If(jen.Err().Op(":=").Id("e").Dot("Decode").Call(n.reader(e.Payload, "p")), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err()))
		}
		b.Return(jen.Id("h").Dot("Cluster" + e.Ident).Call(args...))
	})
	b.Id("m").Dot("HandleCluster").Call(jen.Lit(e.Wire), handle)
}

// emitCluster renders the method of All that sends e to the other nodes.
func (n *namespace) emitCluster(e *ir.Event) {
	name := "Cluster" + e.Ident
	c := (&comment{}).add(name + " sends " + strconv.Quote(e.Wire) + " to the other nodes that serve the namespace, whatever Except says.")
	if e.Doc != "" {
		c.paragraph(e.Doc)
	}
	c.deprecated(e.Deprecated).to(n.f.Group)
	params, param := n.emitParams(e)
	n.f.Func().Params(jen.Id("a").Add(n.id("All"))).Id(name).Params(params...).Error().BlockFunc(func(b *jen.Group) {
		args := []jen.Code{jen.Id("ctx"), jen.Id("a").Dot("to"), jen.Lit(e.Wire)}
		if e.Payload == nil {
			b.Return(jen.Qual(typedPath, "EmitClusterNothing").Call(args...))
			return
		}
		b.Id("e").Op(":=").Qual(typedPath, "NewJSON").Call()
		n.encode(b, jen.Id("e"), place{expr: param}, n.inputs.Of(e.Payload))
		b.Return(jen.Qual(typedPath, "EmitCluster").Call(append(args, jen.Id("e"))...))
	})
	n.f.Line()
}
