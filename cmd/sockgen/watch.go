// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	settleTime = 15 * time.Millisecond  // without another change, after which a burst is over
	settleMost = 60 * time.Millisecond  // of a burst that does not end
	pollOften  = 40 * time.Millisecond  // where the system does not tell of changes
	pollSeldom = 750 * time.Millisecond // where it does, for file systems of which it does not know
)

// watch generates whenever a file that it read has another text, until somebody
// interrupts it or the context ends. A schema that is wrong prints its diagnostics, and the next change is awaited.
func (a *app) watch(g *generateFlags) int {
	ctx, stop := signal.NotifyContext(a.ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	r := &renderer{}
	n := newNotifier(g.poll)
	defer n.close()
	if n.err != nil {
		fmt.Fprintf(a.stderr, "sockgen: the system does not tell of changes (%v); looking for them every %v\n", n.err, pollOften)
	}
	for ctx.Err() == nil {
		r.files = files{}
		a.generate(g, r)
		n.watch(slices.Collect(maps.Keys(r.files)))
		if !r.files.changed(true) {
			fmt.Fprintf(a.stderr, "sockgen: watching %s; end with Ctrl-C\n", number(len(r.files), "file"))
		}
		for ctx.Err() == nil && !r.files.changed(true) {
			n.wait(ctx, r.files)
		}
	}
	return statusFine
}

// A files is what files looked like when they were read, by name.
type files map[string]state

// A state is what a file looked like. The zero value is a file that cannot be read.
type state struct {
	size     int64
	modified time.Time
	sum      [sha256.Size]byte
}

// read is readFile for a file that is then known.
func (f files) read(name string) ([]byte, error) {
	clean := filepath.Clean(filepath.FromSlash(name))
	var s state
	info, failed := os.Stat(clean)
	data, err := readFile(name)
	if err == nil && failed == nil {
		s = state{info.Size(), info.ModTime(), sha256.Sum256(data)}
	}
	f[clean] = s
	return data, err
}

// changed tells whether a file is another one than it was. Unless closely is true, one
// of the same size and time is taken for the same.
func (f files) changed(closely bool) bool {
	for name, was := range f {
		info, err := os.Stat(name)
		if err != nil {
			info = nil
		}
		switch {
		case info == nil && was == state{}:
		case info == nil:
			return true
		case !closely && info.Size() == was.size && info.ModTime().Equal(was.modified):
		default:
			now := files{}
			_, _ = now.read(name) // what cannot be read has the zero state
			if now[name].sum != was.sum {
				return true
			}
		}
	}
	return false
}

// A notifier tells when files may have changed: as soon as the system says so, else
// when it looks itself.
type notifier struct {
	system *fsnotify.Watcher // nil where it only looks
	err    error             // why, or nil
	often  time.Duration     // between two looks
}

func newNotifier(poll bool) *notifier {
	n := &notifier{often: pollOften}
	if poll {
		return n
	}
	if n.system, n.err = fsnotify.NewWatcher(); n.err != nil {
		n.system = nil
		return n
	}
	n.often = pollSeldom
	return n
}

func (n *notifier) close() {
	if n.system != nil {
		_ = n.system.Close() // nothing is left to be told
	}
}

// watch watches the folders of files: editors replace a file by another one.
func (n *notifier) watch(files []string) {
	if n.system == nil {
		return
	}
	wanted := map[string]bool{}
	for _, file := range files {
		wanted[folderOf(file)] = true
		if real, err := filepath.EvalSymlinks(file); err == nil {
			wanted[filepath.Dir(real)] = true
		}
	}
	for _, dir := range n.system.WatchList() {
		if !wanted[dir] {
			_ = n.system.Remove(dir) // it may be gone by itself
		}
		delete(wanted, dir)
	}
	for dir := range wanted {
		if err := n.system.Add(dir); err != nil {
			n.often = pollOften
		}
	}
}

// folderOf returns the folder of a file, or the nearest one above that is there.
func folderOf(file string) string {
	dir := filepath.Dir(file)
	for {
		info, err := os.Stat(dir)
		if err == nil && info.IsDir() || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// wait waits until a file may have changed, and the burst of changes that this begins
// is over, or until ctx ends.
func (n *notifier) wait(ctx context.Context, known files) {
	var events chan fsnotify.Event
	var errors chan error
	if n.system != nil {
		events, errors = n.system.Events, n.system.Errors
	}
	ticker := time.NewTicker(n.often)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-events:
			if e.Op == fsnotify.Chmod {
				continue
			}
			settle(ctx, events)
			n.watch(slices.Collect(maps.Keys(known))) // a folder may have been replaced, too
			return
		case <-errors: // events were lost
			return
		case <-ticker.C:
			if known.changed(false) {
				return
			}
		}
	}
}

// settle waits until no event has come for a while.
func settle(ctx context.Context, events <-chan fsnotify.Event) {
	most := time.After(settleMost)
	for {
		select {
		case <-events:
		case <-time.After(settleTime):
			return
		case <-most:
			return
		case <-ctx.Done():
			return
		}
	}
}
