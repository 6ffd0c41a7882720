// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A stand is a server whose namespaces a test sets up.
type stand struct {
	*httptest.Server
	srv  *socketio.Server
	logs *logs
}

func newStand(t *testing.T, cfg socketio.Config, setUp func(srv *socketio.Server)) *stand {
	t.Helper()
	s := &stand{logs: &logs{}}
	cfg.Logger = slog.New(slog.NewJSONHandler(s.logs, nil))
	s.srv = socketio.NewServer(cfg)
	setUp(s.srv)
	s.Server = httptest.NewServer(s.srv)
	t.Cleanup(func() {
		if err := s.srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		s.Close()
		s.Client().CloseIdleConnections()
	})
	return s
}

// mounted registers what setUp adds on a namespace whose sockets are members with
// the names that they present.
func mounted(host Host, setUp func(m *Mount[member]), opts ...MountOption) {
	m := NewMount(host, func(context.Context, *member, socketio.DisconnectReason) {},
		append([]MountOption{WithLogger(slog.New(slog.DiscardHandler))}, opts...))
	Accept(m, decodeAuthor, func(s *socketio.Socket, a author) *member {
		return &member{NewRoomSocket[string](s), a.Name}
	}, func(ctx context.Context, s *member, a author) error {
		s.Untyped().SetData(a)
		return s.Join("r")
	})
	setUp(m)
}

// enter connects a member.
func (s *stand) enter(t *testing.T, namespace, name string) *peer {
	t.Helper()
	p := dial(t, s.Server, namespace, `{"id":"1","name":"`+name+`"}`)
	p.entered(namespace)
	return p
}

// A handClock is a Clock whose time a test sets. Functions that are to run after
// held wait for the test, the others for the real time.
type handClock struct {
	held time.Duration

	mu      sync.Mutex // guards what follows
	now     time.Time
	waiting []func()
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *handClock) AfterFunc(d time.Duration, f func()) engineio.Timer {
	if d != c.held {
		return time.AfterFunc(d, f)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, f)
	return time.NewTimer(time.Hour)
}

// expire runs what waits.
func (c *handClock) expire() {
	c.mu.Lock()
	waiting := c.waiting
	c.waiting = nil
	c.mu.Unlock()
	for _, f := range waiting {
		f()
	}
}
