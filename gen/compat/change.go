// SPDX-License-Identifier: Apache-2.0

package compat

import (
	"cmp"
	"slices"
)

// A Verdict is what a change means to the clients of the old model.
type Verdict int

// The verdicts, from mild to severe.
const (
	Safe    Verdict = iota // they notice nothing
	Warning                // some of them may, or they miss something
	Breaks                 // what they send is refused, or they meet what they do not know
)

// String returns the word that a report carries.
func (v Verdict) String() string {
	switch v {
	case Warning:
		return "warning"
	case Breaks:
		return "breaks"
	}
	return "safe"
}

// MarshalText writes the word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// A Change is one difference between two models of a namespace.
type Change struct {
	Verdict Verdict
	Path    string // "/chat client message:send payload.content.text"
	Message string // one sentence without a full stop: what changed, and why the verdict
	Place   Place  // of what changed, in the new model as far as it is there
}

// A Place names a part of a model, for whoever looks for it in the schema. Parts
// that do not apply are empty.
type Place struct {
	Namespace string // Model.Path
	Side      string // "client" or "server"
	Event     string
	Part      string // "payload", "ack", "errors", "auth", "connect" or "parameters"
	Code      string // of an error
	Type      string // a key of Model.Types
	Member    string // of Type: a field, an enum's value or a variant's tag
}

// HasBreaks tells whether a change in list breaks clients.
func HasBreaks(list []Change) bool {
	return slices.ContainsFunc(list, func(c Change) bool { return c.Verdict == Breaks })
}

// CompareAll compares the namespaces of two documents: those of one path with
// each other. The changes are sorted by path.
func CompareAll(old, new []*Model) []Change {
	var changes []Change
	for _, o := range old {
		i := slices.IndexFunc(new, func(n *Model) bool { return n.Path == o.Path })
		if i >= 0 {
			changes = append(changes, Compare(o, new[i])...)
			continue
		}
		changes = append(changes, Change{Breaks, o.Path, "the namespace is gone: older clients cannot connect to it any more", Place{Namespace: o.Path}})
	}
	for _, n := range new {
		if !slices.ContainsFunc(old, func(o *Model) bool { return o.Path == n.Path }) {
			changes = append(changes, Change{Safe, n.Path, "the namespace is new: older clients do not connect to it", Place{Namespace: n.Path}})
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return changes
}
