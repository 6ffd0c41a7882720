// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"math"
	"slices"
	"strconv"
)

// placeholderKey marks an attachment's place in a packet (R203).
// Values that a peer or a handler chooses must not look like it: their
// receivers would take them for attachments.
const placeholderKey = "_placeholder"

// DecodeList reads a list into v, each element with decode. Afterwards the list is not
// nil, unless the value was none.
func DecodeList[T any](d *Decoder, v *[]T, decode func(*Decoder, *T)) {
	elements(d, v, 0, math.MaxInt, decode, nil)
}

// DecodeBoundedList is DecodeList for a list of least to most elements. It skips those
// that are too many.
func DecodeBoundedList[T any](d *Decoder, v *[]T, least, most int, decode func(*Decoder, *T)) {
	elements(d, v, least, most, decode, nil)
}

// DecodeUniqueList is DecodeBoundedList for a list whose elements differ from each other.
func DecodeUniqueList[T comparable](d *Decoder, v *[]T, least, most int, decode func(*Decoder, *T)) {
	var met map[T]bool // once there are too many to compare
	elements(d, v, least, most, decode, func(list []T) bool {
		last := len(list) - 1
		if last < manyFields {
			return slices.Contains(list[:last], list[last])
		}
		if met == nil {
			met = make(map[T]bool, 2*len(list))
			for _, x := range list[:last] {
				met[x] = true
			}
		}
		repeated := met[list[last]]
		met[list[last]] = true
		return repeated
	})
}

// repeated is said of an element that equals one before it.
const repeated = "is there twice"

// elements reads a list. It asks repeats about each sound element, with the
// sound ones before it.
func elements[T any](d *Decoder, v *[]T, least, most int, decode func(*Decoder, *T), repeats func([]T) bool) {
	w, ok := d.list()
	if !ok {
		return
	}
	list := []T{}
	n := 0
	for ; d.element(&w); n++ {
		if n >= most {
			d.skip()
			continue
		}
		var zero T
		d.path[len(d.path)-1].index = n
		list = append(list, zero)
		issues := len(d.issues)
		decode(d, &list[len(list)-1])
		if d.ended {
			return
		}
		switch {
		case repeats == nil:
		case len(d.issues) > issues: // it equals none, whatever is in its place
			list = list[:len(list)-1]
		case repeats(list):
			d.report(repeated)
		}
	}
	d.leave(n, least, most, "element", "elements")
	*v = list
}

// list begins to read a list and adds a step to the path.
func (d *Decoder) list() (walk, bool) {
	if !d.expect(arrayKind, "list") || !d.enter() {
		return walk{}, false
	}
	d.path = append(d.path, step{kind: indexStep})
	return d.json.enter(), true
}

// DecodeMap reads an object into the map v, each value with decode. Afterwards the map is
// not nil, unless the value was none.
func DecodeMap[T any](d *Decoder, v *map[string]T, decode func(*Decoder, *T)) {
	DecodeBoundedMap(d, v, 0, math.MaxInt, decode)
}

// DecodeBoundedMap is DecodeMap for a map of least to most entries. It skips those that
// are too many.
func DecodeBoundedMap[T any](d *Decoder, v *map[string]T, least, most int, decode func(*Decoder, *T)) {
	w, ok := d.entries()
	if !ok {
		return
	}
	m := map[string]T{}
	n := 0
	for ; ; n++ {
		name, ok := d.member(&w)
		if !ok {
			break
		}
		key := string(name)
		_, repeated := m[key]
		if n >= most || !d.key(key, repeated) {
			d.skip()
			continue
		}
		var value T
		decode(d, &value)
		if d.ended {
			return
		}
		m[key] = value
	}
	d.leave(n, least, most, "entry", "entries")
	*v = m
}

// entries begins to read a map and adds a step to the path.
func (d *Decoder) entries() (walk, bool) {
	if !d.expect(objectKind, "object") || !d.enter() {
		return walk{}, false
	}
	d.path = append(d.path, step{kind: keyStep})
	return d.json.enter(), true
}

// key makes key the last step of the path and reports whether a map may have it.
func (d *Decoder) key(key string, repeated bool) bool {
	d.path[len(d.path)-1] = step{kind: keyStep, name: key}
	switch {
	case repeated:
		d.report("is there twice")
	case key == placeholderKey:
		d.report("is a reserved key")
	default:
		return true
	}
	return false
}

// leave ends a list or map of n parts, which should have been least to most.
func (d *Decoder) leave(n, least, most int, one, many string) {
	if d.ended {
		return
	}
	d.path = d.path[:len(d.path)-1]
	outOf(d, n, least, most, one, many)
}

// span says how many parts there may be: "1 to 20 elements", "at most 1 entry".
func span(least, most int, one, many string) string {
	last, unit := most, many
	text := strconv.Itoa(least) + " to " + strconv.Itoa(most)
	switch {
	case least == most:
		text = "exactly " + strconv.Itoa(most)
	case most == math.MaxInt:
		last, text = least, "at least "+strconv.Itoa(least)
	case least <= 0:
		text = "at most " + strconv.Itoa(most)
	}
	if last == 1 {
		unit = one
	}
	return text + " " + unit
}
