// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/internal/counts"
	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// Each message of an official adapter is read as what it means, belongs on the channel
// where it was found, and comes out as it was.
func TestVectors(t *testing.T) {
	vectors := readVectors(t)
	ids, uids := map[string]string{}, map[string][]string{}
	for _, v := range vectors {
		if v.Name == "subscriptions" {
			ids[v.Flavour], uids[v.Flavour] = v.ID, v.UIDs
		}
	}
	tried, same := 0, 0
	for _, v := range vectors {
		if v.Name == "subscriptions" || v.Name == "session" {
			continue
		}
		tried++
		t.Run(v.title(), func(t *testing.T) {
			if checkVector(t, v, ids[v.Flavour], uids[v.Flavour]) {
				same++
			}
		})
	}
	if tried < 200 {
		t.Errorf("%d vectors only", tried)
	}
	counts.Print(t, "official adapters: %s vectors read and written again, %s of them to the same bytes", counts.Number(tried), counts.Number(same))
}

// checkVector reports whether the bytes are the same.
func checkVector(t *testing.T, v vector, id string, uids []string) bool {
	f := formatOf(v)
	m, err := f.parse(v, v.payload())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := meaning(t, m, id), plain(t, v.Meaning, ""); !reflect.DeepEqual(got, want) {
		t.Errorf("it means\n%v, want\n%v", got, want)
	}
	channel := f.target(m.Body)
	if wire.IsResponse(m.Body) {
		channel = f.reply(uids[0])
	}
	if _, old := m.Body.(wire.IDs); channel != v.Channel && !old {
		t.Errorf("it belongs on %s, was on %s", channel, v.Channel)
	}
	again, err := f.append(m)
	if err != nil {
		t.Fatal(err)
	}
	want := v.payload()
	if v.Verb == "XADD" {
		want = []byte(strings.Join(v.Fields, "\n"))
	}
	if bytes.Equal(again, want) {
		return true
	}
	if !mayDiffer(v) {
		t.Errorf("it comes out as\n%q, was\n%q", again, want)
	}
	if v.Verb == "XADD" {
		v.Fields = strings.Split(string(again), "\n")
	}
	back, err := f.parse(v, again)
	if err != nil {
		t.Fatalf("what was appended: %v", err)
	}
	if got, want := meaning(t, back, id), plain(t, v.Meaning, ""); !reflect.DeepEqual(got, want) {
		t.Errorf("what was appended means\n%v, want\n%v", got, want)
	}
	return false
}

// mayDiffer reports whether v says something in a way that is not ours: dates and binary
// data as they are, handshakes in the order of a client's headers, compress as true.
func mayDiffer(v vector) bool {
	return strings.Contains(v.Name, "date") || v.Name == "compress true" || v.Meaning["kind"] == "Sockets" && v.Meaning["sockets"] != 0.0
}

// What servers subscribe to is what the formats say.
func TestSubscriptions(t *testing.T) {
	seen := 0
	for _, v := range readVectors(t) {
		if v.Name != "subscriptions" {
			continue
		}
		seen++
		prefix := "socket.io"
		if strings.Contains(v.Flavour, "app") {
			prefix = "app"
		}
		var want []string
		for i, from := range []string{"a", "b"} {
			want = append(want, subscriptions(v, prefix, from, v.UIDs[i])...)
		}
		slices.Sort(want)
		if !slices.Equal(v.Subscriptions, want) {
			t.Errorf("%s: they subscribe to\n%q, want\n%q", v.Flavour, v.Subscriptions, want)
		}
	}
	if seen < 7 {
		t.Errorf("subscriptions of %d flavours only", seen)
	}
}

func subscriptions(v vector, prefix, from, uid string) []string {
	switch flavour, _, _ := strings.Cut(v.Flavour, ","); flavour {
	case "streams":
		s := wire.Streams{Prefix: prefix, Namespace: "/"}
		return []string{from + " SUBSCRIBE " + s.Channel() + " " + s.ResponseChannel(uid)}
	case "sharded":
		s := wire.Sharded{Prefix: prefix, Namespace: "/"}
		if strings.Contains(v.Flavour, "static") {
			s.Mode = wire.Static
		} else if strings.Contains(v.Flavour, "private") {
			s.Mode = wire.DynamicPrivate
		}
		list := []string{from + " SSUBSCRIBE " + s.Channel(), from + " SSUBSCRIBE " + s.ResponseChannel(uid)}
		for _, room := range []adapter.Room{adapter.Room(v.ID), "r1"} {
			if from == "b" && s.HasChannel(room, string(room) == v.ID) {
				list = append(list, from+" SSUBSCRIBE "+s.RoomChannel(room))
			}
		}
		return list
	}
	c := wire.Classic{Prefix: prefix, Namespace: "/"}
	return []string{
		from + " PSUBSCRIBE " + c.Pattern(),
		from + " SUBSCRIBE " + c.RequestChannel() + " " + c.ResponseChannel() + " " + c.SpecificResponseChannel(uid),
	}
}

// Sessions are kept as the official adapter keeps them.
func TestSessionVector(t *testing.T) {
	vectors := readVectors(t)
	at := slices.IndexFunc(vectors, func(v vector) bool { return v.Name == "session" })
	if at < 0 {
		t.Fatal("no session among the vectors")
	}
	v := vectors[at]
	s, err := wire.ParseSession(v.Text, lim)
	if err != nil {
		t.Fatal(err)
	}
	if key := (wire.Streams{Sessions: "sio:session:"}).SessionKey(s.PID); key != v.Channel {
		t.Errorf("its key is %s, was %s", key, v.Channel)
	}
	want := adapter.Session{ID: s.ID, PID: s.PID, Rooms: []adapter.Room{adapter.Room(s.ID), "r1"}, Data: []byte(`{"name":"é","n":1}`)}
	if !reflect.DeepEqual(s, want) || len(s.ID) != 20 {
		t.Errorf("it is %+v, want %+v", s, want)
	}
	again, err := wire.AppendSession(nil, s)
	if err != nil || string(again) != v.Text {
		t.Errorf("it comes out as %s (%v), was %s", again, err, v.Text)
	}
}
