// SPDX-License-Identifier: Apache-2.0

package call

import (
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// Complete completes a line at a place, by the schema: the name of an event, then the
// keys of its payload, the values of enums, and what begins a value. It returns the
// line, the place in it, and the choices where there are several.
func Complete(ns *ir.Namespace, line string, pos int) (string, int, []string) {
	before, after := line[:pos], line[pos:]
	event := eventOf(ns, before)
	var word string // what is typed of it
	var choices []string
	if event == nil {
		word = strings.TrimLeft(before, " ")
		for _, e := range ns.Client {
			choices = append(choices, e.Wire+" ")
		}
		choices = append(choices, "/events ", "/help ", "/quit ")
	} else {
		word, choices = completePayload(event, before[strings.Index(before, event.Wire)+len(event.Wire)+1:])
	}
	var fitting []string
	for _, c := range choices {
		if strings.HasPrefix(c, word) {
			fitting = append(fitting, c)
		}
	}
	if len(fitting) == 0 {
		return line, pos, nil
	}
	more := common(fitting)[len(word):]
	if len(fitting) > 1 && more != "" {
		fitting = fitting[:1] // there is something to add before there is to choose
	}
	return before + more + after, pos + len(more), fitting
}

// eventOf returns the event of a line behind whose name there is a space.
func eventOf(ns *ir.Namespace, before string) (found *ir.Event) {
	before = strings.TrimLeft(before, " ")
	for _, e := range ns.Client {
		if strings.HasPrefix(before, e.Wire+" ") && (found == nil || len(e.Wire) > len(found.Wire)) {
			found = e
		}
	}
	return found
}

// common returns what all texts begin with.
func common(texts []string) string {
	first := texts[0]
	for _, t := range texts[1:] {
		for !strings.HasPrefix(t, first) {
			first = first[:len(first)-1]
		}
	}
	return first
}

// A frame is an object or a list that has begun.
type frame struct {
	t     *ir.Type
	list  bool
	key   string // of the value that comes, or is there
	value bool   // a value comes, and no key
	keys  []string
}

// A cursor is where a payload that is being typed has got to.
type cursor struct {
	frames []frame
	quoted bool   // within a string
	word   string // what there is of the value or key
	done   bool   // a value is complete
	args   int    // complete values at the top
}

// completePayload returns what is typed of a key or value, and what it could become.
func completePayload(e *ir.Event, typed string) (word string, choices []string) {
	if e.Payload == nil {
		return "", nil
	}
	c := &cursor{}
	top := func() *ir.Type {
		if !e.Positional {
			return e.Payload
		}
		if fields := e.Arguments(); c.args < len(fields) {
			return fields[c.args].Type
		}
		return nil
	}
	for i := 0; i < len(typed); i++ {
		if typed[i] == '\\' && c.quoted && i+1 < len(typed) {
			c.word += typed[i : i+2]
			i++
			continue
		}
		c.take(typed[i], top)
	}
	if len(c.frames) == 0 {
		if c.done && !e.Positional || top() == nil {
			return "", nil
		}
		return c.word, begins(top())
	}
	return c.word, c.frames[len(c.frames)-1].choices(c.done)
}

// take takes one more byte.
func (c *cursor) take(b byte, top func() *ir.Type) {
	var f *frame
	if len(c.frames) > 0 {
		f = &c.frames[len(c.frames)-1]
	}
	switch {
	case c.quoted && b != '"':
		c.word += string(b)
	case b == '"' && c.quoted:
		c.quoted = false
		if f != nil && !f.list && !f.value {
			f.key = strings.TrimPrefix(c.word, `"`)
			f.keys = append(f.keys, f.key)
		}
		c.end()
	case b == '"':
		c.quoted, c.word, c.done = true, `"`, false
	case b == '{' || b == '[':
		t := top()
		if f != nil {
			t = f.next()
		}
		c.frames, c.word, c.done = append(c.frames, frame{t: t, list: b == '['}), "", false
	case b == '}' || b == ']':
		if f != nil {
			c.frames = c.frames[:len(c.frames)-1]
		}
		c.end()
	case b == ':' && f != nil:
		f.value, c.word, c.done = true, "", false
	case b == ',' && f != nil:
		f.value, c.word, c.done = false, "", false
	case b == ' ' || b == '\t':
		if c.word != "" {
			c.end()
		}
	default:
		c.word += string(b)
		c.done = false
	}
}

// end notes that a value or key is complete.
func (c *cursor) end() {
	c.word, c.done = "", true
	if len(c.frames) == 0 {
		c.args++
	}
}

// bare returns a type without its aliases, nil for none.
func bare(t *ir.Type) *ir.Type {
	for t != nil && t.Kind == ir.RefType && t.Ref.Kind == ir.Alias {
		t = t.Ref.Of
	}
	return t
}

// fields returns the fields that an object of a type may have; those of a union are
// those of all variants, or of the one that its tag names.
func fields(t *ir.Type) []*ir.Field {
	if t = bare(t); t == nil || t.Kind != ir.RefType {
		return nil
	}
	switch d := t.Ref; d.Kind {
	case ir.Struct:
		return d.Fields
	case ir.Union:
		tag := &ir.Field{Wire: d.Tag, Type: &ir.Type{Kind: ir.RefType, Ref: &ir.Decl{Kind: ir.Enum}}}
		all := []*ir.Field{tag}
		for _, v := range d.Variants {
			tag.Type.Ref.Values = append(tag.Type.Ref.Values, &ir.EnumValue{Wire: v.Wire})
			all = append(all, v.Of.Fields...)
		}
		return all
	}
	return nil
}

// next returns the type of the value that comes.
func (f *frame) next() *ir.Type {
	t := bare(f.t)
	if t != nil && (t.Kind == ir.ListType || t.Kind == ir.MapType) {
		return t.Elem
	}
	for _, field := range fields(t) {
		if field.Wire == f.key {
			return field.Type
		}
	}
	return nil
}

// choices returns what can come next; done tells whether a value has just ended.
func (f *frame) choices(done bool) (choices []string) {
	last := map[bool]string{true: "]", false: "}"}[f.list]
	switch {
	case done && !f.list && !f.value:
		return []string{": "}
	case done:
		choices = []string{last}
		for _, field := range fields(f.t) {
			if !slices.Contains(f.keys, field.Wire) {
				choices = []string{`, "` + field.Wire + `": `}
				break
			}
		}
		return choices
	case f.list || f.value:
		return begins(f.next())
	}
	for _, field := range fields(f.t) {
		if !slices.Contains(f.keys, field.Wire) && !slices.Contains(choices, `"`+field.Wire+`": `) {
			choices = append(choices, `"`+field.Wire+`": `)
		}
	}
	return choices
}

// begins returns what a value of a type can be, or begin with.
func begins(t *ir.Type) []string {
	if t = bare(t); t == nil {
		return nil
	}
	switch t.Kind {
	case ir.ListType:
		return []string{"["}
	case ir.MapType:
		return []string{`{"`}
	case ir.RefType:
		if t.Ref.Kind != ir.Enum {
			return []string{`{"`}
		}
		var values []string
		for _, v := range t.Ref.Values {
			values = append(values, `"`+v.Wire+`"`)
		}
		return values
	}
	switch t.Scalar {
	case ir.Bool:
		return []string{"true", "false"}
	case ir.Int, ir.Int32, ir.Uint32, ir.Float32, ir.Float64, ir.Duration, ir.Any:
		return nil
	}
	return []string{`"`}
}
