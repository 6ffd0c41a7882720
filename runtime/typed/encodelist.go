// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
)

// EncodeList writes a list, each element through encode; nil is empty.
func EncodeList[T any](e Encoder, v []T, encode func(Encoder, *T)) Count {
	if !e.Deeper() {
		return Count{}
	}
	e.args.B = append(e.args.B, '[')
	for i := range v {
		if i > 0 {
			e.args.B = append(e.args.B, ',')
		}
		encode(e, &v[i])
	}
	e.args.B = append(e.args.B, ']')
	return e.count(len(v), "element", "elements")
}

// EncodeUnique is EncodeList for a list whose elements differ from each other, as they
// travel.
func EncodeUnique[T any](e Encoder, v []T, encode func(Encoder, *T)) Count {
	if e.mode&trusting != 0 {
		return EncodeList(e, v, encode)
	}
	if !e.Deeper() {
		return Count{}
	}
	u := uniques.Get().(*unique)
	e.args.B = append(e.args.B, '[')
	for i := range v {
		if i > 0 {
			e.args.B = append(e.args.B, ',')
		}
		start := len(e.args.B)
		encode(e, &v[i])
		u.texts = append(u.texts, text{start, len(e.args.B)})
	}
	e.args.B = append(e.args.B, ']')
	u.check(e)
	u.release()
	return e.count(len(v), "element", "elements")
}

// count returns what holds a list or map of n parts, just written, to its length.
func (e Encoder) count(n int, one, many string) Count {
	return Count{to: e.judge(), n: n, one: one, many: many}
}

// A unique finds elements that equal others, by their texts: they are what travels.
type unique struct {
	b     []byte
	texts []text // of the elements, in order
}

type text struct{ start, end int }

// maxTexts is how many texts a unique may have room for that returns to the pool.
const maxTexts = 1024

var uniques = sync.Pool{New: func() any { return new(unique) }}

func (u *unique) release() {
	u.b = nil
	if u.texts = u.texts[:0]; cap(u.texts) <= maxTexts {
		uniques.Put(u)
	}
}

// check notes each element that equals one before it.
func (u *unique) check(e Encoder) {
	u.b = e.args.B
	if len(u.texts) > manyFields {
		slices.SortFunc(u.texts, u.compare)
	}
	for i := 1; i < len(u.texts); i++ {
		before := u.texts[:i]
		if len(u.texts) > manyFields {
			before = before[i-1:] // the same are neighbours
		}
		for _, other := range before {
			if bytes.Equal(u.of(other), u.of(u.texts[i])) {
				e.flaw(u.texts[i].end, repeated, nil)
				break
			}
		}
	}
}

// compare orders elements by their texts, and the same ones as they stand in the list.
func (u *unique) compare(a, b text) int {
	return cmp.Or(bytes.Compare(u.of(a), u.of(b)), cmp.Compare(a.start, b.start))
}

// of returns an element's text, in which zero has no sign.
func (u *unique) of(t text) []byte {
	if b := u.b[t.start:t.end]; string(b) != "-0" {
		return b
	}
	return u.b[t.end-1 : t.end]
}

// EncodeMap writes a map in the order of its keys, each value through encode;
// nil is empty.
func EncodeMap[T any](e Encoder, v map[string]T, encode func(Encoder, T)) Count {
	if !e.Deeper() {
		return Count{}
	}
	sorted := keyLists.Get().(*[]string)
	keys := *sorted
	for key := range v {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	start, flaws := len(e.args.B), e.flaws()
	e.args.B = append(e.args.B, '{')
	for i, key := range keys {
		if i > 0 {
			e.args.B = append(e.args.B, ',')
		}
		e.String(key)
		e.args.B = append(e.args.B, ':')
		if key == placeholderKey {
			e.Fail(ErrReservedKey)
		}
		encode(e, v[key])
	}
	e.args.B = append(e.args.B, '}')
	if e.flaws() > flaws {
		e.notMembers(start)
	}
	if cap(keys) <= maxKeys {
		clear(keys)
		*sorted = keys[:0]
		keyLists.Put(sorted)
	}
	return e.count(len(v), "entry", "entries")
}

// maxKeys is how many keys a list may have room for that returns to the pool.
const maxKeys = 1024

var keyLists = sync.Pool{New: func() any { return new([]string) }}
