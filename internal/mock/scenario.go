// SPDX-License-Identifier: Apache-2.0

package mock

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
)

// A Scenario says what a mock does beyond what the schema asks for.
type Scenario struct {
	On       map[string][]Step // by event of a client, and "connect"
	Timeline []Step            // of each socket, from when it has connected
}

// A Step is one thing that a mock does. Of Emit, Fail, HasAck and Disconnect, one is
// set.
type Step struct {
	Emit       string // an event of the server
	To         string // who gets it
	With       any    // what of it is not made
	Fail       string // the code of the error that the event answers
	HasAck     bool
	Ack        any // what of the ack is not made
	Disconnect bool

	After time.Duration
	Every time.Duration // in the timeline: again and again
	Times int           // how often at most; zero means always
}

// Whom a step emits to.
const (
	toSender    = "sender"
	toOthers    = "others"
	toEverybody = "everybody"
)

// ParseScenario reads a scenario, which errors call file. An error names the line.
func ParseScenario(file string, src []byte, doc *ir.Document) (*Scenario, error) {
	parsed, diags := schema.Parse(file, src)
	if len(diags) > 0 {
		return nil, fmt.Errorf("%s", strings.TrimSpace(diag.RenderIn(diag.NoColors, diags)))
	}
	r := &reader{doc: doc}
	s := &Scenario{On: map[string][]Step{}}
	r.mapping(parsed.Root, "a scenario", map[string]func(*schema.Node){
		"on":       func(n *schema.Node) { r.on(n, s) },
		"timeline": func(n *schema.Node) { s.Timeline = r.steps(n, "") },
	})
	if r.err != nil {
		return nil, r.err
	}
	return s, nil
}

// A reader reads a scenario up to the first mistake.
type reader struct {
	doc *ir.Document
	err error
}

func (r *reader) fail(n *schema.Node, format string, args ...any) {
	if r.err == nil {
		at, _ := n.Span()
		r.err = fmt.Errorf("%v: %s", at, fmt.Sprintf(format, args...))
	}
}

// mapping reads the keys of a mapping.
func (r *reader) mapping(n *schema.Node, what string, keys map[string]func(*schema.Node)) {
	if n == nil || n.Kind != schema.Mapping {
		if n == nil {
			n = &schema.Node{}
		}
		r.fail(n, "%s is a mapping, and this is %s", what, n.Kind)
		return
	}
	var names []string
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, e := range n.Entries {
		read := keys[e.Key.Text]
		if read == nil {
			r.fail(e.Key, "%s has no key %q%s; it has %s", what, e.Key.Text, meant(e.Key.Text, names), strings.Join(names, ", "))
			return
		}
		read(e.Value)
	}
}

func meant(word string, of []string) string {
	if s := diag.Suggest(word, of); s != "" {
		return fmt.Sprintf(" (did you mean %s?)", s)
	}
	return ""
}

func (r *reader) on(n *schema.Node, s *Scenario) {
	if n.Kind != schema.Mapping {
		r.fail(n, "on is a mapping from events to steps, and this is %s", n.Kind)
		return
	}
	client, _ := r.events()
	for _, e := range n.Entries {
		if name := e.Key.Text; name != "connect" && !slices.Contains(client, name) {
			r.fail(e.Key, "no client emits %q%s", name, meant(name, append(client, "connect")))
			return
		}
		s.On[e.Key.Text] = r.steps(e.Value, e.Key.Text)
	}
}

// events returns the names of all events of the schema.
func (r *reader) events() (client, server []string) {
	for _, ns := range r.doc.Namespaces {
		for _, e := range ns.Client {
			client = append(client, e.Wire)
		}
		for _, e := range ns.Server {
			server = append(server, e.Wire)
		}
	}
	return client, server
}

// steps reads a list of steps, of an event, or of the timeline when that is "".
func (r *reader) steps(n *schema.Node, event string) (steps []Step) {
	if n.Kind != schema.Sequence {
		r.fail(n, "steps are a list, and this is %s", n.Kind)
		return nil
	}
	for _, item := range n.Items {
		steps = append(steps, r.step(item, event))
	}
	return steps
}

func (r *reader) step(n *schema.Node, event string) (s Step) {
	keys := map[string]func(*schema.Node){
		"emit":       func(n *schema.Node) { s.Emit = r.serverEvent(n) },
		"to":         func(n *schema.Node) { s.To = r.audience(n) },
		"with":       func(n *schema.Node) { s.With = value(n) },
		"disconnect": func(n *schema.Node) { s.Disconnect = n.Text == "true" },
		"after":      func(n *schema.Node) { s.After = r.duration(n) },
		"times":      func(n *schema.Node) { s.Times = r.count(n) },
	}
	what := "a step of the timeline"
	if event == "" {
		keys["every"] = func(n *schema.Node) { s.Every = r.duration(n) }
	} else if what = "a step of " + event; event != "connect" {
		keys["ack"] = func(n *schema.Node) { s.HasAck, s.Ack = true, value(n) }
		keys["fail"] = func(n *schema.Node) { s.Fail = r.code(n, event) }
	}
	s.To = toSender
	r.mapping(n, what, keys)
	does := 0
	for _, set := range []bool{s.Emit != "", s.Disconnect, s.HasAck, s.Fail != ""} {
		if set {
			does++
		}
	}
	if does != 1 && r.err == nil {
		r.fail(n, "%s does one thing: emit, disconnect, or for an event also ack or fail", what)
	}
	return s
}

func (r *reader) serverEvent(n *schema.Node) string {
	if _, server := r.events(); !slices.Contains(server, n.Text) {
		r.fail(n, "the server emits no %q%s", n.Text, meant(n.Text, server))
	}
	return n.Text
}

func (r *reader) audience(n *schema.Node) string {
	if !slices.Contains([]string{toSender, toOthers, toEverybody}, n.Text) {
		r.fail(n, "to is sender, others or everybody, and not %q", n.Text)
	}
	return n.Text
}

func (r *reader) code(n *schema.Node, event string) string {
	if codes := codesOf(r.doc, event); !slices.Contains(codes, n.Text) {
		r.fail(n, "%s answers no error %q%s", event, n.Text, meant(n.Text, codes))
	}
	return n.Text
}

// codesOf returns the codes of the errors that an event, or "connect", can answer.
func codesOf(doc *ir.Document, event string) (codes []string) {
	for _, ns := range doc.Namespaces {
		declared := ns.ConnectErrors
		if event != "connect" {
			declared = nil
			for _, e := range ns.Client {
				if e.Wire == event {
					declared = ns.Failures(e)
				}
			}
		}
		for _, e := range declared {
			codes = append(codes, e.Code)
		}
	}
	return append(codes, ir.CodesOf(ir.FromServer, ir.NoData)...)
}

func (r *reader) duration(n *schema.Node) time.Duration {
	d, err := time.ParseDuration(n.Text)
	if err != nil || d <= 0 {
		r.fail(n, "a time is written such as 500ms or 2s, and not %q", n.Text)
	}
	return d
}

func (r *reader) count(n *schema.Node) int {
	v, err := strconv.Atoi(n.Text)
	if err != nil || v < 1 {
		r.fail(n, "times is a number from 1, and not %q", n.Text)
	}
	return v
}

// value returns what YAML says as JSON has it.
func value(n *schema.Node) any {
	switch n.Kind {
	case schema.Mapping:
		object := map[string]any{}
		for _, e := range n.Entries {
			object[e.Key.Text] = value(e.Value)
		}
		return object
	case schema.Sequence:
		list := []any{}
		for _, item := range n.Items {
			list = append(list, value(item))
		}
		return list
	case schema.Scalar:
		switch n.Literal {
		case schema.Bool:
			return n.Text == "true"
		case schema.Int, schema.Float:
			if json.Valid([]byte(n.Text)) {
				return json.Number(n.Text)
			}
		}
		return n.Text
	}
	return nil
}
