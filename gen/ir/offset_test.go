// SPDX-License-Identifier: Apache-2.0

package ir

import "testing"

// Recovery appends its offset to events that are neither acknowledged nor volatile; it
// is in the way where the last argument may be absent.
func TestOffsets(t *testing.T) {
	number := &Type{Scalar: Float64}
	required, optional, standsIn := &Field{Type: number}, &Field{Type: number, Optional: true}, &Field{Type: number, Optional: true, Default: &Literal{Text: "1"}}
	args := func(fields ...*Field) *Event {
		return &Event{Positional: true, Payload: &Type{Kind: RefType, Ref: &Decl{Fields: fields}}}
	}
	acknowledged, volatile := args(required, optional), args(required, optional)
	acknowledged.Ack, volatile.Volatile = &Ack{}, true
	for _, test := range []struct {
		name          string
		event         *Event
		carries, ends bool
		arguments     int
	}{
		{"nothing", &Event{}, true, false, 0},
		{"a payload", &Event{Payload: &Type{Kind: RefType, Ref: &Decl{Fields: []*Field{optional}}}}, true, false, 0},
		{"required arguments", args(required, required), true, false, 2},
		{"an optional argument", args(required, optional), true, true, 2},
		{"an argument with a default", args(standsIn), true, true, 1},
		{"an ack", acknowledged, false, false, 2},
		{"volatile", volatile, false, false, 2},
	} {
		if got := test.event.CarriesOffset(); got != test.carries {
			t.Errorf("%s: CarriesOffset is %v", test.name, got)
		}
		if got := test.event.MayEndInOffset(); got != test.ends {
			t.Errorf("%s: MayEndInOffset is %v", test.name, got)
		}
		if got := len(test.event.Arguments()); got != test.arguments {
			t.Errorf("%s: %d arguments", test.name, got)
		}
	}
}
