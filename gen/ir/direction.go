package ir

// InputIdent names what is sent of a declaration in which a value has a default. The
// value may be absent from it, and is always there in what is received, which has the
// declaration's own name.
func (d *Decl) InputIdent() string { return d.Ident + "Input" }

// WithDefaults returns the declarations in which a value has a default, at any depth:
// what is sent of them is not what is received.
func (doc *Document) WithDefaults() map[*Decl]bool {
	found, holders := map[*Decl]bool{}, map[*Decl][]*Decl{}
	var add func(d *Decl)
	add = func(d *Decl) {
		if found[d] {
			return
		}
		found[d] = true
		for _, holder := range holders[d] {
			add(holder)
		}
	}
	for _, d := range doc.Decls {
		for _, part := range d.partDecls() {
			holders[part] = append(holders[part], d)
		}
	}
	for _, d := range doc.Decls {
		for _, f := range d.Fields {
			if f.Default != nil {
				add(d)
			}
		}
	}
	return found
}

// partDecls returns the declarations that d itself is made of.
func (d *Decl) partDecls() []*Decl {
	var parts []*Decl
	look := func(t *Type) {
		for ; t != nil; t = t.Elem {
			if t.Ref != nil {
				parts = append(parts, t.Ref)
			}
		}
	}
	look(d.Of)
	for _, f := range d.Fields {
		look(f.Type)
	}
	for _, v := range d.Variants {
		parts = append(parts, v.Of)
	}
	return parts
}
