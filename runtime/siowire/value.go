package siowire

import (
	"bytes"
	"crypto/rand"
	"encoding"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

// value appends v to B. The commonest types take no detour through encoding/json.
func (e *Encoder) value(v any) error {
	switch v := v.(type) {
	case nil:
		e.B = append(e.B, "null"...)
	case bool:
		e.B = strconv.AppendBool(e.B, v)
	case string:
		e.B = AppendString(e.B, v)
	case int:
		e.B = strconv.AppendInt(e.B, int64(v), 10)
	case int64:
		e.B = strconv.AppendInt(e.B, v, 10)
	case uint64:
		e.B = strconv.AppendUint(e.B, v, 10)
	case time.Time:
		e.B = append(e.B, v.UTC().Format(`"2006-01-02T15:04:05.000Z"`)...)
	case []byte:
		if v == nil {
			e.B = append(e.B, "null"...)
			return nil
		}
		e.AppendBytes(v)
	case json.RawMessage:
		return e.marshal(v)
	default:
		return e.reflected(v)
	}
	return nil
}

// reflected handles values that may have binary values inside.
func (e *Encoder) reflected(v any) error {
	if !mayHoldBytes(reflect.TypeOf(v)) {
		return e.marshal(v)
	}
	x := extractor{}
	marked := reflect.New(reflect.TypeOf(v)).Elem()
	marked.Set(reflect.ValueOf(v))
	if err := x.mark(marked, 0); err != nil {
		return err
	}
	start := len(e.B)
	if err := e.marshal(marked.Interface()); err != nil {
		return err
	}
	if len(x.found) > 0 {
		text := bytes.Clone(e.B[start:])
		e.B = e.B[:start]
		e.replace(text, x.found)
	}
	return nil
}

// marshal appends v through encoding/json, without HTML escaping.
func (e *Encoder) marshal(v any) error {
	start := len(e.B)
	enc := json.NewEncoder((*writer)(e))
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		e.B = e.B[:start]
		return err
	}
	e.B = e.B[:len(e.B)-1] // the encoder ends with a newline
	e.noteLookalike(e.B[start:])
	return nil
}

// writer appends to an Encoder's B.
type writer Encoder

func (w *writer) Write(p []byte) (int, error) {
	w.B = append(w.B, p...)
	return len(p), nil
}

// encoding/json decides what a value looks like: tags, embedding, omitted fields,
// the order of keys. So that every []byte in it can be found in its output, a copy
// of the value is marshalled in which each of them is a mark: a random text that
// no peer has ever seen, and a number.

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

// mark replaces every []byte in v, which is settable and shares its memory with
// nobody but for what it points to. Whatever it changes behind a pointer, a map or
// a slice it copies first.
func (x *extractor) mark(v reflect.Value, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	if !mayHoldBytes(v.Type()) || (v.Kind() != reflect.Interface && marshalsItself(v.Type())) {
		return nil
	}
	switch v.Kind() {
	case reflect.Slice:
		return x.slice(v, depth)
	case reflect.Array:
		for i := range v.Len() {
			if err := x.mark(v.Index(i), depth+1); err != nil {
				return err
			}
		}
	case reflect.Struct:
		return x.fields(v, depth)
	case reflect.Map:
		return x.mapValues(v, depth)
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		v.Set(fresh)
		return x.mark(fresh.Elem(), depth+1)
	case reflect.Interface:
		if v.IsNil() {
			return nil
		}
		fresh := reflect.New(v.Elem().Type()).Elem()
		fresh.Set(v.Elem())
		if err := x.mark(fresh, depth+1); err != nil {
			return err
		}
		v.Set(fresh)
	}
	return nil
}

func (x *extractor) slice(v reflect.Value, depth int) error {
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
	for i := range v.Len() {
		if err := x.mark(v.Index(i), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (x *extractor) fields(v reflect.Value, depth int) error {
	t := v.Type()
	for i := range t.NumField() {
		f, field := t.Field(i), v.Field(i)
		if !f.IsExported() && !(f.Anonymous && field.Kind() == reflect.Struct) {
			continue
		}
		tag := f.Tag.Get("json")
		if tag == "-" {
			continue
		}
		if field.Kind() == reflect.Slice && field.Len() == 0 && strings.Contains(tag, ",omitempty") {
			continue // encoding/json would not omit a mark
		}
		if err := x.mark(field, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (x *extractor) mapValues(v reflect.Value, depth int) error {
	if v.IsNil() {
		return nil
	}
	fresh := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(it.Value())
		if err := x.mark(value, depth+1); err != nil {
			return err
		}
		fresh.SetMapIndex(it.Key(), value)
	}
	v.Set(fresh)
	return nil
}

// replace appends text to B with a placeholder for every mark in it, so that the
// attachments are numbered in the order of the text (R216).
func (e *Encoder) replace(text []byte, found [][]byte) {
	var quoted [1 + markedSize]byte
	quoted[0] = '"'
	m := mark()
	base64.StdEncoding.Encode(quoted[1:], m[:])
	for {
		at := bytes.Index(text, quoted[:])
		if at < 0 {
			break
		}
		e.B = append(e.B, text[:at]...)
		text = text[at+len(quoted):]
		var number [4]byte
		base64.StdEncoding.Decode(number[1:], text[:4])
		e.attach(found[binary.BigEndian.Uint32(number[:])])
		text = text[4+len(`"`):]
	}
	e.B = append(e.B, text...)
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// marshalsItself reports whether encoding/json leaves t's form to its methods.
func marshalsItself(t reflect.Type) bool {
	return t.Implements(jsonMarshaler) || t.Implements(textMarshaler) ||
		reflect.PointerTo(t).Implements(jsonMarshaler) || reflect.PointerTo(t).Implements(textMarshaler)
}

// isBytes reports whether encoding/json writes the slice type t as base64.
func isBytes(t reflect.Type) bool {
	return t.Elem().Kind() == reflect.Uint8 && !marshalsItself(t.Elem())
}

var holders sync.Map // reflect.Type to bool; bounded by the program's types

// mayHoldBytes reports whether a value of type t can have a []byte inside.
func mayHoldBytes(t reflect.Type) bool {
	if known, ok := holders.Load(t); ok {
		return known.(bool)
	}
	holds := searchType(t, map[reflect.Type]bool{})
	holders.Store(t, holds)
	return holds
}

// searchType walks t; seen holds the types on the way, which recursion meets again.
func searchType(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if t.Kind() != reflect.Interface && marshalsItself(t) {
		return false
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Slice:
		return isBytes(t) || searchType(t.Elem(), seen)
	case reflect.Array, reflect.Map, reflect.Pointer:
		return searchType(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if searchType(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}
