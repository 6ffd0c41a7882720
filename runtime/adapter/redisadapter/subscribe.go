// SPDX-License-Identifier: Apache-2.0

package redisadapter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// A name is what is subscribed to: a channel, or a pattern of channels.
type name struct {
	text    string
	pattern bool
}

// A channel is one that somebody hears.
type channel struct {
	name
	listeners []*listener
	asked     bool // the connection has been told
	confirmed bool // Redis has said so
}

// A subscriber hears all channels that anybody listens to. One goroutine for each
// connection reads, and one tells Redis what is wanted: who listens only says so. So a listener that ends and one that begins at the same moment cannot harm each
// other: what counts is who is left.
type subscriber struct {
	bus  *bus
	wake chan struct{}                  // has room for one; filled when what is wanted has changed
	over chan struct{}                  // closed when the goroutines have ended
	gap  func(l *listener, cause error) // tells that a connection was lost

	hearing sync.Mutex // held while listeners are told, which is by one reader at a time; before mu

	mu       sync.Mutex // guards what follows; a leaf
	channels map[string]*channel
	changed  []string      // channels that the connection may have to be told about
	ready    chan struct{} // closed when something was confirmed; nil while nobody waits
	lost     error         // why the last connection ended; nil once that has been announced
}

// add makes l hear channels.
func (s *subscriber) add(l *listener, names ...name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range names {
		c := s.channels[n.text]
		if c == nil {
			c = &channel{name: n}
			s.channels[n.text] = c
		}
		if !slices.Contains(c.listeners, l) {
			c.listeners = append(slices.Clone(c.listeners), l)
		}
		s.changedLocked(n.text)
	}
}

// remove makes l no longer hear channels.
func (s *subscriber) remove(l *listener, names ...name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range names {
		if c := s.channels[n.text]; c != nil {
			s.dropLocked(c, l)
		}
	}
}

// forget makes l hear nothing any more.
func (s *subscriber) forget(l *listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.channels {
		if slices.Contains(c.listeners, l) {
			s.dropLocked(c, l)
		}
	}
}

func (s *subscriber) dropLocked(c *channel, l *listener) {
	c.listeners = slices.DeleteFunc(slices.Clone(c.listeners), func(o *listener) bool { return o == l })
	if len(c.listeners) == 0 {
		s.changedLocked(c.text)
	}
}

func (s *subscriber) changedLocked(text string) {
	s.changed = append(s.changed, text)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// listeners returns everybody.
func (s *subscriber) listeners() []*listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[*listener]bool{}
	for _, c := range s.channels {
		for _, l := range c.listeners {
			all[l] = true
		}
	}
	return slices.Collect(maps.Keys(all))
}

// await waits until Redis has confirmed channels.
func (s *subscriber) await(ctx context.Context, names []name) error {
	for {
		ready := s.unconfirmed(names)
		if ready == nil {
			return nil
		}
		select {
		case <-ready:
		case <-ctx.Done():
			return fmt.Errorf("redisadapter: Redis has not confirmed a subscription: %w", context.Cause(ctx))
		}
	}
}

// unconfirmed returns nil when all are confirmed, otherwise what is closed when one is.
func (s *subscriber) unconfirmed(names []name) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range names {
		if c := s.channels[n.text]; c != nil && !c.confirmed {
			if s.ready == nil {
				s.ready = make(chan struct{})
			}
			return s.ready
		}
	}
	return nil
}

// How long the connection may be silent before it is asked whether it lives, and how long
// the answer may take.
const (
	silence  = time.Second
	patience = 4 * time.Second
	backoff  = 100 * time.Millisecond
)

// run keeps a connection.
func (s *subscriber) run(ctx context.Context) {
	defer close(s.over)
	for ctx.Err() == nil {
		err := s.connection(ctx)
		s.reset(err)
		select {
		case <-time.After(backoff):
		case <-ctx.Done():
		}
	}
}

// reset begins anew with what is wanted.
func (s *subscriber) reset(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	heard := false
	s.changed = s.changed[:0]
	for text, c := range s.channels {
		heard = heard || c.confirmed
		c.asked, c.confirmed = false, false
		s.changedLocked(text)
	}
	if heard {
		s.lost = cause
	}
}

// connection makes those that are needed and hears what comes, until one of them breaks
// or ctx ends.
func (s *subscriber) connection(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	c := connections{s: s, ctx: ctx, cancel: cancel, open: map[string]*redis.PubSub{}}
	stopped := context.AfterFunc(ctx, c.close) // so that readers wake
	err := c.tell()
	cancel(err)
	if stopped() {
		c.close()
	}
	c.wg.Wait()
	if spread(s.bus.rdb) {
		s.bus.rdb.(*redis.ClusterClient).ReloadState(ctx)
	}
	return context.Cause(ctx)
}

// connections are those of a subscriber: one, but for the sharded channels of a Redis
// Cluster, each of which is heard where its slot is. When one breaks, all do.
type connections struct {
	s      *subscriber
	ctx    context.Context
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup // of the readers

	mu     sync.Mutex // guards what follows
	open   map[string]*redis.PubSub
	closed bool
}

// of returns the connection for a channel.
func (c *connections) of(text string) (*redis.PubSub, error) {
	address, subscribe := "", c.s.bus.rdb.Subscribe
	if cluster, ok := c.s.bus.rdb.(*redis.ClusterClient); ok && c.s.bus.cfg.Sharded {
		master, err := cluster.MasterForKey(c.ctx, text)
		if err != nil {
			return nil, err
		}
		address, subscribe = master.Options().Addr, master.Subscribe
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	conn := c.open[address]
	if conn == nil {
		if c.closed {
			return nil, context.Canceled
		}
		conn = subscribe(c.ctx)
		c.open[address] = conn
		c.wg.Go(func() { c.cancel(c.s.read(c.ctx, conn)) })
	}
	return conn, nil
}

func (c *connections) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, conn := range c.open {
		_ = conn.Close() // it is not used any more
	}
}

// tell tells Redis what is wanted, whenever that changes.
func (c *connections) tell() error {
	for {
		select {
		case <-c.s.wake:
		case <-c.ctx.Done():
			return context.Cause(c.ctx)
		}
		subscribe, unsubscribe := c.s.difference()
		if err := errors.Join(c.say(subscribe, true), c.say(unsubscribe, false)); err != nil {
			return err
		}
	}
}

// say subscribes to channels, or no longer does.
func (c *connections) say(names []name, subscribe bool) error {
	most := 500
	if spread(c.s.bus.rdb) {
		most = 1 // one command is for channels of one slot
	}
	for _, list := range split(names, most) {
		conn, err := c.of(list.texts[0])
		if err != nil {
			return err
		}
		do := conn.Subscribe
		switch sharded := c.s.bus.cfg.Sharded; {
		case list.pattern && subscribe:
			do = conn.PSubscribe
		case list.pattern:
			do = conn.PUnsubscribe
		case sharded && subscribe:
			do = conn.SSubscribe
		case sharded:
			do = conn.SUnsubscribe
		case !subscribe:
			do = conn.Unsubscribe
		}
		if err := do(c.ctx, list.texts...); err != nil {
			return err
		}
	}
	return nil
}

// difference returns what the connection is to be told, which counts as told from now on.
func (s *subscriber) difference() (subscribe, unsubscribe []name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range s.changed {
		c := s.channels[text]
		switch {
		case c == nil:
		case len(c.listeners) > 0 && !c.asked:
			c.asked = true
			subscribe = append(subscribe, c.name)
		case len(c.listeners) == 0:
			if c.asked {
				unsubscribe = append(unsubscribe, c.name)
			}
			delete(s.channels, text)
		}
	}
	s.changed = nil
	return subscribe, unsubscribe
}

// A list is of channels or of patterns.
type list struct {
	texts   []string
	pattern bool
}

// split returns names in lists for one command each, of so many at most, patterns first: whoever is counted,
// which is by a channel, hears everything.
func split(names []name, most int) (lists []list) {
	for _, pattern := range []bool{true, false} {
		var texts []string
		for _, n := range names {
			if n.pattern == pattern {
				texts = append(texts, n.text)
			}
		}
		for part := range slices.Chunk(texts, most) {
			lists = append(lists, list{part, pattern})
		}
	}
	return lists
}

// Why a connection is made anew.
var (
	errSilent = errors.New("redisadapter: Redis does not answer")
	errMoved  = errors.New("redisadapter: a channel is at another server of the Redis Cluster now")
)

// read hears what comes.
func (s *subscriber) read(ctx context.Context, conn *redis.PubSub) error {
	pinged := time.Time{} // zero unless an answer is due
	for {
		got, err := conn.ReceiveTimeout(ctx, silence)
		switch {
		case err == nil:
			pinged = time.Time{}
			if !s.take(got) {
				return errMoved
			}
		case ctx.Err() != nil:
			return ctx.Err()
		case !isTimeout(err):
			return err
		case pinged.IsZero():
			pinged = time.Now()
			if err := conn.Ping(ctx); err != nil {
				return err
			}
		case time.Since(pinged) > patience:
			return errSilent
		}
	}
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// take deals with what has come. It reports false when a channel has moved away.
func (s *subscriber) take(got any) bool {
	switch got := got.(type) {
	case *redis.Subscription:
		return s.confirm(got)
	case *redis.Message:
		text := got.Channel
		if got.Pattern != "" {
			text = got.Pattern
		}
		s.hearing.Lock()
		defer s.hearing.Unlock()
		for _, l := range s.hearers(text) {
			l.receive(got.Channel, []byte(got.Payload))
		}
	}
	return true
}

func (s *subscriber) hearers(text string) []*listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[text]; c != nil {
		return c.listeners // which is replaced when it changes
	}
	return nil
}

// confirm notes that a channel is heard. The first one after a break announces the gap. It
// reports false when a channel that is wanted is heard no longer.
func (s *subscriber) confirm(got *redis.Subscription) bool {
	begins := got.Kind == "subscribe" || got.Kind == "psubscribe" || got.Kind == "ssubscribe"
	s.mu.Lock()
	c := s.channels[got.Channel]
	if c == nil || !begins {
		// One that was unsubscribed and is subscribed again was not confirmed meanwhile.
		moved := c != nil && c.confirmed
		s.mu.Unlock()
		return !moved
	}
	c.confirmed = true
	if s.ready != nil {
		close(s.ready)
		s.ready = nil
	}
	lost := s.lost
	s.lost = nil
	s.mu.Unlock()
	if lost != nil {
		for _, l := range s.listeners() {
			s.gap(l, lost)
		}
	}
	return true
}
