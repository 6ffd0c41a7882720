// SPDX-License-Identifier: Apache-2.0

package dynamic_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/sockgen/sockgen/gen/dynamic"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/ir/irtest"
	"github.com/sockgen/sockgen/generated/bench"
	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/generated/game"
	"github.com/sockgen/sockgen/generated/live"
	"github.com/sockgen/sockgen/internal/counts"
	"github.com/sockgen/sockgen/runtime/typed"
)

// structs are generated structs, by the folder of their schema and their name.
var structs = map[string]map[string]json.Unmarshaler{
	"../..":               {"Message": &chat.Message{}, "ChatRoomJoin": &chat.ChatRoomJoin{}, "ChatImageSend": &chat.ChatImageSend{}, "ChatImagePosted": &chat.ChatImagePosted{}, "ChatAuth": &chat.ChatAuth{}},
	"../../example/game":  {"Floor": &game.Floor{}, "Changed": &game.Changed{}, "Player": &game.Player{}, "JoinAck": &game.JoinAck{}},
	"../../example/live":  {"Incident": &live.Incident{}, "Metrics": &live.Metrics{}, "BoardAck": &live.BoardAck{}, "Acknowledge": &live.Acknowledge{}},
	"../../example/bench": {"Order": &bench.Order{}},
}

// The issues of generated Go and those of Check are the same: paths, messages, order.
func TestMessagesAreThoseOfGeneratedValidators(t *testing.T) {
	compared := 0
	docs := documents(t)
	for dir, types := range structs {
		for name, into := range types {
			doc := docs[dir]
			var decl *ir.Decl
			for _, d := range doc.Decls {
				if d.Ident == name {
					decl = d
				}
			}
			if decl == nil {
				t.Errorf("%s has no %s", dir, name)
				continue
			}
			source := &irtest.Source{Rand: rand.New(rand.NewPCG(5, 6)), Bytes: 300, Base64: true}
			typ := &ir.Type{Kind: ir.RefType, Ref: decl}
			for range 100 {
				b, ok := source.Broken(typ, false)
				if !ok {
					break
				}
				compare(t, name, typ, b.Args[0], into)
				compared++
			}
		}
	}
	counts.Print(t, "dynamic: the issues of %s broken values are those of generated Go, word for word", counts.Number(compared))
}

func compare(t *testing.T, name string, typ *ir.Type, text json.RawMessage, into json.Unmarshaler) {
	t.Helper()
	var want, got []typed.Issue
	var payload *typed.PayloadError
	if err := into.UnmarshalJSON(text); errors.As(err, &payload) {
		want = payload.Issues
	} else if err != nil {
		t.Errorf("%s: %s: %v", name, text, err)
	}
	_, issues, err := dynamic.Checker{Text: true}.Type(typ, text)
	if err != nil {
		t.Errorf("%s: %s: %v", name, text, err)
	}
	for _, i := range issues {
		got = append(got, typed.Issue{Path: i.Path, Message: i.Message})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %.300s\n got %v\nwant %v", name, text, got, want)
	}
}
