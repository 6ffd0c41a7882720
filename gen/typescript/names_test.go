// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sockgen/sockgen/gen/ir"
)

// declared finds the names that a module declares or imports at its top level.
var declared = regexp.MustCompile(`(?m)^(?:export |declare )*(?:interface|type|const|function) (\w+)|^  (?:type )?(?:\w+ as )?(\w+),$`)

// TestHelperNames sees to it that every name a module declares by itself is one
// that the schema cannot take.
func TestHelperNames(t *testing.T) {
	one := scalar(ir.String)
	b := builder{&ir.Document{Name: "names"}}
	late := b.positional("late", "Late", field("x", one), optional(field("y", one)))
	asked := b.positional("asked", "Asked", field("x", one))
	asked.Ack, asked.Timeout = &ir.Ack{}, time.Second
	b.brand("Room", one)
	stamped := b.structure("Stamped", "stamped", "", field("at", list(scalar(ir.Timestamp))))
	some := b.union("Some", "", "tag", true, "stamped", stamped)
	b.doc.Namespaces = []*ir.Namespace{{
		Path: "/", Fingerprint: "f", Server: []*ir.Event{late}, Auth: b.structure("SchemaAuth", "x", "", field("token", scalar(ir.Bytes))),
		Client: []*ir.Event{{Wire: "a", Ident: "A", Ack: &ir.Ack{Plain: true, Type: mapOf(one)}}, {Wire: "b", Ident: "B", Ack: &ir.Ack{Type: some}}},
	}, {Path: "/b/{x}", Prefix: "B", Parts: []*ir.NamePart{{Text: "/b/"}, {Wire: "x", Type: one}}, Client: []*ir.Event{asked}, Server: []*ir.Event{{Wire: "late", Ident: "Late", Payload: stamped}}}}
	files, err := Render(b.doc, Options{Dates: true})
	if err != nil {
		t.Fatal(err)
	}
	source := string(files[0].Data)
	var own []string
	for _, match := range declared.FindAllStringSubmatch(source, -1) {
		own = append(own, match[1]+match[2])
	}
	fromSchema := []string{"SchemaAuth", "Refusals", "ServerToClient", "ClientToServer", "Socket", "connect", "Bytes", "BRefusals", "BServerToClient", "BClientToServer", "BSocket", "connectB", "fingerprint", "BParams", "Room", "Some", "BAskedError", "brand", "ConnectFailure", "BConnectFailure", "BError", "Stamped", "datesOf", "datesOfB", "reviveSome", "reviveStamped"}
	for _, name := range own {
		if !slices.Contains(slices.Concat(exportedNames, privateNames), name) && !slices.Contains(fromSchema, name) {
			t.Errorf("a module declares %s, which neither exportedNames nor privateNames lists", name)
		}
	}
	for _, name := range slices.Concat(fromSchema, exportedNames, privateNames) {
		if !slices.Contains(own, name) {
			t.Errorf("no module declares %s", name)
		}
	}
	for _, name := range globalNames {
		if !regexp.MustCompile(`\b` + name + `\b`).MatchString(source) {
			t.Errorf("globalNames lists %s, which no module uses", name)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	typed := func(ident string) *ir.Decl { return stringAlias(ident, "") }
	event := &ir.Event{Wire: "send", Ident: "Send", Ack: &ir.Ack{}}
	tests := []struct {
		name string
		doc  *ir.Document
		want []string // parts of the error
	}{
		{"a type twice", &ir.Document{Decls: []*ir.Decl{typed("A"), typed("A")}}, []string{`the type "A" and`, "called A"}},
		{"a type and an error", &ir.Document{Decls: []*ir.Decl{typed("A")}, Errors: []*ir.Error{{Code: "a", Ident: "A"}}}, []string{`the type "A" and the error "a"`}},
		{"a part of the module", &ir.Document{Decls: []*ir.Decl{typed("Reply")}, Namespaces: []*ir.Namespace{{Path: "/"}}}, []string{`the type "Reply"`, "a part of every module"}},
		{"a socket", &ir.Document{Decls: []*ir.Decl{typed("ASocket")}, Namespaces: []*ir.Namespace{{Path: "/a", Prefix: "A"}}}, []string{`the type "ASocket" and the socket of "/a"`}},
		{"an event's failures", &ir.Document{Decls: []*ir.Decl{typed("SendError")}, Namespaces: []*ir.Namespace{{Path: "/", Client: []*ir.Event{event}}}}, []string{`the failures of "send"`, "SendError"}},
		{"two namespaces", &ir.Document{Namespaces: []*ir.Namespace{{Path: "/a", Prefix: "A"}, {Path: "/A", Prefix: "A"}}}, []string{`"/a"`, `"/A"`}},
		{"no identifier", &ir.Document{Decls: []*ir.Decl{typed("a-b")}}, []string{`"a-b"`, "no identifier"}},
		{"an identifier that is code", &ir.Document{Decls: []*ir.Decl{typed("A = 1; alert(1) //")}}, []string{"no identifier"}},
		{"a scalar as auth", &ir.Document{Namespaces: []*ir.Namespace{{Path: "/", Auth: scalar(ir.String)}}}, []string{`the auth of "/"`}},
		{"auth that may be null", &ir.Document{Namespaces: []*ir.Namespace{{Path: "/", Auth: nullable(mapOf(scalar(ir.String)))}}}, []string{`the auth of "/"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files, err := Render(tt.doc, Options{})
			if err == nil {
				t.Fatalf("Render gave\n%s", files[0].Data)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error %q does not mention %q", err, part)
				}
			}
		})
	}
}

// TestRenderIsPure renders the same documents from several goroutines, and again.
func TestRenderIsPure(t *testing.T) {
	for name, document := range documents {
		doc := document()
		first, err := Render(doc, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				again, err := Render(doc, Options{})
				if err != nil || string(again[0].Data) != string(first[0].Data) {
					t.Errorf("%s: Render gives something else the next time (error %v)", name, err)
				}
			})
		}
		all.Wait()
	}
}

// TestNoLooseTypes holds modules to exact types, without a way around the compiler.
func TestNoLooseTypes(t *testing.T) {
	loose := regexp.MustCompile(`\b(enum|any)\b|@ts-(ignore|expect)|eslint`)
	for _, name := range []string{"chat", "long", "types"} {
		files, err := Render(documents[name](), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range strings.Split(string(files[0].Data), "\n") {
			code, _, _ := strings.Cut(strings.TrimSpace(l), "//")
			if !strings.HasPrefix(code, "*") && !strings.HasPrefix(code, "/*") && loose.MatchString(code) {
				t.Errorf("%s.ts:%d: %s", name, i+1, l)
			}
		}
	}
}
