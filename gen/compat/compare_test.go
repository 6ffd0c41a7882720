// SPDX-License-Identifier: Apache-2.0

package compat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen/compat"
)

// lines returns changes as a report has them, one a line.
func lines(changes []compat.Change) string {
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "%s %s: %s\n", c.Verdict, c.Path, c.Message)
	}
	return b.String()
}

// worst returns the severest verdict.
func worst(changes []compat.Change) string {
	word, severest := "none", compat.Verdict(-1)
	for _, c := range changes {
		if c.Verdict > severest {
			word, severest = c.Verdict.String(), c.Verdict
		}
	}
	return word
}

// A field stands in what a client sends or in what the server sends; either is
// a payload, or acknowledges an event of the other.
var sent = map[string][2]string{
	"client": {
		"client: { up: { payload: { pad: bool, %s } } }",
		"server: { poll: { ack: { pad: bool, %s }, to: [socket], timeout: 1s } }",
	},
	"server": {
		"server: { down: { payload: { pad: bool, %s }, to: [socket] } }",
		"client: { ask: { ack: { pad: bool, %s } } }",
	},
}

const typeSchema = `types:
  Free: { scalar: string }
  ID: { scalar: uuid }
  Short: { scalar: string, length: ..20 }
  Lower: { scalar: string, pattern: "^[a-z]+$" }
  Closed: { enum: [on, off] }
  More: { enum: [on, off, dim] }
  Open: { enum: [on, off], open: true }
  OpenMore: { enum: [on, off, dim], open: true }
  A: { struct: { x: int } }
  A2: { struct: { x: int, y: optional int } }
  AY: { struct: { x: int, y: int } }
  B: { struct: { z: string } }
  Blob: { struct: { data: bytes } }
  E2: { enum: [a, b] }
  U: { union: { tag: kind, of: { a: A } } }
  UTag: { union: { tag: type, of: { a: A } } }
  UMore: { union: { tag: kind, of: { a: A, b: B } } }
  UA: { union: { tag: kind, of: { a: AY } } }
  UOpen: { union: { tag: kind, open: true, of: { a: A } } }
  UOpenMore: { union: { tag: kind, open: true, of: { a: A, b: B } } }
  ListA: { list: string }
  Tree: { struct: { kids: list<Tree> } }
  Forest: { struct: { kids: list<Forest>, age: optional int } }
namespaces:
  /:
    `

// Each row is a change of a field with what it means in either direction: sent
// by clients to a newer server, sent by a newer server to clients.
func TestFieldVerdicts(t *testing.T) {
	for _, test := range []struct {
		name, old, new         string
		fromClient, fromServer string
	}{
		// Presence.
		{"optional field added", "", "f: optional int", "safe", "safe"},
		{"required field added", "", "f: int", "breaks", "safe"},
		{"field with default added", "", "f: { type: int, default: 1 }", "safe", "safe"},
		{"required field removed", "f: int", "", "safe", "breaks"},
		{"optional field removed", "f: optional int", "", "safe", "safe"},
		{"field renamed", "f: int", "g: int", "breaks", "breaks"},
		{"optional field spelled differently", "field: optional int", "Field: optional int", "breaks", "breaks"},
		{"required becomes optional", "f: int", "f: optional int", "safe", "breaks"},
		{"required gets a default", "f: int", "f: { type: int, default: 1 }", "safe", "safe"},
		{"optional becomes required", "f: optional int", "f: int", "breaks", "safe"},
		{"default becomes required", "f: { type: int, default: 1 }", "f: int", "breaks", "safe"},
		{"optional gets a default", "f: optional int", "f: { type: int, default: 1 }", "none", "none"},
		{"default changes", "f: { type: int, default: 1 }", "f: { type: int, default: 2 }", "warning", "safe"},
		{"default goes", "f: { type: int, default: 1 }", "f: optional int", "warning", "safe"},
		{"same default written differently", "f: { type: float64, default: 1.50 }", "f: { type: float64, default: 1.5 }", "none", "none"},
		{"a default list changes", "f: { type: list<int>, default: [1] }", "f: { type: list<int>, default: [1, 2] }", "warning", "safe"},

		// What stands in the field's place.
		{"an enum moves into its place", "f: E2", "f: { enum: [a, b] }", "none", "none"},
		{"a value in place is new", "f: { enum: [a] }", "f: { enum: [a, b] }", "safe", "breaks"},
		{"a field of a struct in place is new", "f: { struct: { x: int } }", "f: { struct: { x: int, y: int } }", "breaks", "safe"},

		// Enums of integers.
		{"an integer is new", "f: { enum: { a: 1 } }", "f: { enum: { a: 1, b: 2 } }", "safe", "breaks"},
		{"an integer has another name", "f: { enum: { a: 1 } }", "f: { enum: { b: 1 } }", "none", "none"},
		{"texts become integers", "f: { enum: [a] }", "f: { enum: { a: 1 } }", "breaks", "breaks"},
		{"integers become an integer", "f: { enum: { a: 1, b: 2 } }", "f: int", "safe", "breaks"},
		{"integers become one that is too small", "f: { enum: { a: 1, b: 2 } }", "f: { type: int, range: ..1 }", "breaks", "breaks"},
		{"open integers become an integer", "f: { enum: { a: 1 }, open: true }", "f: int", "warning", "warning"},
		{"an integer becomes integers", "f: int", "f: { enum: { a: 1 } }", "breaks", "safe"},

		// Null.
		{"null is new", "f: int", "f: int | null", "safe", "breaks"},
		{"null is gone", "f: int | null", "f: int", "breaks", "safe"},
		{"null of an element", "f: list<int>", "f: list<int | null>", "safe", "breaks"},
		{"null of a reference", "f: A", "f: A | null", "safe", "breaks"},
		{"null within any", "f: int | null", "f: any", "safe", "breaks"},

		// Constraints.
		{"length is new", "f: string", "f: { type: string, length: 1..5 }", "breaks", "safe"},
		{"length is gone", "f: { type: string, length: 1..5 }", "f: string", "safe", "warning"},
		{"length is wider", "f: { type: string, length: 1..5 }", "f: { type: string, length: 1..6 }", "safe", "warning"},
		{"length is narrower", "f: { type: string, length: 1..5 }", "f: { type: string, length: 2..5 }", "breaks", "safe"},
		{"length moves", "f: { type: string, length: 1..5 }", "f: { type: string, length: 2..6 }", "breaks", "warning"},
		{"length of bytes", "f: { type: bytes, length: ..5 }", "f: { type: bytes, length: ..4 }", "breaks", "safe"},
		{"length of a list", "f: { type: list<int>, length: ..5 }", "f: { type: list<int>, length: ..9 }", "safe", "warning"},
		{"length of a map", "f: map<int>", "f: { type: map<int>, length: ..9 }", "breaks", "safe"},
		{"range is narrower", "f: { type: int, range: 0..9 }", "f: { type: int, range: 1..9 }", "breaks", "safe"},
		{"range is wider", "f: { type: float64, range: 0..9 }", "f: { type: float64, range: -0.5..9 }", "safe", "warning"},
		{"range written differently", "f: { type: float64, range: 0..9 }", "f: { type: float64, range: 0.0..9.00 }", "none", "none"},
		{"range that says nothing", "f: uint32", "f: { type: uint32, range: 0.. }", "none", "none"},
		{"pattern is new", "f: string", "f: { type: string, pattern: '^a' }", "breaks", "safe"},
		{"pattern is gone", "f: { type: string, pattern: '^a' }", "f: string", "safe", "warning"},
		{"pattern changes", "f: { type: string, pattern: '^a' }", "f: { type: string, pattern: '^b' }", "breaks", "warning"},
		{"unique is new", "f: list<int>", "f: { type: list<int>, unique: true }", "breaks", "safe"},
		{"unique is gone", "f: { type: list<int>, unique: true }", "f: list<int>", "safe", "warning"},
		{"alias with a constraint", "f: Free", "f: Short", "breaks", "safe"},

		// Scalars.
		{"int32 to int", "f: int32", "f: int", "safe", "warning"},
		{"int to int32", "f: int", "f: int32", "breaks", "safe"},
		{"int to int32 within a range", "f: { type: int, range: 0..9 }", "f: { type: int32, range: 0..9 }", "safe", "safe"},
		{"int32 to uint32", "f: int32", "f: uint32", "breaks", "warning"},
		{"int to duration", "f: int", "f: duration", "breaks", "safe"},
		{"int to float64", "f: int", "f: float64", "safe", "warning"},
		{"float64 to int", "f: float64", "f: int", "breaks", "safe"},
		{"float32 to float64", "f: float32", "f: float64", "safe", "warning"},
		{"float64 to float32", "f: float64", "f: float32", "breaks", "safe"},
		{"int to int64, which is a string", "f: int", "f: int64", "breaks", "breaks"},
		{"int64 to uint64", "f: int64", "f: uint64", "breaks", "warning"},
		{"uint64 to int64", "f: uint64", "f: int64", "breaks", "warning"},
		{"bool to string", "f: bool", "f: string", "breaks", "breaks"},
		{"string to bytes", "f: string", "f: bytes", "breaks", "breaks"},
		{"uuid to string", "f: uuid", "f: string", "safe", "breaks"},
		{"uuid to a constrained string", "f: uuid", "f: Short", "breaks", "breaks"},
		{"string to uuid", "f: string", "f: uuid", "breaks", "safe"},
		{"constrained string to uuid", "f: Short", "f: uuid", "breaks", "warning"},
		{"timestamp to string", "f: timestamp", "f: Free", "safe", "breaks"},
		{"string to timestamp", "f: string", "f: timestamp", "breaks", "safe"},
		{"string to int64", "f: string", "f: int64", "breaks", "safe"},
		{"timestamp to uuid", "f: timestamp", "f: uuid", "breaks", "breaks"},
		{"int to any", "f: int", "f: any", "safe", "breaks"},
		{"any to int", "f: any", "f: int", "breaks", "safe"},
		{"bytes to any", "f: bytes", "f: any", "breaks", "breaks"},
		{"struct with bytes to any", "f: list<Blob>", "f: any", "breaks", "breaks"},
		{"any to bytes", "f: any", "f: bytes", "breaks", "warning"},
		{"recursion to any", "f: Tree", "f: any", "safe", "breaks"},

		// Lists and maps.
		{"list to map", "f: list<int>", "f: map<int>", "breaks", "breaks"},
		{"scalar to list", "f: int", "f: list<int>", "breaks", "breaks"},
		{"element narrower", "f: list<int>", "f: list<int32>", "breaks", "safe"},
		{"element of a map wider", "f: map<int32>", "f: map<int>", "safe", "warning"},
		{"alias written out", "f: ListA", "f: list<string>", "none", "none"},

		// Enums.
		{"value added to a closed enum", "f: Closed", "f: More", "safe", "breaks"},
		{"value removed from a closed enum", "f: More", "f: Closed", "breaks", "safe"},
		{"value added to an open enum", "f: Open", "f: OpenMore", "safe", "safe"},
		{"value removed from an open enum", "f: OpenMore", "f: Open", "warning", "safe"},
		{"enum opened", "f: Closed", "f: Open", "safe", "breaks"},
		{"enum closed", "f: Open", "f: Closed", "breaks", "safe"},
		{"enum closed with a new value", "f: Open", "f: More", "breaks", "safe"},
		{"enum opened without a value", "f: More", "f: Open", "warning", "breaks"},
		{"enum to string", "f: Closed", "f: string", "safe", "breaks"},
		{"open enum to string", "f: Open", "f: string", "safe", "warning"},
		{"enum to a string that its values fit", "f: Closed", "f: Lower", "safe", "breaks"},
		{"enum to a string that its values do not fit", "f: Closed", "f: { type: string, length: 3.. }", "breaks", "breaks"},
		{"enum to a string of another pattern", "f: Closed", "f: { type: string, pattern: '^x' }", "breaks", "breaks"},
		{"open enum to a constrained string", "f: Open", "f: Lower", "breaks", "warning"},
		{"string to enum", "f: string", "f: Closed", "breaks", "safe"},
		{"string to open enum", "f: string", "f: Open", "warning", "safe"},
		{"short string to open enum", "f: Short", "f: Open", "safe", "warning"},
		{"constrained string to an enum that does not fit", "f: { type: string, length: 3.. }", "f: Closed", "breaks", "warning"},
		{"enum to int", "f: Closed", "f: int", "breaks", "breaks"},

		// Structs and unions.
		{"field of a struct added", "f: A", "f: A2", "safe", "safe"},
		{"field of an element added", "f: list<A>", "f: list<AY>", "breaks", "safe"},
		{"struct replaced", "f: A", "f: B", "breaks", "breaks"},
		{"struct to union", "f: A", "f: U", "breaks", "breaks"},
		{"union to struct", "f: U", "f: A", "breaks", "breaks"},
		{"struct to scalar", "f: A", "f: int", "breaks", "breaks"},
		{"tag changed", "f: U", "f: UTag", "breaks", "breaks"},
		{"variant added", "f: U", "f: UMore", "safe", "breaks"},
		{"variant removed", "f: UMore", "f: U", "breaks", "safe"},
		{"variant added to an open union", "f: UOpen", "f: UOpenMore", "safe", "safe"},
		{"variant removed from an open union", "f: UOpenMore", "f: UOpen", "warning", "safe"},
		{"union opened", "f: U", "f: UOpen", "safe", "breaks"},
		{"union closed", "f: UOpen", "f: U", "breaks", "safe"},
		{"field of a variant added", "f: U", "f: UA", "breaks", "safe"},
		{"recursion", "f: Tree", "f: Forest", "safe", "safe"},
		{"nothing", "f: Tree", "f: Tree", "none", "none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for side, want := range map[string]string{"client": test.fromClient, "server": test.fromServer} {
				for _, form := range sent[side] {
					old, new := models(t, typeSchema+fmt.Sprintf(form, test.old)+"\n")[0], models(t, typeSchema+fmt.Sprintf(form, test.new)+"\n")[0]
					changes := compat.Compare(old, new)
					if got := worst(changes); got != want {
						t.Errorf("%s: %s, want %s\n%s", form, got, want, lines(changes))
					}
					if got := worst(compat.Compare(new, new)); got != "none" {
						t.Errorf("%s: a schema differs from itself: %s", form, got)
					}
					changed := len(changes) > 0 && !strings.Contains(changes[0].Message, "the default is ")
					if changed == (old.Fingerprint() == new.Fingerprint()) {
						t.Errorf("%s: fingerprints %s and %s, and these changes:\n%s", form, old.Fingerprint(), new.Fingerprint(), lines(changes))
					}
				}
			}
		})
	}
}

// Events, their acks and errors, and what belongs to connecting.
func TestEventVerdicts(t *testing.T) {
	const (
		errors = "errors: { e: { message: x }, f: { message: y, data: { n: int } } }\n"
		client = "namespaces: { /: { client: { %s }, server: { z: int } } }\n"
		server = "namespaces: { /: { server: { %s, z: int } } }\n"
	)
	in := func(form, event string) string { return errors + fmt.Sprintf(form, event) }
	for _, test := range []struct{ name, old, new, want string }{
		{"client event added", in(client, "a: int"), in(client, "a: int, b: int"),
			"safe / client b: the event is new: older clients do not emit it\n"},
		{"client event removed", in(client, "a: int, b: int"), in(client, "a: int"),
			"breaks / client b: the event is gone: the server answers unknown_event to older clients\n"},
		{"server event added", in(server, "a: int"), in(server, "a: int, b: int"),
			"safe / server b: the event is new: older clients do not listen to it\n"},
		{"server event with an ack added", in(server, "a: int"), in(server, "a: int, b: { ack: int, to: [socket], timeout: 1s }"),
			"warning / server b: the event is new and wants an ack: older clients never acknowledge it, so that the server waits until its timeout\n"},
		{"server event removed", in(server, "a: int, b: int"), in(server, "a: int"),
			"breaks / server b: the event is gone: older clients wait for it in vain\n"},
		{"event changes sides", in("namespaces: { /: { client: { a: int }, server: { %s } } }\n", "z: int"), in("namespaces: { /: { server: { %s, a: int } } }\n", "z: int"),
			"breaks / client a: the event is gone: the server answers unknown_event to older clients\nsafe / server a: the event is new: older clients do not listen to it\n"},

		{"payload added, from client", in(client, "a: "), in(client, "a: int"),
			"breaks / client a payload: the argument is new and required: older clients do not send it\n"},
		{"payload added, from server", in(server, "a: "), in(server, "a: int"),
			"safe / server a payload: the argument is new and required: older clients ignore it\n"},
		{"payload removed, from client", in(client, "a: int"), in(client, "a: "),
			"safe / client a payload: the argument is gone: the server ignores it\n"},
		{"payload removed, from server", in(server, "a: int"), in(server, "a: "),
			"breaks / server a payload: the argument is gone: older clients read it\n"},
		{"argument added, from client", in(client, "a: { args: [int] }"), in(client, "a: { args: [int, int] }"),
			"breaks / client a args[1]: the argument is new and required: older clients do not send it\n"},
		{"argument added, from server", in(server, "a: { args: [int] }"), in(server, "a: { args: [int, int] }"),
			"safe / server a args[1]: the argument is new and required: older clients ignore it\n"},
		{"optional argument added, from client", in(client, "a: { args: [int] }"), in(client, "a: { args: [int, optional int] }"),
			"safe / client a args[1]: the optional argument is new: the server does without it\n"},
		{"optional argument added, from server", in(server, "a: { args: [int] }"), in(server, "a: { args: [int, optional int] }"),
			"safe / server a args[1]: the optional argument is new: older clients ignore it\n"},
		{"argument removed, from client", in(client, "a: { args: [int, int] }"), in(client, "a: { args: [int] }"),
			"safe / client a args[1]: the argument is gone: the server ignores it\n"},
		{"argument removed, from server", in(server, "a: { args: [int, int] }"), in(server, "a: { args: [int] }"),
			"breaks / server a args[1]: the argument is gone: older clients read it\n"},
		{"optional argument removed, from server", in(server, "a: { args: [int, optional int] }"), in(server, "a: { args: [int] }"),
			"safe / server a args[1]: the optional argument is gone: older clients do without it\n"},
		{"optional argument removed, from client", in(client, "a: { args: [int, optional int] }"), in(client, "a: { args: [int] }"),
			"safe / client a args[1]: the optional argument is gone: the server ignores it\n"},
		{"argument becomes optional", in(client, "a: { args: [int, int] }"), in(client, "a: { args: [int, optional int] }"),
			"safe / client a args[1]: is optional now: the server does without it\n"},
		{"arguments change places", in(client, "a: { args: [int, bool] }"), in(client, "a: { args: [bool, int] }"),
			"breaks / client a args[0]: is bool and was int: the server refuses what older clients may send\n" +
				"breaks / client a args[1]: is int and was bool: the server refuses what older clients may send\n"},

		{"ack added, from server", in(client, "a: int"), in(client, "a: { payload: int, ack: int }"),
			"safe / client a ack: the event has an ack now: older clients do not ask for it\n"},
		{"ack added, from client", in(server, "a: { payload: int, to: [socket] }"), in(server, "a: { payload: int, ack: int, to: [socket], timeout: 1s }"),
			"breaks / server a ack: the event has an ack now: older clients never send it\n"},
		{"ack removed, from server", in(client, "a: { ack: int }"), in(client, "a: "),
			"breaks / client a ack: the event has no ack any more: older clients read its value\n"},
		{"ack without a value removed, from server", in(client, "a: { ack: none }"), in(client, "a: "),
			"safe / client a ack: the event has no ack any more: the server still answers {\"ok\":true} to older clients that ask\n"},
		{"ack removed, from client", in(server, "a: { ack: none, to: [socket], timeout: 1s }"), in(server, "a: { to: [socket] }"),
			"breaks / server a ack: the event has no ack any more: older clients call a function that is not there\n"},
		{"ack gets a value, from server", in(client, "a: { ack: none }"), in(client, "a: { ack: int }"),
			"safe / client a ack: the ack has a value now: older clients do not look at it\n"},
		{"ack gets a value, from client", in(server, "a: { ack: none, to: [socket], timeout: 1s }"), in(server, "a: { ack: int, to: [socket], timeout: 1s }"),
			"breaks / server a ack: the ack has a value now: older clients acknowledge without one\n"},
		{"ack loses its value, from server", in(client, "a: { ack: int }"), in(client, "a: { ack: none }"),
			"breaks / client a ack: the ack has no value any more: older clients read it\n"},
		{"ack loses its value, from client", in(server, "a: { ack: int, to: [socket], timeout: 1s }"), in(server, "a: { ack: none, to: [socket], timeout: 1s }"),
			"safe / server a ack: the ack has no value any more: the server ignores it\n"},
		{"ack becomes plain", in(client, "a: { ack: int }"), in(client, "a: { ack: { type: int, plain: true } }"),
			"breaks / client a ack: the form of the ack changed between plain and {\"ok\": …}: older clients read the other one\n"},
		{"ack from the server narrower", in(client, "a: { ack: int }"), in(client, "a: { ack: int32 }"),
			"safe / client a ack: is int32 and was int: older clients know all that the server may send\n"},
		{"ack from a client narrower", in(server, "a: { ack: int, to: [socket], timeout: 1s }"), in(server, "a: { ack: int32, to: [socket], timeout: 1s }"),
			"breaks / server a ack: is int32 and was int: the server refuses what older clients may send\n"},

		{"error added", in(client, "a: { ack: none }"), in(client, "a: { ack: none, errors: [e] }"),
			"warning / client a error e: the error is new here: older clients have no case for it\n"},
		{"error removed", in(client, "a: { ack: none, errors: [e] }"), in(client, "a: { ack: none }"),
			"safe / client a error e: the error is gone here: older clients wait for nothing\n"},
		{"error's data added", in(client, "a: { errors: [e] }"), strings.Replace(in(client, "a: { errors: [e] }"), "message: x", "message: x, data: int", 1),
			"safe / error e data: the error has data now: older clients do not look at it\n"},
		{"error's data removed", in(client, "a: { errors: [f] }"), strings.Replace(in(client, "a: { errors: [f] }"), ", data: { n: int }", "", 1),
			"breaks / error f data: the error has no data any more: older clients read it\n"},
		{"error's data changed", in(client, "a: { errors: [f] }"), strings.Replace(in(client, "a: { errors: [f] }"), "n: int", "n: optional int", 1),
			"breaks / error f data.n: is optional now: older clients read it\n"},
		{"connect error added", in(server, "a: int"), strings.Replace(in(server, "a: int"), "/: {", "/: { errors: { connect: [e] },", 1),
			"warning / connect error e: the error is new here: older clients have no case for it\n"},

		{"auth added", in(server, "a: int"), strings.Replace(in(server, "a: int"), "/: {", "/: { auth: { token: string, page: optional string },", 1),
			"safe / auth.page: the optional field is new: the server does without it\n" +
				"breaks / auth.token: the field is new and required: older clients do not send it; make it optional, or give it a default\n"},
		{"auth removed", strings.Replace(in(server, "a: int"), "/: {", "/: { auth: { token: string },", 1), in(server, "a: int"),
			"safe / auth.token: the field is gone: the server skips it when older clients send it\n"},

		{"strict from a client", in(client, "a: { payload: { x: int } }"), in(client, "a: { payload: { x: int }, unknown: reject }"),
			"warning / client a: unknown fields are refused now: older clients that send more than the schema says are refused\n"},
		{"strict from the server", in(server, "a: { payload: { x: int } }"), in(server, "a: { payload: { x: int }, unknown: reject }"),
			"safe / server a: unknown fields are refused now: older clients go on skipping them\n"},
		{"strict no more", in(client, "a: { payload: { x: int }, unknown: reject }"), in(client, "a: { payload: { x: int } }"),
			"safe / client a: unknown fields are skipped now: the server accepts all that older clients send\n"},
		{"field removed where the server is strict", in(client, "a: { payload: { x: int, y: optional int }, unknown: reject }"), in(client, "a: { payload: { x: int }, unknown: reject }"),
			"breaks / client a payload.y: the field is gone: the server refuses unknown fields here\n"},
		{"field added where older clients are strict", in(server, "a: { payload: { x: int }, unknown: reject }"), in(server, "a: { payload: { x: int, y: optional int } }"),
			"safe / server a: unknown fields are skipped now: the server sends none that the schema does not have\n" +
				"breaks / server a payload.y: the optional field is new: older clients refuse unknown fields here\n"},
		{"field added where new clients alone are strict", in(server, "a: { payload: { x: int } }"), in(server, "a: { payload: { x: int, y: optional int }, unknown: reject }"),
			"safe / server a: unknown fields are refused now: older clients go on skipping them\n" +
				"safe / server a payload.y: the optional field is new: older clients skip it\n"},

		{"namespace added", in(server, "a: int"), strings.Replace(in(server, "a: int"), "{ /:", "{ /b: { server: { x: int } }, /:", 1),
			"safe /b: the namespace is new: older clients do not connect to it\n"},
		{"namespace removed", strings.Replace(in(server, "a: int"), "{ /:", "{ /b: { server: { x: int } }, /:", 1), in(server, "a: int"),
			"breaks /b: the namespace is gone: older clients cannot connect to it any more\n"},
		{"parameter narrower", strings.Replace(in(server, "a: int"), "{ /:", "{ '/m/{id: int}':", 1), strings.Replace(in(server, "a: int"), "{ /:", "{ '/m/{id: uint32}':", 1),
			"breaks /m/{} parameter 1: is uint32 and was int: the server refuses what older clients may send\n"},
		{"parameter wider", strings.Replace(in(server, "a: int"), "{ /:", "{ '/m/{id: int}':", 1), strings.Replace(in(server, "a: int"), "{ /:", "{ '/m/{id: string}':", 1),
			"safe /m/{} parameter 1: is any text and was int: the server accepts all that older clients send\n"},
		{"parameter of another name", strings.Replace(in(server, "a: int"), "{ /:", "{ '/m/{id: int}':", 1), strings.Replace(in(server, "a: int"), "{ /:", "{ '/m/{match: int}':", 1),
			""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := compat.CompareAll(models(t, test.old), models(t, test.new))
			if diff := cmp.Diff(test.want, lines(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A path leads to the field through lists, maps and variants.
func TestPaths(t *testing.T) {
	const schema = `types:
  Text: { struct: { body: string, marks: list<map<Mark>> } }
  Mark: { struct: { at: %s } }
  Content: { union: { tag: kind, of: { text: Text } } }
namespaces: { /chat: { client: { "message:send": { payload: { content: Content } } } } }
`
	got := compat.CompareAll(models(t, fmt.Sprintf(schema, "int")), models(t, fmt.Sprintf(schema, "bool")))
	want := []compat.Change{{
		Verdict: compat.Breaks,
		Path:    "/chat client message:send payload.content(text).marks[]{}.at",
		Message: "is bool and was int: the server refuses what older clients may send",
		Place:   compat.Place{Namespace: "/chat", Side: "client", Event: "message:send", Part: "payload", Type: "Mark", Member: "at"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
