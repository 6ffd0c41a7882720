// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// socket renders the namespace's Socket.
func (n *namespace) socket() {
	name := n.ns.Prefix + "Socket"
	n.f.Comment("// " + name + " is one client's presence in " + oneLine(n.ns.Path) + ". Its methods may be called from any goroutine.")
	n.f.Type().Id(name).StructFunc(func(s *jen.Group) {
		if n.hasRooms() {
			s.Qual(typedPath, "RoomSocket").Index(n.id("Room"))
		} else {
			s.Qual(typedPath, "Socket")
		}
		if n.ns.Auth != nil || n.hasParams() {
			s.Line()
		}
		if n.ns.Auth != nil {
			s.Id("auth").Add(n.typ(n.ns.Auth)).Comment("// immutable")
		}
		if n.hasParams() {
			s.Id("params").Add(n.id("Params")).Comment("// immutable")
		}
	})
	n.f.Line()
	receiver := jen.Id("s").Op("*").Id(name)
	n.socketValues(receiver)
	n.f.Comment("// Broadcast returns everybody in the namespace but s.")
	n.f.Func().Params(receiver.Clone()).Id("Broadcast").Params().Add(n.id("All")).Block(
		jen.Return(n.id("All").Values(jen.Id("to").Op(":").Qual(typedPath, "Others").Index(n.id("Socket")).Call(jen.Id("s").Dot("Untyped").Call()))))
	n.f.Line()
	if n.hasRooms() {
		n.f.Comment("// To returns the sockets in any of rooms but s. Without rooms that is nobody.")
		n.f.Func().Params(receiver.Clone()).Id("To").Params(n.roomsParam()).Add(n.id("Rooms")).Block(
			jen.Return(jen.Id("s").Dot("Broadcast").Call().Dot("To").Call(jen.Id("rooms").Op("..."))))
		n.f.Line()
	}
	for _, e := range n.ns.Server {
		switch {
		case !hasAudience(e, ir.AudienceSocket):
		case e.Ack != nil:
			n.call(e, receiver, asking{"Ask", jen.Id("s").Dot("Untyped").Call(), "to the socket and waits for its ack"})
		default:
			n.emit(e, receiver, n.socketTarget(), "to the socket")
		}
	}
	n.remote()
}

// socketValues renders the methods that return what is known of a socket.
func (n *namespace) socketValues(receiver *jen.Statement) {
	method := func(name, doc string, params []jen.Code, result, body jen.Code) {
		n.f.Comment("// " + name + " " + doc)
		n.f.Func().Params(receiver.Clone()).Id(name).Params(params...).Add(result).Block(body)
		n.f.Line()
	}
	if n.ns.Auth != nil {
		method("Auth", "returns what the client presented when it entered.", nil, n.typ(n.ns.Auth), jen.Return(jen.Id("s").Dot("auth")))
	}
	if n.hasParams() {
		method("Params", "returns what the name of the namespace tells.", nil, n.id("Params"), jen.Return(jen.Id("s").Dot("params")))
	}
	if n.ns.Data != nil {
		method("Data", "returns what Connect returned, or SetData kept after that.", nil, n.typ(n.ns.Data),
			jen.Return(jen.Qual(typedPath, "DataOf").Index(n.typ(n.ns.Data)).Call(jen.Id("s").Dot("Untyped").Call())))
		method("SetData", "keeps data with the socket. What it refers to must not change afterwards:\n// other nodes get it as JSON when they ask.",
			[]jen.Code{jen.Id("data").Add(n.typ(n.ns.Data))}, jen.Null(), jen.Id("s").Dot("Untyped").Call().Dot("SetData").Call(jen.Id("data")))
	}
}

// remote renders what FetchSockets returns.
func (n *namespace) remote() {
	name := n.ns.Prefix + "Remote"
	n.f.Comment("// " + name + " is a socket of " + oneLine(n.ns.Path) + " as FetchSockets found it, on whatever node it is.")
	value := jen.Id("r")
	n.f.Type().Id(name).StructFunc(func(s *jen.Group) {
		if n.hasRooms() {
			s.Qual(typedPath, "RoomRemote").Index(n.id("Room"))
			value = jen.Qual(typedPath, "NewRoomRemote").Index(n.id("Room")).Call(jen.Id("r"))
		} else {
			s.Qual(typedPath, "Remote")
		}
	})
	n.f.Line()
	n.f.Func().Id("newRemoteOf" + n.ns.Prefix + "Namespace").Params(jen.Id("r").Qual(typedPath, "Remote")).Id(name).Block(
		jen.Return(jen.Id(name).Values(value)))
	n.f.Line()
	if n.ns.Data != nil {
		n.f.Comment("// Data returns the data of the socket at that moment. It fails when another program")
		n.f.Comment("// than this one keeps something else.")
		n.f.Func().Params(jen.Id("r").Id(name)).Id("Data").Params().Params(n.typ(n.ns.Data), jen.Error()).Block(
			jen.Return(jen.Qual(typedPath, "RemoteData").Index(n.typ(n.ns.Data)).Call(
				jen.Id("r").Dot("Remote"))))
		n.f.Line()
	}
}

func (n *namespace) roomsParam() *jen.Statement {
	return jen.Id("rooms").Op("...").Add(n.id("Room"))
}

// emit renders the method of receiver that emits e to target.
func (n *namespace) emit(e *ir.Event, receiver *jen.Statement, target target, where string) {
	wait := "ctx bounds the way to other nodes; the sockets of this one get it even after ctx has ended."
	switch {
	case target.socket == nil:
	case e.Volatile || e.Slow != "":
		wait = "It does not wait, also when ctx has ended."
	default:
		wait = "While the client has much to read it waits for room, until ctx ends or the socket does."
	}
	n.serverComment("Emit", e, where, wait).to(n.f.Group)
	params, param := n.emitParams(e)
	n.f.Func().Params(receiver.Clone()).Id("Emit" + e.Ident).Params(params...).Error().BlockFunc(func(b *jen.Group) {
		b.Return(n.emitCall(b, e, param, target))
	})
	n.f.Line()
}

// emitParams returns the parameters of a method that emits e, and the name of
// the payload's.
func (n *namespace) emitParams(e *ir.Event) (params []jen.Code, payload string) {
	params = []jen.Code{ctxParam()}
	if e.Payload != nil {
		payload = n.paramFor(e, e.Payload, "p")
		params = append(params, jen.Id(payload).Add(n.sent(e.Payload)))
	}
	return params, payload
}

// serverComment returns the comment of a method that emits e; wait says what the end
// of its ctx means.
func (n *namespace) serverComment(verb string, e *ir.Event, where, wait string) *comment {
	text := verb + e.Ident + " emits " + strconv.Quote(e.Wire) + " " + where + "."
	c := (&comment{}).add(text).payloadFacts(e).serverPolicies(e).add(wait)
	if e.Doc != "" {
		c.paragraph(e.Doc)
	}
	return c.deprecated(e.Deprecated)
}

// An asking says how one socket is asked for an ack.
type asking struct {
	function string // of package typed, which another with "Nothing" at its end goes with
	to       *jen.Statement
	where    string
}

// call renders the method of receiver that emits e to one socket and waits for
// its ack.
func (n *namespace) call(e *ir.Event, receiver *jen.Statement, how asking) {
	n.serverComment("Call", e, how.where,
		"The end of ctx ends the waiting, not the event: with typed.CodeTimeout at its deadline, else with its cause.").to(n.f.Group)
	params, param := n.emitParams(e)
	function, results := how.function+"Nothing", jen.Error()
	if e.Ack.Type != nil {
		function, results = how.function, jen.Params(n.typ(e.Ack.Type), jen.Error())
	}
	ask := jen.Qual(typedPath, function).Call(jen.Id("ctx"), how.to, jen.Lit(e.Wire), timeoutOf(e), jen.Id("e"))
	if e.Ack.Type != nil {
		ask = n.ackReader(n.ns, e).Call(ask)
	}
	n.f.Func().Params(receiver.Clone()).Id("Call" + e.Ident).Params(params...).Add(results).BlockFunc(func(b *jen.Group) {
		n.arguments(b, e, param)
		b.Return(ask)
	})
	n.f.Line()
}

// callAll renders the method of receiver, an audience, that emits e to all of it
// and yields the acks.
func (n *namespace) callAll(e *ir.Event, receiver *jen.Statement) {
	if e.Timeout <= 0 {
		n.fail("event %s: acks of several sockets need a timeout", e.Wire)
		return
	}
	n.serverComment("Call", e, "to them all and yields their acks as they arrive",
		"The deadline of ctx ends the waiting with typed.CodeTimeout for each that is silent; cancelling it, with its cause and no id.").to(n.f.Group)
	params, param := n.emitParams(e)
	ack := jen.Qual(typedPath, "Nothing")
	if e.Ack.Type != nil {
		ack = n.typ(e.Ack.Type)
	}
	results := jen.Qual("iter", "Seq2").Index(jen.List(jen.Qual(socketioPath, "ID"), jen.Qual(typedPath, "Result").Index(ack)))
	encode := jen.Func().Params(encoderParam())
	write := func(b *jen.Group) { n.payload(b, e, param) }
	switch {
	case e.Payload == nil:
		encode = jen.Func().Params(jen.Qual(typedPath, "Encoder")).Block()
	case isStruct(e.Payload) && !e.Positional:
		encode.CustomFunc(jen.Options{Open: "{ ", Close: " }"}, write)
	default:
		encode.BlockFunc(write)
	}
	n.f.Func().Params(receiver.Clone()).Id("Call" + e.Ident).Params(params...).Add(results).Block(
		jen.Return(jen.Qual(typedPath, "AskAll").Call(jen.Id("ctx"), jen.Id("a").Dot("to"), jen.Lit(e.Wire), timeoutOf(e), encode, n.ackReader(n.ns, e))))
	n.f.Line()
}

// timeoutOf returns how long the ack of e may take, 0 when the schema leaves it to
// the server's configuration.
func timeoutOf(e *ir.Event) *jen.Statement {
	if e.Timeout <= 0 {
		return jen.Lit(0)
	}
	return duration(e.Timeout)
}
