// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"time"

	"github.com/sockgen/sockgen/gen/ir"
)

// datesDocument has timestamps wherever there can be one. Its modules have dates.
func datesDocument() *ir.Document {
	b := builder{&ir.Document{Name: "dates", Source: "dates.yaml"}}
	at, num := scalar(ir.Timestamp), scalar(ir.Int)
	stamp := b.brand("Stamp", at)
	moment := b.add(&ir.Decl{Ident: "Moment", Origin: "Moment", Doc: "A moment.", Kind: ir.Alias, Of: nullable(at)})
	days := b.add(&ir.Decl{Ident: "Days", Origin: "Days", Kind: ir.Alias, Of: &ir.Type{Kind: ir.ListType, Elem: at, Constraint: ir.Constraint{Unique: true, Length: &ir.Span{Max: "9"}}}})
	b.structure("Date", "Date", "Has a name that the module needs.", field("date", at))
	leaf := b.structure("Leaf", "Leaf", "", field("n", num))
	dated := &ir.Decl{Ident: "Dated", Origin: "Dated", Doc: "Holds itself.", Kind: ir.Struct}
	node := b.union("Node", "", "kind", true, "leaf", leaf, "dated", ref(dated))
	dated.Fields = []*ir.Field{
		documented("at", at, "When it was."), field("stamp", stamp), field("moment", moment), optional(field("days", days)),
		field("grid", list(nullable(list(at)))), field("byName", mapOf(mapOf(at))), field("leaf", leaf),
		optional(field("twin", ref(dated))), optional(field("nodes", list(node))), optional(field("maybe", nullable(at))),
		defaulted(field("since", at), "2026-01-02T03:04:05.000Z"), optional(field("__proto__", at)),
	}
	b.add(dated)
	late := b.failure("too_late", "TooLate", "too late", b.structure("TooLateData", "data of too_late", "", field("since", at)))
	closed := b.failure("closed", "Closed", "closed", at)
	plan := b.positional("plan", "Plan", field("n", num), field("at", at), optional(field("until", at)))
	plan.Ack, plan.Timeout = &ir.Ack{Type: list(at)}, time.Second
	planned := b.positional("planned", "Planned", field("n", num), field("at", at), optional(field("until", nullable(at))))
	b.doc.Namespaces = []*ir.Namespace{
		{
			Path: "/days/{day}", Prefix: "Day", Fingerprint: "m1-day", ConnectErrors: []*ir.Error{closed},
			Parts:  []*ir.NamePart{{Text: "/days/"}, {Wire: "day", Ident: "Day", Type: b.add(&ir.Decl{Ident: "Day", Origin: "Day", Kind: ir.Alias, Of: at, Go: &ir.GoType{Package: "time", Name: "Time"}})}},
			Auth:   b.structure("DayAuth", "auth of /days/{day}", "", field("issued", at)),
			Client: []*ir.Event{plan, {Wire: "save", Ident: "Save", Payload: ref(dated), Ack: &ir.Ack{Type: node}, Errors: []*ir.Error{late}}, {Wire: "now", Ident: "Now", Ack: &ir.Ack{Type: at, Plain: true}}, {Wire: "poke", Ident: "Poke", Payload: at, Errors: []*ir.Error{late}}},
			Server: []*ir.Event{planned, {Wire: "saved", Ident: "Saved", Payload: ref(dated)}, {Wire: "tick", Ident: "Tick", Payload: at}, {Wire: "ask", Ident: "Ask", Payload: moment, Ack: &ir.Ack{Type: at}}, {Wire: "plain", Ident: "Plain", Payload: num}},
		},
		{Path: "/numbers", Prefix: "Numbers", Server: []*ir.Event{{Wire: "tick", Ident: "Tick", Payload: num}}},
	}
	return b.doc
}
