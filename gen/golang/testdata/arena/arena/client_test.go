package arena_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sockgen/sockgen/gen/golang/testdata/arena/arena"
	"github.com/sockgen/sockgen/gen/golang/testdata/arena/arena/arenaclient"
	"github.com/sockgen/sockgen/gen/golang/testdata/arena/arena/arenatest"
	"github.com/sockgen/sockgen/runtime/socketio"
	"github.com/sockgen/sockgen/runtime/typed"
	"github.com/sockgen/sockgen/runtime/typedclient"
)

var place = arena.Params{ID: "a b", Round: 7, Seat: 1<<64 - 1}

// serve serves the arena, whose players are all on the left.
func serve(t *testing.T, f arenatest.Funcs) *arenatest.Server {
	t.Helper()
	f.Connect = func(_ context.Context, s *arena.Socket, auth arena.Auth) (arena.Data, error) {
		return arena.Data{Name: auth.Token, Score: s.Params().Round}, s.Join(arena.InSide(true))
	}
	return arenatest.New(t, func(srv *socketio.Server) { arena.Mount(srv, arenatest.NewHandler(f)) })
}

func TestTheServerAsksClients(t *testing.T) {
	s := serve(t, arenatest.Funcs{})
	ada, bob := s.Dial(place, arena.Auth{Token: "ada"}), s.Dial(place, arena.Auth{Token: "bob"})
	ada.OnVote(func(_ context.Context, p arena.Vote) (arena.VoteAck, error) {
		return arena.VoteAck{Yes: p.Question == "rest?"}, nil
	})
	failures := make(chan typedclient.Failure, 1)
	carl := s.Dial(place, arena.Auth{Token: "carl"}, typedclient.OnFailure(func(f typedclient.Failure) { failures <- f }))
	undecided := errors.New("cannot decide")
	carl.OnVote(func(context.Context, arena.Vote) (arena.VoteAck, error) { return arena.VoteAck{}, undecided })
	bob.OnVote(func(context.Context, arena.Vote) (arena.VoteAck, error) { return arena.VoteAck{}, nil })

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	yes, no, silent := 0, 0, 0
	for _, vote := range arena.On(s.IO(), place).To(arena.InSide(true)).CallVote(ctx, arena.Vote{Question: "rest?"}) {
		switch {
		case errors.Is(vote.Err, typed.CodeTimeout):
			silent++
		case vote.Err != nil:
			t.Error(vote.Err)
		case vote.Value.Yes:
			yes++
		default:
			no++
		}
	}
	if yes != 1 || no != 1 || silent != 1 {
		t.Errorf("%d yes, %d no, %d silent", yes, no, silent)
	}
	if f := <-failures; f.Event != "vote" || !errors.Is(f.Err, undecided) {
		t.Errorf("%+v", f)
	}
	vote, err := arena.On(s.IO(), place).ToSocket(socketio.ID(ada.ID())).CallVote(t.Context(), arena.Vote{Question: "rest?"})
	if err != nil || !vote.Yes {
		t.Errorf("%+v, %v", vote, err)
	}
}

func TestParametersNameTheNamespace(t *testing.T) {
	s := serve(t, arenatest.Funcs{
		Move: func(_ context.Context, _ *arena.Socket, p arena.Move) (arena.Move, error) { return p, nil },
		Rest: func(context.Context, *arena.Socket) error { return arena.SlowDown },
	})
	here, there := s.Dial(place, arena.Auth{Token: "ada"}), s.Dial(arena.Params{ID: "a b", Round: 8, Seat: 1}, arena.Auth{Token: "bob"})
	moved := make(chan arena.Move, 1)
	here.OnMoved(func(_ context.Context, p arena.Move) { moved <- p })
	there.OnMoved(func(_ context.Context, p arena.Move) { t.Errorf("%+v came to another arena", p) })
	if err := here.Move(t.Context(), arena.Move{X: 3, Y: 4}); err != nil || <-moved != (arena.Move{X: 3, Y: 4}) {
		t.Error(err)
	}
	if err := there.Rest(t.Context()); !errors.Is(err, arena.CodeSlowDown) {
		t.Errorf("error %v, want slow_down", err)
	}
	if _, err := arenaclient.NewClient(s.Manager(), arena.Params{ID: "x", Round: 100}, typedclient.Static(arena.Auth{})); err == nil {
		t.Error("a client with parameters that do not fit the schema")
	}
	if _, err := arenaclient.Dial(t.Context(), "http://server.test", arena.Params{}, arena.Auth{}); err == nil {
		t.Error("dialed with parameters that do not fit the schema")
	}
}
