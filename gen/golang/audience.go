package golang

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// rooms renders the namespace's Room type and the functions that make one.
func (n *namespace) rooms() {
	if !n.hasRooms() {
		return
	}
	name := n.ns.Prefix + "Room"
	n.f.Comment("// " + name + " names a room of " + oneLine(n.ns.Path) + ". The functions below make one.")
	n.f.Type().Id(name).Qual(socketioPath, "Room")
	n.f.Line()
	for _, r := range n.ns.Rooms {
		n.room(r)
	}
}

func (n *namespace) room(r *ir.Room) {
	var params []jen.Code
	expr := jen.Null()
	several := 0
	for _, p := range r.Parts {
		if p.Type != nil {
			several++
		}
	}
	for i, p := range r.Parts {
		if i > 0 {
			expr = expr.Op("+")
		}
		if p.Type == nil {
			expr = expr.Lit(p.Text)
			continue
		}
		name := paramName(p.Ident, p.Ident+"_")
		params = append(params, jen.Id(name).Add(n.typ(p.Type)))
		expr = expr.Add(n.roomParam(r, p, name, several > 1))
	}
	if len(r.Parts) == 0 {
		expr = jen.Lit("")
	}
	says := "a room"
	if several == 0 {
		says = "the room"
	}
	c := (&comment{}).add(r.Ident + " names " + says + " " + strconv.Quote(r.Key) + ".")
	if r.Doc != "" {
		c = (&comment{}).add(r.Ident + " names " + says + ": " + lowerFirst(r.Doc))
	}
	c.to(n.f.Group)
	n.f.Func().Id(r.Ident).Params(params...).Add(n.id("Room")).Block(jen.Return(n.id("Room").Parens(expr)))
	n.f.Line()
}

// roomParam returns a parameter's text. Where a room has several, the text of
// one must not look like the boundary to the next.
func (n *namespace) roomParam(r *ir.Room, p *ir.NamePart, name string, several bool) *jen.Statement {
	t := base(p.Type)
	if t.Kind == ir.ScalarType && !t.Nullable && !p.Type.Nullable {
		switch t.Scalar {
		case ir.String:
			if several {
				return jen.Qual(typedPath, "RoomPart").Call(jen.Id(name))
			}
			return jen.Id(name)
		case ir.UUID:
			return jen.Id(name)
		case ir.Bool:
			return jen.Qual("strconv", "FormatBool").Call(jen.Id(name))
		case ir.Int, ir.Int64:
			return jen.Qual("strconv", "FormatInt").Call(jen.Id(name), jen.Lit(10))
		case ir.Int32:
			return jen.Qual("strconv", "FormatInt").Call(jen.Int64().Call(jen.Id(name)), jen.Lit(10))
		case ir.Uint64:
			return jen.Qual("strconv", "FormatUint").Call(jen.Id(name), jen.Lit(10))
		case ir.Uint32:
			return jen.Qual("strconv", "FormatUint").Call(jen.Uint64().Call(jen.Id(name)), jen.Lit(10))
		}
	}
	n.fail("room %s: parameter %s has a type that no room's name can contain", r.Key, p.Wire)
	return jen.Lit("")
}

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
		if n.ns.Auth != nil {
			s.Line()
			s.Id("auth").Add(n.typ(n.ns.Auth)).Comment("// immutable")
		}
	})
	n.f.Line()
	receiver := jen.Id("s").Op("*").Id(name)
	if n.ns.Auth != nil {
		n.f.Comment("// Auth returns what the client presented when it entered.")
		n.f.Func().Params(receiver.Clone()).Id("Auth").Params().Add(n.typ(n.ns.Auth)).Block(jen.Return(jen.Id("s").Dot("auth")))
		n.f.Line()
	}
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
		case e.Ack != nil:
			n.call(e, receiver)
		case hasAudience(e, ir.AudienceSocket):
			n.emit(e, receiver, n.socketTarget(), "to the socket")
		}
	}
}

func (n *namespace) roomsParam() *jen.Statement {
	return jen.Id("rooms").Op("...").Add(n.id("Room"))
}

// emit renders the method of receiver that emits e to target.
func (n *namespace) emit(e *ir.Event, receiver *jen.Statement, target target, where string) {
	n.serverComment("Emit", e, where).to(n.f.Group)
	params, param := n.emitParams(e)
	n.f.Func().Params(receiver.Clone()).Id("Emit" + e.Ident).Params(params...).Error().BlockFunc(func(b *jen.Group) {
		n.emitBody(b, e, param, target)
	})
	n.f.Line()
}

// emitParams returns the parameters of a method that emits e, and the name of
// the payload's.
func (n *namespace) emitParams(e *ir.Event) (params []jen.Code, payload string) {
	params = []jen.Code{ctxParam()}
	if e.Payload != nil {
		payload = paramFor(e, e.Payload, "p")
		params = append(params, jen.Id(payload).Add(n.typ(e.Payload)))
	}
	return params, payload
}

func (n *namespace) serverComment(verb string, e *ir.Event, where string) *comment {
	text := verb + e.Ident + " emits " + strconv.Quote(e.Wire) + " " + where + "."
	c := (&comment{}).add(text)
	if e.Doc != "" {
		c.add(strconv.Quote(e.Wire) + " " + lowerFirst(e.Doc))
	}
	return c.deprecated(e.Deprecated)
}

// call renders the method of the socket that emits e and waits for its ack.
func (n *namespace) call(e *ir.Event, receiver *jen.Statement) {
	if !hasAudience(e, ir.AudienceSocket) {
		n.fail(`event %s is acknowledged, so its "to" must contain socket`, e.Wire)
		return
	}
	n.serverComment("Call", e, "to the socket and waits for its ack").to(n.f.Group)
	params, param := n.emitParams(e)
	function, results := "CallNothing", jen.Error()
	args := []jen.Code{jen.Id("ctx"), jen.Id("s").Dot("Untyped").Call(), jen.Lit(e.Wire), jen.Id("e")}
	if e.Ack.Type != nil {
		function, results = "Call", jen.Params(n.typ(e.Ack.Type), jen.Error())
		args = append(args, n.decoder(e.Ack.Type))
	}
	n.f.Func().Params(receiver.Clone()).Id("Call" + e.Ident).Params(params...).Add(results).BlockFunc(func(b *jen.Group) {
		n.arguments(b, e, param)
		b.Return(jen.Qual(typedPath, function).Call(args...))
	})
	n.f.Line()
}

// audiences renders On and the types that events are emitted through.
func (n *namespace) audiences() {
	on := "On" + n.ns.Prefix
	n.f.Comment("// " + on + " returns everybody in " + oneLine(n.ns.Path) + ". It may be called from anywhere.")
	n.f.Func().Id(on).Params(jen.Id("srv").Op("*").Qual(socketioPath, "Server")).Add(n.id("All")).Block(
		jen.Return(n.id("All").Values(jen.Id("to").Op(":").Qual(typedPath, "Everybody").Index(n.id("Socket")).Call(n.namespaceOf()))))
	n.f.Line()
	all := audience{n, "All", "everybody in " + oneLine(n.ns.Path) + ", less those that Except names", "to them all"}
	all.declare()
	receiver := jen.Id("a").Add(n.id("All"))
	if n.hasRooms() {
		n.f.Comment("// To returns those in any of rooms. Without rooms that is nobody.")
		n.f.Func().Params(receiver.Clone()).Id("To").Params(n.roomsParam()).Add(n.id("Rooms")).Block(
			jen.Return(n.id("Rooms").Values(jen.Id("to").Op(":").Qual(typedPath, "In").Call(jen.Id("a").Dot("to"), jen.Id("rooms")))))
		n.f.Line()
	}
	if n.has(ir.AudienceSocket) {
		n.f.Comment("// ToSocket returns the one with that id.")
		n.f.Func().Params(receiver.Clone()).Id("ToSocket").Params(jen.Id("id").Qual(socketioPath, "ID")).Add(n.id("One")).Block(
			jen.Return(n.id("One").Values(jen.Id("to").Op(":").Id("a").Dot("to").Dot("One").Call(jen.Id("id")))))
		n.f.Line()
	}
	all.operators(true)
	all.events(ir.AudienceNamespace)
	if n.hasRooms() {
		rooms := audience{n, "Rooms", "the sockets in some rooms, less those that Except names", "to them all"}
		rooms.declare()
		rooms.operators(true)
		rooms.events(ir.AudienceRoom)
	}
	if n.has(ir.AudienceSocket) {
		one := audience{n, "One", "one socket, on whatever node it is", "to it"}
		one.declare()
		one.operators(false)
		one.events(ir.AudienceSocket)
	}
}

// An audience renders a type that events are emitted through.
type audience struct {
	*namespace
	name  string // "Rooms"
	doc   string
	where string // the end of "emits … "
}

func (a audience) declare() {
	name := a.ns.Prefix + a.name
	a.f.Comment("// " + name + " stands for " + a.doc + ".")
	a.f.Type().Id(name).Struct(jen.Id("to").Qual(typedPath, "Audience").Index(a.id("Socket")))
	a.f.Line()
}

// operators renders the methods that return a narrower audience; several tells
// whether there may be more sockets than one.
func (a audience) operators(several bool) {
	name := a.ns.Prefix + a.name
	operator := func(method, doc string, params, args []jen.Code) {
		a.f.Comment("// " + method + " " + doc)
		a.f.Func().Params(jen.Id("a").Id(name)).Id(method).Params(params...).Id(name).Block(
			jen.Return(jen.Id(name).Values(jen.Id("to").Op(":").Id("a").Dot("to").Dot(method).Call(args...))))
		a.f.Line()
	}
	if several {
		operator("Except", "leaves out the sockets with these ids.",
			[]jen.Code{jen.Id("ids").Op("...").Qual(socketioPath, "ID")},
			[]jen.Code{jen.Id("ids").Op("...")})
	}
	operator("Local", "leaves out the sockets on other nodes.", nil, nil)
	operator("Volatile", "lets an event be lost where it cannot be written at once.", nil, nil)
	if several {
		a.f.Comment("// Sockets returns those on this node, in the order of their ids.")
		a.f.Func().Params(jen.Id("a").Id(name)).Id("Sockets").Params().Index().Op("*").Add(a.id("Socket")).Block(
			jen.Return(jen.Id("a").Dot("to").Dot("Sockets").Call()))
		a.f.Line()
	}
}

// events renders the methods that emit what the schema sends to kind.
func (a audience) events(kind ir.AudienceKind) {
	for _, e := range a.ns.Server {
		if e.Ack == nil && hasAudience(e, kind) {
			a.emit(e, jen.Id("a").Id(a.ns.Prefix+a.name), target{audience: jen.Id("a")}, a.where)
		}
	}
}
