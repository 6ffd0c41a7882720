// SPDX-License-Identifier: Apache-2.0

package mock

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/sockgen/sockgen/gen/dynamic"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A likely is what values are likely to hold, by the names of fields.
type likely struct {
	said map[string]json.RawMessage // by the client, in the event that is answered
	own  map[string]json.RawMessage // what the client is called, and more of the kind
}

// A failure is what clients see of an error.
type failure struct {
	Event   string `json:"event,omitempty"` // in "$error" alone
	Code    string `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

func invalid(issues []dynamic.Issue) *failure {
	type issue struct {
		Path    string `json:"path"`
		Message string `json:"message"`
	}
	list := []issue{}
	for _, i := range issues {
		list = append(list, issue{i.Path, i.Message})
	}
	return &failure{Code: "invalid_payload", Message: "the payload does not fit the schema", Data: map[string]any{"issues": list}}
}

// handle answers one event of a client.
func (s *Server) handle(ctx context.Context, ns *ir.Namespace, socket *socketio.Socket, e *socketio.Event) {
	var args []json.RawMessage
	for i := range e.Args.Len() {
		args = append(args, e.Args.At(i))
	}
	s.Say(fmt.Sprintf("got %s %s %s", ns.Path, e.Name, bytes.Join(rawTexts(args), []byte(" "))))
	var event *ir.Event
	for _, known := range ns.Client {
		if known.Wire == e.Name {
			event = known
		}
	}
	if event == nil {
		s.refuse(ctx, socket, e, &ir.Event{Wire: e.Name}, &failure{Code: "unknown_event", Message: "the schema has no such event"})
		return
	}
	values, issues, _, err := dynamic.Checker{Attachments: e.Args.Attachments}.Event(event, args)
	if err != nil || len(issues) > 0 {
		s.refuse(ctx, socket, e, event, invalid(issues))
		return
	}
	if s.Delay > 0 && !sleep(ctx, s.Delay) {
		return
	}
	auth, _ := socketio.DataOf[map[string]json.RawMessage](socket)
	known := likely{said: knownOf(event, values), own: auth}
	payload := plain(known.said)
	if !event.Positional && len(values) > 0 {
		payload = plain(values[0])
	}
	scene := scene{s, ns, socket, map[string]any{"auth": plain(auth), "payload": payload}, known}
	if f := s.failure(event.Wire, ns.Failures(event), known); f != nil {
		s.refuse(ctx, socket, e, event, f)
		return
	}
	scene.answer(ctx, event, e)
}

// refuse answers an event that failed: in its ack, or with "$error".
func (s *Server) refuse(ctx context.Context, socket *socketio.Socket, e *socketio.Event, event *ir.Event, f *failure) {
	s.Say(fmt.Sprintf("refused %s: %s", e.Name, line(f)))
	var err error
	if plainAck := event.Ack != nil && event.Ack.Plain; e.WantsAck() && !plainAck {
		err = e.Ack(map[string]any{"ok": false, "error": f})
	} else {
		f.Event = e.Name
		err = socket.Emit(ctx, "$error", f)
	}
	if err != nil {
		s.Say(fmt.Sprintf("refuse %s: %v", e.Name, err))
	}
}

// failure returns the error that somebody wants an event to answer, or nil.
func (s *Server) failure(event string, declared []*ir.Error, known likely) *failure {
	s.mu.Lock()
	f := s.fails[event]
	if f == nil || f.left == 0 {
		s.mu.Unlock()
		return nil
	}
	f.left--
	code := f.code
	s.mu.Unlock()
	return s.declared(code, declared, known)
}

// declared returns an error of the schema, with made data.
func (s *Server) declared(code string, declared []*ir.Error, known likely) *failure {
	for _, e := range declared {
		if e.Code != code {
			continue
		}
		f := &failure{Code: code, Message: e.Message}
		if e.Data != nil {
			if value, err := s.value(e.Data, code, known, nil); err == nil {
				f.Data = value
			}
		}
		return f
	}
	return &failure{Code: code, Message: strings.ReplaceAll(code, "_", " ")}
}

// value makes a value, of which with is a part.
func (s *Server) value(t *ir.Type, name string, known likely, with any) (any, error) {
	s.mu.Lock()
	s.maker.Known, s.maker.Own = known.said, known.own
	value, err := s.maker.Type(t, name)
	s.mu.Unlock()
	if err != nil || with == nil {
		return value, err
	}
	text, err := json.Marshal(merge(value, with))
	if err != nil {
		return nil, err
	}
	value, issues, err := dynamic.Checker{Text: true}.Type(t, text)
	if len(issues) > 0 {
		err = fmt.Errorf("%v in %s", issues[0], text)
	}
	return value, err
}

// event makes the arguments of an event, of which with is a part: of several, by their
// names.
func (s *Server) event(e *ir.Event, known likely, with any) ([]any, error) {
	switch {
	case e.Payload == nil:
		return nil, nil
	case !e.Positional:
		value, err := s.value(e.Payload, e.Wire, known, with)
		return []any{value}, err
	}
	fields, _ := with.(map[string]any)
	var args []any
	for _, f := range e.Arguments() {
		value, err := s.value(f.Type, f.Wire, known, fields[f.Wire])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Wire, err)
		}
		args = append(args, value)
	}
	return args, nil
}

// merge puts what with says into a value.
func merge(value, with any) any {
	into, ok := value.(map[string]any)
	fields, also := with.(map[string]any)
	if !ok || !also {
		return with
	}
	merged := maps.Clone(into)
	for key, field := range fields {
		merged[key] = merge(into[key], field)
	}
	return merged
}

// knownOf returns the values of a payload by the names of their fields.
func knownOf(e *ir.Event, values []any) map[string]json.RawMessage {
	if !e.Positional {
		if len(values) == 0 {
			return nil
		}
		text, _ := json.Marshal(values[0]) // it was JSON
		return knownIn(text)
	}
	known := map[string]json.RawMessage{}
	for i, f := range e.Arguments() {
		if i < len(values) {
			known[f.Wire], _ = json.Marshal(values[i]) // it was JSON
		}
	}
	return known
}

// knownIn returns the members of an object, none for anything else.
func knownIn(object json.RawMessage) map[string]json.RawMessage {
	var known map[string]json.RawMessage
	if json.Unmarshal(object, &known) != nil {
		return nil
	}
	return known
}

// plain returns a value as maps, lists and scalars.
func plain(v any) (value any) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if d.Decode(&value) != nil {
		return nil
	}
	return value
}

// maxSaid is how many bytes of a payload are told.
const maxSaid = 400

// line writes a value in one line, cut short.
func line(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	text := strings.TrimSpace(b.String())
	if len(text) > maxSaid {
		text = strings.ToValidUTF8(text[:maxSaid], "") + "…"
	}
	return text
}

func texts(name string, values []any) string {
	for _, v := range values {
		name += " " + line(v)
	}
	return name
}

func rawTexts(args []json.RawMessage) (list [][]byte) {
	for _, a := range args {
		list = append(list, []byte(line(a)))
	}
	return list
}

// sleep waits, and tells whether ctx allowed it.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
