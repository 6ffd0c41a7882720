// SPDX-License-Identifier: Apache-2.0

package mock

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A scene is where a scenario plays: a socket, and what it has sent.
type scene struct {
	*Server
	ns     *ir.Namespace
	socket *socketio.Socket
	values map[string]any // what "$auth" and "$payload" stand for
	known  likely         // what is likely to come back
}

// answer answers an event: as the scenario says, else with what the schema asks for.
func (c scene) answer(ctx context.Context, event *ir.Event, e *socketio.Event) {
	steps := c.Scenario.On[event.Wire]
	acked := e
	for i := range steps {
		step := &steps[i]
		switch {
		case step.Fail != "" && c.due(step):
			if step.After > 0 && !sleep(ctx, step.After) {
				return
			}
			c.refuse(ctx, c.socket, e, event, c.declared(step.Fail, c.ns.Failures(event), c.known))
			return
		case step.HasAck:
			if step.After > 0 && !sleep(ctx, step.After) {
				return
			}
			c.ack(event, e, step.Ack)
			acked = nil
		}
	}
	if acked != nil {
		c.ack(event, e, nil)
	}
	c.play(ctx, steps, event.Result)
}

// ack acknowledges an event with a made value, of which with is a part.
func (c scene) ack(event *ir.Event, e *socketio.Event, with any) {
	if !e.WantsAck() {
		return
	}
	answer := map[string]any{"ok": true}
	var value any
	if event.Ack != nil && event.Ack.Type != nil {
		var err error
		if value, err = c.value(event.Ack.Type, event.Wire, c.known, c.resolve(with)); err != nil {
			c.Say(fmt.Sprintf("no ack of %s: %v", event.Wire, err))
			return
		}
		answer["value"] = value
	}
	var shown any = answer
	if event.Ack != nil && event.Ack.Plain {
		shown = value
	}
	if err := e.Ack(shown); err != nil {
		c.Say(fmt.Sprintf("ack %s: %v", event.Wire, err))
		return
	}
	c.Say(fmt.Sprintf("acked %s %s", event.Wire, line(shown)))
}

// play emits what steps say, and the result of an event that they do not mention.
func (c scene) play(ctx context.Context, steps []Step, result *ir.Result) {
	for i := range steps {
		if step := &steps[i]; step.Emit != "" || step.Disconnect {
			if step.Emit != "" && result != nil && step.Emit == result.Event.Wire {
				result = nil
			}
			c.take(ctx, step)
		}
	}
	if result != nil {
		c.emitTo(ctx, result.Event, audience(result.To), nil)
	}
}

// audience says to whom the result of an event goes. A mock knows no rooms: everybody
// is in all of them.
func audience(to ir.ResultAudience) string {
	switch to {
	case ir.ResultSender:
		return toSender
	case ir.ResultOthersInRoom, ir.ResultOthersInNamespace:
		return toOthers
	}
	return toEverybody
}

// schedule plays a step of the timeline until the socket ends.
func (c scene) schedule(ctx context.Context, step *Step) {
	if step.Every == 0 {
		c.take(ctx, step)
		return
	}
	once := *step
	once.After = 0
	if step.After > 0 && !sleep(ctx, step.After) {
		return
	}
	for sleep(ctx, step.Every) && ctx.Err() == nil {
		c.take(ctx, &once)
	}
}

// take takes one step that emits or disconnects.
func (c scene) take(ctx context.Context, step *Step) {
	if step.After > 0 && !sleep(ctx, step.After) || !c.due(step) {
		return
	}
	if step.Disconnect {
		c.socket.Disconnect()
		return
	}
	for _, e := range c.ns.Server {
		if e.Wire == step.Emit {
			c.emitTo(ctx, e, step.To, c.resolve(step.With))
		}
	}
}

// due tells whether a step may still be taken.
func (c scene) due(step *Step) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if step.Times == 0 {
		return true
	}
	c.counts[step]++
	return c.counts[step] <= step.Times
}

func (c scene) emitTo(ctx context.Context, e *ir.Event, to string, with any) {
	sockets := []*socketio.Socket{c.socket}
	if to != toSender {
		sockets = nil
		for _, other := range c.in(c.ns) {
			if other.Namespace() == c.socket.Namespace() && (to == toEverybody || other != c.socket) {
				sockets = append(sockets, other)
			}
		}
	}
	if err := c.emit(ctx, c.ns, e, sockets, c.known, with); err != nil {
		c.Say(fmt.Sprintf("no %s: %v", e.Wire, err))
	}
}

// resolve replaces "$payload.text" and "$auth.name" by what they stand for.
func (c scene) resolve(with any) any {
	switch v := with.(type) {
	case map[string]any:
		resolved := maps.Clone(v)
		for key, inner := range v {
			resolved[key] = c.resolve(inner)
		}
		return resolved
	case []any:
		resolved := make([]any, len(v))
		for i, inner := range v {
			resolved[i] = c.resolve(inner)
		}
		return resolved
	case string:
		if name, ok := strings.CutPrefix(v, "$"); ok {
			return lookUp(c.values, strings.Split(name, "."))
		}
	}
	return with
}

func lookUp(value any, path []string) any {
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}
