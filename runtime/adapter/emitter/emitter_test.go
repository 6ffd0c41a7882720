// SPDX-License-Identifier: Apache-2.0

package emitter_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/adapter/emitter"
)

// A tape keeps what is published.
type tape struct{ channel, payload string }

func (p *tape) publish(_ context.Context, channel string, payload []byte) error {
	p.channel, p.payload = channel, string(payload)
	return nil
}

// operations are those of the capture, by their names there.
var operations = map[string]func(ctx context.Context, e emitter.Emitter) error{
	"plain": func(ctx context.Context, e emitter.Emitter) error {
		return e.Emit(ctx, "e", 1, "x", json.RawMessage(`{"a":null,"b":1.5,"c":true}`))
	},
	"no arguments":                  func(ctx context.Context, e emitter.Emitter) error { return e.Emit(ctx, "e") },
	"one room":                      func(ctx context.Context, e emitter.Emitter) error { return e.To("r1").Emit(ctx, "e", "room") },
	"one room of another namespace": func(ctx context.Context, e emitter.Emitter) error { return e.Of("chat").To("r1").Emit(ctx, "e") },
	"a private room":                func(ctx context.Context, e emitter.Emitter) error { return e.In("abcdefghij0123456789").Emit(ctx, "e") },
	"two rooms, but not two": func(ctx context.Context, e emitter.Emitter) error {
		return e.To("r1", "r2").To("r1").Except("x").Except("y", "x").Emit(ctx, "e")
	},
	"strange rooms":  func(ctx context.Context, e emitter.Emitter) error { return e.To("a#b", "é", `"\`, "*").Emit(ctx, "e") },
	"all but a room": func(ctx context.Context, e emitter.Emitter) error { return e.Except("x").Emit(ctx, "e") },
	"volatile":       func(ctx context.Context, e emitter.Emitter) error { return e.Volatile().Emit(ctx, "e") },
	"compress false": func(ctx context.Context, e emitter.Emitter) error { return e.Uncompressed().Emit(ctx, "e") },
	"both flags":     func(ctx context.Context, e emitter.Emitter) error { return e.Uncompressed().Volatile().Emit(ctx, "e") },
	"undefined":      func(ctx context.Context, e emitter.Emitter) error { return e.Emit(ctx, "e", nil, []any{nil}) },
	"binary to one room": func(ctx context.Context, e emitter.Emitter) error {
		return e.To("r1").Emit(ctx, "e", []byte{1, 2, 255})
	},
	"binary": func(ctx context.Context, e emitter.Emitter) error {
		type more struct {
			More []byte `json:"more"`
			N    int    `json:"n"`
		}
		return e.Emit(ctx, "e", []byte{1, 2, 255}, more{[]byte{7}, 300}, "text")
	},
	"join":                   func(ctx context.Context, e emitter.Emitter) error { return e.In("none").SocketsJoin(ctx, "x", "y") },
	"join of all but a room": func(ctx context.Context, e emitter.Emitter) error { return e.Except("r1").SocketsJoin(ctx, "x") },
	"leave":                  func(ctx context.Context, e emitter.Emitter) error { return e.In("none").SocketsLeave(ctx, "x") },
	"disconnect":             func(ctx context.Context, e emitter.Emitter) error { return e.In("none").DisconnectSockets(ctx) },
	"disconnect and close":   func(ctx context.Context, e emitter.Emitter) error { return e.In("none").CloseConnections(ctx) },
	"server-side emit": func(ctx context.Context, e emitter.Emitter) error {
		return e.ServerSideEmit(ctx, "told", 1, map[string]any{"a": []bool{true}})
	},
}

// Classic publishes the bytes that the official emitter publishes.
func TestClassicIsTheOfficialEmitter(t *testing.T) {
	data, err := os.ReadFile("../cluster/wire/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			Flavour, Name, Channel, Text string
			Base64                       []byte
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, v := range file.Vectors {
		act := operations[v.Name]
		if v.Flavour != "emitter" || act == nil {
			continue
		}
		tried++
		var got tape
		if err := act(t.Context(), emitter.New(emitter.Classic{Publish: got.publish})); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
		if want := (tape{v.Channel, v.Text + string(v.Base64)}); got != want {
			t.Errorf("%s: it publishes\n%q, the official one\n%q", v.Name, got, want)
		}
	}
	if tried != len(operations) {
		t.Errorf("%d of %d operations are among the vectors", tried, len(operations))
	}
}

func TestRefuses(t *testing.T) {
	e := emitter.New(emitter.Classic{Publish: func(context.Context, string, []byte) error {
		t.Error("something is published")
		return nil
	}})
	ctx := t.Context()
	for _, name := range []string{"connect", "disconnect", "newListener"} {
		if err := e.Emit(ctx, name); !errors.Is(err, emitter.ErrReservedName) {
			t.Errorf("%s: %v", name, err)
		}
	}
	many := make([]any, 11)
	for i := range many {
		many[i] = []byte{1}
	}
	if err := e.Emit(ctx, "e", many...); !errors.Is(err, emitter.ErrTooManyAttachments) {
		t.Errorf("eleven binary values: %v", err)
	}
	if err := errors.Join(e.Emit(ctx, "e", func() {}), nil); err == nil {
		t.Error("a function is no error")
	}
	if err := e.ServerSideEmit(ctx, "e", make(chan int)); err == nil {
		t.Error("a channel is no error")
	}
	var none []adapter.Room
	for _, act := range []func() error{
		func() error { return e.To(none...).Emit(ctx, "e") }, func() error { return e.To().SocketsJoin(ctx, "x") }, func() error { return e.To().SocketsLeave(ctx, "x") },
		func() error { return e.In().DisconnectSockets(ctx) }, func() error { return e.Volatile().In().CloseConnections(ctx) },
	} {
		if err := act(); err != nil {
			t.Errorf("for nobody: %v", err)
		}
	}
}

// Operators do not change what they are called on.
func TestOperatorsDoNotShare(t *testing.T) {
	var got tape
	e := emitter.New(emitter.Sharded{Publish: got.publish, Mode: wire.Static, Prefix: "p"}).To("a")
	first, second := e.To("b"), e.To("c")
	for want, e := range map[string]emitter.Emitter{`["a","b"]`: first, `["a","c"]`: second, `["a"]`: e, `[]`: e.Of("x")} {
		if err := e.Emit(t.Context(), "e"); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got.payload, `"rooms":`+want) || !strings.HasPrefix(got.channel, "p#/") {
			t.Errorf("%s on %s, want rooms %s", got.payload, got.channel, want)
		}
	}
}

// The error of the one who publishes comes back.
func TestErrorOfTheBus(t *testing.T) {
	broken := errors.New("no Redis")
	publish := func(context.Context, string, []byte) error { return broken }
	add := func(context.Context, string, []string) error { return broken }
	for _, bus := range []emitter.Bus{emitter.Classic{Publish: publish}, emitter.Sharded{Publish: publish}, emitter.Streams{Publish: publish, Add: add}} {
		e := emitter.New(bus)
		for _, err := range []error{e.Emit(t.Context(), "e"), e.SocketsJoin(t.Context(), "x"), e.ServerSideEmit(t.Context(), "e")} {
			if !errors.Is(err, broken) {
				t.Errorf("%T: %v", bus, err)
			}
		}
	}
}

const patience = time.Minute
