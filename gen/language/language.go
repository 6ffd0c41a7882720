// SPDX-License-Identifier: Apache-2.0

// Package language is the one table of what a schema can say: each key with the form
// of its value and a sentence about it. Package check knows its keys from here; the
// JSON Schema, by which editors complete and explain, and docs/keys.md are printed
// from it.
package language

import "slices"

// A Mapping is a construct that is written as a mapping with known keys.
type Mapping struct {
	Name string // "clientEvent"
	What string // for readers: "An event of a client"
	Keys []Key
	Own  string // what keys of the author's own begin with, or ""
}

// A Key is one of the keys of a mapping.
type Key struct {
	Name     string
	Value    Value
	Doc      string // sentences in Markdown
	Required bool
	Refused  bool // it is known so that its diagnostic can say where it belongs, and offered to nobody
}

// Names returns the names of the mapping's keys, in order.
func (m Mapping) Names() []string {
	names := make([]string, len(m.Keys))
	for i, k := range m.Keys {
		names[i] = k.Name
	}
	return names
}

// Key returns a key of the mapping, which must be there.
func (m Mapping) Key(name string) Key {
	i := slices.IndexFunc(m.Keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		panic("language: " + m.Name + " has no key " + name)
	}
	return m.Keys[i]
}

// A Word is a text with a meaning of its own.
type Word struct{ Text, Doc string }

// Scalars are the types that the language begins with.
var Scalars = []Word{
	{"bool", "`true` or `false`."},
	{"int", "A whole number within ±(2^53−1): Go `int64`, TypeScript `number`."},
	{"int32", "A whole number of 32 bits."},
	{"uint32", "A whole number of 32 bits, never negative."},
	{"int64", "A whole number of 64 bits. It travels as a decimal string, so that JavaScript loses no digit."},
	{"uint64", "A whole number of 64 bits, never negative. It travels as a decimal string."},
	{"float32", "A number of 32 bits; NaN and infinities are refused."},
	{"float64", "A number of 64 bits; NaN and infinities are refused."},
	{"string", "Text of valid UTF-8."},
	{"bytes", "Bytes, which travel as a Socket.IO attachment."},
	{"timestamp", "A point in time, RFC 3339 with milliseconds: Go `time.Time`, TypeScript `string`."},
	{"duration", "Whole milliseconds: Go `time.Duration`, TypeScript `number`."},
	{"uuid", "The canonical 36 characters, in lower case."},
	{"any", "Any JSON, without bytes in it: Go `json.RawMessage`, TypeScript `unknown`."},
}

// Slow are what happens to an event when a socket cannot keep up.
var Slow = []Word{
	{"drop", "This event is dropped."},
	{"latest", "It takes the place of the one that still waits."},
	{"close", "The connection is closed."},
}

// Texts returns the texts of words.
func Texts(words []Word) []string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return texts
}
