// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// input is a schema with the files that it imports.
func input(src string, files map[string]string) gen.Input {
	return gen.Input{File: "events.yaml", Source: []byte(src), Read: func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}}
}

func report(changes []gen.Change) string {
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "%s %s %s %s\n", c.Position, c.Verdict, c.Path, strings.Join(c.Releases, ", "))
	}
	return b.String()
}

const older = `sockgen: 1
info: { name: chat }
imports: [./shared.yaml]
types:
  Body: { struct: { text: string, gone: string } }
  Mood: { enum: [calm] }
  Content: { union: { tag: kind, of: { body: Body } } }
  Post: { struct: { posted: int } }
errors:
  late: { message: too late, data: { by: int } }
  full: { message: full }
namespaces:
  /:
    auth: { token: string }
    client:
      say: Body
      Post: { payload: { inline: int }, ack: { id: int }, errors: [late] }
      move -> moved: { args: [int, int] }
    server:
      moved: int
      mood: { payload: { mood: Mood, content: Content, shared: Shared } }
      gone: string
  "/match/{id: int}":
    server: { tick: Post }
  /old: { server: { tick: int } }
`

// A change is where the schema says what changed, or as near to it as there is
// something left.
func TestComparePositions(t *testing.T) {
	edit := strings.NewReplacer(
		"text: string, gone: string", "text: int",
		"[calm]", "[calm, { value: wild }]",
		"of: { body: Body }", "of: { body: Body, post: Post }",
		"by: int", "by: bool",
		"token: string", "token: int",
		"inline: int", "inline: bool",
		"id: int }, errors: [late]", "id: bool }, errors: [late, full]",
		"args: [int, int]", "args: [int, bool]",
		"      gone: string\n", "",
		"{id: int}", "{id: uint32}",
		"posted: int", "posted: bool",
		"  /old: { server: { tick: int } }\n", "",
	)
	const shared = "sockgen: 1\ntypes:\n  Shared:\n    struct: { x: int }\n"
	got := gen.Compare(
		input(older, map[string]string{"shared.yaml": shared}),
		input(edit.Replace(older), map[string]string{"shared.yaml": strings.Replace(shared, "x: int", "x: bool", 1)}),
	)
	if diag.HasErrors(got.Older) || diag.HasErrors(got.Diagnostics) {
		t.Fatal(diag.Render(got.Older), diag.Render(got.Diagnostics))
	}
	want := ` breaks /old 
events.yaml:5:11 safe / client say payload.gone 
events.yaml:5:11 breaks / server mood payload.content(body).gone 
events.yaml:5:21 breaks / client say payload.text 
events.yaml:5:21 breaks / server mood payload.content(body).text 
events.yaml:6:24 breaks / server mood payload.mood 
events.yaml:7:52 breaks / server mood payload.content 
events.yaml:8:21 breaks /match/{} server tick payload.posted 
events.yaml:10:38 breaks / error late data.by 
events.yaml:14:13 breaks / auth.token 
events.yaml:17:26 breaks / client Post payload.inline 
events.yaml:17:49 breaks / client Post ack.id 
events.yaml:17:61 warning / client Post error full 
events.yaml:18:24 breaks / client move args[1] 
events.yaml:19:5 breaks / server gone 
events.yaml:22:3 breaks /match/{} parameter 1 
shared.yaml:4:15 breaks / server mood payload.shared.x 
`
	if diff := cmp.Diff(want, report(got.Changes)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// So is a change of what is declared in the place of a field, and one of an enum of
// integers.
func TestComparePositionsInPlace(t *testing.T) {
	const older = `sockgen: 1
info: { name: chat }
types:
  Level: { enum: { low: 1, high: 2 } }
  Deep: { struct: { at: { struct: { x: int, unit: { enum: [mm] } } }, level: Level } }
  Rows: { list: { struct: { cells: { list: { map: { struct: { y: int } } } } } } }
namespaces: { /: { server: { deep: Deep, rows: Rows, mood: { payload: { now: { enum: [calm] } } } } } }
`
	edit := strings.NewReplacer("x: int", "x: string", "y: int", "y: string", "[mm]", "[mm, in]", "high: 2", "high: 3", "[calm]", "[calm, wild]")
	got := gen.Compare(input(older, nil), input(edit.Replace(older), nil))
	if diag.HasErrors(got.Older) || diag.HasErrors(got.Diagnostics) {
		t.Fatal(diag.Render(got.Older), diag.Render(got.Diagnostics))
	}
	want := `events.yaml:4:12 safe / server deep payload.level 
events.yaml:4:28 breaks / server deep payload.level 
events.yaml:5:37 breaks / server deep payload.at.x 
events.yaml:5:67 breaks / server deep payload.at.unit 
events.yaml:6:63 breaks / server rows payload[].cells[]{}.y 
events.yaml:7:62 breaks / server mood payload.now 
`
	if diff := cmp.Diff(want, report(got.Changes)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A release that broke is named, and so is each of several that it concerns.
func TestCompareLock(t *testing.T) {
	version := func(v, events string) gen.Input {
		return input(fmt.Sprintf("sockgen: 1\ninfo: { name: x, version: %s }\nnamespaces:\n  /:\n    server: { %s }\n", v, events), nil)
	}
	lock, err := gen.ParseLock(nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, in := range []gen.Input{version("1.0.0", "a: int"), version("1.1.0", "a: int, b: int"), version("1.2.0", "a: int, b: int, c: int")} {
		added, diags := lock.Add(in)
		if len(added) != 1 || len(diags) > 0 {
			t.Fatalf("added %v\n%s", added, diag.Render(diags))
		}
		names = append(names, added[0].Fingerprint)
	}
	got := gen.CompareLock(lock, version("2.0.0", "a: int, c: int"))
	want := fmt.Sprintf("events.yaml:5:5 breaks / server b 1.1.0 %s, 1.2.0 %s\nevents.yaml:5:23 safe / server c 1.0.0 %s, 1.1.0 %s\n", names[1], names[2], names[0], names[1])
	if diff := cmp.Diff(want, report(got.Changes)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := gen.CompareLock(lock, version("1.2.1", "a: int, c: int, b: int")); gen.HasBreaks(got.Changes) {
		t.Errorf("breaks:\n%s", report(got.Changes))
	}
	if empty, _ := gen.ParseLock(nil); report(gen.CompareLock(empty, version("1", "a: int")).Changes) != "events.yaml:4:3 safe / \n" {
		t.Error("a namespace without a release is not reported as new")
	}
}

// A wrong schema adds nothing to a lock and is compared with nothing.
func TestCompareWrongSchema(t *testing.T) {
	good, wrong := input(older, map[string]string{"shared.yaml": "sockgen: 1\ntypes: { Shared: { struct: { x: int } } }\n"}), input(older, nil)
	lock, _ := gen.ParseLock(nil)
	if added, diags := lock.Add(wrong); len(added) > 0 || !diag.HasErrors(diags) {
		t.Errorf("added %v", added)
	}
	if c := gen.CompareLock(lock, wrong); len(c.Changes) > 0 || !diag.HasErrors(c.Diagnostics) {
		t.Errorf("changes:\n%s", report(c.Changes))
	}
	if c := gen.Compare(wrong, good); len(c.Changes) > 0 || !diag.HasErrors(c.Older) || diag.HasErrors(c.Diagnostics) {
		t.Errorf("changes:\n%s", report(c.Changes))
	}
	if c := gen.Compare(good, wrong); len(c.Changes) > 0 || !diag.HasErrors(c.Diagnostics) || diag.HasErrors(c.Older) {
		t.Errorf("changes:\n%s", report(c.Changes))
	}
}
