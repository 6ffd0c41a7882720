package values_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen/golang/testdata/values/values"
	"github.com/sockgen/sockgen/gen/golang/testdata/values/values/valuestest"
	"github.com/sockgen/sockgen/runtime/socketio"
	"github.com/sockgen/sockgen/runtime/typed"
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
	if _, err := values.Dial(t.Context(), "http://server.test/chat"); err == nil || !strings.Contains(err.Error(), "path") {
		t.Errorf("a path in the URL: %v", err)
	}
}
