// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// What encoding/json does with a type is told by the type alone, so it is looked at
// once.

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	zeroer        = reflect.TypeFor[interface{ IsZero() bool }]()
)

// marshalsItself reports whether encoding/json leaves the form of a t to its methods.
func marshalsItself(t reflect.Type, addressable bool) bool {
	if t.Implements(jsonMarshaler) || t.Implements(textMarshaler) {
		return true
	}
	p := reflect.PointerTo(t)
	return addressable && t.Kind() != reflect.Pointer && (p.Implements(jsonMarshaler) || p.Implements(textMarshaler))
}

// isBytes reports whether encoding/json writes the slice type t as base64.
func isBytes(t reflect.Type) bool {
	return t.Elem().Kind() == reflect.Uint8 && !marshalsItself(t.Elem(), true)
}

// A form is a type, or what is left of a struct when its fields are promoted: then
// its methods do not count.
type form struct {
	t        reflect.Type
	promoted bool
}

var forms sync.Map // form to bool; bounded by the program's types

// mayHoldBytes reports whether a value of type t can have a []byte inside.
func mayHoldBytes(t reflect.Type, promoted bool) bool {
	f := form{t, promoted}
	if known, ok := forms.Load(f); ok {
		return known.(bool)
	}
	holds := f.search(map[form]bool{})
	forms.Store(f, holds)
	return holds
}

// search walks f; seen holds what is on the way, which recursion meets again.
func (f form) search(seen map[form]bool) bool {
	if seen[f] {
		return false
	}
	seen[f] = true
	if !f.promoted && marshalsItself(f.t, false) {
		return false
	}
	switch f.t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Slice:
		return isBytes(f.t) || form{t: f.t.Elem()}.search(seen)
	case reflect.Array, reflect.Map, reflect.Pointer:
		return form{t: f.t.Elem()}.search(seen)
	case reflect.Struct:
		return slices.ContainsFunc(visibleFields(f.t), func(h holder) bool { return h.form(f.t).search(seen) })
	}
	return false
}

// A holder is a field of a struct that encoding/json looks at.
type holder struct {
	index     int
	hidden    bool                     // its name is not exported, yet fields of it count
	embedded  bool                     // its own fields are promoted
	omitEmpty bool                     // the option of that name
	isZero    func(reflect.Value) bool // with the option omitzero, the type's method; nil without
}

// form returns what the field holds.
func (h holder) form(t reflect.Type) form {
	ft := t.Field(h.index).Type
	if h.embedded && ft.Kind() == reflect.Pointer {
		ft = ft.Elem()
	}
	return form{ft, h.embedded}
}

var holders sync.Map // reflect.Type of a struct to []holder; bounded by the program's types

// holdersOf returns the fields of the struct type t that can have a []byte inside.
func holdersOf(t reflect.Type) []holder {
	if known, ok := holders.Load(t); ok {
		return known.([]holder)
	}
	var list []holder
	for _, h := range visibleFields(t) {
		if f := h.form(t); mayHoldBytes(f.t, f.promoted) {
			list = append(list, h)
		}
	}
	holders.Store(t, list)
	return list
}

// visibleFields returns the fields of t that encoding/json looks at: exported ones,
// and embedded structs whatever their name, which may have exported fields.
func visibleFields(t reflect.Type) (list []holder) {
	for i := range t.NumField() {
		f := t.Field(i)
		inner := f.Type
		if f.Anonymous && inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		structs := f.Anonymous && inner.Kind() == reflect.Struct
		tag := f.Tag.Get("json")
		if tag == "-" || !f.IsExported() && !structs {
			continue
		}
		options := strings.Split(tag, ",")
		h := holder{index: i, hidden: !f.IsExported(), embedded: structs && options[0] == ""}
		h.omitEmpty = slices.Contains(options[1:], "omitempty")
		if slices.Contains(options[1:], "omitzero") {
			h.isZero = zeroMethod(f.Type)
		}
		list = append(list, h)
	}
	return list
}

// zeroMethod returns what encoding/json calls to learn whether a value is zero, nil
// when t has no method for that.
func zeroMethod(t reflect.Type) func(reflect.Value) bool {
	switch {
	case t.Implements(zeroer):
		return func(v reflect.Value) bool {
			return isNil(v) || v.Kind() == reflect.Interface && isNil(v.Elem()) || v.Interface().(interface{ IsZero() bool }).IsZero()
		}
	case reflect.PointerTo(t).Implements(zeroer):
		return func(v reflect.Value) bool { return v.Addr().Interface().(interface{ IsZero() bool }).IsZero() }
	}
	return nil
}

// isNil reports whether v is a pointer or an interface, and nil.
func isNil(v reflect.Value) bool {
	return (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil()
}
