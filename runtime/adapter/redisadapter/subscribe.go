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

// A subscriber keeps one connection on which it hears all channels that anybody listens
// to. One goroutine reads, and another tells Redis what is wanted: who listens only says
// so. So a listener that ends and one that begins at the same moment cannot harm each
// other: what counts is who is left.
type subscriber struct {
	bus  *bus
	wake chan struct{} // has room for one; filled when what is wanted has changed
	over chan struct{} // closed when the goroutines have ended

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

// connection makes one and hears what comes, until it breaks or ctx ends.
func (s *subscriber) connection(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	conn := s.bus.rdb.Subscribe(ctx)
	told := make(chan struct{})
	go func() {
		defer close(told)
		s.tell(ctx, conn)
	}()
	stopped := context.AfterFunc(ctx, func() { _ = conn.Close() }) // so that the reader wakes
	err := s.read(ctx, conn)
	cancel()
	<-told
	if stopped() {
		_ = conn.Close()
	}
	return err
}

// tell tells Redis what is wanted, whenever that changes.
func (s *subscriber) tell(ctx context.Context, conn *redis.PubSub) {
	for {
		select {
		case <-s.wake:
		case <-ctx.Done():
			return
		}
		subscribe, unsubscribe := s.difference()
		for _, change := range []struct {
			names []name
			do    func(context.Context, ...string) error
			as    func(context.Context, ...string) error // for patterns
		}{
			{subscribe, s.choose(conn.Subscribe, conn.SSubscribe), conn.PSubscribe},
			{unsubscribe, s.choose(conn.Unsubscribe, conn.SUnsubscribe), conn.PUnsubscribe},
		} {
			for _, list := range split(change.names) {
				do := change.do
				if list.pattern {
					do = change.as
				}
				if err := do(ctx, list.texts...); err != nil {
					_ = conn.Close() // the reader begins anew
					return
				}
			}
		}
	}
}

func (s *subscriber) choose(plain, sharded func(context.Context, ...string) error) func(context.Context, ...string) error {
	if s.bus.cfg.Sharded {
		return sharded
	}
	return plain
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

// split returns names in lists for one command each, patterns first: whoever is counted,
// which is by a channel, hears everything.
func split(names []name) (lists []list) {
	const most = 500
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

var errSilent = errors.New("redisadapter: Redis does not answer")

// read hears what comes.
func (s *subscriber) read(ctx context.Context, conn *redis.PubSub) error {
	pinged := time.Time{} // zero unless an answer is due
	for {
		got, err := conn.ReceiveTimeout(ctx, silence)
		switch {
		case err == nil:
			pinged = time.Time{}
			s.take(got)
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

// take deals with what has come.
func (s *subscriber) take(got any) {
	switch got := got.(type) {
	case *redis.Subscription:
		s.confirm(got)
	case *redis.Message:
		text := got.Channel
		if got.Pattern != "" {
			text = got.Pattern
		}
		for _, l := range s.hearers(text) {
			l.receive(got.Channel, []byte(got.Payload))
		}
	}
}

func (s *subscriber) hearers(text string) []*listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[text]; c != nil {
		return c.listeners // which is replaced when it changes
	}
	return nil
}

// confirm notes that a channel is heard. The first one after a break announces the gap.
func (s *subscriber) confirm(got *redis.Subscription) {
	s.mu.Lock()
	c := s.channels[got.Channel]
	begins := got.Kind == "subscribe" || got.Kind == "psubscribe" || got.Kind == "ssubscribe"
	if c == nil || !begins {
		s.mu.Unlock()
		return
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
			l.to.Gap(fmt.Errorf("redisadapter: the connection was lost: %w", lost))
		}
	}
}
