// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"maps"
	"sync"
	"sync/atomic"
)

// words are that the application has chosen, its events and namespaces. A
// packet that has one of them needs no memory for it.
type words struct {
	known  atomic.Pointer[map[string]string] // what it points to never changes; nil when empty
	adding sync.Mutex                        // held while known is replaced
}

// add makes a word known.
func (w *words) add(word string) {
	w.adding.Lock()
	defer w.adding.Unlock()
	var known map[string]string
	if old := w.known.Load(); old != nil {
		if _, there := (*old)[word]; there {
			return
		}
		known = maps.Clone(*old)
	} else {
		known = map[string]string{}
	}
	known[word] = word
	w.known.Store(&known)
}

// of returns text as a string.
func (w *words) of(text []byte) string {
	if known := w.known.Load(); known != nil {
		if word, there := (*known)[string(text)]; there {
			return word
		}
	}
	return string(text)
}
