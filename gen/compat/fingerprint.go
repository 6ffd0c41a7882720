// SPDX-License-Identifier: Apache-2.0

package compat

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// generation counts the ways in which models have been hashed. Another number
// makes every client of an earlier release a stranger.
const generation = "m1"

// digits is how many characters of base32 a fingerprint has: 60 bits, so that
// a million releases of a schema meet by accident once in two million tries.
const digits = 12

var alphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Fingerprint returns "m1-" and twelve characters, the same for two models
// exactly when they are one on the wire, whatever their types are called and
// however they are cut up, recursive ones included.
func (m *Model) Fingerprint() string {
	g := &graph{m: m, ofType: map[*Type]int{}, ofShape: map[string]int{}, leaves: map[leaf]int{}}
	g.root()
	sum := sha256.Sum256([]byte(g.canonical()))
	return generation + "-" + alphabet.EncodeToString(sum[:])[:digits]
}

// A graph is a model as nodes whose labels hold all that is known of them, but
// for the nodes that they refer to. Two nodes from which the same is to be seen
// are one on the wire: [classes] finds them.
type graph struct {
	m       *Model
	nodes   []node
	ofType  map[*Type]int  // lists and maps, each occurrence by itself
	ofShape map[string]int // structs, enums and unions
	leaves  map[leaf]int   // scalars: most of a schema
}

// A leaf is a scalar with its constraints.
type leaf struct {
	scalar, length, span, patterns string
	unique                         bool
}

// A node is a part of a graph. Its label has an @ for each of its children, in
// their order; everything of the author's own is quoted in it.
type node struct {
	label    string
	children []int
}

// A labeler writes the label of one node.
type labeler struct {
	g *graph
	strings.Builder
	children []int
}

func (g *graph) add() int {
	g.nodes = append(g.nodes, node{})
	return len(g.nodes) - 1
}

// label fills node id with what write writes.
func (g *graph) label(id int, write func(*labeler)) {
	l := &labeler{g: g}
	write(l)
	g.nodes[id] = node{l.String(), l.children}
}

func (l *labeler) text(format string, args ...any) { fmt.Fprintf(l, format, args...) }

// typ refers to what t is, and says whether null is a value.
func (l *labeler) typ(t *Type) {
	if t == nil {
		l.text("-")
		return
	}
	resolved, shape := l.g.m.resolve(t)
	l.WriteString("@")
	if resolved.Null {
		l.WriteString("|null")
	}
	if shape != nil {
		l.children = append(l.children, l.g.shape(resolved.Ref, shape))
		return
	}
	l.children = append(l.children, l.g.occurrence(t, resolved))
}

func (l *labeler) field(f *Field) {
	if f.Optional {
		l.WriteString("?")
	}
	l.typ(&f.Type)
}

// occurrence returns the node of a scalar, a list or a map that stands at t.
func (g *graph) occurrence(t, resolved *Type) int {
	if id, ok := g.ofType[t]; ok {
		return id
	}
	facts := func() string {
		return fmt.Sprintf("%s length %s range %s pattern %q unique %t", resolved.Scalar, resolved.Length, resolved.Range, resolved.Pattern, resolved.Unique)
	}
	if resolved.Scalar != "" {
		key := leaf{scalar: resolved.Scalar, length: resolved.Length, span: resolved.Range, unique: resolved.Unique}
		if resolved.Pattern != nil {
			key.patterns = fmt.Sprintf("%q", resolved.Pattern)
		}
		id, ok := g.leaves[key]
		if !ok {
			id = g.add()
			g.leaves[key] = id
			g.nodes[id].label = facts()
		}
		return id
	}
	id := g.add()
	g.ofType[t] = id
	g.label(id, func(l *labeler) {
		l.WriteString(facts())
		if resolved.List != nil {
			l.text(" list ")
			l.typ(resolved.List)
		}
		if resolved.Map != nil {
			l.text(" map ")
			l.typ(resolved.Map)
		}
	})
	return id
}

func (g *graph) shape(name string, s *Shape) int {
	if id, ok := g.ofShape[name]; ok {
		return id
	}
	id := g.add()
	g.ofShape[name] = id
	g.label(id, func(l *labeler) {
		l.text("%s open %t values %q tag %q", s.Kind, s.Open, s.Values, s.Tag)
		for _, name := range slices.Sorted(maps.Keys(s.Fields)) {
			l.WriteString(" " + strconv.Quote(name) + " ")
			l.field(s.Fields[name])
		}
		for _, value := range slices.Sorted(maps.Keys(s.Of)) {
			l.text(" %q ", value)
			l.typ(&Type{Ref: s.Of[value]})
		}
	})
	return id
}

// root adds the node from which the whole model is to be seen, the first one.
func (g *graph) root() {
	m := g.m
	g.label(g.add(), func(l *labeler) {
		l.text("%q params", m.Path)
		for _, t := range m.Params {
			l.typ(t)
		}
		l.text(" auth ")
		if m.Auth != nil && len(m.fieldsOf(m.Auth)) > 0 { // an empty one is none: CONNECT may carry {} at any time
			l.typ(m.Auth)
		}
		l.text(" connect %q errors", m.Connect)
		for _, code := range slices.Sorted(maps.Keys(m.Errors)) {
			l.text(" %q ", code)
			l.typ(m.Errors[code])
		}
		l.events("client", m.Client)
		l.events("server", m.Server)
	})
}

func (l *labeler) events(side string, events map[string]*Event) {
	l.text(" %s", side)
	for _, name := range slices.Sorted(maps.Keys(events)) {
		e := events[name]
		l.text(" %q strict %t errors %q args", name, e.Strict, e.Errors)
		for _, f := range e.Args {
			l.field(f)
		}
		if e.Ack != nil {
			l.text(" ack plain %t ", e.Ack.Plain)
			l.typ(e.Ack.Type)
		}
	}
}

// fieldsOf returns the fields of the struct that t refers to.
func (m *Model) fieldsOf(t *Type) map[string]*Field {
	if t == nil {
		return nil
	}
	if _, s := m.resolve(t); s != nil {
		return s.Fields
	}
	return nil
}

// canonical writes the graph with one node for each class, numbered as they come
// into view from the root.
func (g *graph) canonical() string {
	class := g.classes()
	number := map[int]int{class[0]: 0}
	queue := []int{0} // one node of each class, by number
	var b strings.Builder
	for i := 0; i < len(queue); i++ {
		n := g.nodes[queue[i]]
		b.WriteString(n.label)
		for _, child := range n.children {
			if _, ok := number[class[child]]; !ok {
				number[class[child]] = len(queue)
				queue = append(queue, child)
			}
			b.WriteByte(' ')
			b.WriteString(strconv.Itoa(number[class[child]]))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// classes returns a number for each node, the same for nodes from which the same
// is to be seen. It begins with equal labels and splits classes whose members
// refer to different ones, looking again only at those who refer to a node
// whose class has changed.
func (g *graph) classes() []int {
	class := make([]int, len(g.nodes))
	parents := make([][]int, len(g.nodes))
	byLabel := map[string]int{}
	size := []int{}
	dirty := make([]int, len(g.nodes))
	for i, n := range g.nodes {
		id, ok := byLabel[n.label]
		if !ok {
			id = len(size)
			byLabel[n.label] = id
			size = append(size, 0)
		}
		class[i], dirty[i] = id, i
		size[id]++
		for _, child := range n.children {
			parents[child] = append(parents[child], i)
		}
	}
	for len(dirty) > 0 {
		var changed []int
		for id, groups := range g.split(class, size, dirty) {
			if sum(groups) == size[id] { // nobody else is in the class: the largest group keeps it
				groups = groups[1:]
			}
			for _, group := range groups {
				for _, i := range group {
					class[i] = len(size)
				}
				size[id] -= len(group)
				size = append(size, len(group))
				changed = append(changed, group...)
			}
		}
		dirty = dirty[:0]
		for _, i := range changed {
			dirty = append(dirty, parents[i]...)
		}
		slices.Sort(dirty)
		dirty = slices.Compact(dirty)
	}
	return class
}

// split groups the given nodes of each class by what they refer to, the largest
// group first. It leaves out classes of one, which cannot be split.
func (g *graph) split(class, size, nodes []int) map[int][][]int {
	bySight := map[string]int{} // places in all
	var all [][]int
	var sight []byte
	for _, i := range nodes {
		if size[class[i]] == 1 {
			continue
		}
		sight = strconv.AppendInt(sight[:0], int64(class[i]), 10)
		for _, child := range g.nodes[i].children {
			sight = strconv.AppendInt(append(sight, ' '), int64(class[child]), 10)
		}
		place, ok := bySight[string(sight)]
		if !ok {
			place = len(all)
			bySight[string(sight)] = place
			all = append(all, nil)
		}
		all[place] = append(all[place], i)
	}
	groups := map[int][][]int{}
	for _, group := range all {
		id := class[group[0]]
		groups[id] = append(groups[id], group)
	}
	for _, list := range groups {
		slices.SortStableFunc(list, func(a, b []int) int { return len(b) - len(a) })
	}
	return groups
}

func sum(groups [][]int) int {
	n := 0
	for _, group := range groups {
		n += len(group)
	}
	return n
}
