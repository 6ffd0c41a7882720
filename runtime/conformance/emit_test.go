// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// An emitted is one emit and what it looks like.
type emitted struct {
	rule, name string
	event      string
	args       []any
	want       []string
}

var emits = []emitted{
	{"V120", "arguments", "hello", []any{1, "2", json.RawMessage(`{"a":[true,null]}`)}, []string{`42["hello",1,"2",{"a":[true,null]}]`}},
	{"V123", "binary", "b", []any{[]byte{1}, struct {
		X []byte `json:"x"`
		Y []byte `json:"y"`
	}{[]byte{2}, []byte{3}}}, []string{`453-["b",` + ph0 + `,{"x":` + ph1 + `,"y":{"_placeholder":true,"num":2}}]`, "<01>", "<02>", "<03>"}},
	{"V125", "date_and_nil", "d", []any{time.Unix(0, 0), nil}, []string{`42["d","1970-01-01T00:00:00.000Z",null]`}},
	{"R216", "maps_are_numbered_as_written", "m", []any{map[string][]byte{"b": {2}, "a": {1}, "c": {3}}},
		[]string{`453-["m",{"a":` + ph0 + `,"b":` + ph1 + `,"c":{"_placeholder":true,"num":2}}]`, "<01>", "<02>", "<03>"}},
	{"D7", "maps_are_numbered_as_written", "m", []any{map[string][]byte{"z": {2}, "a": {1}}}, []string{`452-["m",{"a":` + ph0 + `,"z":` + ph1 + `}]`, "<01>", "<02>"}},
	{"R217", "text_without_binary", "t", []any{map[string]any{"a": 1}}, []string{`42["t",{"a":1}]`}},
	{"R220", "bytes_are_no_base64", "u", []any{struct{ Data []byte }{[]byte("x")}}, []string{`451-["u",{"Data":` + ph0 + `}]`, "<78>"}},
	{"R218", "empty_bytes", "u", []any{[]byte{}}, []string{`451-["u",` + ph0 + `]`, "<>"}},
	{"R236", "no_html_escaping", "h", []any{"<a>&\"\\\n\x00"}, []string{`42["h","<a>&\"\\\n\u0000"]`}},
	{"R237", "record_separator", "h", []any{"\x1e"}, []string{`42["h","\u001e"]`}},
	{"R239", "numbers", "n", []any{1e21, 0.0000001, int64(1) << 53}, []string{`42["n",1e+21,1e-7,9007199254740992]`}},
	{"R240", "nil_is_null", "n", []any{nil, 1}, []string{`42["n",null,1]`}},
	{"R241", "date", "d", []any{time.Date(2024, 2, 29, 12, 0, 0, 5e6, time.UTC)}, []string{`42["d","2024-02-29T12:00:00.005Z"]`}},
	{"R245", "invalid_utf8", "s", []any{"a\xffb"}, []string{"42[\"s\",\"a\ufffdb\"]"}},
}

func emitChecks() []check {
	var checks []check
	for _, e := range emits {
		checks = append(checks, check{e.rule, e.name, func(t *testing.T) {
			w, socket := steady.connectTo(t)
			if err := socket.Emit(t.Context(), e.event, e.args...); err != nil {
				t.Fatal(err)
			}
			w.want(e.want...)
		}})
	}
	return append(checks, emitCases...)
}

var emitCases = []check{
	{"V121", "another_namespace", func(t *testing.T) {
		w := steady.open(t, SocketPath)
		id := play(t, w, "> 40/admin,", `< 40/admin,{"sid":"<SID>"}`)[0]
		if err := steady.socket(t, "/admin", id).Emit(t.Context(), "hello", 1, "2"); err != nil {
			t.Fatal(err)
		}
		w.want(`42/admin,["hello",1,"2"]`)
	}},
	{"V124", "ack_with_bytes", func(t *testing.T) {
		w, _ := steady.connect(t)
		play(t, w, `> 451-12["ack",`+ph0+`]`, "> <0a>", `< 461-12[`+ph0+`]`, "< <0a>")
	}},
	{"V125", "nan_is_an_error", nanFails},
	{"R239", "nan_is_an_error", nanFails},
	{"V127", "disconnect", func(t *testing.T) {
		w := steady.open(t, SocketPath)
		ids := play(t, w, "> 40", joined, "> 40/admin,", `< 40/admin,{"sid":"<SID>"}`)
		steady.socket(t, "/", ids[0]).Disconnect()
		w.want("41")
		steady.socket(t, "/admin", ids[1]).Disconnect()
		w.want("41/admin,")
		steady.endsWith(t, ids[0], "server namespace disconnect")
		play(t, w, "open")
	}},
	{"R209", "more_than_ten_are_not_sent", func(t *testing.T) {
		w, socket := steady.connectTo(t)
		args := make([]any, 11)
		for i := range args {
			args[i] = []byte{1}
		}
		if err := socket.Emit(t.Context(), "b", args...); !errors.Is(err, socketio.ErrTooManyAttachments) {
			t.Fatalf("error %v", err)
		}
		play(t, w, "live")
	}},
	{"R179", "nothing_after_disconnect", func(t *testing.T) {
		w, socket := steady.connectTo(t)
		socket.Disconnect()
		if err := socket.Emit(t.Context(), "after"); !errors.Is(err, socketio.ErrDisconnected) {
			t.Fatalf("error %v", err)
		}
		play(t, w, "< 41", "open")
	}},
	{"R210", "missing_attachments_have_a_deadline", assemblyDeadline},
	{"GHSA-55mf-67qm-4wpg", "missing_attachments_have_a_deadline", assemblyDeadline},
	{"D17", "attachments_are_limited", func(t *testing.T) {
		s := private(t, Config{Limits: socketio.Limits{Packet: siowire.Limits{Attachments: 2}, AssemblyBytes: 100}})
		w, _ := s.connect(t)
		play(t, w, `> 453-["x"]`, "closed")
		w, id := s.connect(t)
		play(t, w, `> 452-["x",`+ph0+`,`+ph1+`]`, "> "+show(make([]byte, 40), true), "> "+show(make([]byte, 40), true), "closed")
		s.endsWith(t, id, "forced close")
	}},
	{"R215", "groups_are_not_torn", groupsStayWhole},
	{"R247", "groups_are_not_torn", groupsStayWhole},
	{"D10", "groups_are_not_torn", groupsStayWhole},
	{"R214", "namespace_not_joined", func(t *testing.T) { // seen in the header already
		w, _ := steady.connect(t)
		play(t, w, `> 451-/b,["x",`+ph0+`]`, "closed")
	}},
}

func nanFails(t *testing.T) {
	w, socket := steady.connectTo(t)
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if err := socket.Emit(t.Context(), "n", x); err == nil {
			t.Errorf("%v is sent", x)
		}
	}
	play(t, w, "live")
}

func assemblyDeadline(t *testing.T) {
	s := private(t, Config{Limits: socketio.Limits{AssemblyTime: 150 * time.Millisecond}})
	w, id := s.connect(t)
	start := time.Now()
	play(t, w, `> 452-["x",`+ph0+`,`+ph1+`]`, "> <01>", "closed")
	within(t, "the end", time.Since(start), 150*time.Millisecond, patience)
	s.endsWith(t, id, "forced close")
}

func groupsStayWhole(t *testing.T) {
	const senders, each = 6, 30
	w, socket := steady.connectTo(t)
	for i := range senders {
		go func() {
			for j := range each {
				_ = socket.Emit(context.Background(), "g", i, j, []byte{byte(i), byte(j)}) // a lost one fails below
			}
		}()
	}
	want := [senders]int{}
	for range senders * each {
		var i, j int
		head := w.text()
		if _, err := fmt.Sscanf(head, `451-["g",%d,%d,{"_placeholder":true,"num":0}]`, &i, &j); err != nil || want[i] != j {
			t.Fatalf("got %q, want numbers %v", head, want)
		}
		want[i]++
		w.want(show([]byte{byte(i), byte(j)}, true))
	}
}
