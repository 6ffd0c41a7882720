// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"bytes"
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"sync"
)

// encoding/json decides what a value looks like: tags, embedding, omitted fields,
// the order of keys. So that every []byte in it can be found in its output, a copy
// of the value is marshalled in which each of them is a mark: a random text that
// no peer has ever seen, and a number. A mark where encoding/json writes nothing,
// such as in a field that another one hides, does no harm.

// markSize is a multiple of three, so that base64 keeps the boundary between the
// random part and the number.
const markSize, markedSize = 18, 24

var mark = sync.OnceValue(func() [markSize]byte {
	var m [markSize]byte
	rand.Read(m[:]) // never fails
	return m
})

// maxDepth bounds how deep a value is searched; encoding/json would run into
// cycles later and say less.
const maxDepth = 200

var errTooDeep = errors.New("the value is nested too deeply, or contains itself")

type extractor struct {
	found [][]byte // copies, by the number in their mark
}

// A place is where a value stands.
type place struct {
	depth int
	// addressable is whether encoding/json can take the value's address, so that it
	// heeds a marshaler whose receiver is a pointer.
	addressable bool
}

func (p place) inside(addressable bool) place { return place{p.depth + 1, addressable} }

// mark replaces every []byte in v, which is settable and shares its memory with
// nobody but for what it points to. Whatever it changes behind a pointer, a map or
// a slice it copies first.
func (x *extractor) mark(v reflect.Value, p place) error {
	if p.depth > maxDepth {
		return errTooDeep
	}
	if !mayHoldBytes(v.Type(), false) || marshalsItself(v.Type(), p.addressable) {
		return nil
	}
	switch v.Kind() {
	case reflect.Slice:
		return x.slice(v, p)
	case reflect.Array:
		return x.elements(v, p.inside(p.addressable))
	case reflect.Struct:
		return x.fields(v, p, nil)
	case reflect.Map:
		return x.mapValues(v, p)
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return x.mark(detach(v), p.inside(true))
	case reflect.Interface:
		if v.IsNil() {
			return nil
		}
		fresh := reflect.New(v.Elem().Type()).Elem()
		fresh.Set(v.Elem())
		if err := x.mark(fresh, p.inside(false)); err != nil {
			return err
		}
		v.Set(fresh)
	}
	return nil
}

// detach makes the pointer v point to a copy, which it returns.
func detach(v reflect.Value) reflect.Value {
	fresh := reflect.New(v.Type().Elem())
	fresh.Elem().Set(v.Elem())
	v.Set(fresh)
	return fresh.Elem()
}

func (x *extractor) slice(v reflect.Value, p place) error {
	if v.IsNil() {
		return nil
	}
	if isBytes(v.Type()) {
		text := make([]byte, markSize, markSize+3)
		m := mark()
		copy(text, m[:])
		n := len(x.found)
		text = append(text, byte(n>>16), byte(n>>8), byte(n))
		x.found = append(x.found, bytes.Clone(v.Bytes()))
		v.SetBytes(text)
		return nil
	}
	fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	reflect.Copy(fresh, v)
	v.Set(fresh)
	return x.elements(v, p.inside(true))
}

func (x *extractor) elements(v reflect.Value, p place) error {
	for i := range v.Len() {
		if err := x.mark(v.Index(i), p); err != nil {
			return err
		}
	}
	return nil
}

func (x *extractor) mapValues(v reflect.Value, p place) error {
	if v.IsNil() {
		return nil
	}
	fresh := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(it.Value())
		if err := x.mark(value, p.inside(false)); err != nil {
			return err
		}
		fresh.SetMapIndex(it.Key(), value)
	}
	v.Set(fresh)
	return nil
}

// fields marks the fields of a struct, and those that it has from embedded structs.
// within are the structs that it is embedded in: encoding/json enters none of them
// again.
func (x *extractor) fields(v reflect.Value, p place, within []reflect.Type) error {
	within = append(within, v.Type())
	for _, f := range holdersOf(v.Type()) {
		field := v.Field(f.index)
		if f.hidden { // reflect lets nobody set it, but v is a copy of ours
			field = reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem()
		}
		var err error
		if f.embedded {
			err = x.promoted(field, p, within)
		} else {
			err = x.field(field, f, p.inside(p.addressable))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// promoted marks the fields of an embedded struct, or of one that an embedded pointer
// points to.
func (x *extractor) promoted(v reflect.Value, p place, within []reflect.Type) error {
	if v.Kind() != reflect.Pointer {
		return x.fields(v, p.inside(p.addressable), within)
	}
	if v.IsNil() || slices.Contains(within, v.Type().Elem()) {
		return nil
	}
	return x.fields(detach(v), p.inside(true), within)
}

// field marks one field, unless encoding/json would omit it: it does not omit a mark.
func (x *extractor) field(v reflect.Value, f holder, p place) error {
	if f.omitEmpty && v.Kind() == reflect.Slice && v.Len() == 0 {
		return nil
	}
	if f.isZero == nil {
		return x.mark(v, p)
	}
	if f.isZero(v) {
		return nil
	}
	before := reflect.New(v.Type()).Elem()
	before.Set(v)
	err := x.mark(v, p)
	if err == nil && f.isZero(v) {
		// Its method looks into the bytes: base64 is better than nothing.
		v.Set(before)
	}
	return err
}
