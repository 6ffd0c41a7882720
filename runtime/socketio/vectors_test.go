// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// ends remembers how sockets ended, and which events nobody listened to.
type ends struct {
	mu   sync.Mutex // guards what follows
	list []string
}

func (e *ends) add(s string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, s)
}

func (e *ends) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.list, "; ")
}

// vectorApp is the application of the vectors V1 to V127.
func vectorApp(t testing.TB, seen *ends) func(*Server) {
	return func(srv *Server) {
		main := srv.Of("/")
		main.On("emitback", func(ctx context.Context, s *Socket, e *Event) {
			back := encode(nil)
			if err := back.Forward(e.Args); err != nil {
				t.Errorf("Forward: %v", err)
			}
			if err := s.emitEncoded(ctx, "back", back); err != nil {
				t.Errorf("emit back: %v", err)
			}
		})
		main.On("ack", func(ctx context.Context, s *Socket, e *Event) {
			args := encode(nil)
			args.Forward(e.Args)
			if err := e.ackEncoded(args); err != nil {
				t.Errorf("ack: %v", err)
			}
		})
		main.On("bye", func(ctx context.Context, s *Socket, e *Event) { s.Disconnect() })
		main.On("byebye", func(ctx context.Context, s *Socket, e *Event) { s.CloseConnection() })
		main.OnUnhandled(func(ctx context.Context, s *Socket, e *Event) {
			text := e.Name
			for i := range e.Args.Len() {
				text += " " + string(e.Args.At(i))
			}
			seen.add(text)
		})
		for _, name := range []string{"/", "/admin", "/b"} {
			srv.Of(name).OnDisconnect(func(ctx context.Context, s *Socket, reason DisconnectReason) {
				seen.add(name + " " + string(reason))
			})
		}
		srv.Of("rej").Use(func(context.Context, *Socket) error {
			return &ConnectError{"not authorized", map[string]string{"content": "Please retry later"}}
		})
		srv.Of("rej2").Use(func(context.Context, *Socket) error { return &ConnectError{Message: "nope"} })
	}
}

// A vector is a conversation: "> " the client sends, "< " the server does, and at
// the end "open" or "closed". Alternatives are lines of their own.
type vector struct {
	name, script string
	seen         string // what the application saw, once it is over
}

const (
	ph0 = `{"_placeholder":true,"num":0}`
	ph1 = `{"_placeholder":true,"num":1}`
)

func play(t *testing.T, v vector, joined bool) {
	seen := &ends{}
	r := newRig(t, Config{MaxPayload: 10_000}, vectorApp(t, seen))
	c := r.dial()
	if joined {
		c.join("/")
	}
	for line := range strings.Lines(v.script) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "> "):
			c.send(line[2:])
		case strings.HasPrefix(line, ">"): // an empty frame
			c.send("")
		case strings.HasPrefix(line, "< "):
			c.want(line[2:])
		case strings.HasPrefix(line, "closed"):
			c.want(line)
		case line == "open":
			c.wantOpen()
		case line != "":
			t.Fatalf("no such line in a script: %q", line)
		}
	}
	if v.seen != "" {
		eventually(t, v.seen+", not "+seen.String(), func() bool { return seen.String() == v.seen })
	}
}

// each makes one vector of each alternative.
func each(name, before string, alternatives []string, after, seen string) []vector {
	var vs []vector
	for _, a := range alternatives {
		vs = append(vs, vector{name + " " + a, before + "\n> " + a + "\n" + after, seen})
	}
	return vs
}

func join(lists ...[]vector) (all []vector) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func TestVectorsConnecting(t *testing.T) {
	const ok = `< 40{"sid":"<SID>"}`
	for _, v := range join(
		each("V1 V2 V4 V5", "", []string{"40", `40{"a":1}`, "401", "40/", "40/,"}, ok+"\nopen", ""),
		each("V3", "", []string{"40[]", `40"x"`, "40null", "40{"}, "closed", ""),
		each("V6", "", []string{"40/admin", "40/admin,"}, `< 40/admin,{"sid":"<SID>"}`+"\nopen", ""),
		[]vector{
			{"V7", `> 40/admin?x=1,
				< 44/admin?x=1,{"message":"Invalid namespace"}
				open`, ""},
			{"V8", `> 40/unknown,
				< 44/unknown,{"message":"Invalid namespace"}
				open`, ""},
			{"V9", `> 40/rej,
				< 44/rej,{"message":"not authorized","data":{"content":"Please retry later"}}
				open`, ""},
			{"V10", `> 40/rej2,
				< 44/rej2,{"message":"nope"}
				> 40/rej2,
				< 44/rej2,{"message":"nope"}
				open`, ""},
			{"V11", `> 40/rej2,
				< 44/rej2,{"message":"nope"}
				> 40
				< 40{"sid":"<SID>"}
				open`, ""},
		},
		each("V12", "", []string{`42["x"]`, "41", "430[]", `451-["x",` + ph0 + `]`}, "closed", ""),
	) {
		t.Run(v.name, func(t *testing.T) { play(t, v, false) })
	}
}

// conversations are the vectors of 24.2 that take more than one packet.
var conversations = []vector{
	{"V21", `> 40/admin,
		< 40/admin,{"sid":"<SID>"}
		> 42["emitback",1]
		< 42["back",1]
		> 41/admin,
		> 42["emitback",2]
		< 42["back",2]
		open`, "/admin client namespace disconnect"},
	{"V24", `> 41
		> 40
		< 40{"sid":"<SID>"}
		open`, "/ client namespace disconnect"},
	{"V25", "> 41\n> 42[\"x\"]\nclosed", "/ client namespace disconnect"},
	{"V29", "> 42[1,\"a\"]\nopen", `1 "a"`},
	{"V30", "> 42[\"\",1]\nopen", " 1"},
	{"V32", `> 42["connection",1]
		> 42["error",1]
		> 42["message",1]
		> 42["__proto__",1]
		> 42["toString",1]
		open`, "connection 1; error 1; message 1; __proto__ 1; toString 1"},
	{"V34", "> 4212[\"ack\",\"a\",{\"b\":1}]\n< 4312[\"a\",{\"b\":1}]\nopen", ""},
	{"V35", "> 42007[\"ack\"]\n< 437[]\nopen", ""},
	{"V39", "> 42/,[\"emitback\",1]\n< 42[\"back\",1]\nopen", ""},
	{"V41", `> 42["bye"]
		< 41
		> 40
		< 40{"sid":"<SID>"}
		open`, "/ server namespace disconnect"},
	{"V42", `> 40/admin,
		< 40/admin,{"sid":"<SID>"}
		> 42["byebye"]
		< 41
		< 41/admin,
		closed`, ""},
	{"V43", `> 42["emitback",12345678901234567890,1.0,1e2,-0,"\u0041\ud83d\ude00\/"]
		< 42["back",12345678901234567890,1.0,1e2,-0,"\u0041\ud83d\ude00\/"]
		open`, ""}, // a port with integers may print the exact value, and the text as it came
	{"V44", `> 42["emitback",{"__proto__":{"a":1},"b":2,"b":3}]
		< 42["back",{"__proto__":{"a":1},"b":2,"b":3}]
		open`, ""}, // passed on as it came: what a repeated key means is for its decoder
	{"V45", "> 42[\"x\",\"" + strings.Repeat("a", 10_000) + "\"]\nclosed: websocket: close 1009 (message too big)", "/ transport error"},
	{"V47", "> 2\nclosed", "/ transport error"},
	{"V48", "> abc\nclosed", "/ parse error"},
	{"V48 empty", ">\nclosed", "/ parse error"},
	{"V48 7", "> 7\nclosed", "/ parse error"},
	{"V49", "> 3\n> 3xyz\n> 6\n> 5\n> 0{}\nopen", ""},
	{"V50", "> 1\nclosed", "/ transport close"},
}

func TestVectorsJoined(t *testing.T) {
	const forced = "/ forced close"
	for _, v := range join(
		each("V20", "", []string{"40", `40{"a":1}`, "40/,"}, "closed", forced),
		each("V22", "", []string{`42/admin,["x"]`, "41/admin,"}, "closed", forced),
		each("V23", "", []string{`44{"message":"x"}`, `44"x"`}, "closed", forced),
		each("V27", "", []string{"4", "47", `49["x"]`, "4abc"}, "closed", forced),
		each("V28", "", []string{"42[]", "42{}", "42[null]", "42[{}]", "42[true]"}, "closed", forced),
		each("V31", "", []string{`42["connect",1]`, `42["connect_error",1]`, `42["disconnect",1]`, `42["disconnecting",1]`,
			`42["newListener",1]`, `42["removeListener",1]`}, "closed", forced),
		each("V33 V36 V38 V40 V26", "", []string{`42["x"]zzz`, `42["x"`, `42-1["ack"]`, `421.5["ack"]`, `42abc["ack"]`,
			"431{}", `42/admin["x"]`, "41{}"}, "closed", forced),
		each("V37", "", []string{`4399["x"]`, `43["x"]`, "431"}, "open", ""),
		conversations,
	) {
		t.Run(v.name, func(t *testing.T) { play(t, v, true) })
	}
}

func TestVectorsBinary(t *testing.T) {
	const forced = "/ forced close"
	header := `451-["emitback",` + ph0 + `]`
	echo := "> " + header + "\n> <01 02>\n< 451-[\"back\"," + ph0 + "]\n< <01 02>\n"
	num := func(n string) string { return `451-["emitback",{"_placeholder":true,"num":` + n + `}]` }
	for _, v := range join(
		each("V65", "", []string{num("1"), num("-1"), num(`"0"`), num(`"splice"`), num("0.5")}, "closed", forced),
		each("V68 V70 V71", "", []string{`450-["emitback",1]`, `4511-["emitback"]`, `45-["x"]`, `451["x"]`, `45a-["x"]`,
			`45-1-["x"]`, `451.5-["x"]`}, "closed", forced),
		each("V73", "> "+header, []string{`42["x"]`, "41", `451-/b,["x",` + ph0 + `]`}, "closed", forced),
		[]vector{
			{"V60", echo + "open", ""},
			{"V61", `> 452-["emitback",` + ph1 + `,` + ph0 + `]
				> <01>
				> <02>
				< 452-["back",` + ph0 + `,` + ph1 + `]
				< <02>
				< <01>
				open`, ""},
			{"V62", `> 451-["emitback",` + ph0 + `,` + ph0 + `]
				> <01>
				< 452-["back",` + ph0 + `,` + ph1 + `]
				< <01>
				< <01>
				open`, ""},
			{"V63", `> 452-["emitback",` + ph0 + `]
				> <01>
				> <02>
				< 451-["back",` + ph0 + `]
				< <01>
				open`, ""},
			{"V64", `> 451-["emitback",{"a":[{"b":` + ph0 + `}]}]
				> <01>
				< 451-["back",{"a":[{"b":` + ph0 + `}]}]
				< <01>
				open`, ""},
			{"V66", `> 451-["emitback",{"_placeholder":"true","num":0}]
				> <01>
				< 42["back",{"_placeholder":"true","num":0}]
				open`, ""},
			{"V67", "> 42[\"emitback\"," + ph0 + "]\n< 42[\"back\"," + ph0 + "]\nopen", ""},
			{"V69", "> 4510-[\"emitback\"]\n" + strings.Repeat("> <01>\n", 10) + "< 42[\"back\"]\nopen", ""},
			{"V72", "> 4501-[\"emitback\"]\n> <01>\n< 42[\"back\"]\nopen", ""},
			{"V74", "> " + header + "\n> 3\n> <05>\n< 451-[\"back\"," + ph0 + "]\n< <05>\nopen", ""},
			{"V75", "> <01 02>\nclosed", forced},
			{"V76", echo + "> <02>\nclosed", forced},
			{"V77", `> 451-["disconnect",` + ph0 + `]` + "\nclosed", forced},
			{"V78", "> 461-5[" + ph0 + "]\n> <01>\nopen", ""},
			{"V79", "> " + header + "\n> bAQID\n< 451-[\"back\"," + ph0 + "]\n< <01 02 03>\nopen", ""},
			{"V80", "> " + header + "\n> <>\n< 451-[\"back\"," + ph0 + "]\n< <>\nopen", ""},
			{"V81", `> 451-/b,7["x",` + ph0 + `]` + "\nclosed", forced},
		},
	) {
		t.Run(v.name, func(t *testing.T) { play(t, v, true) })
	}
}

// V46: bytes that are not UTF-8 in a text frame.
func TestVectorBadUTF8(t *testing.T) {
	r := newRig(t, Config{}, vectorApp(t, &ends{}))
	c, _ := r.join("/")
	c.send("42\xff")
	c.want("closed: websocket: close 1007 (invalid payload data)")
}

// V13 to V15, on fake time.
func TestVectorsConnectTimeout(t *testing.T) {
	for _, v := range []struct {
		name, send, want string
		closed           bool
	}{
		{"V13", "", "", true},
		{"V14", "40/unknown,", `44/unknown,{"message":"Invalid namespace"}`, true},
		{"V15", "40", `40{"sid":"<SID>"}`, false},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// No heartbeat comes between, so the fake client need not answer one.
				r := newRig(t, Config{PingInterval: time.Hour}, vectorApp(t, &ends{}))
				c := r.dial()
				start := time.Now()
				if v.send != "" {
					c.send(v.send)
					c.want(v.want)
				}
				if !v.closed {
					c.send("41")
					time.Sleep(50 * time.Second)
					c.wantOpen()
					c.ws.Close()
					return
				}
				c.ws.SetReadDeadline(time.Time{})
				_, data, err := c.ws.ReadMessage()
				if err == nil {
					t.Fatalf("got %q, want the end", data)
				}
				if waited := time.Since(start); waited != 45*time.Second {
					t.Errorf("closed after %v", waited)
				}
				c.ws.Close()
			})
		})
	}
}

// V120 to V127: what the application emits, on the wire.
func TestVectorsServerPackets(t *testing.T) {
	hello := []any{1, "2", map[string]any{"a": []any{true, nil}}}
	for _, v := range []struct {
		name, namespace string
		do              func(t *testing.T, s *Socket)
		want            []string
	}{
		{"V120", "/", func(t *testing.T, s *Socket) { emit(t, s, "hello", hello...) }, []string{`42["hello",1,"2",{"a":[true,null]}]`}},
		{"V121", "/chat", func(t *testing.T, s *Socket) { emit(t, s, "hello", hello...) }, []string{`42/chat,["hello",1,"2",{"a":[true,null]}]`}},
		{"V122", "/", func(t *testing.T, s *Socket) {
			for range 2 {
				if _, _, err := (Emitter{s: s}).ask(t.Context(), "q", nil); err != nil {
					t.Error(err)
				}
			}
		}, []string{`420["q"]`, `421["q"]`}},
		{"V123", "/", func(t *testing.T, s *Socket) {
			emit(t, s, "b", []byte{1}, map[string]any{"x": []byte{2}, "y": []byte{3}})
		}, []string{`453-["b",` + ph0 + `,{"x":` + ph1 + `,"y":{"_placeholder":true,"num":2}}]`, "<01>", "<02>", "<03>"}},
		{"V125", "/", func(t *testing.T, s *Socket) { emit(t, s, "d", time.Unix(0, 0), nil) }, []string{`42["d","1970-01-01T00:00:00.000Z",null]`}},
		{"V126", "/", func(t *testing.T, s *Socket) {
			for _, name := range []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"} {
				if err := s.Emit(t.Context(), name); err == nil || !strings.Contains(err.Error(), `"`+name+`"`) {
					t.Errorf("Emit(%q) = %v", name, err)
				}
				if err := s.Namespace().Emit(t.Context(), name); err == nil {
					t.Errorf("broadcast of %q is not refused", name)
				}
			}
		}, nil},
		{"V127", "/", func(_ *testing.T, s *Socket) { s.Disconnect() }, []string{"41"}},
		{"V127 chat", "/chat", func(_ *testing.T, s *Socket) { s.Disconnect() }, []string{"41/chat,"}},
	} {
		t.Run(v.name, func(t *testing.T) {
			r := newRig(t, Config{}, func(srv *Server) { srv.Of(v.namespace) })
			c, id := r.join(v.namespace)
			s, ok := r.Of(v.namespace).Socket(id)
			if !ok {
				t.Fatalf("no socket %q", id)
			}
			v.do(t, s)
			c.want(v.want...)
			c.wantOpen()
		})
	}
}

func emit(t testing.TB, s *Socket, event string, args ...any) {
	t.Helper()
	if err := s.Emit(context.Background(), event, args...); err != nil {
		t.Errorf("Emit(%q): %v", event, err)
	}
}

// V124: an ack with binary arguments.
func TestVectorBinaryAck(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").On("get", func(_ context.Context, _ *Socket, e *Event) {
			if err := e.Ack([]byte{0xff}); err != nil {
				t.Errorf("Ack: %v", err)
			}
		})
	})
	c, _ := r.join("/")
	c.send(`4212["get"]`)
	c.want("461-12["+ph0+"]", "<ff>")
	c.wantOpen()
}
