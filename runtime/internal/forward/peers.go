// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// Namespace is where nodes find each other on the bus. No client may connect to it.
const Namespace = "/$sockgen"

// The events of that namespace. Both carry a note.
const (
	eventHere = "here" // a node is there; it may ask for the others' notes
	eventGone = "gone" // a node goes
)

const (
	beat      = 5 * time.Second // between two notes of a node, which may get lost
	patience  = time.Second     // until requests no longer wait for nodes that are not known yet
	forgotten = time.Hour       // after which a silent node is: a bus that is away is no reason to give up sessions
	maxPeers  = 10_000
)

// A note is what a node tells of itself.
type note struct {
	Version int    `json:"version"`
	ID      string `json:"id"`
	URL     string `json:"url"`
	Key     []byte `json:"key"` // base64
}

const noteVersion = 1

// A peer is another node.
type peer struct {
	id   string
	url  *url.URL
	key  key
	seen time.Time // guarded by Forwarder.mu
}

// ParseURL returns the address at which a node is reached.
func ParseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.User != nil, u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		err = errors.New("it is not scheme, host and port alone")
	}
	if err != nil {
		return nil, fmt.Errorf("%q is no address of a node, such as http://10.0.0.7:3000: %w", s, err)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// peerOf reads a note of another node.
func (f *Forwarder) peerOf(args siowire.Args) (*peer, error) {
	var n note
	if err := args.Decode(0, &n); err != nil {
		return nil, err
	}
	u, err := ParseURL(n.URL)
	switch {
	case n.Version != noteVersion:
		return nil, fmt.Errorf("version %d is not %d", n.Version, noteVersion)
	case err != nil:
		return nil, err
	case len(n.Key) != keyBytes, n.ID == "", len(n.ID) > 64:
		return nil, errors.New("neither id nor key can be that long")
	}
	return &peer{id: n.ID, url: u, key: keyOf(n.Key), seen: f.cfg.Clock.Now()}, nil
}

// meet notes that a peer is there, and reports whether it is new.
func (f *Forwarder) meet(p *peer) (fresh bool) {
	if p.id == f.id {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	old := *f.peers.Load()
	if i := slices.IndexFunc(old, func(o *peer) bool { return o.id == p.id }); i >= 0 {
		old[i].seen = p.seen
		return false
	}
	// Another node at the same address has taken the place of one that died.
	list := slices.DeleteFunc(slices.Clone(old), func(o *peer) bool { return *o.url == *p.url })
	if len(list) >= maxPeers {
		return false
	}
	list = append(list, p)
	f.peers.Store(&list)
	return true
}

// part forgets peers.
func (f *Forwarder) part(gone func(*peer) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(*f.peers.Load()), gone)
	f.peers.Store(&list)
}

// run tells the peers of this node until it ends.
func (f *Forwarder) run() {
	stop := f.cfg.Clock.AfterFunc(patience, f.becomeReady)
	defer stop()
	f.ask()
	f.tell(eventHere) // to those whom the bus did not know of when it asked
	for {
		due := make(chan struct{})
		stop := f.cfg.Clock.AfterFunc(beat, func() { close(due) })
		select {
		case <-due:
		case <-f.ctx.Done():
			stop()
			return
		}
		f.tell(eventHere)
		silent := f.cfg.Clock.Now().Add(-forgotten)
		f.part(func(p *peer) bool { return p.seen.Before(silent) })
	}
}

// becomeReady ends the waiting of requests for nodes that are not known yet.
func (f *Forwarder) becomeReady() { f.readyOnce.Do(func() { close(f.ready) }) }

// ask has the peers tell of themselves.
func (f *Forwarder) ask() {
	e := f.note()
	defer e.Release()
	answers, err := (*f.adapter.Load()).ServerSideEmitWithAck(f.ctx, adapter.Event{Name: eventHere, Args: e}, adapter.Options{})
	var missing *adapter.MissingNodesError
	if err != nil && !errors.As(err, &missing) {
		f.warn("the other nodes could not be asked for their addresses", err)
	}
	for _, a := range answers {
		f.hear(a)
	}
	if len(answers) > 0 && err == nil {
		f.becomeReady()
	}
}

// tell tells the peers something about this node.
func (f *Forwarder) tell(event string) {
	a := f.adapter.Load()
	if a == nil {
		return // run will tell in a moment
	}
	e := f.note()
	defer e.Release()
	if err := (*a).ServerSideEmit(f.ctx, adapter.Event{Name: event, Args: e}); err != nil && f.ctx.Err() == nil {
		f.warn("the other nodes could not be told this one's address", err)
	}
}

// hear reads a note, and reports whether it is that of a new peer.
func (f *Forwarder) hear(args siowire.Args) (fresh bool) {
	p, err := f.peerOf(args)
	if err != nil {
		f.warn("a note of another node cannot be read", err)
		return false
	}
	return f.meet(p)
}

// note returns what this node tells of itself.
func (f *Forwarder) note() *siowire.Encoder {
	text, err := json.Marshal(note{noteVersion, f.id, f.cfg.Advertise.String(), f.key.raw})
	if err != nil {
		panic(err) // strings and bytes are JSON
	}
	e := siowire.NewEncoder()
	e.Next()
	e.AppendRaw(text)
	return e
}

func (f *Forwarder) warn(what string, cause error) {
	f.quiet.Write(context.Background(), slog.LevelWarn, what, "forward: "+what, "cause", guard.Quote(guard.Text(cause), 512))
}

// find returns the peer whose session sid is.
func (f *Forwarder) find(ctx context.Context, sid string) *peer {
	if len(sid) <= markLength || f.key.marked(sid) {
		return nil
	}
	look := func() *peer {
		for _, p := range *f.peers.Load() {
			if p.key.marked(sid) {
				return p
			}
		}
		return nil
	}
	if p := look(); p != nil {
		return p
	}
	select {
	case <-f.ready:
	case <-f.ctx.Done():
	case <-ctx.Done():
	}
	return look()
}

// Peers returns the addresses of the other nodes, sorted.
func (f *Forwarder) Peers() []string {
	var list []string
	for _, p := range *f.peers.Load() {
		list = append(list, p.url.String())
	}
	slices.SortFunc(list, cmp.Compare[string])
	return list
}
