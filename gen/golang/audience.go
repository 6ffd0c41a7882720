// SPDX-License-Identifier: Apache-2.0

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
		name := n.paramName(p.Ident, p.Ident+"_")
		params = append(params, jen.Id(name).Add(n.typ(p.Type)))
		expr = expr.Add(n.roomParam(p, name, several > 1))
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
func (n *namespace) roomParam(p *ir.NamePart, name string, several bool) *jen.Statement {
	text, _ := n.paramText(p, jen.Id(name))
	if t := base(p.Type); several && (t.Kind == ir.RefType || t.Scalar == ir.String || isForeign(p.Type)) {
		return jen.Qual(typedPath, "RoomPart").Call(text)
	}
	return text
}

// audiences renders On and the types that events are emitted through.
func (n *namespace) audiences() {
	n.on()
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
	all.members()
	all.events(ir.AudienceNamespace)
	for _, e := range n.ns.Cluster {
		n.emitCluster(e)
	}
	if n.hasRooms() {
		rooms := audience{n, "Rooms", "the sockets in some rooms, less those that Except names", "to them all"}
		rooms.declare()
		rooms.operators(true)
		rooms.members()
		rooms.events(ir.AudienceRoom)
	}
	if n.has(ir.AudienceSocket) {
		one := audience{n, "One", "one socket, on whatever node it is", "to it"}
		one.declare()
		one.operators(false)
		one.events(ir.AudienceSocket)
	}
}

// on renders the function that returns everybody.
func (n *namespace) on() {
	name := "On" + n.ns.Prefix
	params := []jen.Code{jen.Id("srv").Op("*").Qual(socketioPath, "Server")}
	everybody := jen.Qual(typedPath, "Everybody").Index(n.id("Socket")).Call(n.host())
	n.f.Comment("// " + name + " returns everybody in " + oneLine(n.ns.Path) + ". It may be called from anywhere.")
	if n.hasParams() {
		n.f.Comment("// With params that do not fit the schema, everything that is done with it fails.")
		params = append(params, jen.Id("params").Add(n.id("Params")))
		everybody = jen.Qual(typedPath, "EverybodyAt").Index(n.id("Socket")).Call(jen.Id("srv"), jen.Id(n.pathName()), jen.Id("params"))
	}
	n.f.Func().Id(name).Params(params...).Add(n.id("All")).Block(
		jen.Return(n.id("All").Values(jen.Id("to").Op(":").Add(everybody))))
	n.f.Line()
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

// members renders the methods about the sockets themselves, on all nodes.
func (a audience) members() {
	receiver := jen.Id("a").Id(a.ns.Prefix + a.name)
	method := func(name string, params []jen.Code, results *jen.Statement, function string, args ...jen.Code) {
		call := jen.Qual(typedPath, function).Call(append([]jen.Code{jen.Id("ctx"), jen.Id("a").Dot("to")}, args...)...)
		a.f.Func().Params(receiver.Clone()).Id(name).Params(append([]jen.Code{ctxParam()}, params...)...).Add(results).Block(jen.Return(call))
		a.f.Line()
	}
	a.f.Comment("// FetchSockets returns those on all nodes, in the order of their ids. With an")
	a.f.Comment("// error it returns those of the nodes that did answer.")
	method("FetchSockets", nil, jen.Params(jen.Index().Add(a.id("Remote")), jen.Error()), "Fetch", jen.Id("newRemoteOf"+a.ns.Prefix+"Namespace"))
	if a.hasRooms() {
		a.f.Comment("// Join adds them to rooms, on all nodes. It does not wait for other nodes.")
		method("Join", []jen.Code{a.roomsParam()}, jen.Error(), "Join", jen.Id("rooms"))
		a.f.Comment("// Leave takes them out of rooms, on all nodes. It does not wait for other nodes.")
		method("Leave", []jen.Code{a.roomsParam()}, jen.Error(), "Leave", jen.Id("rooms"))
	}
	a.f.Comment("// Disconnect takes them out of the namespace, on all nodes. It does not wait for other nodes.")
	a.f.Func().Params(receiver.Clone()).Id("Disconnect").Params(ctxParam()).Error().Block(
		jen.Return(jen.Id("a").Dot("to").Dot("Disconnect").Call(jen.Id("ctx"))))
	a.f.Line()
}

// events renders the methods that emit what the schema sends to kind.
func (a audience) events(kind ir.AudienceKind) {
	receiver := jen.Id("a").Id(a.ns.Prefix + a.name)
	for _, e := range a.ns.Server {
		switch {
		case !hasAudience(e, kind):
		case e.Ack == nil:
			a.emit(e, receiver, target{audience: jen.Id("a").Dot("to")}, a.where)
		case kind == ir.AudienceSocket:
			a.call(e, receiver, asking{"AskOne", jen.Id("a").Dot("to"), "to it and waits for its ack"})
		default:
			a.callAll(e, receiver)
		}
	}
}
