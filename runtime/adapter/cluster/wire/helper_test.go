// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A vector is one command that an official adapter sent to Redis. See the folder capture.
type vector struct {
	Flavour       string
	Name          string         // what was done
	From          string         // by the server a, or by b when it answers
	Verb          string         // the command
	Channel       string         // or key, or stream
	Text          string         // the payload, if it is text,
	Base64        []byte         // or if it is not
	Fields        []string       // of an entry: names and values in turn
	Meaning       map[string]any // what the message says
	UIDs          []string       `json:"uids"` // of a and b
	ID            string         // of b's socket
	Subscriptions []string       // commands that subscribe
}

func (v vector) payload() []byte {
	if v.Text != "" {
		return []byte(v.Text)
	}
	return v.Base64
}

func (v vector) title() string { return v.Flavour + ": " + v.Name + " (" + v.From + ")" }

func readVectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file.Vectors
}

// A format is a flavour as the tests use it: how its messages are read and written.
type format struct {
	parse  func(v vector, payload []byte) (wire.Message, error)
	append func(wire.Message) ([]byte, error)
	target func(wire.Body) string // the channel or stream of what is no response
	reply  func(uid string) string
}

var lim = wire.Limits{}

// formatOf returns the format that v has.
func formatOf(v vector) format {
	prefix, nsp := "socket.io", "/"
	if strings.Contains(v.Flavour, "app") {
		prefix = "app"
	}
	if n, ok := v.Meaning["nsp"].(string); ok {
		nsp = n
	}
	switch flavour, _, _ := strings.Cut(v.Flavour, ","); flavour {
	case "sharded":
		mode := map[bool]wire.Mode{true: wire.Static}[strings.Contains(v.Flavour, "static")]
		if strings.Contains(v.Flavour, "private") {
			mode = wire.DynamicPrivate
		}
		s := wire.Sharded{Prefix: prefix, Namespace: nsp, Mode: mode}
		return format{
			parse:  func(_ vector, b []byte) (wire.Message, error) { return s.Parse(b, lim) },
			append: func(m wire.Message) ([]byte, error) { return s.Append(nil, m) },
			target: s.ChannelOf, reply: s.ResponseChannel,
		}
	case "streams":
		return streamsFormat(wire.Streams{Prefix: prefix, Stream: prefix, Sessions: "sio:session:", Namespace: nsp}, v)
	}
	c := wire.Classic{Prefix: prefix, Namespace: nsp}
	f := format{
		parse:  func(v vector, b []byte) (wire.Message, error) { return parseClassic(c, v.Channel, b) },
		append: func(m wire.Message) ([]byte, error) { return c.Append(nil, m) },
		target: c.ChannelOf, reply: func(string) string { return c.ResponseChannel() },
	}
	if strings.Contains(v.Flavour, "specific") {
		f.reply = c.SpecificResponseChannel
	}
	return f
}

func parseClassic(c wire.Classic, channel string, b []byte) (wire.Message, error) {
	switch {
	case strings.Contains(channel, "-request#"):
		return c.ParseRequest(b, lim)
	case strings.Contains(channel, "-response#"):
		return c.ParseResponse(b, lim)
	}
	return c.ParseBroadcast(b, lim)
}

func streamsFormat(s wire.Streams, v vector) format {
	if strings.Contains(v.Flavour, "four") {
		s.Count = 4
	}
	return format{
		parse: func(v vector, b []byte) (wire.Message, error) {
			if v.Verb == "XADD" {
				return entryOf(v.Fields).Message(lim)
			}
			return s.Parse(b, lim)
		},
		append: func(m wire.Message) ([]byte, error) {
			if v.Verb != "XADD" {
				return s.Append(nil, m)
			}
			e, err := s.Entry(m)
			return []byte(strings.Join([]string{"uid", e.UID, "nsp", e.Namespace, "type", e.Type, "data", e.Data}, "\n")), err
		},
		target: func(b wire.Body) string {
			if s.Kept(b) {
				return s.StreamName()
			}
			return s.Channel()
		},
		reply: s.ResponseChannel,
	}
}

func entryOf(fields []string) (e wire.Entry) {
	for i := 0; i+1 < len(fields); i += 2 {
		switch fields[i] {
		case "uid":
			e.UID = fields[i+1]
		case "nsp":
			e.Namespace = fields[i+1]
		case "type":
			e.Type = fields[i+1]
		case "data":
			e.Data = fields[i+1]
		}
	}
	return e
}

// meaning returns what m says, as the vectors tell it. ids become "$id".
func meaning(t *testing.T, m wire.Message, id string) map[string]any {
	t.Helper()
	to := map[string]any{"kind": reflect.TypeOf(m.Body).Name()}
	v := reflect.ValueOf(m.Body)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch value := v.Field(i).Interface().(type) {
		case string:
			if name != "RequestID" {
				to[strings.ToLower(name)] = value
			} else if value != "" && !wire.IsResponse(m.Body) {
				to["request"] = true
			}
		case siowire.Args:
			to["args"] = argsOf(t, value)
		case adapter.Options:
			to["options"] = optionsOf(value)
		case []adapter.Description:
			to["sockets"] = len(value)
			if len(value) > 0 {
				checkSocket(t, value[0], id)
				to["data"] = value[0].Data
			}
		default:
			to[strings.ToLower(name)] = value
		}
	}
	if m.Namespace != "/" {
		to["nsp"] = m.Namespace
	}
	return plain(t, to, id)
}

// plain returns v as JSON gives it.
func plain(t *testing.T, v map[string]any, id string) (to map[string]any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if id != "" {
		text = []byte(strings.ReplaceAll(string(text), id, "$id"))
	}
	if err := json.Unmarshal(text, &to); err != nil {
		t.Fatal(err)
	}
	return to
}

func optionsOf(o adapter.Options) map[string]any {
	to := map[string]any{}
	set := func(key string, value any, present bool) {
		if present {
			to[key] = value
		}
	}
	set("all", true, o.All)
	set("rooms", o.Rooms, len(o.Rooms) > 0)
	set("except", o.Except, len(o.Except) > 0)
	set("volatile", true, o.Volatile)
	set("uncompressed", true, o.Uncompressed)
	set("timeout", o.Timeout.Milliseconds(), o.Timeout > 0)
	set("slow", int(o.Slow), o.Slow != 0)
	return to
}

// argsOf returns arguments with {"bin": hex} in place of attachments.
func argsOf(t testing.TB, a siowire.Args) []any {
	t.Helper()
	list := []any{}
	for i := range a.Len() {
		var v any
		if err := json.Unmarshal(a.At(i), &v); err != nil {
			t.Fatalf("argument %d: %v", i, err)
		}
		list = append(list, shown(v, a.Attachments))
	}
	return list
}

func shown(v any, attachments [][]byte) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = shown(v[i], attachments)
		}
	case map[string]any:
		if num, ok := v["num"].(float64); ok && v["_placeholder"] == true && len(attachments) > 0 {
			return map[string]any{"bin": hex.EncodeToString(attachments[int(num)])}
		}
		for key := range v {
			v[key] = shown(v[key], attachments)
		}
	}
	return v
}

// checkSocket compares with what the capture's only client is.
func checkSocket(t *testing.T, d adapter.Description, id string) {
	t.Helper()
	if string(d.ID) != id || !reflect.DeepEqual(d.Rooms, []adapter.Room{adapter.Room(id), "r1"}) {
		t.Errorf("the socket is %s in %q", d.ID, d.Rooms)
	}
	h := d.Handshake
	if h == nil {
		t.Fatal("the socket has no handshake")
	}
	if string(h.Auth) != `{"k":1}` || h.Header.Get("Upgrade") != "websocket" || h.Query.Get("EIO") != "4" ||
		h.Address == "" || !strings.HasPrefix(h.URL, "/socket.io/?EIO=4") || h.Time.Year() < 2020 || h.Secure || h.CrossOrigin {
		t.Errorf("its handshake is %+v", h)
	}
}
