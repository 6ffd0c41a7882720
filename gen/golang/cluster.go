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
	node := jen.Id("_")
	if n.hasParams() {
		node = jen.Id("n")
		args = append(args, jen.Id(n.pathName()).Dot("ParamsOf").Call(jen.Id("n")))
	}
	payload := jen.Id("_").Qual(typedPath, "Nothing")
	if e.Payload != nil {
		payload = jen.Id("p").Add(n.typ(e.Payload))
		args = append(args, jen.Id("p"))
	}
	handle := jen.Func().Params(ctxParam(), node.Op("*").Qual(socketioPath, "Namespace"), payload).Error().Block(
		jen.Return(jen.Id("h").Dot("Cluster" + e.Ident).Call(args...)))
	b.Qual(typedPath, "HandleCluster").Add(lines(jen.Id("m"), jen.Lit(e.Wire), n.decoder(e.Payload), handle))
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
	call := jen.Qual(typedPath, "EmitClusterNothing").Call(jen.Id("ctx"), jen.Id("a").Dot("to"), jen.Lit(e.Wire))
	if e.Payload != nil {
		call = jen.Qual(typedPath, "EmitCluster").Call(jen.Id("ctx"), jen.Id("a").Dot("to"), jen.Lit(e.Wire), jen.Op("&").Id(param), n.encoder(e.Payload))
	}
	n.f.Func().Params(jen.Id("a").Add(n.id("All"))).Id(name).Params(params...).Error().Block(jen.Return(call))
	n.f.Line()
}
