// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/schema"
)

// lints returns the warnings of a schema, each as line:column code: message.
func lints(t *testing.T, src string, o Options) []string {
	t.Helper()
	written, diags := schema.Load("events.yaml", []byte(src), func(string) ([]byte, error) {
		return []byte("sockgen: 1\ntypes: { Shared: { enum: [a] } }\n"), nil
	})
	doc, more := check.Check(written)
	if diags = append(diags, more...); diag.HasErrors(diags) {
		t.Fatal(diag.Render(diags))
	}
	var list []string
	for _, d := range Check(written, doc, o) {
		if d.Severity != diag.Warning || d.Line == "" {
			t.Errorf("%+v", d)
		}
		list = append(list, strings.TrimPrefix(d.String(), "events.yaml:"))
	}
	return list
}

func TestEventCase(t *testing.T) {
	const mixed = "sockgen: 1\nnamespaces:\n  /:\n    client:\n      message:sendNow: string\n      join: string\n      leave_room -> LEFT: string\n    server:\n      LEFT: string\n      userJoined: string\n      old one: { payload: string, name: OldOne }\n"
	for _, test := range []struct {
		style Case
		want  []string
	}{
		{Off, nil},
		{"", nil},
		{Same, []string{
			`7:7: warning[event-case]: most events of the schema are spelled in camel case, and "leave_room" is not: leaveRoom`,
			`9:7: warning[event-case]: most events of the schema are spelled in camel case, and "LEFT" is not: left`,
		}},
		{Snake, []string{
			`5:7: warning[event-case]: events are spelled in snake case, and "message:sendNow" is not: message:send_now`,
			`9:7: warning[event-case]: events are spelled in snake case, and "LEFT" is not: left`,
			`10:7: warning[event-case]: events are spelled in snake case, and "userJoined" is not: user_joined`,
		}},
	} {
		if diff := cmp.Diff(test.want, lints(t, mixed, Options{EventCase: test.style})); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.style, diff)
		}
	}
}

func TestSpellings(t *testing.T) {
	for _, test := range []struct {
		name string
		want map[Case]string
	}{
		{"message:sendNow", map[Case]string{Camel: "message:sendNow", Snake: "message:send_now", Kebab: "message:send-now", Pascal: "Message:SendNow"}},
		{"a/b.c_d", map[Case]string{Camel: "a/b.cD", Snake: "a/b.c_d", Kebab: "a/b.c-d", Pascal: "A/B.CD"}},
		{"join", map[Case]string{Camel: "join", Snake: "join", Kebab: "join", Pascal: "Join"}},
	} {
		for style, want := range test.want {
			if got := spell(test.name, style); got != want || !has(got, style) || has(test.name, style) != (got == test.name) {
				t.Errorf("%s in %s: %s, which it has: %v", test.name, style, got, has(got, style))
			}
		}
	}
}

func TestMissingDoc(t *testing.T) {
	const src = "sockgen: 1\nimports: [shared.yaml]\ntypes:\n  A: { doc: Says., scalar: string }\n  B: { enum: [x] }\nnamespaces:\n  /:\n    client:\n      a: A\n      b: { doc: Says., payload: B }\n"
	want := []string{
		`5:3: warning[missing-doc]: type "B" has no doc; it goes into the comments of both languages`,
		`9:7: warning[missing-doc]: event "a" has no doc; it goes into the comments of both languages`,
		`shared.yaml:2:10: warning[missing-doc]: type "Shared" has no doc; it goes into the comments of both languages`,
	}
	if diff := cmp.Diff(want, lints(t, src, Options{MissingDoc: true})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// An enum is warned of where the server sends it, in whatever it is, and its author
// has not said a word about it.
func TestClosedEnum(t *testing.T) {
	const src = `sockgen: 1
types:
  Received: { enum: [x] }
  Sent: { enum: [x] }
  Deep: { enum: [x] }
  Open: { enum: [x], open: true }
  Decided: { enum: [x], open: false }
  Acked: { enum: [x] }
  Failed: { enum: [x] }
  List: { list: "map<Deep>" }
  S: { struct: { list: List, self: "list<S>", mode: { enum: [x] }, open: { enum: [x], open: true } } }
  U: { union: { tag: kind, of: { s: S } } }
errors: { full: { message: full, data: { why: Failed, at: { enum: [x] } } } }
namespaces:
  /:
    client: { a: { payload: Received, ack: "list<Acked>", errors: [full] }, c: { payload: { in: { enum: [x] } }, ack: { out: { struct: { deep: { enum: { low: 1 } } } } } } }
    server: { b: { payload: { sent: "Sent | null", open: Open, decided: Decided, u: U } } }
`
	var names []string
	for _, line := range lints(t, src, Options{ClosedEnum: true}) {
		_, rest, _ := strings.Cut(line, `enum "`)
		name, _, _ := strings.Cut(rest, `"`)
		names = append(names, name)
	}
	if diff := cmp.Diff([]string{"Sent", "Deep", "Acked", "Failed", "S.mode", "full data.at", "c ack.out.deep"}, names); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
