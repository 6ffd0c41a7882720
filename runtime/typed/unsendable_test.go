// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// nobody is an author whose name the schema does not allow.
var nobody = author{ID: "1"}

const tooShort = "name: must have 1 to 32 characters, has 0"

// Whatever sends what does not fit says so, with the path, and sends nothing.
func TestUnsendable(t *testing.T) {
	s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {})
	})
	p := s.enter(t, "/c", "Ada")
	all := Everybody[member](s.srv.Of("/c"))
	raw := all.Sockets()[0].Untyped()
	encode := func() Encoder {
		e := NewEncoder()
		encodeAuthor(e.Next(), &nobody)
		return e
	}
	ctx := t.Context()
	for name, send := range map[string]func() error{
		"emit":      func() error { return Emit(ctx, raw, "who", encode()) },
		"volatile":  func() error { return Emit(ctx, raw.Volatile(), "who", encode()) },
		"broadcast": func() error { return all.Emit(ctx, "who", encode()) },
		"room":      func() error { return In(all, []string{"r"}).Volatile().Emit(ctx, "who", encode()) },
		"ask": func() error {
			_, err := Ask(ctx, raw, "who", time.Hour, encode())
			return err
		},
		"ask one": func() error { return AskOneNothing(ctx, all.One(raw.ID()), "who", time.Hour, encode()) },
		"ask all": func() (err error) {
			for _, r := range AskAll(ctx, all, "who", time.Hour, func(e Encoder) { encodeAuthor(e.Next(), &nobody) }, ackReader(decodeString)) {
				err = errors.Join(err, r.Err)
			}
			return err
		},
		"cluster": func() error { return emitCluster(ctx, all, "who", &nobody, encodeAuthor) },
	} {
		err := send()
		var unsendable *SendError
		if !errors.As(err, &unsendable) || unsendable.Event != "who" || err.Error() != `typed: encode "who": `+tooShort {
			t.Errorf("%s: %v", name, err)
		}
		if e := AsError(err); e.Code != CodeInternal {
			t.Errorf("%s: a peer would be told %s", name, e.Code)
		}
	}
	if err := Emit(ctx, raw, "last", hi()); err != nil {
		t.Error(err)
	}
	p.expect(`42/c,["last","hi"]`)
	if _, err := MarshalAuth(nobody, encodeAuthor, "m1"); err == nil || err.Error() != "typed: encode: "+tooShort {
		t.Errorf("what a client presents: %v", err)
	}
	if _, err := json.Marshal(post{From: nobody}); err == nil || !strings.Contains(err.Error(), "from."+tooShort) {
		t.Errorf("JSON: %v", err)
	}
}

// A handler's result, and what accompanies its error, are the server's own mistakes: the
// peer is told of an internal error, and the log which value it was.
func TestUnsendableAnswers(t *testing.T) {
	log := &logs{}
	s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {
			result := func(context.Context, *member, Nothing) (author, error) { return nobody, nil }
			handleAck(m, Event{Name: "ack"}, DecodeNothing, result, encodeAuthor)
			handleAck(m, Event{Name: "plain", Ack: Plain}, DecodeNothing, result, encodeAuthor)
			handle(m, Event{Name: "error", Errors: []Code{"bad"}}, DecodeNothing, func(context.Context, *member, Nothing) error {
				return NewErrorWith("bad", "no", nobody, encodeAuthor)
			})
			handleResult(m, Event{Name: "result"}, DecodeNothing, result, func(ctx context.Context, s *member, a author) error {
				e := NewEncoder()
				encodeAuthor(e.Next(), &a)
				return Emit(ctx, s.Untyped(), "who", e)
			})
		}, WithLogger(slog.New(slog.NewJSONHandler(log, nil))))
	})
	p := s.enter(t, "/c", "Ada")
	for _, event := range []string{"ack", "plain", "error", "result"} {
		before := strings.Count(log.String(), tooShort)
		p.send(`42/c,1["` + event + `"]`)
		want := `43/c,1[{"ok":false,"error":{"code":"internal",`
		if event == "plain" {
			want = `42/c,["$error",{"event":"plain","code":"internal",`
		}
		if got := p.next(); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", event, got)
		}
		if n := strings.Count(log.String(), tooShort); n != before+1 {
			t.Errorf("%s is logged %d times:\n%s", event, n-before, log.String())
		}
	}
	if strings.Contains(log.String(), "data."+tooShort) || strings.Contains(log.String(), "value."+tooShort) {
		t.Errorf("paths begin before the value:\n%s", log.String())
	}
}
