// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"iter"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// nobodies are broadcasts that mean nobody, since the list of their rooms is empty.
func nobodies(p *ParentNamespace, n *Namespace, s *Socket) map[string]Broadcast {
	var none []Room
	return map[string]Broadcast{
		"namespace To":            n.To(none...),
		"namespace In":            n.In(none...),
		"To To":                   n.To(none...).To().In(),
		"To Except":               n.To(none...).Except("red"),
		"Except To":               n.Except("nobody").To(none...),
		"Except none":             n.To(none...).Except(),
		"flags":                   n.Local().Volatile().Uncompressed().Slow(SlowDrop).To(none...),
		"socket To":               s.To(none...),
		"socket In":               s.In(none...),
		"socket Except":           s.Except("nobody").In(none...),
		"socket Broadcast":        s.Broadcast().To(none...),
		"parent To":               p.To(none...),
		"parent In":               p.In(none...),
		"parent Except":           p.Except("nobody").To(none...),
		"empty, not nil":          n.To([]Room{}...),
		"a room of nobody":        n.To("", "nobody"),
		"volatile of a namespace": n.Volatile().In(none...),
	}
}

// To and In with an empty list reach nobody, whatever is done; with a further room they
// reach that.
func TestAnEmptyListReachesNobody(t *testing.T) {
	eachRecovery(t, func(t *testing.T, recovery *Recovery) {
		var p *ParentNamespace
		r := newRig(t, Config{Recovery: recovery}, func(srv *Server) {
			p = srv.OfPattern(regexp.MustCompile("^/dyn$"))
			p.OnConnect(func(_ context.Context, s *Socket) { s.Join("red") })
		})
		c, other := r.dial(), r.dial()
		c.send("40/dyn,")
		c.read()
		other.send("40/dyn,")
		other.read()
		n := p.Children()[0]
		eventually(t, "the rooms", func() bool { return len(n.Members("red")) == 2 })
		s := n.Sockets()[0]
		ctx := t.Context()
		for name, b := range nobodies(p, n, s) {
			if err := errors.Join(b.Emit(ctx, "e"), b.Send(ctx), b.SocketsJoin(ctx, "blue"), b.SocketsLeave(ctx, "red"), b.DisconnectSockets(ctx), b.CloseConnections(ctx)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if list, err := b.FetchSockets(ctx); err != nil || len(list) != 0 {
				t.Errorf("%s: FetchSockets = %d, %v", name, len(list), err)
			}
			if err := b.Emit(ctx, "connect"); !errors.Is(err, ErrReservedName) {
				t.Errorf("%s: a reserved name: %v", name, err)
			}
			if b.parent != nil {
				continue
			}
			if answers, err := b.Timeout(time.Hour).EmitWithAck(ctx, "q"); err != nil || len(answers) != 0 {
				t.Errorf("%s: %d answers, %v", name, len(answers), err)
			}
			for a, err := range b.Timeout(time.Hour).Answers(ctx, "q") {
				t.Errorf("%s: %v, %v", name, a, err)
			}
		}
		if len(n.Members()) != 0 || len(n.Members("blue")) != 0 || len(n.Members("red")) != 2 || len(n.Sockets()) != 2 {
			t.Errorf("blue %q, red %q", n.Members("blue"), n.Members("red"))
		}
		if err := errors.Join(n.To().To("red").Emit(ctx, "a"), n.In("red").In().Emit(ctx, "b"), n.Except().Emit(ctx, "c"), p.To().In("red").Emit(ctx, "d")); err != nil {
			t.Error(err)
		}
		for _, client := range []*client{c, other} {
			for _, want := range []string{"a", "b", "c", "d"} {
				if got := client.read(); len(got) < 12 || got[:12] != `42/dyn,["`+want+`"`+got[11:12] {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		}
	})
}

// What is for nobody does not get as far as the adapter, which might carry it to a node
// that takes an empty list for everybody.
func TestNobodyDoesNotReachTheAdapter(t *testing.T) {
	var calls []string
	srv := NewServer(Config{Adapter: adaptertest.Hub(func(_ string, l adapter.Local) adapter.Adapter {
		return &suspicious{adapter.NewMemory(l), &calls}
	})})
	defer srv.Shutdown(t.Context())
	n, ctx := srv.Of("/"), t.Context()
	_, fetched := n.To().FetchSockets(ctx)
	_, asked := n.To().Timeout(time.Second).EmitWithAck(ctx, "e")
	if err := errors.Join(n.To().Emit(ctx, "e"), n.To().DisconnectSockets(ctx), fetched, asked); err != nil || len(calls) > 0 {
		t.Errorf("%v, %q", err, calls)
	}
	if err := n.Emit(ctx, "e"); err != nil || len(calls) != 1 {
		t.Errorf("%v, %q", err, calls)
	}
}

// A suspicious adapter notes what it is called for.
type suspicious struct {
	adapter.Adapter
	calls *[]string
}

func (s *suspicious) Broadcast(ctx context.Context, e adapter.Event, o adapter.Options) error {
	*s.calls = append(*s.calls, "Broadcast")
	return s.Adapter.Broadcast(ctx, e, o)
}

func (s *suspicious) BroadcastWithAck(ctx context.Context, e adapter.Event, o adapter.Options, answer func(adapter.Answer) bool) ([]ID, error) {
	*s.calls = append(*s.calls, "BroadcastWithAck")
	return s.Adapter.BroadcastWithAck(ctx, e, o, answer)
}

func (s *suspicious) DisconnectSockets(ctx context.Context, o adapter.Options, closeConnection bool) error {
	*s.calls = append(*s.calls, "DisconnectSockets")
	return s.Adapter.DisconnectSockets(ctx, o, closeConnection)
}

func (s *suspicious) FetchSockets(ctx context.Context, o adapter.Options) ([]adapter.Description, error) {
	*s.calls = append(*s.calls, "FetchSockets")
	return s.Adapter.FetchSockets(ctx, o)
}

func drained(answers iter.Seq2[Answer, error]) (err error) {
	for _, err = range answers {
	}
	return err
}

func second[T any](_ T, err error) error { return err }

// The zero values of what the package returns fail with one error, and tell nothing.
func TestZeroValues(t *testing.T) {
	ctx := context.Background()
	args := siowire.NewEncoder
	var b Broadcast
	var a AckBroadcast
	var e Emitter
	var ts TimedSocket
	var rs RemoteSocket
	var s *Socket
	for name, err := range map[string]error{
		"Broadcast.Emit":               b.Emit(ctx, "e", 1),
		"Broadcast.emitEncoded":        b.emitEncoded(ctx, "e", args()),
		"Broadcast.Send":               b.Send(ctx),
		"Broadcast, narrowed":          b.To("red").In().Except("blue").Local().Volatile().Slow(SlowDrop).Uncompressed().Emit(ctx, "e"),
		"Broadcast, to nobody":         b.To().Emit(ctx, "e"),
		"Broadcast.SocketsJoin":        b.SocketsJoin(ctx, "red"),
		"Broadcast.SocketsLeave":       b.To().SocketsLeave(ctx, "red"),
		"Broadcast.DisconnectSockets":  b.DisconnectSockets(ctx),
		"Broadcast.CloseConnections":   b.CloseConnections(ctx),
		"Broadcast.FetchSockets":       second(b.FetchSockets(ctx)),
		"Broadcast.Timeout":            second(b.Timeout(time.Second).EmitWithAck(ctx, "e")),
		"Broadcast.timeoutOr":          second(b.timeoutOr(0).EmitWithAck(ctx, "e")),
		"AckBroadcast.EmitWithAck":     second(a.EmitWithAck(ctx, "e")),
		"AckBroadcast.Answers":         drained(a.Answers(ctx, "e")),
		"AckBroadcast.answersEncoded":  drained(a.answersEncoded(ctx, "e", args())),
		"Emitter.Emit":                 e.Emit(ctx, "e"),
		"Emitter, flags":               e.Volatile().Uncompressed().Slow(SlowLatest).emit(ctx, "e", args()),
		"Emitter.EmitWithAck":          second(e.EmitWithAck(ctx, "e")),
		"Emitter.callEncoded":          second(e.callEncoded(ctx, "e", nil)),
		"Emitter.Timeout":              second(e.Timeout(time.Second).EmitWithAck(ctx, "e")),
		"TimedSocket.EmitWithAck":      second(ts.EmitWithAck(ctx, "e")),
		"TimedSocket.callEncoded":      second(ts.callEncoded(ctx, "e", args())),
		"no socket Emit":               s.Emit(ctx, "e"),
		"no socket EmitWithAck":        second(s.EmitWithAck(ctx, "e")),
		"RemoteSocket.Emit":            rs.Emit(ctx, "e"),
		"RemoteSocket.Timeout":         second(rs.Timeout(time.Second).EmitWithAck(ctx, "e")),
		"RemoteSocket.Join":            rs.Join(ctx, "red"),
		"RemoteSocket.Leave":           rs.Leave(ctx, "red"),
		"RemoteSocket.Disconnect":      rs.Disconnect(ctx),
		"RemoteSocket.CloseConnection": rs.CloseConnection(ctx),
	} {
		if !errors.Is(err, ErrZeroValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var v any
	if rs.Namespace() != nil || rs.ID() != "" || len(rs.Rooms()) != 0 || rs.Handshake() == nil || rs.Data(&v) != nil {
		t.Error("the zero RemoteSocket tells something")
	}
}

// A timeout that is not positive is an error of the emit, before anything is sent.
func TestTimeoutsThatAreNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c, s := joined(t, Config{PingInterval: time.Hour})
		ctx, n := t.Context(), s.Namespace()
		list, err := n.FetchSockets(ctx)
		if err != nil || len(list) != 1 {
			t.Fatal(err)
		}
		for _, d := range []time.Duration{0, -1, -time.Hour} {
			for name, err := range map[string]error{
				"Namespace":        second(n.Timeout(d).EmitWithAck(ctx, "e")),
				"Broadcast":        second(n.To("red").Timeout(d).EmitWithAck(ctx, "e")),
				"Broadcast, none":  second(n.To().Timeout(d).EmitWithAck(ctx, "e")),
				"Answers":          drained(n.Timeout(d).Answers(ctx, "e")),
				"answersEncoded":   drained(n.Timeout(d).answersEncoded(ctx, "e", nil)),
				"Socket":           second(s.Timeout(d).EmitWithAck(ctx, "e")),
				"Emitter":          second(s.Volatile().Timeout(d).EmitWithAck(ctx, "e")),
				"Emitter, encoded": second(s.Uncompressed().Timeout(d).callEncoded(ctx, "e", siowire.NewEncoder())),
				"RemoteSocket":     second(list[0].Timeout(d).EmitWithAck(ctx, "e")),
			} {
				if !errors.Is(err, ErrInvalidTimeout) {
					t.Errorf("%s: Timeout(%v): %v", name, d, err)
				}
			}
		}
		if err := drained(n.Except().timeoutOr(-1).Answers(ctx, "e")); !errors.Is(err, ErrInvalidTimeout) {
			t.Errorf("timeoutOr: %v", err)
		}
		emit(t, s, "first")
		c.want(`42["first"]`)
		if st := s.Namespace().srv.Stats(); st.AckTimeouts != 0 {
			t.Errorf("%+v", st)
		}
		c.ws.Close()
	})
}
