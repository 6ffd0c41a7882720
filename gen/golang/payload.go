package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// payloadDecoder returns a function that reads what comes with e.
func (g *generator) payloadDecoder(e *ir.Event) *jen.Statement {
	decoder := g.decoder(e.Payload)
	if e.Payload == nil {
		return decoder
	}
	if e.Positional {
		decoder = jen.Qual(typedPath, "Positional").Call(decoder)
	}
	if e.Strict {
		decoder = jen.Qual(typedPath, "Strict").Call(decoder)
	}
	return decoder
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
	switch {
	case e.Payload == nil:
	case e.Positional:
		b.Add(g.use("encode"+e.Payload.Ref.Ident)).Call(jen.Id("e").Dot("Positional").Call(), jen.Op("&").Id(param))
	case isNullable(e.Payload):
		b.Id("e").Dot("Next").Call() // once, although the value is written in two branches
		g.encode(b, jen.Id("e"), place{expr: param}, e.Payload)
	default:
		g.encode(b, jen.Id("e").Dot("Next").Call(), place{expr: param}, e.Payload)
	}
}
