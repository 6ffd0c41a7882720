// SPDX-License-Identifier: Apache-2.0

package compat

import (
	"fmt"

	"github.com/sockgen/sockgen/gen/ir"
)

// A Model is what one namespace says on the wire. It is plain data and, once
// built, not changed any more; calls that read it may overlap. The names in Types
// are those of generated code and help people alone.
type Model struct {
	Path    string            `json:"-"`                       // parameters without their names: "/match/{}"
	Version string            `json:"version,omitempty"`       // of the document; says nothing about the wire
	Params  []*Type           `json:"params,omitempty"`        // of the path, in order
	Auth    *Type             `json:"auth,omitempty"`          // of CONNECT, a struct
	Connect []string          `json:"connectErrors,omitempty"` // codes, sorted
	Errors  map[string]*Type  `json:"errors,omitempty"`        // by code, what accompanies them, or nil
	Client  map[string]*Event `json:"client,omitempty"`        // what a client may emit
	Server  map[string]*Event `json:"server,omitempty"`        // what the server may emit
	Types   map[string]*Shape `json:"types,omitempty"`         // what a Type's Ref names
}

// An Event is one event in one direction.
type Event struct {
	Args   []*Field `json:"args,omitempty"`   // a payload is the one argument, and required
	Strict bool     `json:"strict,omitempty"` // unknown fields are refused
	Ack    *Ack     `json:"ack,omitempty"`    // nil when nothing is acknowledged
	Errors []string `json:"errors,omitempty"` // codes that it may answer, sorted; those of every event are among them
	Rate   *Rate    `json:"rate,omitempty"`   // how many a socket may emit; no part of the fingerprint: nothing on the wire says it
}

// A Rate is so many events in so many seconds.
type Rate struct {
	Count   int    `json:"count"`
	Seconds int    `json:"seconds"`
	By      string `json:"by,omitempty"` // a field of the namespace's data that they are counted by; "" counts by socket
}

// String returns the rate as people say it.
func (r *Rate) String() string {
	if r == nil {
		return "unlimited"
	}
	text := fmt.Sprintf("%d in a second", r.Count)
	if r.Seconds != 1 {
		text = fmt.Sprintf("%d in %d seconds", r.Count, r.Seconds)
	}
	if r.By != "" {
		text += " by " + r.By
	}
	return text
}

// allows tells whether r lets through all that other does.
func (r *Rate) allows(other *Rate) bool {
	if r == nil || other == nil {
		return r == nil
	}
	if r.By != "" && r.By != other.By {
		return false // sockets that had a rate each now share one
	}
	return r.Count >= other.Count && int64(r.Count)*int64(other.Seconds) >= int64(other.Count)*int64(r.Seconds)
}

// An Ack is how an event is acknowledged.
type Ack struct {
	Plain bool  `json:"plain,omitempty"` // the bare value in place of {"ok": …}; always so from clients
	Type  *Type `json:"type,omitempty"`  // nil acknowledges without a value
}

// A Field is a member of a struct or an argument.
type Field struct {
	Type
	Optional bool   `json:"optional,omitempty"`
	Default  string `json:"default,omitempty"` // as JSON, or ""; no part of the fingerprint: the sender's own affair
}

// A Type is a scalar, a list, a map or a reference; one of the first four fields
// is set.
type Type struct {
	Scalar  string   `json:"scalar,omitempty"`
	List    *Type    `json:"list,omitempty"`
	Map     *Type    `json:"map,omitempty"`
	Ref     string   `json:"ref,omitempty"`     // a key of Model.Types
	Null    bool     `json:"null,omitempty"`    // null is a value, too
	Length  string   `json:"length,omitempty"`  // "1..64", "1..", "..64"
	Range   string   `json:"range,omitempty"`   // likewise
	Pattern []string `json:"pattern,omitempty"` // all of them apply
	Unique  bool     `json:"unique,omitempty"`
}

// A Shape is a type that others refer to.
type Shape struct {
	Kind   Kind              `json:"kind"`
	Fields map[string]*Field `json:"fields,omitempty"` // Struct
	Values []string          `json:"values,omitempty"` // Enum and Integers, sorted as texts
	Tag    string            `json:"tag,omitempty"`    // Union
	Of     map[string]string `json:"of,omitempty"`     // Union: tag's value to a struct of Model.Types
	Open   bool              `json:"open,omitempty"`   // Enum, Integers and Union
	Alias  *Type             `json:"alias,omitempty"`  // Alias: a list or a map
}

// A Kind tells what a Shape is.
type Kind string

// The kinds of shape. An alias stands for what it names.
const (
	Struct   Kind = "struct"
	Enum     Kind = "enum"
	Integers Kind = "integer enum"
	Union    Kind = "union"
	Alias    Kind = "alias"
)

// resolve returns what t is behind aliases, which does not refer to one, and
// its shape when it refers to a struct, an enum or a union.
func (m *Model) resolve(t *Type) (*Type, *Shape) {
	for t.Ref != "" {
		s := m.Types[t.Ref]
		if s.Kind != Alias {
			return t, s
		}
		t = narrow(s.Alias, t)
	}
	return t, nil
}

// narrow returns t with what outer adds to it: null and constraints.
func narrow(t, outer *Type) *Type {
	if !outer.Null && outer.Length == "" && outer.Range == "" && outer.Pattern == nil && !outer.Unique {
		return t
	}
	n := *t
	n.Null = (t.Null || outer.Null) && t.Scalar != string(ir.Any) // any holds it anyway
	n.Length = meet(t.Length, outer.Length)
	n.Range = meet(t.Range, outer.Range)
	n.Pattern = union(t.Pattern, outer.Pattern)
	n.Unique = t.Unique || outer.Unique
	return &n
}
