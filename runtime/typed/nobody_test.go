// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"errors"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/socketio"
)

func hi() Encoder {
	e := NewEncoder()
	e.Next().String("hi")
	return e
}

// An empty list of rooms is nobody, whatever is done to it and wherever the audience
// comes from; further rooms count.
func TestAnEmptyListOfRoomsIsNobody(t *testing.T) {
	s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {})
		mounted(placePath.Family(srv), func(m *Mount[member]) {})
	})
	ada, bob := s.enter(t, "/c", "Ada"), s.enter(t, "/m/x/1:true/x", "Bob")
	all := Everybody[member](s.srv.Of("/c"))
	child := EverybodyAt[member](s.srv, placePath, place{"x", 1, true})
	ctx := t.Context()
	for name, a := range map[string]Audience[member]{
		"all":       In(all, []string{}),
		"nil":       In(all, []string(nil)),
		"chained":   In(In(all, []string{}), []string{}),
		"except":    In(all.Except("x"), []string{}),
		"then":      In(all, []string{}).Except("x").Volatile().Local(),
		"others":    In(Others[member](all.Sockets()[0].Untyped()), []string{}),
		"child":     In(child, []string{}),
		"elsewhere": In(EverybodyAt[member](s.srv, placePath, place{"y", 1, true}), []string{}),
	} {
		list, fetched := Fetch(ctx, a, NewRoomRemote[string])
		err := errors.Join(fetched, a.Emit(ctx, "said", hi()), Join(ctx, a, []string{"z"}), Leave(ctx, a, []string{"r"}), a.Disconnect(ctx))
		if err != nil || len(list) > 0 || len(a.Sockets()) > 0 || len(a.ids()) > 0 {
			t.Errorf("%s: %v, %d fetched, %d sockets", name, err, len(list), len(a.Sockets()))
		}
		for id, r := range AskAll(ctx, a, "question", time.Hour, func(e Encoder) { e.Next().String("?") }, ackReader(decodeString)) {
			t.Errorf("%s: %s answered %v", name, id, r)
		}
	}
	if got := all.Sockets()[0].Rooms(); len(got) != 1 || got[0] != "r" {
		t.Errorf("rooms %q", got)
	}
	for _, a := range []Audience[member]{In(In(all, []string{}), []string{"r"}), In(In(child, []string{"r"}), []string{})} {
		if err := a.Emit(ctx, "said", hi()); err != nil {
			t.Error(err)
		}
	}
	ada.expect(`42/c,["said","hi"]`)
	bob.expect(`42/m/x/1:true/x,["said","hi"]`)
}

// What belongs to no namespace fails, and takes the arguments all the same.
func TestZeroValues(t *testing.T) {
	ctx := t.Context()
	var a Audience[member]
	var r RoomRemote[string]
	_, fetched := Fetch(ctx, a, NewRoomRemote[string])
	_, asked := askOneFor(ctx, a, "q", time.Second, hi(), decodeString)
	_, answered := askFor(ctx, nil, "q", time.Second, hi(), decodeString)
	_, answeredAnyTime := askFor(ctx, nil, "q", 0, hi(), decodeString)
	var noEmitter *socketio.Socket
	errs := map[string]error{
		"Emit": a.Emit(ctx, "e", hi()), "In": In(a, []string{"r"}).Emit(ctx, "e", hi()), "nobody": In(a, []string{}).Emit(ctx, "e", hi()),
		"Disconnect": a.Disconnect(ctx), "Join": Join(ctx, a, []string{"r"}), "Leave": Leave(ctx, a, []string{"r"}), "Fetch": fetched,
		"AskOne": asked, "AskOneNothing": AskOneNothing(ctx, a, "q", 0, hi()), "cluster": EmitClusterNothing(ctx, a, "e"),
		"Remote.Disconnect": r.Disconnect(ctx), "Remote.Join": r.Join(ctx, "r"), "Remote.Leave": r.Leave(ctx, "r"),
		"Ask": answered, "Ask without timeout": answeredAnyTime,
		"typed.Emit to no socket": Emit(ctx, noEmitter, "e", hi()), "typed.Emit to no emitter": Emit(ctx, socketio.Emitter{}, "e", hi()),
	}
	for id, result := range AskAll(ctx, a, "q", time.Second, func(e Encoder) { e.Next().String("?") }, ackReader(decodeString)) {
		errs["AskAll"+string(id)] = result.Err
	}
	if len(errs) != 18 {
		t.Errorf("%d errors", len(errs))
	}
	for name, err := range errs {
		if !errors.Is(err, socketio.ErrZeroValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(a.Sockets()) != 0 || r.ID() != "" || len(r.Rooms()) != 0 || r.Handshake() == nil {
		t.Error("a zero value tells something")
	}
	if data, err := RemoteData[author](r.Remote); err != nil || data != (author{}) {
		t.Errorf("data %+v, %v", data, err)
	}
}
