// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// reader returns a function that reads a value of t into the variable called into.
func (g *generator) reader(t *ir.Type, into string) *jen.Statement {
	return readerOf(t, g.decode(place{expr: into}, t))
}

// payloadReader returns a function that reads what comes with e into a place.
func (g *generator) payloadReader(e *ir.Event, into place) *jen.Statement {
	var body []jen.Code
	if e.Strict {
		body = append(body, jen.Id("d").Dot("Strict").Call())
	}
	if e.Positional {
		body = append(body, jen.Id("d").Dot("Positional").Call())
	}
	return readerOf(e.Payload, append(body, g.decode(into, e.Payload)...))
}

// readerOf returns a function with these statements, which read a t: on one line when
// they are a single call.
func readerOf(t *ir.Type, body []jen.Code) *jen.Statement {
	read := jen.Func().Params(decoderParam())
	if len(body) > 1 || t.IsNullable() {
		return read.Block(body...)
	}
	return read.Custom(jen.Options{Open: "{ ", Close: " }"}, body...)
}

// ackReader returns the name of a function that reads the ack of e, an event of ns.
// Events whose acks are of one declared type share it.
func (g *generator) ackReader(ns *ir.Namespace, e *ir.Event) *jen.Statement {
	t := e.Ack.Type
	if t == nil {
		return jen.Qual(typedPath, "ReadNothing")
	}
	name := "readAckOf" + ns.Prefix + e.Ident
	if t.Kind == ir.RefType && !t.Nullable && t.Constraint == (ir.Constraint{}) {
		name = "read" + t.Ref.Ident
	}
	if !g.used[name] {
		g.acks = append(g.acks, ack{name, t})
	}
	return g.use(name)
}

// An ack is the type of one, and the function that reads it.
type ack struct {
	reader string
	t      *ir.Type
}

// ackReaders renders the functions that read acks.
func (g *generator) ackReaders(f *jen.File) {
	for _, a := range g.acks {
		f.Func().Id(a.reader).Params(jen.Id("r").Op("*").Qual(typedPath, "Reply"), jen.Err().Error()).Params(jen.Id("v").Add(g.typ(a.t)), jen.Id("_").Error()).Block(
			jen.Var().Id("got").Add(g.typ(a.t)),
			jen.If(jen.Err().Op("==").Nil()).Block(jen.Err().Op("=").Id("r").Dot("Decode").Call(g.reader(a.t, "got"))),
			jen.If(jen.Err().Op("==").Nil()).Block(jen.Id("v").Op("=").Id("got")),
			jen.Return(jen.Id("v"), jen.Err()),
		)
		f.Line()
	}
}

// arguments renders the encoding of e's payload, which is in param, into a new
// variable e.
func (g *generator) arguments(b *jen.Group, e *ir.Event, param string) {
	b.Id("e").Op(":=").Qual(typedPath, "NewEncoder").Call()
	g.payload(b, e, param)
}

// payload renders the statements that write e's payload, which is in param, with
// the Encoder in e.
func (g *generator) payload(b *jen.Group, e *ir.Event, param string) {
	payload := g.inputs.Of(e.Payload)
	switch {
	case payload == nil:
	case e.Positional:
		b.Add(g.use("encode"+payload.Ref.Ident)).Call(jen.Id("e").Dot("Positional").Call(), jen.Op("&").Id(param))
		b.Id("e").Dot("Arguments").Call()
	default:
		g.value(b, payload, param)
	}
}

// value renders the statements that write the value of t in the variable from, as the
// next argument of the Encoder in e.
func (g *generator) value(b *jen.Group, t *ir.Type, from string) {
	if t.IsNullable() {
		b.Id("e").Dot("Next").Call() // once, although the value is written in two branches
		g.encode(b, jen.Id("e"), place{expr: from}, t)
		return
	}
	g.encode(b, jen.Id("e").Dot("Next").Call(), place{expr: from}, t)
}
