// SPDX-License-Identifier: Apache-2.0

package call

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sockgen/sockgen/gen/dynamic"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// text writes a value in one line of JSON; bytes become base64.
func text(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprintf("%q", err)
	}
	var compact bytes.Buffer
	if json.Compact(&compact, b.Bytes()) != nil {
		return strings.TrimSpace(b.String())
	}
	return compact.String()
}

// tell prints what has happened: to scripts as JSON, to people as plain, unless that
// is empty.
func (c *Caller) tell(what map[string]any, plain string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.JSON:
		fmt.Fprintln(c.Stdout, text(what))
	case plain != "":
		fmt.Fprintln(c.Stdout, strings.Map(visible, plain))
	}
}

// warn tells of what is not as the schema has it.
func (c *Caller) warn(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(c.Stderr, "sockgen: %s\n", strings.Map(visible, fmt.Sprintf(format, args...)))
}

// raw returns received arguments as they came.
func raw(args siowire.Args) []json.RawMessage {
	list := make([]json.RawMessage, args.Len())
	for i := range list {
		list[i] = args.At(i)
	}
	return list
}

// received checks an event of the server and prints it. It tells whether the event is
// as the schema has it.
func (c *Caller) received(e *client.Event) bool {
	values, ok := c.values(e)
	what := []any{}
	line := e.Name
	for _, v := range values {
		what = append(what, v)
		line += " " + text(v)
	}
	c.tell(map[string]any{"event": e.Name, "args": what}, line)
	return ok
}

// values returns the arguments of an event, without what a server adds to them.
func (c *Caller) values(e *client.Event) (values []any, ok bool) {
	args := raw(e.Args)
	for _, known := range c.ns.Server {
		if known.Wire != e.Name {
			continue
		}
		values, issues, _, err := dynamic.Checker{Attachments: e.Args.Attachments}.Event(known, args)
		if err == nil && len(issues) == 0 {
			return values, true
		}
		for _, issue := range issues {
			c.warn("%s does not fit the schema: %v", e.Name, issue)
		}
		return untyped(args[:min(len(args), arity(known))]), false
	}
	if e.Name != "$error" {
		c.warn("the schema has no event %q", e.Name)
	}
	return untyped(args), e.Name == "$error"
}

func untyped(args []json.RawMessage) (values []any) {
	for _, a := range args {
		values = append(values, a)
	}
	return values
}

// answer answers an event of the server that asks for it, with a made value.
func (c *Caller) answer(e *client.Event) {
	if !e.WantsAck() {
		return
	}
	for _, known := range c.ns.Server {
		if known.Wire != e.Name || known.Ack == nil {
			continue
		}
		var args []any
		if known.Ack.Type != nil {
			value, err := c.made(known.Ack.Type, known.Wire)
			if err != nil {
				c.warn("no answer to %s: %v", e.Name, err)
				return
			}
			args = []any{value}
		}
		if err := e.Ack(args...); err != nil {
			c.warn("answer %s: %v", e.Name, err)
			return
		}
		line := "answered " + e.Name
		for _, v := range args {
			line += " " + text(v)
		}
		c.tell(map[string]any{"answered": e.Name, "args": args}, line)
	}
}

func (c *Caller) made(t *ir.Type, name string) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.maker.Type(t, name)
}
