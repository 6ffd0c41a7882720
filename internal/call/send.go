// SPDX-License-Identifier: Apache-2.0

package call

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sockgen/sockgen/gen/dynamic"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// defaultLull is Config.Lull where nobody says otherwise.
const defaultLull = time.Second

// A failure is what "$error" and acks carry.
type failure struct {
	Event   string          `json:"event,omitempty"`
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// An outcome is what came of an event that was sent.
type outcome struct {
	args siowire.Args
	err  error
}

// Send emits an event and waits for what the schema says comes of it: an ack, and the
// event that answers it.
func (c *Caller) Send(ctx context.Context, p *Payload) error {
	timed, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	failed := make(chan failure, 1)
	defer c.socket.On("$error", func(_ context.Context, e *client.Event) {
		var f failure
		if e.Args.Len() > 0 && json.Unmarshal(e.Args.At(0), &f) == nil && f.Event == p.event.Wire {
			offer(failed, f)
		}
	})()
	result := make(chan *client.Event, 1)
	awaits := answeredToSender(p.event)
	if awaits {
		defer c.socket.On(p.event.Result.Event.Wire, func(_ context.Context, e *client.Event) { offer(result, e) })()
	}
	acked := make(chan outcome, 1)
	begun := time.Now()
	go func() { // ends with timed
		args, err := c.emit(timed, p)
		acked <- outcome{args, err}
	}()
	select {
	case o := <-acked:
		if err := c.acknowledged(p.event, o, time.Since(begun)); err != nil {
			return err
		}
	case f := <-failed:
		cancel()
		<-acked
		return c.failed(p.event, f)
	}
	if !awaits {
		return nil
	}
	select {
	case e := <-result:
		if !c.listening && !c.received(e) { // who listens prints everything
			return refused("%s does not fit the schema", p.event.Result.Event.Wire)
		}
		return nil
	case f := <-failed:
		return c.failed(p.event, f)
	case <-timed.Done():
		return fmt.Errorf("%s: no %s came within %v", p.event.Wire, p.event.Result.Event.Wire, c.Timeout)
	}
}

// offer sends v unless somebody has done so.
func offer[T any](to chan T, v T) {
	select {
	case to <- v:
	default:
	}
}

// answeredToSender tells whether an event is answered by one that its sender gets.
func answeredToSender(e *ir.Event) bool {
	if e.Result == nil {
		return false
	}
	return e.Result.To == ir.ResultSender || e.Result.To == ir.ResultAllInRoom || e.Result.To == ir.ResultNamespace
}

func (c *Caller) emit(ctx context.Context, p *Payload) (siowire.Args, error) {
	if p.event.Ack == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, min(cmp.Or(c.Lull, defaultLull), c.Timeout))
		defer cancel()
	}
	return c.socket.EmitWithAck(ctx, p.event.Wire, p.args...)
}

// acknowledged prints an ack, and says what is wrong with it.
func (c *Caller) acknowledged(e *ir.Event, o outcome, took time.Duration) error {
	switch {
	case o.err != nil && e.Ack == nil && (errors.Is(o.err, client.ErrTimeout) || errors.Is(o.err, context.DeadlineExceeded)):
		c.tell(map[string]any{"sent": e.Wire}, "sent")
		return nil
	case errors.Is(o.err, client.ErrTimeout):
		return fmt.Errorf("%s: no ack came within %v", e.Wire, c.Timeout)
	case o.err != nil:
		return fmt.Errorf("%s: %w", e.Wire, o.err)
	}
	value, err := c.value(e, o.args)
	if err != nil {
		return err
	}
	line := "ok"
	if value != nil {
		line = text(value)
	}
	what := map[string]any{"ack": e.Wire, "ok": true, "ms": float64(took.Microseconds()) / 1000}
	if value != nil {
		what["value"] = value
	}
	c.tell(what, line)
	return nil
}

// value returns what an ack carries, after the schema has judged it.
func (c *Caller) value(e *ir.Event, args siowire.Args) (any, error) {
	var first json.RawMessage
	if args.Len() > 0 {
		first = args.At(0)
	}
	if e.Ack == nil || !e.Ack.Plain {
		var envelope struct {
			OK    bool            `json:"ok"`
			Value json.RawMessage `json:"value"`
			Error failure         `json:"error"`
		}
		if err := json.Unmarshal(first, &envelope); err != nil {
			return nil, refused(`%s: the ack is not {"ok": …}, as the schema says: %s`, e.Wire, first)
		}
		if !envelope.OK {
			return nil, c.failed(e, envelope.Error)
		}
		first = envelope.Value
	}
	if e.Ack == nil || e.Ack.Type == nil {
		return nil, nil
	}
	value, issues, err := dynamic.Checker{Attachments: args.Attachments}.Type(e.Ack.Type, first)
	if err != nil {
		return nil, refused("%s: the ack carries nothing, where the schema has a value", e.Wire)
	}
	if len(issues) > 0 {
		return nil, refused("%s: the ack does not fit the schema: %v: %s", e.Wire, issues[0], first)
	}
	return value, nil
}

// failed prints that the server refuses an event, and returns it as an error.
func (c *Caller) failed(e *ir.Event, f failure) error {
	f.Event = ""
	if c.JSON {
		c.tell(map[string]any{"ack": e.Wire, "ok": false, "error": f}, "")
	}
	return refused("%s: the server answers %s: %s%s", e.Wire, f.Code, f.Message, suffix(f.Data))
}
