package values_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen/golang/testdata/values/values"
	"github.com/sockgen/sockgen/gen/golang/testdata/values/values/valuesclient"
	"github.com/sockgen/sockgen/gen/golang/testdata/values/values/valuestest"
	"github.com/sockgen/sockgen/runtime/socketio"
	"github.com/sockgen/sockgen/runtime/typed"
	"github.com/sockgen/sockgen/runtime/typedclient"
	"github.com/sockgen/sockgen/runtime/typedtest"
)

// Positional arguments, unions and enums pass a generated client and server.
func TestClientAndServerAgree(t *testing.T) {
	moves := make(chan values.CursorMove, 1)
	s := valuestest.New(t, func(srv *socketio.Server) {
		values.Mount(srv, valuestest.NewHandler(valuestest.Funcs{
			SendMove: func(_ context.Context, _ *values.Socket, p values.CursorMove) error {
				moves <- p
				return nil
			},
			SendContent: func(_ context.Context, _ *values.Socket, content values.Content) (values.Names, error) {
				text, ok := content.(values.Text)
				if !ok {
					return nil, errors.New("no text")
				}
				return values.Names{text.Body}, nil
			},
		}))
	})
	c := s.Dial()
	names, err := c.SendContent(t.Context(), values.Text{Body: "hello"})
	if err != nil || len(names) != 1 || names[0] != "hello" {
		t.Errorf("%q, %v", names, err)
	}
	move := values.CursorMove{Arg1: 1.5, Y: 0.5, Content: values.Text{Body: "x"}}
	if err := c.SendMove(t.Context(), move); err != nil {
		t.Fatal(err)
	}
	if got := <-moves; got.Arg1 != 1.5 || got.Y != 0.5 || !reflect.DeepEqual(got.Content, move.Content) {
		t.Errorf("%+v", got)
	}
	shown := make(chan values.CursorMove, 1)
	stop := c.OnCursorMove(func(_ context.Context, p values.CursorMove) { shown <- p })
	defer stop()
	if err := values.On(s.IO()).EmitCursorMove(t.Context(), move); err != nil {
		t.Fatal(err)
	}
	if got := <-shown; got.Arg1 != 1.5 || !reflect.DeepEqual(got.Content, move.Content) {
		t.Errorf("%+v", got)
	}
	if _, err := c.SendContent(t.Context(), nil); err == nil || errors.As(err, new(*typed.Error)) {
		t.Errorf("a nil union: %v", err)
	}
	if _, err := valuesclient.Dial(t.Context(), "http://server.test/chat"); err == nil || !strings.Contains(err.Error(), "path") {
		t.Errorf("a path in the URL: %v", err)
	}
}

// Offsets of recovery stand behind all arguments (R223), and a strict payload is so
// for the client as well.
func TestServerEventsWithRecovery(t *testing.T) {
	s := valuestest.Server{Server: typedtest.NewConfig(t, socketio.Config{Recovery: &socketio.Recovery{}}, func(srv *socketio.Server) {
		values.Mount(srv, valuestest.NewHandler(valuestest.Funcs{}))
	})}
	failures := make(chan typedclient.Failure, 10)
	c := s.Dial(typedclient.OnFailure(func(f typedclient.Failure) { failures <- f }))
	labels, moves := make(chan values.Label, 1), make(chan values.CursorMove, 1)
	c.OnLabel(func(_ context.Context, p values.Label) { labels <- p })
	c.OnCursorMove(func(_ context.Context, p values.CursorMove) { moves <- p })
	all := values.On(s.IO())
	socket := all.Sockets()[0]
	for name, emit := range map[string]func(context.Context, values.Label) error{
		"to all": all.EmitLabel, "volatile": all.Volatile().EmitLabel, "to the socket": socket.EmitLabel,
	} {
		for _, want := range []values.Label{{Text: values.Text{Body: "a"}}, {Text: values.Text{Body: "b"}, Note: typed.Some("here")}} {
			if err := emit(t.Context(), want); err != nil {
				t.Fatal(err)
			}
			if got := <-labels; got.Note != want.Note || got.Text.Body != want.Text.Body {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
		}
	}
	if err := all.EmitCursorMove(t.Context(), values.CursorMove{Content: values.Text{Body: "x"}}); err != nil {
		t.Fatal(err)
	}
	got := <-moves
	if got.Note.IsSet() || got.Tags != nil || got.Thread != nil {
		t.Errorf("%+v", got)
	}
	// Of these, null is a value as well as a place that is kept.
	if alt, set := got.Alt.Get(); !set || alt != (typed.Null[int64]{}) || string(got.Extra) != "null" {
		t.Errorf("alt %+v, extra %s", got.Alt, got.Extra)
	}

	text := map[string]any{"body": "x", "newer": true}
	if err := s.IO().Of("/values").Emit(t.Context(), "label", text, "note"); err != nil {
		t.Fatal(err)
	}
	var invalid *typed.PayloadError
	f := <-failures
	if !errors.As(f.Err, &invalid) || f.Event != "label" || len(invalid.Issues) != 1 || invalid.Issues[0] != (typed.Issue{Path: "args[0].newer", Message: "unknown field"}) {
		t.Errorf("%+v", f)
	}
	select {
	case p := <-labels:
		t.Errorf("a listener got %+v", p)
	default:
	}
}
