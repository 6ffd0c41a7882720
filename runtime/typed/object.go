// SPDX-License-Identifier: Apache-2.0

package typed

import "slices"

// An Object is one that is being read, field by field:
//
//	o := d.Object(fields)
//	for o.Next() {
//		switch o.Field { … }
//	}
//
// It is not generic and is no iterator, for which the compiler would make functions anew
// for each struct.
type Object struct {
	Field string // the name of the field whose value comes next

	d       *Decoder
	fields  *Fields
	few     [1]uint64 // what is seen of up to 64 fields
	base    int       // where in d.seen it is of more
	at      int       // the step of d.path that names the field
	next    int       // the position that probably comes next
	tag     string    // a key beside the fields, or ""
	tags    int       // how often it was there
	members walk
	from    source
}

// A source says where an Object's fields come from.
type source uint8

const (
	noSource    source = iota // the value is none
	membersOf                 // from a JSON object
	argumentsOf               // from the arguments of an event
)

// Object begins to read an object with these fields. Its Next goes from one field that
// the object has and that f knows to the next; its caller must read the field's value.
// Unknown fields are skipped, a newer peer may send them, unless the event is
// [Decoder.Strict].
//
//go:noinline
func (d *Decoder) Object(f *Fields) Object {
	o := Object{d: d, fields: f, tag: d.tag, base: len(d.seen)}
	if d.positional {
		o.from = argumentsOf
		d.positional, d.missing = false, false
		d.path = argument(d.path, 0)
		o.at = len(d.path) - 1
		return o
	}
	d.tag = ""
	if !d.expect(objectKind, "object") || !d.enter() {
		return o
	}
	if len(f.Names) > 64 {
		d.seen = append(d.seen, make([]uint64, (len(f.Names)+63)/64)...)
	}
	d.path = append(d.path, step{kind: fieldStep})
	o.from, o.at, o.members = membersOf, len(d.path)-1, d.json.enter()
	return o
}

// Next goes to the next field, if there is one. At the end it notes which are missing.
func (o *Object) Next() bool {
	switch {
	case o.d.ended || o.from == noSource:
		return false
	case o.from == argumentsOf:
		return o.argument()
	}
	return o.member()
}

// seen returns a bit for each field that was met.
func (o *Object) seen() []uint64 {
	if len(o.fields.Names) > 64 {
		return o.d.seen[o.base:]
	}
	return o.few[:]
}

// member is Next in a JSON object.
func (o *Object) member() bool {
	d := o.d
	for {
		key, ok := d.member(&o.members)
		if !ok {
			break
		}
		if o.tag != "" && string(key) == o.tag {
			if o.tags++; o.tags > 1 {
				d.path[o.at].name = o.tag
				d.report("is there twice")
			}
			d.skip()
		} else if i := d.field(o.fields, key, o.next, o.seen(), o.tag); i >= 0 {
			o.next = i + 1
			o.Field = o.fields.Names[i]
			d.path[o.at].name = o.Field
			return true
		}
		if d.ended {
			return false
		}
	}
	if !d.ended {
		o.end()
	}
	return false
}

// end notes which fields are missing, and leaves the object.
func (o *Object) end() {
	d, seen := o.d, o.seen()
	for i := range o.fields.Required {
		if seen[i/64]&(1<<(i%64)) == 0 {
			d.path[o.at].name = o.fields.Names[i]
			d.report("is required")
		}
	}
	d.seen = d.seen[:o.base]
	d.path = d.path[:o.at]
	o.from = noSource
}

// argument is Next for a struct whose fields are the arguments themselves.
func (o *Object) argument() bool {
	d := o.d
	for o.next < len(o.fields.Names) {
		i := o.next
		o.next++
		o.Field = o.fields.Names[i]
		d.path[o.at].index = i
		if i >= d.args.Len() {
			if i < o.fields.Required {
				d.report("is required")
			}
			continue
		}
		d.json = reader{b: d.args.At(i)}
		if i >= o.fields.Required && !slices.Contains(o.fields.Nullable, o.Field) && d.Null() {
			continue
		}
		return true
	}
	d.path = d.path[:o.at-1]
	o.from = noSource
	return false
}
