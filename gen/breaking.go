// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"cmp"
	"maps"
	"slices"

	"github.com/sockgen/sockgen/gen/compat"
	"github.com/sockgen/sockgen/gen/diag"
)

// A Verdict is what a change means to older clients.
type Verdict = compat.Verdict

// The verdicts.
const (
	Safe    = compat.Safe    // they notice nothing
	Warning = compat.Warning // some of them may, or they miss something
	Breaks  = compat.Breaks  // what they send is refused, or they meet what they do not know
)

// A Change is one difference between an older schema and the current one.
type Change struct {
	Verdict  Verdict
	Position diag.Position // in the current schema, of what is nearest to the change; zero when there is no such place
	Path     string        // "/chat client message:send payload.content.text"
	Message  string        // what changed, and why the verdict
	Releases []string      // from a lock: those whose clients it concerns
	Allowed  bool          // somebody has said that it is deliberate
}

// Allow marks the changes of which paths has the path, and returns the paths that no
// change has.
func Allow(changes []Change, paths []string) (unused []string) {
	for _, path := range paths {
		found := false
		for i := range changes {
			if changes[i].Path == path {
				changes[i].Allowed, found = true, true
			}
		}
		if !found {
			unused = append(unused, path)
		}
	}
	return unused
}

// HasBreaks tells whether a change breaks older clients that nobody has allowed.
func HasBreaks(changes []Change) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Verdict == Breaks && !c.Allowed })
}

// A Comparison is what became of an older schema.
type Comparison struct {
	Changes     []Change          // sorted by position, then by path
	Diagnostics []diag.Diagnostic // of the current schema; when one is an error nothing was compared
	Older       []diag.Diagnostic // of the older one, likewise
}

// Compare compares the current schema with an older one, as clients of the older
// one see it when they meet a server of the current one. Calls may overlap.
func Compare(older, current Input) Comparison {
	was, is := understand(older), understand(current)
	c := Comparison{Diagnostics: is.diags, Older: was.diags}
	if was.doc == nil || is.doc == nil {
		return c
	}
	places := locator{is}
	for _, change := range compat.CompareAll(compat.Models(was.doc), compat.Models(is.doc)) {
		c.Changes = append(c.Changes, places.change(change))
	}
	sortChanges(c.Changes)
	return c
}

// CompareLock compares the current schema with every release in a lock. A change
// that concerns several of them is there once.
func CompareLock(lock *Lock, current Input) Comparison {
	is := understand(current)
	c := Comparison{Diagnostics: is.diags}
	if is.doc == nil {
		return c
	}
	places := locator{is}
	models := compat.Models(is.doc)
	type key struct {
		path, message string
		verdict       Verdict
	}
	index := map[key]int{}
	paths := slices.Collect(maps.Keys(lock.models.Models))
	for _, m := range models {
		paths = append(paths, m.Path)
	}
	slices.Sort(paths)
	for _, path := range slices.Compact(paths) {
		var now []*compat.Model
		if i := slices.IndexFunc(models, func(m *compat.Model) bool { return m.Path == path }); i >= 0 {
			now = models[i : i+1]
		}
		released := lock.models.Released(path)
		if len(released) == 0 {
			c.Changes = append(c.Changes, places.change(compat.CompareAll(nil, now)[0]))
		}
		for _, m := range released {
			for _, change := range compat.CompareAll([]*compat.Model{m}, now) {
				k := key{change.Path, change.Message, change.Verdict}
				i, ok := index[k]
				if !ok {
					i = len(c.Changes)
					index[k] = i
					c.Changes = append(c.Changes, places.change(change))
				}
				c.Changes[i].Releases = append(c.Changes[i].Releases, label(m))
			}
		}
	}
	for _, change := range c.Changes {
		slices.Sort(change.Releases)
	}
	sortChanges(c.Changes)
	return c
}

func sortChanges(changes []Change) {
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Path, b.Path))
	})
}
