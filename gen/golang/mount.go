// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// mount renders the function that joins a Handler to a server.
func (n *namespace) mount() {
	name := "Mount" + n.ns.Prefix
	n.f.Comment("// " + name + " lets h serve " + oneLine(n.ns.Path) + ". Call it once, before srv serves.")
	n.f.Func().Id(name).Params(
		jen.Id("srv").Op("*").Qual(socketioPath, "Server"),
		jen.Id("h").Add(n.id("Handler")),
		jen.Id("opts").Op("...").Qual(typedPath, "MountOption"),
	).BlockFunc(func(b *jen.Group) {
		b.Id("m").Op(":=").Qual(typedPath, "NewMount").Call(n.host(), jen.Id("h").Dot("Disconnect"), jen.Id("opts"))
		if n.ns.Fingerprint != "" {
			args := []jen.Code{n.id("Fingerprint")}
			for _, a := range n.ns.Ancestors {
				args = append(args, jen.Lit(a))
			}
			b.Id("m").Dot("Schema").Call(args...)
		}
		n.accept(b)
		for _, e := range n.ns.Client {
			n.handle(b, e)
		}
		for _, e := range n.ns.Cluster {
			n.handleCluster(b, e)
		}
	})
	n.f.Line()
}

// host returns the expression for what handlers are registered with on srv.
func (n *namespace) host() *jen.Statement {
	if n.hasParams() {
		return jen.Id(n.pathName()).Dot("Family").Call(jen.Id("srv"))
	}
	return jen.Id("srv").Dot("Of").Call(jen.Id(n.pathName()))
}

// lines prints the arguments of a call one to a line.
func lines(args ...jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: "(", Close: ")", Separator: ",", Multi: true}, args...)
}

// accept renders what happens when a client enters.
func (n *namespace) accept(b *jen.Group) {
	raw := jen.Id("s").Op("*").Qual(socketioPath, "Socket")
	embedded := jen.Id("Socket").Op(":").Qual(typedPath, "NewSocket").Call(jen.Id("s"))
	if n.hasRooms() {
		embedded = jen.Id("RoomSocket").Op(":").Qual(typedPath, "NewRoomSocket").Index(n.id("Room")).Call(jen.Id("s"))
	}
	values := []jen.Code{embedded}
	auth := jen.Id("_").Qual(typedPath, "Nothing")
	if n.ns.Auth != nil {
		auth = jen.Id("auth").Add(n.typ(n.ns.Auth))
		values = append(values, jen.Id("auth").Op(":").Id("auth"))
	}
	if n.hasParams() {
		values = append(values, jen.Id("params").Op(":").Id(n.pathName()).Dot("ParamsOf").Call(jen.Id("s").Dot("Namespace").Call()))
	}
	bind := jen.Func().Params(raw, auth.Clone()).Op("*").Add(n.id("Socket")).Block(
		jen.Return(jen.Op("&").Add(n.id("Socket")).Values(values...)))
	args := []jen.Code{jen.Id("m"), n.decoder(n.ns.Auth), bind, n.connectFunc(auth)}
	for _, e := range n.ns.Refusals() {
		args = append(args, jen.Id("Code"+e.Ident))
	}
	b.Qual(typedPath, "Accept").Add(lines(args...))
}

// connectFunc returns the handler's Connect as package typed calls it: with an
// auth payload, and without data.
func (n *namespace) connectFunc(auth *jen.Statement) *jen.Statement {
	connect := jen.Id("h").Dot("Connect")
	args := []jen.Code{jen.Id("ctx"), jen.Id("s")}
	if n.ns.Auth != nil {
		args = append(args, jen.Id("auth"))
	}
	body := []jen.Code{jen.Return(connect.Clone().Call(args...))}
	switch {
	case n.ns.Data != nil:
		body = []jen.Code{
			jen.List(jen.Id("data"), jen.Err()).Op(":=").Add(connect.Call(args...)),
			jen.If(jen.Err().Op("==").Nil()).Block(jen.Id("s").Dot("SetData").Call(jen.Id("data"))),
			jen.Return(jen.Err()),
		}
	case n.ns.Auth != nil:
		return connect
	}
	return jen.Func().Params(ctxParam(), jen.Id("s").Op("*").Add(n.id("Socket")), auth.Clone()).Error().Block(body...)
}

// handle renders the registration of one client event.
func (n *namespace) handle(b *jen.Group, e *ir.Event) {
	how := jen.Qual(typedPath, "Handling").Index(n.id("Socket"))
	answer := jen.Id("_")
	if e.Ack != nil && e.Ack.Type != nil {
		answer = jen.Id("answer")
	}
	run := jen.Func().Params(ctxParam(), jen.Id("s").Op("*").Add(n.id("Socket")), answer.Func().Params().Qual(typedPath, "Encoder")).Error().
		BlockFunc(func(b *jen.Group) { n.run(b, e) })
	prepare := jen.Func().Params().Add(how.Clone()).BlockFunc(func(b *jen.Group) {
		fields := []jen.Code{jen.Id("Run").Op(":").Add(run)}
		if e.Payload != nil {
			b.Var().Id("p").Add(n.typ(e.Payload))
			read := jen.Id("Payload").Op(":").Op("&").Id("p").Op(",").Id("Decode").Op(":").Add(n.payloadReader(e, place{expr: "p"})) // on one line
			fields = append([]jen.Code{read}, fields...)
		}
		if e.Rate != nil && e.Rate.By != nil {
			by := &ir.NamePart{Wire: e.Rate.By.Wire, Ident: e.Rate.By.Ident, Type: e.Rate.By.Type}
			text, _ := n.paramText(by, jen.Id("s").Dot("Data").Call().Dot(by.Ident))
			fields = append(fields, jen.Id("RateBy").Op(":").Func().Params(jen.Id("s").Op("*").Add(n.id("Socket"))).String().Block(jen.Return(text)))
		}
		b.Return(how.Clone().Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, fields...))
	})
	b.Id("m").Dot("Handle").Call(n.eventValue(e), prepare)
}

// run renders the call of the handler's method for e, and what becomes of its results.
func (n *namespace) run(b *jen.Group, e *ir.Event) {
	args := []jen.Code{jen.Id("ctx"), jen.Id("s")}
	if e.Payload != nil {
		args = append(args, jen.Id("p"))
	}
	call := jen.Id("h").Dot(e.Ident).Call(args...)
	acked := e.Ack != nil && e.Ack.Type != nil
	var results []jen.Code
	if acked {
		results = append(results, jen.Id("ack"))
	}
	if e.Result != nil && e.Result.Event.Payload != nil {
		results = append(results, jen.Id("result"))
	}
	if len(results) == 0 && e.Result == nil {
		b.Return(call)
		return
	}
	b.List(append(results, jen.Err())...).Op(":=").Add(call)
	succeeded := jen.Err().Op("==").Nil()
	switch {
	case e.Result == nil:
	case acked: // also when nothing shall be emitted
		b.If(succeeded).BlockFunc(func(b *jen.Group) {
			emit := n.emitCall(b, e.Result.Event, "result", n.resultTarget(e.Result))
			b.Err().Op("=").Add(emit)
		})
		succeeded = jen.Err().Op("=").Qual(typedPath, "Unskipped").Call(jen.Err()).Op(";").Err().Op("==").Nil()
	default:
		b.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Qual(typedPath, "Unskipped").Call(jen.Err())))
		b.Return(n.emitCall(b, e.Result.Event, "result", n.resultTarget(e.Result)))
		return
	}
	b.If(succeeded).BlockFunc(func(b *jen.Group) { n.encode(b, jen.Id("answer").Call(), place{expr: "ack"}, n.inputs.Of(e.Ack.Type)) })
	b.Return(jen.Err())
}

// A target is the expression for what an event is emitted to: a socket of the
// runtime, or an Audience of package typed.
type target struct{ socket, audience *jen.Statement }

func (n *namespace) socketTarget() target {
	return target{socket: jen.Id("s").Dot("Untyped").Call()}
}

// resultTarget returns what the result is emitted to.
func (n *namespace) resultTarget(r *ir.Result) target {
	all := jen.Id("On" + n.ns.Prefix).Call(jen.Id("srv")).Dot("to")
	if n.hasParams() {
		all = jen.Qual(typedPath, "Everybody").Index(n.id("Socket")).Call(jen.Id("s").Dot("Untyped").Call().Dot("Namespace").Call())
	}
	switch r.To {
	case ir.ResultOthersInRoom:
		return target{audience: jen.Id("s").Dot("To").Call(n.resultRoom(r)).Dot("to")}
	case ir.ResultAllInRoom:
		return target{audience: jen.Qual(typedPath, "In").Call(all, jen.Index().Add(n.id("Room")).Values(n.resultRoom(r)))}
	case ir.ResultOthersInNamespace:
		return target{audience: jen.Id("s").Dot("Broadcast").Call().Dot("to")}
	case ir.ResultNamespace:
		return target{audience: all}
	}
	return n.socketTarget()
}

func (n *namespace) resultRoom(r *ir.Result) *jen.Statement {
	var args []jen.Code
	for _, a := range r.Args {
		if a.Field.Optional || a.Field.Type.Nullable {
			n.fail("event %s: room %s takes its %s from a field that may be missing", r.Event.Wire, r.Room.Key, a.Param.Wire)
		}
		args = append(args, jen.Id("result").Dot(a.Field.Ident))
	}
	return jen.Id(r.Room.Ident).Call(args...)
}

// emitCall renders the statements before the call that emits e, with the payload in
// param, to t, and returns the call.
func (n *namespace) emitCall(b *jen.Group, e *ir.Event, param string, t target) *jen.Statement {
	n.arguments(b, e, param)
	if e.MayEndInOffset() {
		b.Id("e").Dot("Reserve").Call(jen.Lit(len(e.Arguments())))
	}
	to := t.socket
	if to == nil {
		to = t.audience
	}
	to = withPolicies(to, e)
	if t.socket != nil {
		return jen.Qual(typedPath, "Emit").Call(jen.Id("ctx"), to, jen.Lit(e.Wire), jen.Id("e"))
	}
	return to.Dot("Emit").Call(jen.Id("ctx"), jen.Lit(e.Wire), jen.Id("e"))
}
