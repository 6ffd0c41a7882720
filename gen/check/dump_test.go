// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// dump returns a document as text, one fact a line, for golden files.
func dump(d *ir.Document) string {
	var w dumper
	w.line(0, "document %s version=%q source=%s", d.Name, d.Version, d.Source)
	w.doc(1, d.Doc, "")
	for _, decl := range d.Decls {
		w.decl(decl)
	}
	for _, e := range d.Errors {
		w.line(0, "error %s %s %q data=%s", e.Code, e.Ident, e.Message, typeText(e.Data))
		w.doc(1, e.Doc, "")
	}
	for _, ns := range d.Namespaces {
		w.namespace(ns)
	}
	return w.String()
}

type dumper struct{ strings.Builder }

func (w *dumper) line(depth int, format string, args ...any) {
	w.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(w, format+"\n", args...)
}

func (w *dumper) doc(depth int, doc, deprecated string) {
	if doc != "" {
		w.line(depth, "doc %q", doc)
	}
	if deprecated != "" {
		w.line(depth, "deprecated %q", deprecated)
	}
}

func (w *dumper) decl(d *ir.Decl) {
	kind := [...]string{"struct", "alias of " + typeText(d.Of), "enum", "union by " + d.Tag}[d.Kind]
	if d.Open {
		kind += " open"
	}
	if d.Brand {
		kind += " brand"
	}
	if d.Go != nil {
		kind += " go=" + d.Go.Package + "." + d.Go.Name
	}
	w.line(0, "decl %s %s (%s)", d.Ident, kind, d.Origin)
	w.doc(1, d.Doc, d.Deprecated)
	for _, f := range d.Fields {
		optional := ""
		if f.Optional {
			optional = "optional "
		}
		w.line(1, "field %s %s: %s%s", f.Wire, f.Ident, optional, typeText(f.Type)+literalText(f.Default))
		w.doc(2, f.Doc, f.Deprecated)
	}
	for _, v := range d.Values {
		w.line(1, "value %q %s", v.Wire, v.Ident)
		w.doc(2, v.Doc, v.Deprecated)
	}
	for _, v := range d.Variants {
		w.line(1, "variant %q @%s", v.Wire, v.Of.Ident)
		w.doc(2, v.Doc, "")
	}
}

func literalText(l *ir.Literal) string {
	switch {
	case l == nil:
		return ""
	case l.Null:
		return " default=null"
	case l.Enum != nil:
		return " default=@" + l.Enum.Ident
	}
	return fmt.Sprintf(" default=%q", l.Text)
}

func (w *dumper) parts(parts []*ir.NamePart) {
	for _, p := range parts {
		if p.Type == nil {
			w.line(2, "text %q", p.Text)
		} else {
			w.line(2, "param %s %s %s", p.Wire, p.Ident, typeText(p.Type))
		}
	}
}

func (w *dumper) namespace(ns *ir.Namespace) {
	w.line(0, "namespace %s prefix=%q auth=%s connect=%s every=%s", ns.Path, ns.Prefix, typeText(ns.Auth), codes(ns.ConnectErrors), codes(ns.EveryErrors))
	w.doc(1, ns.Doc, "")
	w.parts(ns.Parts)
	if ns.Data != nil {
		w.line(1, "data %s", typeText(ns.Data))
	}
	for _, r := range ns.Rooms {
		w.line(1, "room %s %s", r.Key, r.Ident)
		w.parts(r.Parts)
	}
	for _, e := range ns.Client {
		w.event("client", e)
	}
	for _, e := range ns.Server {
		w.event("server", e)
	}
	for _, e := range ns.Cluster {
		w.event("cluster", e)
	}
}

func (w *dumper) event(side string, e *ir.Event) {
	w.line(1, "%s %s %s payload=%s ack=%s errors=%s volatile=%v", side, e.Wire, e.Ident, typeText(e.Payload), ackText(e.Ack), codes(e.Errors), e.Volatile)
	w.doc(2, e.Doc, e.Deprecated)
	w.policies(e)
	for _, a := range e.To {
		switch a.Kind {
		case ir.AudienceSocket:
			w.line(2, "to socket")
		case ir.AudienceRoom:
			w.line(2, "to room %s", a.Room.Key)
		case ir.AudienceNamespace:
			w.line(2, "to namespace")
		}
	}
	if r := e.Result; r != nil {
		names := map[ir.ResultAudience]string{ir.ResultSender: "sender", ir.ResultOthersInRoom: "others in room",
			ir.ResultAllInRoom: "all in room", ir.ResultOthersInNamespace: "others in namespace", ir.ResultNamespace: "namespace"}
		w.line(2, "result %s to %s", r.Event.Wire, names[r.To])
		for _, a := range r.Args {
			w.line(3, "arg %s = field %s of %s", a.Param.Wire, a.Field.Wire, r.Room.Key)
		}
	}
}

func (w *dumper) policies(e *ir.Event) {
	if e.Positional {
		w.line(2, "positional")
	}
	if e.Slow != "" {
		w.line(2, "slow %s", e.Slow)
	}
	if e.Timeout != 0 {
		w.line(2, "timeout %s", e.Timeout)
	}
	if e.Rate != nil {
		w.line(2, "rate %d per %s", e.Rate.Count, e.Rate.Per)
		if e.Rate.By != nil {
			w.line(3, "by %s", e.Rate.By.Wire)
		}
	}
	if e.Strict {
		w.line(2, "strict")
	}
	for _, a := range e.Annotations {
		w.line(2, "annotation %s=%q", a.Key, a.Value)
	}
}

func codes(list []*ir.Error) string {
	var s []string
	for _, e := range list {
		s = append(s, e.Code)
	}
	return "[" + strings.Join(s, " ") + "]"
}

func ackText(a *ir.Ack) string {
	switch {
	case a == nil:
		return "no"
	case a.Type == nil:
		return "none"
	case a.Plain:
		return "plain " + typeText(a.Type)
	}
	return typeText(a.Type)
}

func typeText(t *ir.Type) string {
	if t == nil {
		return "-"
	}
	var s string
	switch t.Kind {
	case ir.ScalarType:
		s = string(t.Scalar)
	case ir.ListType:
		s = "list<" + typeText(t.Elem) + ">"
	case ir.MapType:
		s = "map<" + typeText(t.Elem) + ">"
	case ir.RefType:
		s = "@" + t.Ref.Ident
	}
	if t.Nullable {
		s += " | null"
	}
	if l := t.Constraint.Length; l != nil {
		s += fmt.Sprintf(" length=%s..%s", l.Min, l.Max)
	}
	if r := t.Constraint.Range; r != nil {
		s += fmt.Sprintf(" range=%s..%s", r.Min, r.Max)
	}
	if t.Constraint.Unique {
		s += " unique"
	}
	if p := t.Constraint.Pattern; p != "" {
		s += fmt.Sprintf(" pattern=%q", p)
	}
	return s
}
