// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// args returns arguments for tests.
func args(t testing.TB, values ...any) siowire.Args {
	t.Helper()
	e := siowire.NewEncoder()
	defer e.Release()
	for _, v := range values {
		if err := e.Value(v); err != nil {
			t.Fatal(err)
		}
	}
	a, err := e.Args()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What is not a message is refused, in each way.
func TestParseMessageRefuses(t *testing.T) {
	const ok = `{"type":3,"data":{"packet":{"type":2,"data":["e"]},"opts":{"rooms":[],"except":[],"flags":{}}},"uid":"u","nsp":"/"}`
	if _, err := wire.ParseMessage([]byte(ok), lim); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{ok, ""}, {ok, " " + ok}, {ok, ok + "x"}, {ok, ok + ok}, {ok, "[]"}, {ok, "null"}, {ok, ok[:len(ok)-1]},
		{`"uid":"u"`, `"uid":""`}, {`"uid":"u"`, `"uid":null`}, {`"uid":"u"`, `"uid":["u"]`}, {`"uid":"u"`, `"uid":true`}, {`,"uid":"u"`, ""}, {`"uid":"u"`, `"uid":"` + strings.Repeat("u", 1025) + `"`}, {`"uid":"u"`, `"uid":"u","uid":"u"`}, {`"uid":"u"`, `"uid":"u","\u0075id":"u"`},
		{`"nsp":"/"`, `"nsp":""`}, {`,"nsp":"/"`, ""}, {`"nsp":"/"`, `"nsp":{}`},
		{`"type":3`, `"type":"3"`}, {`"type":3`, `"type":3.5`}, {`"type":3`, `"type":-3`}, {`"type":3`, `"type":null`}, {`"type":3`, `"type":1e99`}, {`"type":3,`, ""}, {`"type":3`, `"type":03`},
		{`"type":2`, `"type":3`}, {`"type":2`, `"type":0`}, {`"type":2`, `"type":"2"`}, {`"type":2,`, ""},
		{`["e"]`, "[]"}, {`["e"]`, `[null]`}, {`["e"]`, `[["e"]]`}, {`["e"]`, `"e"`}, {`["e"]`, `{}`}, {`["e"]`, `["connect"]`}, {`["e"]`, `["disconnecting"]`}, {`["e"]`, `["` + strings.Repeat("e", 257) + `"]`}, {`["e"]`, `["e",` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `]`}, {`["e"]`, "[\"\xff\"]"}, {`["e"]`, `["e",1,]`},
		{`"rooms":[],`, ""}, {`"rooms":[]`, `"rooms":null`}, {`"rooms":[]`, `"rooms":{}`}, {`"rooms":[]`, `"rooms":"r"`}, {`"rooms":[]`, `"rooms":[null]`}, {`"rooms":[]`, `"rooms":[["r"]]`}, {`"rooms":[]`, `"rooms":["` + strings.Repeat("r", 1025) + `"]`},
		{`"except":[]`, `"except":5`}, {`"flags":{}`, `"flags":[]`}, {`"flags":{}`, `"flags":{"volatile":1}`}, {`"flags":{}`, `"flags":{"compress":"no"}`}, {`"flags":{}`, `"flags":{"timeout":-1}`}, {`"flags":{}`, `"flags":{"timeout":"1"}`},
		{`"opts":{"rooms":[],"except":[],"flags":{}}`, `"opts":null`}, {`"packet":{"type":2,"data":["e"]}`, `"packet":[]`}, {`"opts":`, `"requestId":5.5e400,"opts":`}, {`"opts":`, `"requestId":[],"opts":`},
		{`"data":{"packet"`, `"data":{"packet":1,"packet"`},
	} {
		text := strings.Replace(ok, change[0], change[1], 1)
		if text == ok {
			t.Fatalf("%s is not in the message", change[0])
		}
		if m, err := wire.ParseMessage([]byte(text), lim); !errors.Is(err, wire.ErrInvalid) || m.Body != nil {
			t.Errorf("%.200s is %+v (%v)", text, m, err)
		}
	}
	for _, text := range []string{strings.Replace(ok, `"type":3`, `"type":14`, 1), strings.Replace(ok, `"type":3`, `"type":0`, 1)} {
		if _, err := wire.ParseMessage([]byte(text), lim); !errors.Is(err, wire.ErrUnknown) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What Node's servers accept beyond what they write is accepted.
func TestParseMessageIsAsLenientAsNode(t *testing.T) {
	text := ` "x" : [1] , "nsp" : "/" , "uid" : 17 , "data" : { "opts" : { "flags" : null , "rooms" : [ 1 , 1.50 , -0 , 1e21 , "" , "\u00e9" ] } , "packet" : { "data" : [ 5 , null ] , "type" : 2 , "id" : 3 } , "more" : { "_placeholder" : true } } , "type" : 3.0 }`
	m, err := wire.ParseMessage([]byte("{"+text), lim)
	if err != nil {
		t.Fatal(err)
	}
	b := m.Body.(wire.Broadcast)
	want := []adapter.Room{"1", "1.5", "0", "1e+21", "", "é"}
	if m.UID != "17" || b.Name != "5" || b.Args.Len() != 1 || !reflect.DeepEqual(b.Options, adapter.Options{Rooms: want}) {
		t.Errorf("it is %+v", m)
	}
}

// Data that looks like a placeholder is ordinary data where nothing is binary.
func TestLookalikeIsData(t *testing.T) {
	const like = `{"_placeholder":true,"num":0}`
	text := `{"type":9,"data":{"packet":["e",` + like + `]},"uid":"u","nsp":"/"}`
	m, err := wire.ParseMessage([]byte(text), lim)
	if err != nil {
		t.Fatal(err)
	}
	for _, write := range []func([]byte, wire.Message) ([]byte, error){wire.AppendMessage, wire.AppendPacked} {
		data, err := write(nil, m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := wire.ParseMessage(data, lim)
		if err != nil {
			t.Fatal(err)
		}
		if a := back.Body.(wire.ServerSide).Args; string(a.At(0)) != like || a.Attachments != nil {
			t.Errorf("it arrives as %s with %d attachments", a.At(0), len(a.Attachments))
		}
	}
}

// A message for nobody, or for this server alone, would be for everybody.
func TestAppendRefusesNobody(t *testing.T) {
	classic, sharded := wire.Classic{Prefix: "p", Namespace: "/"}, wire.Sharded{Prefix: "p", Namespace: "/"}
	for _, o := range []adapter.Options{{}, {Rooms: []adapter.Room{}}, {Except: []adapter.Room{"x"}}, {All: true, Local: true}, {Rooms: []adapter.Room{"r"}, Local: true}} {
		for _, b := range []wire.Body{wire.Broadcast{Name: "e", Options: o}, wire.Broadcast{Name: "e", Options: o, RequestID: "r"}, wire.Join{Options: o}, wire.Leave{Options: o}, wire.Disconnect{Options: o}, wire.Fetch{Options: o, RequestID: "r"}} {
			m := wire.Message{UID: "u", Namespace: "/", Body: b}
			_, err1 := classic.Append(nil, m)
			_, err2 := sharded.Append(nil, m)
			_, err3 := wire.AppendPacked(nil, m)
			_, err4 := wire.Streams{Stream: "s", Namespace: "/"}.Entry(m)
			for i, err := range []error{err1, err2, err3, err4} {
				if !errors.Is(err, wire.ErrNobody) {
					t.Errorf("%d: %T for %+v: %v", i, b, o, err)
				}
			}
		}
	}
}

func TestAppendRefusesWhatAFormatLacks(t *testing.T) {
	for _, b := range []wire.Body{wire.AllRooms{RequestID: "r"}, wire.Rooms{RequestID: "r"}, wire.SocketIDs{RequestID: "r"}, wire.IDs{RequestID: "r"}, wire.JoinOne{}, wire.LeaveOne{}, wire.DisconnectOne{}, wire.Done{RequestID: "r"}, nil} {
		if _, err := wire.AppendMessage(nil, wire.Message{UID: "u", Namespace: "/", Body: b}); !errors.Is(err, wire.ErrForm) {
			t.Errorf("%T: %v", b, err)
		}
		if _, err := (wire.Streams{}).Entry(wire.Message{UID: "u", Body: b}); !errors.Is(err, wire.ErrForm) {
			t.Errorf("%T as an entry: %v", b, err)
		}
	}
	for _, b := range []wire.Body{wire.Initial{}, wire.Heartbeat{}, wire.Closed{}, nil} {
		if _, err := (wire.Classic{}).Append(nil, wire.Message{UID: "u", Body: b}); !errors.Is(err, wire.ErrForm) {
			t.Errorf("%T in the classic format: %v", b, err)
		}
	}
}

// Heartbeats and requests of old are written by no official adapter of these three, so no
// vector has them.
func TestAppendHeartbeats(t *testing.T) {
	for _, tt := range []struct {
		body wire.Body
		want string
	}{
		{wire.Initial{}, `{"type":1,"uid":"u","nsp":"/"}`}, {wire.Heartbeat{}, `{"type":2,"uid":"u","nsp":"/"}`}, {wire.Closed{}, `{"type":13,"uid":"u","nsp":"/"}`},
	} {
		m := wire.Message{UID: "u", Namespace: "/", Body: tt.body}
		data, err := wire.AppendMessage(nil, m)
		if err != nil || string(data) != tt.want {
			t.Errorf("%T is %s (%v), want %s", tt.body, data, err, tt.want)
		}
		if back, err := wire.ParseMessage(data, lim); err != nil || !reflect.DeepEqual(back, m) {
			t.Errorf("%s is %+v (%v)", data, back, err)
		}
		e, err := wire.Streams{Namespace: "/"}.Entry(m)
		if err != nil || e.Data != "" {
			t.Errorf("%T as an entry is %+v (%v)", tt.body, e, err)
		}
		if back, err := e.Message(lim); err != nil || !reflect.DeepEqual(back, m) {
			t.Errorf("%+v is %+v (%v)", e, back, err)
		}
	}
}

// What Go servers tell each other, besides what Node's do, arrives.
func TestOptionsOfOurs(t *testing.T) {
	for _, slow := range []adapter.SlowPolicy{adapter.SlowQueue, adapter.SlowDrop, adapter.SlowLatest, adapter.SlowClose} {
		o := adapter.Options{All: true, Slow: slow, Timeout: 1500 * time.Microsecond}
		data, err := wire.AppendMessage(nil, wire.Message{UID: "u", Namespace: "/", Body: wire.Broadcast{Name: "e", Options: o}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := wire.ParseMessage(data, lim)
		if err != nil {
			t.Fatal(err)
		}
		o.Timeout = 2 * time.Millisecond // rounded up
		if got := m.Body.(wire.Broadcast).Options; !reflect.DeepEqual(got, o) {
			t.Errorf("%+v arrives as %+v", o, got)
		}
	}
	text := `{"type":7,"data":{"requestId":"r","opts":{"rooms":[],"flags":{"timeout":1e300,"slow":"what"}}},"uid":"u","nsp":"/"}`
	m, err := wire.ParseMessage([]byte(text), lim)
	if err != nil {
		t.Fatal(err)
	}
	if o := m.Body.(wire.Fetch).Options; o.Timeout <= 0 || o.Timeout > 30*24*time.Hour || o.Slow != adapter.SlowQueue {
		t.Errorf("it is %+v", o)
	}
}

// Binary values arrive in every message that can have them, in every format.
func TestBinary(t *testing.T) {
	a := args(t, []byte{1, 2}, map[string]any{"k": []byte{}}, "x")
	all := adapter.Options{All: true}
	classic, streams := wire.Classic{Prefix: "p", Namespace: "/"}, wire.Streams{Namespace: "/"}
	for _, b := range []wire.Body{
		wire.Broadcast{Name: "e", Args: a, Options: all}, wire.Broadcast{Name: "e", Args: a, Options: all, RequestID: "r"},
		wire.ServerSide{Name: "e", Args: a}, wire.ServerSide{Name: "e", Args: a, RequestID: "r"},
		wire.Answer{RequestID: "r", Args: args(t, []byte{3})}, wire.ServerSideAnswer{RequestID: "r", Args: args(t, []byte{3})},
	} {
		want := wire.Message{UID: "u", Namespace: "/", Body: b}
		ways := map[string]func() (wire.Message, error){
			"sharded": func() (wire.Message, error) {
				data, err := wire.AppendMessage(nil, want)
				if err != nil {
					return wire.Message{}, err
				}
				return wire.ParseMessage(data, lim)
			},
			"entry": func() (wire.Message, error) {
				e, err := streams.Entry(want)
				if err != nil {
					return wire.Message{}, err
				}
				return e.Message(lim)
			},
			"classic": func() (wire.Message, error) {
				data, err := classic.Append(nil, want)
				if err != nil {
					return wire.Message{}, err
				}
				channel := classic.ChannelOf(b)
				if wire.IsResponse(b) {
					channel = classic.ResponseChannel()
				}
				m, err := parseClassic(classic, channel, data)
				m.UID = "u" // responses have none
				return m, err
			},
		}
		for name, way := range ways {
			got, err := way()
			if err != nil {
				t.Errorf("%s: %T: %v", name, b, err)
				continue
			}
			if x, y := meaning(t, got, ""), meaning(t, want, ""); !reflect.DeepEqual(x, y) {
				t.Errorf("%s: it is\n%v, want\n%v", name, x, y)
			}
		}
	}
}

// Only the first argument of an answer travels, as between Node's servers.
func TestAnswersAreOneArgument(t *testing.T) {
	data, err := wire.AppendMessage(nil, wire.Message{UID: "u", Namespace: "/", Body: wire.Answer{RequestID: "r", Args: args(t, 1, 2)}})
	if want := `{"type":12,"data":{"requestId":"r","packet":1},"uid":"u","nsp":"/"}`; err != nil || string(data) != want {
		t.Errorf("%s (%v), want %s", data, err, want)
	}
}

func TestIsResponse(t *testing.T) {
	for _, b := range []wire.Body{wire.Sockets{}, wire.ServerSideAnswer{}, wire.ClientCount{}, wire.Answer{}, wire.Rooms{}, wire.IDs{}, wire.Done{}} {
		if !wire.IsResponse(b) {
			t.Errorf("%T is no response", b)
		}
	}
	for _, b := range []wire.Body{wire.Initial{}, wire.Broadcast{}, wire.Join{}, wire.Fetch{}, wire.ServerSide{}, wire.AllRooms{}, wire.JoinOne{}} {
		if wire.IsResponse(b) {
			t.Errorf("%T is a response", b)
		}
	}
}

func TestClassicChannels(t *testing.T) {
	c := wire.Classic{Prefix: "a*b", Namespace: `/x?[y]\z`}
	if got, want := c.Pattern(), `a\*b#/x\?\[y]\\z#*`; got != want {
		t.Errorf("the pattern is %s, want %s", got, want)
	}
	c = wire.Classic{Prefix: "socket.io", Namespace: "/chat"}
	for channel, want := range map[string]string{
		"socket.io#/chat#": "all", "socket.io#/chat#r1#": "r1", "socket.io#/chat#a#b#": "a#b", "socket.io#/chat##": "",
		"socket.io#/chat#r1": "none", "socket.io#/#": "none", "socket.io#/chatter#": "none", "x": "none", "": "none",
	} {
		room, all, ok := c.Room(channel)
		got := string(room)
		if all {
			got = "all"
		} else if !ok {
			got = "none"
		}
		if got != want || all && !ok {
			t.Errorf("%s is for %q, want %q", channel, got, want)
		}
	}
}

func TestShardedChannels(t *testing.T) {
	one := func(room adapter.Room) wire.Body {
		return wire.Broadcast{Name: "e", Options: adapter.Options{Rooms: []adapter.Room{room}}}
	}
	const main, twenty = "p#/#", "12345678901234567890"
	for _, tt := range []struct {
		mode wire.Mode
		body wire.Body
		want string
	}{
		{wire.Dynamic, one("r"), "p#/#r#"}, {wire.Static, one("r"), main}, {wire.DynamicPrivate, one("r"), "p#/#r#"},
		{wire.Dynamic, one(twenty), main}, {wire.DynamicPrivate, one(twenty), "p#/#" + twenty + "#"},
		{wire.Dynamic, one("éééééééééééééééééééé"), main}, {wire.Dynamic, one("😀😀😀😀😀😀😀😀😀😀"), main}, {wire.Dynamic, one("éééééééééé"), "p#/#éééééééééé#"},
		{wire.Dynamic, wire.Broadcast{Name: "e", Options: adapter.Options{All: true}}, main},
		{wire.Dynamic, wire.Broadcast{Name: "e", Options: adapter.Options{Rooms: []adapter.Room{"a", "b"}}}, main},
		{wire.Dynamic, wire.Broadcast{Name: "e", RequestID: "r", Options: adapter.Options{Rooms: []adapter.Room{"a"}}}, main},
		{wire.Dynamic, wire.Join{Options: adapter.Options{Rooms: []adapter.Room{"a"}}}, main},
	} {
		s := wire.Sharded{Prefix: "p", Namespace: "/", Mode: tt.mode}
		if got := s.ChannelOf(tt.body); got != tt.want {
			t.Errorf("%d, %+v: %s, want %s", tt.mode, tt.body, got, tt.want)
		}
	}
}

func TestStreamNames(t *testing.T) {
	for name, want := range map[string]string{"/": "s-3", "/chat": "s-3", "/notifications": "s-1"} {
		if got := (wire.Streams{Stream: "s", Count: 4, Namespace: name}).StreamName(); got != want {
			t.Errorf("%s is in %s, want %s", name, got, want)
		}
	}
	for i := range 1000 {
		s := wire.Streams{Stream: "s", Count: 1 + i%7, Namespace: fmt.Sprintf("/%d", i*7919)}
		if name := s.StreamName(); strings.HasPrefix(name, "s--") {
			t.Errorf("%s is in %s, which nobody reads", s.Namespace, name)
		}
	}
}

func TestOffsets(t *testing.T) {
	for text, want := range map[string]bool{"0-0": true, "1795432002537-0": true, "18446744073709551615-1": true, "": false, "1": false, "-": false, "1-": false, "-1": false, "1-1-1": false, "+1-1": false, "1-+1": false, "1_0-1": false, "a-1": false, "$": false, "18446744073709551616-1": false, "1 -1": false} {
		if wire.IsOffset(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// A socket's handshake arrives as it was, whatever it holds.
func TestHandshake(t *testing.T) {
	h := &adapter.Handshake{
		Auth:   json.RawMessage(`{"token":"<é>"}`),
		Header: map[string][]string{"Cookie": {"a=1", "b=2"}, "Accept": {"x", "y"}, "Set-Cookie": {"c", "d"}, "X-Empty": {}, "User-Agent": {"<go>"}},
		Query:  map[string][]string{"EIO": {"4"}, "many": {"1", "2"}, "none": {}},
		URL:    "/socket.io/?EIO=4", Address: "192.0.2.1:1", Time: time.UnixMilli(1_700_000_000_123).UTC(), Secure: true, CrossOrigin: true,
	}
	d := adapter.Description{ID: "i", Rooms: []adapter.Room{"i"}, Handshake: h, Data: json.RawMessage(`{"n":9007199254740993}`)}
	bare := adapter.Description{ID: "j", Rooms: []adapter.Room{}}
	for _, write := range []func([]byte, wire.Message) ([]byte, error){wire.AppendMessage, wire.AppendPacked} {
		data, err := write(nil, wire.Message{UID: "u", Namespace: "/", Body: wire.Sockets{RequestID: "r", Sockets: []adapter.Description{d, bare}}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := wire.ParseMessage(data, lim)
		if err != nil {
			t.Fatal(err)
		}
		list := m.Body.(wire.Sockets).Sockets
		want := *h
		want.Header = map[string][]string{"Cookie": {"a=1; b=2"}, "Accept": {"x, y"}, "Set-Cookie": {"c", "d"}, "User-Agent": {"<go>"}}
		if got := list[0]; !reflect.DeepEqual(*got.Handshake, want) || string(got.Data) != string(d.Data) {
			t.Errorf("it arrives as %+v\n%+v, want\n%+v", got, *got.Handshake, want)
		}
		if got := list[1]; got.ID != "j" || len(got.Rooms) != 0 || got.Handshake != nil || string(got.Data) != "{}" {
			t.Errorf("a bare one arrives as %+v", got)
		}
	}
}

// What servers of this project tell of a session comes back, and their marks do.
func TestWhatTravels(t *testing.T) {
	value, err := wire.AppendSession(nil, travelling)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := wire.ParseSession(string(value), lim); err != nil || !reflect.DeepEqual(back, travelling) {
		t.Errorf("a session comes back as %+v, %v", back, err)
	}
	data, err := wire.AppendPacked(nil, wire.Message{UID: "u", Namespace: "/chat", Body: wire.TakenOver{RequestID: "r", Session: &travelling}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := wire.ParseMessage(data, lim)
	if b, ok := m.Body.(wire.TakenOver); err != nil || !ok || b.Session == nil || !reflect.DeepEqual(*b.Session, travelling) {
		t.Errorf("a session arrives as %+v, %v", m, err)
	}
	marked := wire.Message{UID: "u", Namespace: "/", Mark: 1<<64 - 1, Body: wire.Broadcast{Name: "e", Options: adapter.Options{All: true}}}
	e, err := wire.Streams{Namespace: "/"}.Entry(marked)
	if err != nil || len(e.Fields()) != 10 {
		t.Fatalf("the entry is %q, %v", e.Fields(), err)
	}
	if m, err := e.Message(lim); err != nil || m.Mark != marked.Mark {
		t.Errorf("the mark is %d, %v", m.Mark, err)
	}
	for _, mark := range []string{"-1", "x", "18446744073709551616", "+1"} {
		e.Mark = mark
		if _, err := e.Message(lim); !errors.Is(err, wire.ErrInvalid) {
			t.Errorf("the mark %q: %v", mark, err)
		}
	}
}

// Offsets are compared as numbers.
func TestCompareOffsets(t *testing.T) {
	list := []string{"0-0", "0-1", "9-18446744073709551615", "10-0", "10-2", "10-10", "18446744073709551615-0"}
	for i, a := range list {
		for j, b := range list {
			if got := wire.CompareOffsets(a, b); got != cmp.Compare(i, j) {
				t.Errorf("%s and %s: %d", a, b, got)
			}
		}
	}
}
