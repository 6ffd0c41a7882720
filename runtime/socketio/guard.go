// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"github.com/sockgen/sockgen/runtime/adapter"
)

// Where functions of the application are called. Each task has contain at its root: what
// a socket's worker does, the functions that hear of rooms, those that hear of a new
// namespace, what decides about one. Within a task a panic ends one function where call
// and guard are used; runtime.Goexit runs what is deferred, and ends the task.

// contain notes that a function of the application did not return. It is deferred, and
// stops a panic; runtime.Goexit goes on and ends the goroutine.
func (n *Namespace) contain(what string, id ID, returned *bool) {
	if !*returned {
		n.srv.guard.Note(recover(), n.about(what, id)...)
	}
}

// recovered is contain for panics alone, within a task.
func (n *Namespace) recovered(what string, id ID) {
	if v := recover(); v != nil {
		n.srv.guard.Note(v, n.about(what, id)...)
	}
}

// about says whose function it is.
func (n *Namespace) about(what string, id ID) []any {
	return []any{"namespace", n.name, "socket", string(id), "handler", quoted(what)}
}

// guard runs a function of the application and reports whether it returned. After
// runtime.Goexit the task ends.
func (s *Socket) guard(what string, f func()) (returned bool) {
	defer s.ns.recovered(what, s.id)
	f()
	return true
}

// guard is that of a socket for a function that belongs to none.
func (n *Namespace) guard(what string, f func()) (returned bool) {
	defer n.recovered(what, "")
	f()
	return true
}

// apart is guard in a goroutine of its own, for which it waits: for tasks that must not
// end with the function.
func (n *Namespace) apart(what string, id ID, f func()) (returned bool) {
	return n.srv.guard.Apart(f, n.about(what, id)...)
}

// call runs the functions of a list, one after the other. One that does not return keeps
// none of the others from running.
func call[F any](n *Namespace, what string, id ID, list []F, f func(F)) {
	if len(list) == 0 {
		return
	}
	defer call(n, what, id, list[1:], f) // also after runtime.Goexit
	defer n.recovered(what, id)
	f(list[0])
}

// A contained adapter is the application's. Its namespace calls these methods where
// nobody of the application's waits, or while a socket ends.
type contained struct {
	adapter.Adapter
	ns *Namespace
}

// Add implements adapter.Adapter.
func (c contained) Add(id ID, rooms ...Room) (err error) {
	if !c.ns.apart("Adapter.Add", id, func() { err = c.Adapter.Add(id, rooms...) }) {
		return errAdapter
	}
	return err
}

// Remove implements adapter.Adapter.
func (c contained) Remove(id ID, rooms ...Room) {
	c.ns.apart("Adapter.Remove", id, func() { c.Adapter.Remove(id, rooms...) })
}

// RemoveAll implements adapter.Adapter.
func (c contained) RemoveAll(id ID) {
	c.ns.apart("Adapter.RemoveAll", id, func() { c.Adapter.RemoveAll(id) })
}

// Joined implements adapter.Adapter.
func (c contained) Joined(id ID, room Room) (in bool) {
	c.ns.apart("Adapter.Joined", id, func() { in = c.Adapter.Joined(id, room) })
	return in
}

// Rooms implements adapter.Adapter.
func (c contained) Rooms(id ID) (rooms []Room) {
	c.ns.apart("Adapter.Rooms", id, func() { rooms = c.Adapter.Rooms(id) })
	return rooms
}

// Close implements adapter.Adapter.
func (c contained) Close() (err error) {
	if !c.ns.apart("Adapter.Close", "", func() { err = c.Adapter.Close() }) {
		return errAdapter
	}
	return err
}
