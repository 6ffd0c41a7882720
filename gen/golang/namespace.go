// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// A namespace renders one namespace into f.
type namespace struct {
	*generator
	ns     *ir.Namespace
	params *ir.Decl // the struct of the parameters; nil when there are none
	f      *jen.File
}

func (n *namespace) render() {
	if n.hasParams() {
		n.params = paramsOf(n.ns)
	}
	n.path()
	n.fingerprint()
	n.handler()
	n.unimplemented()
	n.mount()
	n.rooms()
	n.socket()
	n.audiences()
}

// fingerprint renders the constant that tells the namespace's wire model.
func (n *namespace) fingerprint() {
	if n.ns.Fingerprint == "" {
		return
	}
	name := n.ns.Prefix + "Fingerprint"
	n.f.Comment("// " + name + " stands for what travels in " + oneLine(n.ns.Path) + ": clients that were generated from the same tell it when they enter.")
	n.f.Const().Id(name).Op("=").Lit(n.ns.Fingerprint)
	n.f.Line()
}

// pathName is the constant that holds the namespace's path.
func (n *namespace) pathName() string { return "pathOf" + n.ns.Prefix + "Namespace" }

// id returns an identifier of the document's package that carries the namespace's prefix.
func (n *namespace) id(name string) *jen.Statement { return n.named(n.ns.Prefix + name) }

func (n *namespace) hasRooms() bool { return len(n.ns.Rooms) > 0 }

// has tells whether some server event has an audience of that kind.
func (n *namespace) has(kind ir.AudienceKind) bool {
	for _, e := range n.ns.Server {
		if hasAudience(e, kind) {
			return true
		}
	}
	return false
}

func hasAudience(e *ir.Event, kind ir.AudienceKind) bool {
	for _, a := range e.To {
		if a.Kind == kind {
			return true
		}
	}
	return false
}

// A method is a handler's method for one client event, as parameters and
// results.
type method struct {
	event   *ir.Event
	param   string // the payload's, or ""
	payload *jen.Statement
	names   []string   // of the results before the error
	results []jen.Code // their types, and error
}

func ctxParam() *jen.Statement { return jen.Id("ctx").Qual("context", "Context") }

func (n *namespace) method(e *ir.Event) method {
	m := method{event: e}
	if e.Payload != nil {
		m.param, m.payload = n.paramFor(e, e.Payload, "p"), n.typ(e.Payload)
	}
	add := func(name string, t *jen.Statement) {
		m.names = append(m.names, name)
		m.results = append(m.results, t)
	}
	if e.Ack != nil && e.Ack.Type != nil {
		add("ack", n.sent(e.Ack.Type))
	}
	if e.Result != nil && e.Result.Event.Payload != nil {
		name := n.paramName(n.spell.Camel(e.Result.Event.Ident), "result")
		if name == m.param {
			name = "result"
		}
		add(name, n.sent(e.Result.Event.Payload))
	}
	m.results = append(m.results, jen.Error())
	return m
}

// paramFor names a payload of type t: a struct speaks for itself, anything else
// is what the event is called after.
func (g *generator) paramFor(e *ir.Event, t *ir.Type, otherwise string) string {
	if isStruct(t) {
		return otherwise
	}
	return g.paramName(g.lastWord(e.Ident), otherwise)
}

// resultList returns the results as an interface shows them: with names where
// the types do not say enough.
func (m method) resultList() *jen.Statement {
	switch {
	case len(m.results) == 1:
		return jen.Error()
	case len(m.results) == 2 && (m.names[0] == "ack" || isStruct(m.event.Result.Event.Payload)):
		return jen.Params(m.results...)
	}
	return m.namedResults()
}

func (m method) namedResults() *jen.Statement {
	if len(m.names) == 0 {
		return jen.Error()
	}
	var named []jen.Code
	for i, name := range append(m.names, "err") {
		named = append(named, jen.Id(name).Add(m.results[i]))
	}
	return jen.Params(named...)
}

func (n *namespace) handler() {
	name := n.ns.Prefix + "Handler"
	c := (&comment{}).add(name + " serves " + oneLine(n.ns.Path) + ": one method for each event that a client may emit.")
	if n.ns.Doc != "" {
		c.paragraph(n.ns.Doc)
	}
	c.paragraph("Events of one socket are handled one at a time, in order; those of different sockets overlap.")
	c.to(n.f.Group)
	n.f.Type().Id(name).InterfaceFunc(func(i *jen.Group) {
		n.connectMethods(i)
		for _, e := range n.ns.Client {
			i.Line()
			n.eventComment(e).to(i)
			m := n.method(e)
			params := []jen.Code{ctxParam(), jen.Id("s").Op("*").Add(n.id("Socket"))}
			if m.payload != nil {
				params = append(params, jen.Id(m.param).Add(m.payload))
			}
			i.Id(e.Ident).Params(params...).Add(m.resultList())
		}
		for _, e := range n.ns.Cluster {
			i.Line()
			n.clusterMethod(i, e)
		}
	})
	n.f.Line()
}

func (n *namespace) connectMethods(i *jen.Group) {
	c := (&comment{}).add("Connect is called when a client enters; an error refuses it.")
	result := jen.Error()
	if n.ns.Data != nil {
		c.add("What it returns becomes the socket's Data. A socket that Recovered still has its own.")
		result = jen.Params(n.typ(n.ns.Data), jen.Error())
	}
	if len(n.ns.Refusals()) > 0 {
		c.add("It may return " + idents(n.ns.Refusals()) + ".")
	}
	c.to(i)
	params := []jen.Code{ctxParam(), jen.Id("s").Op("*").Add(n.id("Socket"))}
	if n.ns.Auth != nil {
		params = append(params, jen.Id("auth").Add(n.typ(n.ns.Auth)))
	}
	i.Id("Connect").Params(params...).Add(result)
	i.Line()
	i.Comment("// Disconnect is called once for each socket that entered, after its last event.")
	i.Id("Disconnect").Params(ctxParam(), jen.Id("s").Op("*").Add(n.id("Socket")), jen.Id("reason").Qual(socketioPath, "DisconnectReason"))
}

// eventComment describes the handler's method for e.
func (n *namespace) eventComment(e *ir.Event) *comment {
	text := e.Ident + " handles " + strconv.Quote(e.Wire)
	if e.Doc != "" {
		text += ": " + lowerFirst(e.Doc)
	} else {
		text += "."
	}
	c := (&comment{}).add(text).payloadFacts(e)
	if r := e.Result; r != nil {
		c.add("Its result is emitted as " + strconv.Quote(r.Event.Wire) + " to " + resultAudience(r) + "; typed.Skip in place of an error emits nothing.")
	}
	if errs := n.ns.Failures(e); len(errs) > 0 {
		c.add("It may return " + idents(errs) + ".")
	}
	return c.clientPolicies(e).deprecated(e.Deprecated)
}

func resultAudience(r *ir.Result) string {
	switch r.To {
	case ir.ResultOthersInRoom:
		return "the others in the " + r.Room.Key
	case ir.ResultAllInRoom:
		return "everybody in the " + r.Room.Key
	case ir.ResultOthersInNamespace:
		return "all others"
	case ir.ResultNamespace:
		return "everybody"
	}
	return "the sender"
}

// idents joins the identifiers of errors: "A", "A or B", "A, B or C".
func idents(errs []*ir.Error) string {
	var names []string
	for _, e := range errs {
		names = append(names, e.Ident)
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func (n *namespace) unimplemented() {
	name := "Unimplemented" + n.ns.Prefix
	n.f.Comment("// " + name + " accepts every socket and answers every event with typed.CodeUnknownEvent.")
	n.f.Comment("// Embed it to implement a part of " + n.ns.Prefix + "Handler.")
	n.f.Type().Id(name).Struct()
	n.f.Line()
	n.f.Var().Id("_").Add(n.id("Handler")).Op("=").Id(name).Values()
	n.f.Line()
	receiver := func() *jen.Statement { return jen.Func().Params(jen.Id(name)) }
	socket := jen.Op("*").Add(n.id("Socket"))
	params := []jen.Code{jen.Qual("context", "Context"), socket.Clone()}
	connect := params
	if n.ns.Auth != nil {
		connect = append(connect[:2:2], n.typ(n.ns.Auth))
	}
	n.f.Comment("// Connect accepts the socket.")
	if n.ns.Data != nil {
		n.f.Add(receiver().Id("Connect").Params(connect...).Params(jen.Id("data").Add(n.typ(n.ns.Data)), jen.Err().Error()).Block(
			jen.Return(jen.Id("data"), jen.Nil())))
	} else {
		n.f.Add(receiver().Id("Connect").Params(connect...).Error().Block(jen.Return(jen.Nil())))
	}
	n.f.Line()
	n.f.Comment("// Disconnect does nothing.")
	n.f.Add(receiver().Id("Disconnect").Params(append(params[:2:2], jen.Qual(socketioPath, "DisconnectReason"))...).Block())
	n.f.Line()
	for _, e := range n.ns.Client {
		m := n.method(e)
		in := params
		if m.payload != nil {
			in = append(in[:2:2], m.payload)
		}
		n.f.Comment("// " + e.Ident + " answers that nothing handles " + strconv.Quote(e.Wire) + ".")
		failed := jen.Qual(typedPath, "Unimplemented").Call(jen.Lit(e.Wire))
		values := []jen.Code{}
		for _, name := range m.names {
			values = append(values, jen.Id(name))
		}
		n.f.Add(receiver().Id(e.Ident).Params(in...).Add(m.namedResults()).Block(jen.Return(append(values, failed)...)))
		n.f.Line()
	}
	for _, e := range n.ns.Cluster {
		in := []jen.Code{jen.Qual("context", "Context")}
		if n.hasParams() {
			in = append(in, n.id("Params"))
		}
		if e.Payload != nil {
			in = append(in, n.typ(e.Payload))
		}
		n.f.Comment("// Cluster" + e.Ident + " does nothing.")
		n.f.Add(receiver().Id("Cluster" + e.Ident).Params(in...).Error().Block(jen.Return(jen.Nil())))
		n.f.Line()
	}
}
