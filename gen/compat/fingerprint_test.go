// SPDX-License-Identifier: Apache-2.0

package compat_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/compat"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
)

// mustCheck returns what a schema means; the first line may be left out.
func mustCheck(t testing.TB, src string) *ir.Document {
	t.Helper()
	if !strings.HasPrefix(src, "sockgen:") {
		src = "sockgen: 1\n" + src
	}
	parsed, diags := schema.Parse("events.yaml", []byte(src))
	doc, more := check.Check(parsed)
	if doc == nil {
		t.Fatalf("the schema of the test is wrong:\n%s\n%s", diag.Render(append(diags, more...)), src)
	}
	return doc
}

func models(t testing.TB, src string) []*compat.Model {
	t.Helper()
	return compat.Models(mustCheck(t, src))
}

// base is a schema that has one of everything; each change to it is a pair of
// strings, what to replace and with what.
const base = `info: { name: chat, version: 1.0.0, doc: A chat. }
types:
  RoomID: { doc: A room., scalar: string, length: 1..32, pattern: "^[a-z]+$" }
  Presence: { enum: [online, away] }
  Text: { struct: { body: string } }
  Image: { struct: { data: bytes, mime: string } }
  Content: { union: { tag: kind, of: { text: Text, image: Image } } }
  Tags: { list: string, length: 1..9 }
  Tree: { struct: { label: string, children: list<Tree> } }
  Message: { struct: { id: int64, room: RoomID, content: Content, tags: Tags, tree: optional Tree, at: { type: timestamp, doc: When. }, to: string | null, left: { type: int, default: 5 } } }
errors:
  not_member: { message: join first, data: { room: RoomID } }
  slow_down: { message: too fast }
  unauthorized: { message: who are you }
namespaces:
  /:
    server: { tick: int }
  "/chat/{id: RoomID}":
    auth: { token: string, device: optional string }
    data: { user: string }
    errors: { connect: [unauthorized], every: [slow_down] }
    rooms: { room: "room:{room: RoomID}" }
    client:
      post: { doc: Posts., payload: Message, ack: { id: int64 }, errors: [not_member], rate: 20/s, timeout: 10s }
      bare: { payload: string, ack: { type: int, plain: true } }
      move: { args: [float32, { name: y, type: float32 }, optional string] }
      typing -> typed: { payload: { room: RoomID }, to: others in room }
    server:
      typed: { payload: { room: RoomID }, to: [room], volatile: true, slow: latest }
      posted: { payload: Message, to: [room] }
      confirm: { payload: { reason: string }, ack: { yes: bool }, timeout: 10s, to: [socket] }
      presence: Presence
    cluster:
      evict: { payload: { room: RoomID } }
`

var form = regexp.MustCompile(`^m1-[a-z2-7]{12}$`)

// fingerprint returns that of base's larger namespace after changes.
func fingerprint(t testing.TB, changes ...string) string {
	t.Helper()
	src := base
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(src, changes[i]) {
			t.Fatalf("the schema of the test has no %q", changes[i])
		}
		src = strings.ReplaceAll(src, changes[i], changes[i+1])
	}
	for _, m := range models(t, src) {
		if strings.HasPrefix(m.Path, "/chat") {
			got := m.Fingerprint()
			if !form.MatchString(got) {
				t.Fatalf("fingerprint %q", got)
			}
			return got
		}
	}
	t.Fatal("no such namespace")
	return ""
}

// What no peer can see does not change a fingerprint.
func TestFingerprintKeeps(t *testing.T) {
	want := fingerprint(t)
	for name, change := range map[string][]string{
		"docs":                       {"doc: A room.", "doc: Another.", "doc: When.", "doc: Then.", "doc: Posts.", "doc: Sends."},
		"info":                       {"version: 1.0.0, doc: A chat.", "version: 2.0.0"},
		"names of types":             {"RoomID", "ChannelID", "Content", "Body", "Tree", "Node"},
		"order of fields":            {"data: bytes, mime: string", "mime: string, data: bytes"},
		"order of values":            {"online, away", "away, online"},
		"order of variants":          {"text: Text, image: Image", "image: Image, text: Text"},
		"an alias written out":       {"tags: Tags", "tags: { type: list<string>, length: 1..9 }", "  Tags: { list: string, length: 1..9 }\n", ""},
		"a struct written out":       {"payload: { room: RoomID }, to: [room]", "payload: Where, to: [room]", "  Tags:", "  Where: { struct: { room: RoomID } }\n  Tags:"},
		"recursion over two structs": {"children: list<Tree> } }", "children: list<Leaf> } }\n  Leaf: { struct: { children: list<Tree>, label: string } }"},
		"a brand":                    {"length: 1..32,", "length: 1..32, brand: true,"},
		"a default's value":          {"default: 5", "default: 6"},
		"identifiers":                {"doc: Posts.", "name: SendIt"},
		"deprecation":                {"doc: Posts.", "deprecated: since 2"},
		"messages of errors":         {"join first", "please join"},
		"rate, timeout, slow":        {"rate: 20/s, timeout: 10s", "rate: 5/s, timeout: 20s", "slow: latest", "slow: drop"},
		"volatile, annotations":      {"volatile: true", "annotations: { a: b }"},
		"rooms":                      {"room:{room: RoomID}", "place:{room: RoomID}"},
		"audiences":                  {"{ room: RoomID }, to: others in room", "{ room: RoomID }, to: all in room", "payload: Message, to: [room]", "payload: Message"},
		"the state of a socket":      {"data: { user: string }", "data: { user: int }"},
		"cluster events":             {"evict: {", "expel: {"},
		"an argument's name":         {"name: y", "name: z"},
		"a parameter's name":         {"/chat/{id: RoomID}", "/chat/{channel: RoomID}"},
		"a payload as an argument":   {"bare: { payload: string", "bare: { args: [string]"},
		"an error of every event":    {"errors: [not_member]", "errors: [not_member, slow_down]"},
		"another namespace":          {"tick: int", "tock: string"},
		"a span that says nothing":   {"label: string", "label: { type: string, length: 0.. }"},
		"what nobody uses":           {"  Tags:", "  Unused: { struct: { x: int } }\n  Tags:"},
		"layout":                     {"  Presence: { enum: [online, away] }\n", "  Presence:\n    enum:\n      - online # here\n      - away\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fingerprint(t, change...); got != want {
				t.Errorf("%s, was %s", got, want)
			}
		})
	}
}

// What a peer could notice changes a fingerprint, and differently each time.
func TestFingerprintChanges(t *testing.T) {
	seen := map[string]string{fingerprint(t): "nothing"}
	for name, change := range map[string][]string{
		"a field's name":           {"label: string", "title: string"},
		"a field's type":           {"id: int64, room", "id: int, room"},
		"a field becomes optional": {"{ body: string }", "{ body: optional string }"},
		"a field becomes nullable": {"{ body: string }", "{ body: string | null }"},
		"a field is new":           {"{ body: string }", "{ body: string, more: bool }"},
		"a field is gone":          {"left: { type: int, default: 5 }", ""},
		"a length":                 {"length: 1..32", "length: 1..33"},
		"a pattern":                {"^[a-z]+$", "^[a-y]+$"},
		"unique":                   {"length: 1..9", "length: 1..9, unique: true"},
		"an enum's value":          {"online, away", "online, gone"},
		"an open enum":             {"[online, away]", "[online, away], open: true"},
		"a tag":                    {"tag: kind", "tag: type"},
		"a tag's value":            {"text: Text, image", "words: Text, image"},
		"an open union":            {"tag: kind,", "tag: kind, open: true,"},
		"variants change places":   {"text: Text, image: Image", "text: Image, image: Text"},
		"a list becomes a map":     {"children: list<Tree>", "children: map<Tree>"},
		"a client event's name":    {"post: {", "send: {"},
		"a server event's name":    {"posted: {", "sent: {"},
		"a payload is gone":        {"confirm: { payload: { reason: string }, ", "confirm: { "},
		"an ack is gone":           {"payload: Message, ack: { id: int64 }", "payload: Message", "rate: 20/s, timeout: 10s", "rate: 20/s"},
		"an ack without a value":   {"ack: { id: int64 }", "ack: none"},
		"an ack's field":           {"ack: { id: int64 }", "ack: { id: int64, at: timestamp }"},
		"a plain ack":              {"ack: { type: int, plain: true }", "ack: int"},
		"an ack of a client":       {"ack: { yes: bool }", "ack: { yes: bool, why: string }"},
		"an argument's type":       {"[float32, {", "[float64, {"},
		"an argument is gone":      {", optional string]", "]"},
		"an argument is required":  {", optional string]", ", string]"},
		"strict":                   {"rate: 20/s", "unknown: reject"},
		"an error of an event":     {"errors: [not_member]", "errors: [unauthorized]"},
		"an error of each event":   {"every: [slow_down]", "every: [unauthorized]"},
		"an error of connecting":   {"connect: [unauthorized]", "connect: [slow_down]"},
		"an error's data":          {"data: { room: RoomID } }", "data: { room: string } }"},
		"auth":                     {"device: optional string", "device: string"},
		"the path":                 {"/chat/{id", "/chat/x/{id"},
		"a parameter's type":       {"/chat/{id: RoomID}", "/chat/{id: int}"},
		"an event changes sides":   {"    server:\n      typed:", "      presence: Presence\n    server:\n      typed:", "      presence: Presence\n    cluster", "    cluster"},
		"a type deep in recursion": {"children: list<Tree> } }", "children: list<Leaf> } }\n  Leaf: { struct: { children: list<Twig>, label: string } }\n  Twig: { struct: { children: list<Tree>, label: int } }"},
		"a struct becomes an enum": {"Text: { struct: { body: string } }", "Other: { struct: { body: string } }", "text: Text", "text: Other", "presence: Presence", "presence: Other"},
		"an acknowledged scalar":   {"yes: bool", "yes: uint32"},
	} {
		t.Run(name, func(t *testing.T) {
			got := fingerprint(t, change...)
			if other, ok := seen[got]; ok {
				t.Errorf("%s is also what %q gives", got, other)
			}
			seen[got] = name
		})
	}
}
