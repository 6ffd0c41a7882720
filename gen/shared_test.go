// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// sharing returns in as a document that shares the types of all files that it imports,
// and the files that these types are in.
func sharing(t testing.TB, in gen.Input, others ...gen.Input) (gen.Input, []gen.File) {
	t.Helper()
	for _, file := range gen.ImportsOf(in) {
		in.Shared = append(in.Shared, gen.SharedFile{File: file, Go: true, TypeScript: true})
	}
	uses := map[string]*gen.Imported{}
	for _, in := range append(others, in) {
		out, err := gen.Generate(in)
		if err != nil || diag.HasErrors(out.Diagnostics) {
			t.Fatalf("%s: %v\n%s", in.File, err, diag.Render(out.Diagnostics))
		}
		for _, i := range out.Imports {
			if uses[i.File] == nil {
				uses[i.File] = &gen.Imported{}
			}
			uses[i.File].Go = append(uses[i.File].Go, i.Go...)
			uses[i.File].TypeScript = append(uses[i.File].TypeScript, i.TypeScript...)
		}
	}
	var files []gen.File
	for _, shared := range in.Shared {
		out, err := gen.GenerateShared(in, shared, *uses[shared.File])
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, out.Files...)
	}
	return in, files
}

// The files of two documents that import shared.yaml, and that base.yaml.
var sharedSchemas = map[string]string{
	"base.yaml": `sockgen: 1
types:
  UserID: { scalar: string, brand: true, length: 1..10 }
  Tool: { enum: [pen, eraser] }
`,
	"shared.yaml": `sockgen: 1
imports: [./base.yaml]
types:
  Point: { struct: { x: float64, y: { type: float64, default: 1 }, by: UserID, tool: optional Tool } }
  Text: { struct: { body: string } }
  Blob: { struct: { data: bytes } }
  Content: { union: { tag: kind, open: true, of: { text: Text, blob: Blob } } }
  Line: { list: Point, length: 1..3 }
  Secret: { struct: { key: string } }
  Map: { enum: [a], open: true }
  Idle: { struct: { at: Point } }
errors:
  off: { message: off the board, data: { at: Point } }
`,
	"board.yaml": `sockgen: 1
imports: [shared.yaml]
types:
  Own: { struct: { at: Point } }
  Thing: { union: { tag: is, open: true, of: { text: Text, own: Own } } }
namespaces:
  /:
    data: Secret
    client: { put: { payload: Point, ack: Content, errors: [off] }, add: { payload: { thing: Thing, map: Map } } }
    server: { lines: { payload: Line, to: [socket] } }
`,
	"wall.yaml": `sockgen: 1
imports: [shared.yaml, base.yaml]
namespaces: { /: { client: { put: { payload: Point, ack: Tool }, tell: { payload: { what: Content } } } } }
`,
}

func sharedInput(name string) gen.Input {
	return gen.Input{
		File: name, Source: []byte(sharedSchemas[name]), GoFolder: folder,
		Read: func(name string) ([]byte, error) {
			text, ok := sharedSchemas[name]
			if !ok {
				return nil, fs.ErrNotExist
			}
			return []byte(text), nil
		},
		TypeScript: gen.TypeScriptOptions{Schemas: true, Mock: true},
	}
}

// sharedFiles generates board, wall and what they share.
func sharedFiles(t testing.TB) []gen.File {
	t.Helper()
	wall, _ := sharing(t, sharedInput("wall.yaml"))
	board, files := sharing(t, sharedInput("board.yaml"), wall)
	for _, in := range []gen.Input{board, wall} {
		out, err := gen.Generate(in)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, out.Files...)
	}
	return files
}

// What two documents share is theirs in common, and only what they use: a value of the one
// is one of the other. Nobody but the server sees what is the server's own.
func TestSharedTypes(t *testing.T) {
	files := sharedFiles(t)
	if err := newVetter(t).vet(files); err != nil {
		t.Error(err)
	}
	has := func(name, text string, want bool) {
		t.Helper()
		i := slices.IndexFunc(files, func(f gen.File) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("there is no %s", name)
		}
		if strings.Contains(string(files[i].Data), text) != want {
			t.Errorf("%s has %q: %v, want %v", name, text, !want, want)
		}
	}
	has("shared/shared.go", "type Point struct", true)
	has("shared/shared.go", "Idle", false)
	has("shared/shared.go", "type Secret struct", true)
	has("board/board.go", "type Point = shared.Point", true)
	has("wall/wall.go", "Secret", false)
	has("wall/wall.go", "type Tool = base.Tool", true)
	has("ts/shared.ts", "Secret", false)
	has("ts/shared.ts", "export interface Point {", true)
	has("ts/wall.ts", "interface Point ", false)
	has("base/base.go", "package base", true)
	for _, f := range files {
		if strings.HasPrefix(f.Name, "shared/") && strings.Contains(f.Name, "client") {
			t.Errorf("%s is there, and shared.yaml has no events", f.Name)
		}
	}
}

// One function takes values of both documents, in Go and in TypeScript, and they keep to
// the schema in each.
func TestSharedValues(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	module, node := newModule(t, root), newNodeFolder(t, root)
	for _, f := range sharedFiles(t) {
		if path.Ext(f.Name) == ".ts" {
			writeFile(t, filepath.Join(node, "x", path.Base(f.Name)), f.Data)
		} else {
			writeFile(t, filepath.Join(module, filepath.FromSlash(f.Name)), f.Data)
		}
	}
	writeFile(t, filepath.Join(module, "main.go"), []byte(sharedGo))
	command := exec.CommandContext(t.Context(), "go", "run", "-mod=mod", ".")
	command.Dir = module
	if out, err := command.CombinedOutput(); err != nil || string(out) != sharedSays {
		t.Errorf("go run: %v\n%s", err, out)
	}
	writeFile(t, filepath.Join(node, "x", "use.ts"), []byte(sharedTypeScript))
	(&schemaRun{root: root}).compileTypeScript(t, filepath.Join(node, "x"))
}

const sharedGo = `package main

import (
	"encoding/json"
	"fmt"

	"example.com/random/base"
	"example.com/random/board"
	"example.com/random/shared"
	"example.com/random/wall"
)

func where(p shared.Point) string { return fmt.Sprint(p.X, " by ", p.By) }

func what(c board.Content) string {
	switch c := c.(type) {
	case wall.Text:
		return c.Body
	case wall.UnknownContent:
		return "unknown " + c.Tag
	}
	return "?"
}

func main() {
	fmt.Println(where(board.Point{X: 1, By: "ann"}), where(wall.Point{X: 2, By: wall.UserID("bob")}))
	fmt.Println(what(shared.Text{Body: "hi"}), what(board.UnknownContent{Tag: "poll"}))
	var p wall.Point
	fmt.Println(json.Unmarshal([]byte(` + "`" + `{"x":3,"by":"eve","tool":"pen"}` + "`" + `), &p), p.Y, p.Tool.Or(board.ToolEraser) == base.ToolPen)
	fmt.Println(json.Unmarshal([]byte(` + "`" + `{"x":3,"by":""}` + "`" + `), &p) != nil)
	var thing board.Thing = shared.Text{Body: "text"}
	text, err := json.Marshal(board.Add{Thing: thing, Map: board.MapA})
	fmt.Println(string(text), err)
	_, err = json.Marshal(board.Add{Thing: shared.Blob{}, Map: "new"})
	fmt.Println(err != nil)
	text, err = json.Marshal([]any{board.UnknownThing{Tag: "x", Raw: []byte(` + "`" + `{"is":"x"}` + "`" + `)}})
	fmt.Println(string(text), err)
}
`

const sharedSays = `1 by ann 2 by bob
hi unknown poll
<nil> 1 true
true
{"thing":{"is":"text","body":"text"},"map":"a"} <nil>
true
[{"is":"x"}] <nil>
`

const sharedTypeScript = `import * as board from "./board";
import { Tool, UserID } from "./base";
import type { Point, PointInput } from "./shared";
import * as wall from "./wall";

function where(p: Point): string {
  return p.by;
}
const sent: PointInput = { x: 1, by: UserID("ann"), tool: wall.Tool.pen };
export const ours: board.PointInput = sent;
export const theirs: wall.PointInput = ours;
export const same: wall.UserID = board.UserID("bob");
export const tool: wall.Tool = Tool.eraser;
export const map: board.Map = board.Map.a;
export function both(a: board.Point, b: wall.Point): string {
  return where(a) + where(b);
}
// @ts-expect-error: clients never see what only the server has
export type Hidden = board.Secret;
`
