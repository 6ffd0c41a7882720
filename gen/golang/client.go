// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// errorDecoders is the variable that holds how the data of errors is read.
const errorDecoders = "dataOfErrors"

// client renders the Go clients of all namespaces.
func (g *generator) client(f *jen.File) {
	g.errorDecoders(f)
	for _, ns := range g.doc.Namespaces {
		n := &namespace{generator: g, ns: ns, f: f}
		if n.hasParams() {
			n.params = paramsOf(ns)
			n.path()
		}
		n.client()
	}
}

// errorDecoders renders how what accompanies the document's errors is read.
func (g *generator) errorDecoders(f *jen.File) {
	var entries []jen.Code
	for _, e := range g.doc.Errors {
		if e.Data != nil {
			entries = append(entries, g.named("Code"+e.Ident).Op(":").Qual(typedPath, "ErrorDecoder").Call(g.decoder(e.Data)))
		}
	}
	if len(entries) == 0 {
		return
	}
	f.Var().Id(errorDecoders).Op("=").Qual(typedPath, "ErrorDecoders").Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, entries...)
	f.Line()
}

// hasErrorData tells whether some error of the document has data.
func (g *generator) hasErrorData() bool {
	for _, e := range g.doc.Errors {
		if e.Data != nil {
			return true
		}
	}
	return false
}

// client renders the namespace's client.
func (n *namespace) client() {
	name := n.ns.Prefix + "Client"
	c := (&comment{}).add(name + " is a client of " + oneLine(n.ns.Path) + " in Go. Its methods may be called from any goroutine.")
	c.paragraph("Each method that is called after a client event emits it; each On method adds a listener of a server event and returns what removes it again. Listeners run one at a time, in order.")
	c.paragraph("ctx bounds the waiting for an ack: errors.Is finds typed.CodeTimeout after its deadline, else its cause. An event without ack is queued whatever ctx says.")
	c.to(n.f.Group)
	n.f.Type().Id(name).Struct(jen.Op("*").Qual(clientPath, "Base"))
	n.f.Line()
	n.dial(name)
	n.newClient(name)
	receiver := jen.Id("c").Op("*").Id(name)
	for _, e := range n.ns.Client {
		n.request(e, receiver)
	}
	for _, e := range n.ns.Server {
		n.listen(e, receiver)
	}
}

// dial renders the function that connects a client of its own.
func (n *namespace) dial(name string) {
	n.f.Comment("// Dial" + n.ns.Prefix + " connects to " + oneLine(n.ns.Path) + " of the server at url, such as http://localhost:3000.")
	n.f.Comment("// New" + name + " is for listeners that must not miss the first event, for credentials that")
	n.f.Comment("// change, and for several namespaces on one connection.")
	params := []jen.Code{ctxParam(), jen.Id("url").String()}
	args := []jen.Code{jen.Id("m")}
	if n.hasParams() {
		params = append(params, jen.Id("params").Add(n.id("Params")))
		args = append(args, jen.Id("params"))
	}
	if n.ns.Auth != nil {
		params = append(params, jen.Id("auth").Add(n.sent(n.ns.Auth)))
		args = append(args, jen.Qual(clientPath, "Static").Call(jen.Id("auth")))
	}
	params = append(params, jen.Id("opts").Op("...").Qual(clientPath, "Option"))
	args = append(args, jen.Id("opts").Op("..."))
	build := jen.Id("New" + name).Call(args...)
	n.f.Func().Id("Dial"+n.ns.Prefix).Params(params...).Params(jen.Op("*").Id(name), jen.Error()).BlockFunc(func(b *jen.Group) {
		body := []jen.Code{jen.Return(build.Clone().Dot("Base"), jen.Nil())}
		if n.hasParams() {
			body = []jen.Code{
				jen.List(jen.Id("c"), jen.Err()).Op(":=").Add(build),
				jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err())),
				jen.Return(jen.Id("c").Dot("Base"), jen.Nil()),
			}
		}
		b.List(jen.Id("b"), jen.Err()).Op(":=").Qual(clientPath, "Dial").Call(jen.Id("ctx"), jen.Id("url"), jen.Id("opts"),
			jen.Func().Params(jen.Id("m").Op("*").Qual(managerPath, "Manager")).Params(jen.Op("*").Qual(clientPath, "Base"), jen.Error()).Block(body...))
		b.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err()))
		b.Return(jen.Op("&").Id(name).Values(jen.Id("b")), jen.Nil())
	})
	n.f.Line()
}

// newClient renders the function that makes a client on a Manager.
func (n *namespace) newClient(name string) {
	n.f.Comment("// New" + name + " returns a client on m, which others may share, for Connect to connect.")
	params := []jen.Code{jen.Id("m").Op("*").Qual(managerPath, "Manager")}
	path := jen.Lit(n.ns.Path)
	if n.hasParams() {
		n.f.Comment("// It fails when params do not fit the schema.")
		params = append(params, jen.Id("params").Add(n.id("Params")))
		path = jen.Id("name")
	}
	auth, encode := jen.Nil(), jen.Qual(typedPath, "EncodeNothing")
	if n.ns.Auth != nil {
		n.f.Comment("// It asks auth, anew on each connect, what to present.")
		params = append(params, jen.Id("auth").Func().Params(jen.Qual("context", "Context")).Params(n.sent(n.ns.Auth), jen.Error()))
		auth, encode = jen.Id("auth"), n.encoder(n.inputs.Of(n.ns.Auth))
	}
	params = append(params, jen.Id("opts").Op("...").Qual(clientPath, "Option"))
	schema := []jen.Code{jen.Id("Namespace").Op(":").Add(path)}
	if n.ns.Fingerprint != "" {
		schema = append(schema, jen.Id("Fingerprint").Op(":").Add(n.id("Fingerprint")))
	}
	if n.hasErrorData() {
		schema = append(schema, jen.Id("Errors").Op(":").Id(errorDecoders))
	}
	value := jen.Op("&").Id(name).Values(jen.Qual(clientPath, "New").Call(
		jen.Id("m"), jen.Qual(clientPath, "Schema").Values(schema...), auth, encode, jen.Id("opts")))
	fn := n.f.Func().Id("New" + name).Params(params...)
	if !n.hasParams() {
		fn.Op("*").Id(name).Block(jen.Return(value))
		n.f.Line()
		return
	}
	fn.Params(jen.Op("*").Id(name), jen.Error()).Block(
		jen.List(jen.Id("name"), jen.Err()).Op(":=").Id(n.pathName()).Dot("Name").Call(jen.Id("params")),
		jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err())),
		jen.Return(value, jen.Nil()),
	)
	n.f.Line()
}

// request renders the method that emits a client event.
func (n *namespace) request(e *ir.Event, receiver *jen.Statement) {
	text := e.Ident + " emits " + strconv.Quote(e.Wire)
	if e.Ack != nil {
		text += " and waits for the ack"
	}
	if e.Doc != "" {
		text += ": " + lowerFirst(e.Doc)
	} else {
		text += "."
	}
	c := (&comment{}).add(text).payloadFacts(e)
	if errs := n.ns.Failures(e); len(errs) > 0 {
		if e.Ack != nil && !e.Ack.Plain {
			c.add("The server may refuse it with " + idents(errs) + ".")
		} else {
			c.add("The server may refuse it with " + idents(errs) + ", which OnEventError tells.")
		}
	}
	if e.Volatile {
		c.add("It may be lost where it cannot be written at once.")
	}
	if e.Ack != nil && e.Timeout > 0 {
		c.add("Where ctx has no deadline, the ack may take " + period(e.Timeout) + ".")
	}
	c.deprecated(e.Deprecated).to(n.f.Group)
	params, param := n.emitParams(e)
	function, result := "Emit", jen.Error()
	switch {
	case e.Ack == nil:
	case e.Ack.Type == nil:
		function = "CallNothing"
	default:
		function, result = "Call", jen.Params(n.typ(e.Ack.Type), jen.Error())
	}
	call := jen.Qual(clientPath, function).Call(jen.Id("ctx"), jen.Id("c").Dot("Base"), n.requestValue(e), jen.Id("e"))
	if e.Ack != nil && e.Ack.Type != nil {
		call = n.ackReader(n.ns, e).Call(call)
	}
	n.f.Func().Params(receiver.Clone()).Id(e.Ident).Params(params...).Add(result).BlockFunc(func(b *jen.Group) {
		n.arguments(b, e, param)
		b.Return(call)
	})
	n.f.Line()
}

// requestValue returns what package typedclient must know of a client event.
func (n *namespace) requestValue(e *ir.Event) *jen.Statement {
	fields := []jen.Code{jen.Id("Name").Op(":").Lit(e.Wire)}
	if e.Ack != nil && e.Ack.Plain {
		fields = append(fields, jen.Id("Ack").Op(":").Qual(typedPath, "Plain"))
	}
	if e.Ack != nil && e.Timeout > 0 {
		fields = append(fields, jen.Id("Timeout").Op(":").Add(duration(e.Timeout)))
	}
	if e.Volatile {
		fields = append(fields, jen.Id("Volatile").Op(":").True())
	}
	return jen.Qual(clientPath, "Event").Values(fields...)
}

// listen renders the method that adds a listener of a server event.
func (n *namespace) listen(e *ir.Event, receiver *jen.Statement) {
	name := "On" + e.Ident
	text := name + " adds a listener of " + strconv.Quote(e.Wire)
	if e.Ack != nil {
		text += ", whose result is the ack"
	}
	c := (&comment{}).add(text + ".").payloadFacts(e)
	if e.Ack != nil {
		c.add("An error acknowledges nothing.")
	}
	if e.Doc != "" {
		c.paragraph(e.Doc)
	}
	c.deprecated(e.Deprecated).to(n.f.Group)
	in := []jen.Code{ctxParam()}
	if e.Payload != nil {
		in = append(in, jen.Id(n.paramFor(e, e.Payload, "p")).Add(n.typ(e.Payload)))
	}
	result := jen.Null()
	if e.Ack != nil {
		result = jen.Error()
		if e.Ack.Type != nil {
			result = jen.Params(n.sent(e.Ack.Type), jen.Error())
		}
	}
	listener := jen.Func().Params(ctxParam(), jen.Id("a").Qual(clientPath, "Arrival")).BlockFunc(func(b *jen.Group) {
		if e.Payload == nil {
			n.callListener(b, e)
			return
		}
		read := n.payloadReader(e, place{expr: "p", pointer: true})
		b.If(jen.Id("p").Op(":=").New(n.typ(e.Payload)), jen.Id("a").Dot("Decode").Call(jen.Id("ctx"), read)).BlockFunc(func(b *jen.Group) { n.callListener(b, e) })
	})
	n.f.Func().Params(receiver.Clone()).Id(name).Params(jen.Id("f").Func().Params(in...).Add(result)).Params(jen.Id("stop").Func().Params()).Block(
		jen.Return(jen.Qual(clientPath, "On").Call(jen.Id("c").Dot("Base"), jen.Lit(e.Wire), listener)))
	n.f.Line()
}

// callListener renders the call of a listener f of e, and the ack.
func (n *namespace) callListener(b *jen.Group, e *ir.Event) {
	args := []jen.Code{jen.Id("ctx")}
	if e.Payload != nil {
		args = append(args, jen.Op("*").Id("p"))
	}
	call := jen.Id("f").Call(args...)
	switch {
	case e.Ack == nil:
		b.Add(call)
		return
	case e.Ack.Type == nil:
		b.Err().Op(":=").Add(call)
		b.Id("e").Op(":=").Qual(typedPath, "NewEncoder").Call()
	default:
		b.List(jen.Id("ack"), jen.Err()).Op(":=").Add(call)
		b.Id("e").Op(":=").Qual(typedPath, "NewEncoder").Call()
		b.If(jen.Err().Op("==").Nil()).BlockFunc(func(b *jen.Group) { n.value(b, n.inputs.Of(e.Ack.Type), "ack") })
	}
	b.Id("a").Dot("Answer").Call(jen.Id("ctx"), jen.Id("e"), jen.Err())
}

// example returns lines that show how a client is used.
func (g *generator) example() []string {
	n := &namespace{generator: g, ns: g.doc.Namespaces[0]}
	args := []string{"ctx", `"http://localhost:3000"`}
	if n.hasParams() {
		args = append(args, g.doc.Name+"."+n.ns.Prefix+"Params{…}")
	}
	if n.ns.Auth != nil {
		args = append(args, g.exampleOf(n.inputs.Of(n.ns.Auth)))
	}
	lines := []string{
		"c, err := " + g.clientName() + ".Dial" + n.ns.Prefix + "(" + strings.Join(args, ", ") + ")",
		"defer c.Close(ctx)",
	}
	if len(n.ns.Client) > 0 {
		lines = append(lines, g.exampleRequest(n.ns.Client[0]))
	}
	return lines
}

// exampleRequest returns the line that emits e.
func (g *generator) exampleRequest(e *ir.Event) string {
	args, results := "ctx", "err ="
	if e.Payload != nil {
		args += ", " + g.exampleOf(g.inputs.Of(e.Payload))
	}
	if e.Ack != nil && e.Ack.Type != nil {
		results = "ack, err :="
	}
	return results + " c." + e.Ident + "(" + args + ")"
}

// exampleOf stands for a value of t.
func (g *generator) exampleOf(t *ir.Type) string {
	if isStruct(t) {
		return g.doc.Name + "." + t.Ref.Ident + "{…}"
	}
	return "…"
}
