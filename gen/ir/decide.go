// SPDX-License-Identifier: Apache-2.0

package ir

import "slices"

// What follows is decided here for all who render a document, or play it.

// Failures returns the errors that a client's event of the namespace may be answered: its
// own and those of every event, each once. They are the caller's.
func (ns *Namespace) Failures(e *Event) []*Error { return distinct(e.Errors, ns.EveryErrors) }

// Refusals returns the errors that a connection to the namespace may be refused with, each
// once. They are the caller's.
func (ns *Namespace) Refusals() []*Error { return distinct(ns.ConnectErrors) }

// Errors returns the declared errors that a client of ns may be told, each once.
func (ns *Namespace) Errors() []*Error {
	lists := [][]*Error{ns.ConnectErrors, ns.EveryErrors}
	for _, e := range ns.Client {
		lists = append(lists, e.Errors)
	}
	return distinct(lists...)
}

func distinct(lists ...[]*Error) []*Error {
	var all []*Error
	for _, e := range slices.Concat(lists...) {
		if !slices.Contains(all, e) {
			all = append(all, e)
		}
	}
	return all
}

// IsNullable tells whether t has null beside its values. Null is a value of any in its own
// right.
func (t *Type) IsNullable() bool {
	return t.Nullable && (t.Kind != ScalarType || t.Scalar != Any)
}

// Reach adds the declarations that t is made of, at any depth. A nil type is made of
// nothing.
func (t *Type) Reach(found map[*Decl]bool) { t.reach(found) }
