package typescript

import "github.com/sockgen/sockgen/gen/ir"

// inputs are what is sent of the declarations in which a value has a default: copies
// that have another name, in whose fields the value may be absent. The declarations
// themselves are what is received.
type inputs map[*ir.Decl]*ir.Decl

func inputsOf(doc *ir.Document) inputs {
	in := inputs{}
	for d := range doc.WithDefaults() {
		sent := *d
		sent.Ident = d.InputIdent()
		sent.Doc = "What is sent as " + d.Ident + ": values that have a default may be absent."
		in[d] = &sent
	}
	for d, sent := range in {
		sent.Of = in.sent(d.Of)
		sent.Fields = in.sentFields(d.Fields)
		sent.Variants = nil
		for _, v := range d.Variants {
			variant := *v
			if of, ok := in[v.Of]; ok {
				variant.Of = of
			}
			sent.Variants = append(sent.Variants, &variant)
		}
	}
	return in
}

// sent returns the type of a value that this side sends.
func (in inputs) sent(t *ir.Type) *ir.Type {
	switch {
	case t == nil:
		return nil
	case t.Elem != nil:
		of := *t
		of.Elem = in.sent(t.Elem)
		return &of
	case in[t.Ref] != nil:
		of := *t
		of.Ref = in[t.Ref]
		return &of
	}
	return t
}

// differ tells whether what is sent of t is not what is received.
func (in inputs) differ(t *ir.Type) bool {
	for ; t != nil; t = t.Elem {
		if in[t.Ref] != nil {
			return true
		}
	}
	return false
}

func (in inputs) sentFields(fields []*ir.Field) []*ir.Field {
	var list []*ir.Field
	for _, f := range fields {
		sent := *f
		sent.Type = in.sent(f.Type)
		list = append(list, &sent)
	}
	return list
}

// receivedFields returns fields as they arrive: one that has a default is there.
func receivedFields(fields []*ir.Field) []*ir.Field {
	var list []*ir.Field
	for _, f := range fields {
		received := *f
		received.Optional = f.Optional && f.Default == nil
		list = append(list, &received)
	}
	return list
}
