// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/sockgen/sockgen/gen/ir"
)

// A randomizer makes documents whose names and types vary in length and form,
// so that lines end everywhere around the margin.
type randomizer struct {
	*rand.Rand
	builder
	taken map[string]bool
}

// randomDocument returns the document of a seed, always the same.
func randomDocument(name string, seed uint64) *ir.Document {
	r := randomizer{rand.New(rand.NewPCG(seed, 1)), builder{&ir.Document{Name: name, Source: name + ".yaml"}}, map[string]bool{}}
	for range 4 + r.IntN(6) {
		r.declare()
	}
	var errors []*ir.Error
	for range r.IntN(4) {
		var data *ir.Type
		if r.IntN(2) == 0 {
			data = r.typ(2)
		}
		e := r.failure(r.wire(), r.ident(""), r.doc(), data)
		e.Doc = r.doc()
		errors = append(errors, e)
	}
	for range 1 + r.IntN(3) {
		r.namespace(errors)
	}
	return r.finish()
}

// finish takes the prefix from an only namespace.
func (r randomizer) finish() *ir.Document {
	if len(r.builder.doc.Namespaces) == 1 {
		r.builder.doc.Namespaces[0].Prefix = ""
	}
	return r.builder.doc
}

// ident returns an identifier of between 2 and 60 characters that is new.
func (r randomizer) ident(suffix string) string {
	for {
		n := 1 + r.IntN(20)
		if r.IntN(3) == 0 {
			n = r.IntN(60)
		}
		ident := fmt.Sprintf("%c%s%d", 'A'+rune(r.IntN(26)), strings.Repeat("x", n), r.IntN(10)) + suffix
		if !r.taken[ident] {
			r.taken[ident] = true
			return ident
		}
	}
}

// wire returns a name that may need quotes.
func (r randomizer) wire() string {
	w := strings.ToLower(r.ident(""))
	at := r.IntN(len(w))
	switch r.IntN(6) {
	case 0:
		return w
	case 1:
		return w[:at] + `"` + w[at:]
	case 2:
		return w[:at] + `"'"` + w[at:]
	case 3:
		return w[:at] + "\\\n" + w[at:]
	default:
		return w[:at] + ":" + w[at:]
	}
}

func (r randomizer) doc() string {
	words := []string{"a", "word", "considerably", "*/", "@tag", "\n", "\n\n", "`${x}`", "é", "\u2028"}
	var b strings.Builder
	for range r.IntN(25) {
		b.WriteString(words[r.IntN(len(words))] + " ")
	}
	return b.String()
}

var randomScalars = []ir.Scalar{
	ir.Bool, ir.Int, ir.Int64, ir.Float64, ir.String, ir.Bytes, ir.Timestamp, ir.Duration, ir.UUID, ir.Any,
}

func (r randomizer) typ(depth int) *ir.Type {
	var t *ir.Type
	switch n := r.IntN(6); {
	case n == 0 && depth > 0:
		t = list(r.typ(depth - 1))
	case n == 1 && depth > 0:
		t = mapOf(r.typ(depth - 1))
	case n <= 3 && len(r.builder.doc.Decls) > 0:
		d := r.builder.doc.Decls[r.IntN(len(r.builder.doc.Decls))]
		if strings.HasSuffix(d.Ident, "Args") || strings.HasSuffix(d.Ident, "Data") {
			return scalar(ir.Bool) // nothing refers to an inline struct
		}
		t = ref(d)
	default:
		t = scalar(randomScalars[r.IntN(len(randomScalars))])
	}
	t.Nullable = r.IntN(3) == 0
	return t
}

func (r randomizer) declare() *ir.Type {
	switch r.IntN(12) {
	case 0:
		return r.enum()
	case 1, 2:
		return r.union()
	case 3:
		s := scalar(randomScalars[r.IntN(len(randomScalars)-1)])
		s.Nullable = r.IntN(4) == 0
		return r.add(&ir.Decl{Ident: r.ident(""), Origin: "x", Doc: r.doc(), Kind: ir.Alias, Of: s, Brand: true, Deprecated: r.doc()})
	case 4:
		return r.add(&ir.Decl{Ident: r.ident(""), Origin: "x", Doc: r.doc(), Kind: ir.Alias, Of: list(r.typ(2))})
	case 5:
		return r.add(&ir.Decl{Ident: r.ident(""), Origin: "x", Doc: r.doc(), Kind: ir.Alias, Of: mapOf(r.typ(2))})
	case 6:
		d := &ir.Decl{Ident: r.ident(""), Origin: "x", Doc: r.doc(), Kind: ir.Alias}
		d.Of = mapOf(nullable(list(nullable(ref(d)))))
		if r.IntN(2) == 0 {
			d.Of = nullable(list(mapOf(ref(d))))
		}
		return r.add(d)
	}
	if r.IntN(4) == 0 {
		s := scalar(randomScalars[r.IntN(len(randomScalars))])
		s.Nullable = r.IntN(2) == 0
		return r.add(&ir.Decl{Ident: r.ident(""), Origin: "x", Doc: r.doc(), Kind: ir.Alias, Of: s})
	}
	return r.structure(r.ident(""), "x", r.doc(), r.fields()...)
}

func (r randomizer) enum() *ir.Type {
	d := &ir.Decl{Ident: r.ident(""), Origin: "x", Doc: r.doc(), Kind: ir.Enum, Open: r.IntN(2) == 0}
	for range 1 + r.IntN(5) {
		v := &ir.EnumValue{Wire: r.wire()}
		if r.IntN(3) == 0 {
			v.Doc, v.Deprecated = r.doc(), r.doc()
		}
		d.Values = append(d.Values, v)
	}
	if r.IntN(3) == 0 {
		d.Values = append(d.Values, &ir.EnumValue{Wire: []string{"__proto__", "a", "is", "\"", "1", ""}[r.IntN(6)]})
	}
	return r.add(d)
}

func (r randomizer) union() *ir.Type {
	d := &ir.Decl{Ident: r.ident(""), Origin: "x", Doc: r.doc(), Kind: ir.Union, Tag: r.wire(), Open: r.IntN(2) == 0}
	for range 1 + r.IntN(4) {
		of := r.structure(r.ident(""), "x", r.doc(), r.fields()...)
		v := &ir.Variant{Wire: r.wire(), Of: of.Ref}
		if r.IntN(3) == 0 {
			v.Doc = r.doc()
		}
		d.Variants = append(d.Variants, v)
	}
	return r.add(d)
}

func (r randomizer) fields() []*ir.Field {
	var fields []*ir.Field
	for range r.IntN(6) {
		f := &ir.Field{Wire: r.wire(), Type: r.typ(3), Optional: r.IntN(2) == 0, Doc: r.doc()}
		if f.Optional && r.IntN(3) == 0 {
			f.Default = &ir.Literal{Text: r.doc()}
		}
		fields = append(fields, f)
	}
	return fields
}

// positional makes the payload of an event a list of arguments, the last of
// which may be absent.
func (r randomizer) positional(e *ir.Event) {
	fields := r.fields()
	if len(fields) == 0 {
		return
	}
	for i, f := range fields {
		f.Optional = i > 0 && fields[i-1].Optional || i == len(fields)-1 && r.IntN(2) == 0
		if r.IntN(3) == 0 {
			f.Wire = []string{"a", "x", "new", "ack", "arg1", "arg2", "this"}[i%7]
		}
	}
	e.Payload, e.Positional = r.structure(r.ident("Args"), "x", "", fields...), true
}

// parts gives a namespace's path parameters.
func (r randomizer) parts(ns *ir.Namespace) {
	for range 1 + r.IntN(3) {
		ns.Parts = append(ns.Parts, &ir.NamePart{Text: "/" + r.wire() + "/"}, &ir.NamePart{Wire: r.wire(), Type: scalar(ir.String)})
	}
	ns.Path = ""
	for _, p := range ns.Parts {
		if p.Type == nil {
			ns.Path += p.Text
		} else {
			ns.Path += "{" + p.Wire + "}"
		}
	}
}

func (r randomizer) namespace(errors []*ir.Error) {
	ns := &ir.Namespace{Path: "/" + r.wire(), Prefix: r.ident("Ns"), Doc: r.doc()}
	if r.IntN(3) == 0 {
		r.parts(ns)
	}
	if r.IntN(2) == 0 {
		ns.Fingerprint = r.ident("")
	}
	if r.IntN(3) == 0 {
		ns.Data = r.structure(r.ident("Data"), "x", "", r.fields()...)
	}
	if r.IntN(2) == 0 {
		ns.Auth = r.structure(r.ident("Auth"), "x", "", r.fields()...)
	}
	some := func() []*ir.Error {
		if len(errors) == 0 {
			return nil
		}
		return errors[r.IntN(len(errors)):]
	}
	ns.ConnectErrors, ns.EveryErrors = some(), some()
	shared := &ir.Event{Wire: "shared", Ident: r.ident(""), Ack: &ir.Ack{Plain: r.IntN(2) == 0}, Timeout: time.Duration(r.IntN(3)) * time.Second}
	ns.Client = append(ns.Client, shared)
	for range r.IntN(8) {
		ns.Client = append(ns.Client, r.event(some(), true))
	}
	for range r.IntN(6) {
		ns.Server = append(ns.Server, r.event(nil, false))
	}
	r.builder.doc.Namespaces = append(r.builder.doc.Namespaces, ns)
}

func (r randomizer) event(errors []*ir.Error, client bool) *ir.Event {
	e := &ir.Event{Wire: r.wire(), Ident: r.ident(""), Doc: r.doc(), Errors: errors}
	if r.IntN(4) > 0 {
		e.Payload = r.typ(2)
	}
	if r.IntN(2) == 0 {
		e.Ack = &ir.Ack{Plain: client && r.IntN(4) == 0}
		if r.IntN(4) > 0 {
			e.Ack.Type = r.typ(2)
		}
	}
	if r.IntN(5) == 0 {
		e.Deprecated = r.doc()
	}
	if r.IntN(4) == 0 {
		r.positional(e)
	}
	if e.Ack != nil && r.IntN(3) == 0 {
		e.Timeout = time.Duration(r.IntN(100_000)) * time.Millisecond
	}
	e.Volatile, e.Strict = e.Ack == nil && r.IntN(3) == 0, r.IntN(4) == 0
	return e
}
