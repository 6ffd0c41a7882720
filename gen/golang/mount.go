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
	for _, e := range n.ns.ConnectErrors {
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
	args := []jen.Code{jen.Id("m"), n.eventValue(e), n.payloadDecoder(e), n.handlerFunc(e)}
	function := "Handle"
	if e.Ack != nil && e.Ack.Type != nil {
		function += "Ack"
		args = append(args, n.encoder(e.Ack.Type))
	}
	if e.Result != nil {
		function += "Result"
		args = append(args, n.emitResult(e.Result))
	}
	b.Qual(typedPath, function).Add(lines(args...))
}

// handlerFunc returns the handler's method for e as package typed calls it:
// with a payload and, for a -> b, a result, even where the schema has none.
func (n *namespace) handlerFunc(e *ir.Event) *jen.Statement {
	handler := jen.Id("h").Dot(e.Ident)
	noResult := e.Result != nil && e.Result.Event.Payload == nil
	if e.Payload != nil && !noResult {
		return handler
	}
	payload, args := jen.Id("_").Qual(typedPath, "Nothing"), []jen.Code{jen.Id("ctx"), jen.Id("s")}
	if e.Payload != nil {
		payload, args = jen.Id("p").Add(n.typ(e.Payload)), append(args, jen.Id("p"))
	}
	m := n.method(e)
	results := m.results
	var body []jen.Code
	switch call := handler.Call(args...); {
	case !noResult:
		body = []jen.Code{jen.Return(call)}
	case len(m.names) == 0:
		results = []jen.Code{jen.Qual(typedPath, "Nothing"), jen.Error()}
		body = []jen.Code{jen.Return(jen.Qual(typedPath, "Nothing").Values(), call)}
	default:
		results = []jen.Code{m.results[0], jen.Qual(typedPath, "Nothing"), jen.Error()}
		body = []jen.Code{
			jen.List(jen.Id("ack"), jen.Err()).Op(":=").Add(call),
			jen.Return(jen.Id("ack"), jen.Qual(typedPath, "Nothing").Values(), jen.Err()),
		}
	}
	list := jen.Params(results...)
	if len(results) == 1 {
		list = jen.Error()
	}
	return jen.Func().Params(ctxParam(), jen.Id("s").Op("*").Add(n.id("Socket")), payload).Add(list).Block(body...)
}

// emitResult returns the function that emits the right side of a -> b.
func (n *namespace) emitResult(r *ir.Result) *jen.Statement {
	payload := jen.Id("_").Qual(typedPath, "Nothing")
	if r.Event.Payload != nil {
		payload = jen.Id("p").Add(n.typ(r.Event.Payload))
	}
	s := jen.Id("s")
	if !n.hasParams() && (r.To == ir.ResultAllInRoom || r.To == ir.ResultNamespace) {
		s = jen.Id("_")
	}
	return jen.Func().Params(ctxParam(), s.Op("*").Add(n.id("Socket")), payload).Error().BlockFunc(func(b *jen.Group) {
		n.emitBody(b, r.Event, "p", n.resultTarget(r))
	})
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
		args = append(args, jen.Id("p").Dot(a.Field.Ident))
	}
	return jen.Id(r.Room.Ident).Call(args...)
}

// emitBody renders the body of a function that emits e, with the payload in
// param, to t.
func (n *namespace) emitBody(b *jen.Group, e *ir.Event, param string, t target) {
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
		b.Return(jen.Qual(typedPath, "Emit").Call(jen.Id("ctx"), to, jen.Lit(e.Wire), jen.Id("e")))
		return
	}
	b.Return(to.Dot("Emit").Call(jen.Id("ctx"), jen.Lit(e.Wire), jen.Id("e")))
}
