// SPDX-License-Identifier: Apache-2.0

package soak

import (
	"container/list"
	"context"
	"maps"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A census is how many entries the collections of a server have, by type and field:
// "socketio.Server.conns". Collections of the same name, like those of several
// namespaces, are added up.
type census map[string]int

// takeCensus finds every map, slice, list and channel that can be reached from srv
// without going through a connection, also those that are not exported, so that a
// collection that is added tomorrow is counted, too.
func takeCensus(srv *socketio.Server) census {
	v := reflect.ValueOf(srv)
	c := counter{
		found: census{}, seen: map[unsafe.Pointer]bool{}, queue: []reflect.Value{v},
		outer: []sync.Locker{locker(v.Elem().FieldByName("mu")), locker(v.Elem().FieldByName("recoveries").FieldByName("mu"))},
		inner: locker(v.Elem().FieldByName("recoveries").FieldByName("replay").FieldByName("mu")),
	}
	for len(c.queue) > 0 {
		next := c.queue[0]
		c.queue = c.queue[1:]
		if !c.seen[next.UnsafePointer()] {
			c.seen[next.UnsafePointer()] = true
			c.structure(next.Elem())
		}
	}
	return c.found
}

// gauges are the numbers that say how much is held now.
var gauges = []string{
	"engineio.Server.open", "engineio.Server.outgoing",
	"socketio.Server.dynamic", "socketio.Namespace.users", "socketio.Namespace.away",
	"socketio.replay.used", "engineio.incoming.used", "socketio.counters.sockets",
}

// perConnection are the types of what a connection has. Where none is reached, none
// of their fields is.
func perConnection(t reflect.Type) bool {
	switch t.String() {
	case "engineio.Session", "socketio.conn", "socketio.Socket", "socketio.presence":
		return true
	}
	return false
}

type counter struct {
	found census
	seen  map[unsafe.Pointer]bool
	queue []reflect.Value // pointers to structs
	outer []sync.Locker   // Server.mu and recoveries.mu, which guard fields of namespaces
	inner sync.Locker     // replay.mu, which guards fields of event logs
}

var (
	mutex   = reflect.TypeFor[sync.Mutex]()
	rwMutex = reflect.TypeFor[sync.RWMutex]()
	atomic8 = reflect.TypeFor[atomic.Int64]()
	lists   = reflect.TypeFor[list.List]()
	root    = strings.TrimSuffix(reflect.TypeFor[engineio.Server]().PkgPath(), "engineio")
	ctxPkg  = reflect.TypeFor[context.Context]().PkgPath()
)

// structure counts what a struct has while it holds the mutexes that guard it.
func (c *counter) structure(v reflect.Value) {
	switch v.Type().String() {
	case "socketio.Namespace", "socketio.ParentNamespace":
		for _, l := range c.outer {
			l.Lock()
			defer l.Unlock()
		}
	}
	for i := range v.NumField() {
		if l := locker(v.Field(i)); l != nil {
			l.Lock()
			defer l.Unlock()
		}
	}
	if v.Type().String() == "socketio.eventLog" {
		c.inner.Lock()
		defer c.inner.Unlock()
	}
	c.fields(v)
}

func locker(f reflect.Value) sync.Locker {
	if !f.CanAddr() {
		return nil
	}
	switch f.Type() {
	case mutex:
		return (*sync.Mutex)(unsafe.Pointer(f.UnsafeAddr()))
	case rwMutex:
		return (*sync.RWMutex)(unsafe.Pointer(f.UnsafeAddr()))
	}
	return nil
}

func (c *counter) fields(v reflect.Value) {
	t := v.Type()
	for i := range v.NumField() {
		f, name := v.Field(i), t.String()+"."+t.Field(i).Name
		if f.Type() == lists {
			c.found[name] += int(f.FieldByName("len").Int())
			continue
		}
		switch f.Kind() {
		case reflect.Map, reflect.Slice, reflect.Chan:
			c.found[name] += f.Len()
		case reflect.Int, reflect.Int64:
			for _, g := range gauges {
				if g == name {
					c.found[name] += int(f.Int())
				}
			}
		}
		if f.Type() == atomic8 && f.CanAddr() {
			for _, g := range gauges {
				if g == name {
					c.found[name] += int((*atomic.Int64)(unsafe.Pointer(f.UnsafeAddr())).Load())
				}
			}
		}
		c.value(f)
	}
}

// value looks for further structs in v. Those with a mutex of their own, and those
// behind pointers, wait until the one at hand is unlocked.
func (c *counter) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		if v.Elem().Kind() == reflect.Pointer {
			c.value(v.Elem())
		}
	case reflect.Pointer:
		if t := v.Type().Elem(); !v.IsNil() && t.Kind() == reflect.Struct && enters(t) {
			c.queue = append(c.queue, reflect.NewAt(t, v.UnsafePointer()))
		}
	case reflect.Struct:
		switch {
		case !enters(v.Type()):
		case v.CanAddr() && hasMutex(v.Type()):
			c.queue = append(c.queue, reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())))
		default:
			c.fields(v)
		}
	case reflect.Map:
		for m := v.MapRange(); m.Next(); {
			c.value(m.Key())
			c.value(m.Value())
		}
	case reflect.Slice, reflect.Array:
		if holdsStructs(v.Type().Elem()) {
			for i := range v.Len() {
				c.value(v.Index(i))
			}
		}
	}
}

func enters(t reflect.Type) bool {
	if t.PkgPath() == ctxPkg {
		return t.Name() == "cancelCtx" // whose children are the contexts that nobody has cancelled
	}
	return strings.HasPrefix(t.PkgPath(), root) && !perConnection(t)
}

func hasMutex(t reflect.Type) bool {
	for i := range t.NumField() {
		if f := t.Field(i).Type; f == mutex || f == rwMutex {
			return true
		}
	}
	return false
}

func holdsStructs(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct, reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice, reflect.Array:
		return true
	}
	return false
}

// entries adds everything up.
func (c census) entries() int {
	sum := 0
	for n := range maps.Values(c) {
		sum += n
	}
	return sum
}
