// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// A story is what happens to a client: the server's side of it, and what it missed.
type story struct {
	r      *rig
	n      *Namespace
	l      *lostClient
	c      *client
	s      *Socket
	missed []string
}

// tellStory connects a client, in its own synctest bubble.
func tellStory(t *testing.T, rec Recovery, f func(t *testing.T, st *story)) {
	synctest.Test(t, func(t *testing.T) {
		r := recoverable(t, rec, nil)
		st := &story{r: r, n: r.Of("/"), l: &lostClient{}}
		st.c, _ = r.rejoin(st.l)
		st.s, _ = st.n.Socket(ID(st.l.sid))
		f(t, st)
	})
}

func (st *story) emit(event string, rooms ...Room) {
	st.r.t.Helper()
	to := st.n.Except()
	if len(rooms) > 0 {
		to = st.n.To(rooms...)
	}
	if err := to.Emit(st.r.t.Context(), event); err != nil {
		st.r.t.Error(err)
	}
}

// reads sees what has come.
func (st *story) reads(events ...string) {
	st.r.t.Helper()
	for _, e := range events {
		st.l.want(st.c, `42["`+e+`"]`)
	}
}

// away loses the connection, does something, and comes back.
func (st *story) away(f func()) {
	st.r.t.Helper()
	st.c.ws.Close()
	synctest.Wait()
	f()
	st.c, st.missed = st.r.rejoin(st.l)
}

// wants checks what came in the place of the reply, and whether it is the same client.
func (st *story) wants(same bool, events ...string) {
	st.r.t.Helper()
	var want []string
	for _, e := range events {
		want = append(want, `42["`+e+`"]`)
	}
	if !slices.Equal(st.missed, want) {
		st.r.t.Errorf("missed %q, want %q", st.missed, want)
	}
	if got := ID(st.l.sid) == st.s.id; got != same {
		st.r.t.Errorf("the same client: %v, want %v", got, same)
	}
}

// R222 to R230: what a client gets that comes back.
func TestWhatIsMissed(t *testing.T) {
	for _, tt := range []struct {
		name string
		tell func(t *testing.T, st *story)
	}{
		{"nothing ever happened", func(t *testing.T, st *story) {
			st.away(func() {})
			st.wants(true)
			st.away(func() {})
			st.wants(true)
		}},
		{"nothing seen, events before the CONNECT and after", func(t *testing.T, st *story) {
			st.emit("sent") // and lost on its way
			st.away(func() { st.emit("away") })
			st.wants(true, "sent", "away")
		}},
		{"volatile events in between", func(t *testing.T, st *story) {
			st.emit("one")
			st.reads("one")
			synctest.Wait()
			st.n.Volatile().Emit(t.Context(), "volatile")
			st.reads("volatile")
			st.emit("two", "elsewhere")
			synctest.Wait()
			st.s.Volatile().Emit(t.Context(), "mine")
			st.reads("mine")
			st.away(func() {
				st.emit("three")
				st.n.Volatile().Emit(t.Context(), "gone")
				st.emit("four")
			})
			st.wants(true, "three", "four")
		}},
		{"a volatile event is the first", func(t *testing.T, st *story) {
			synctest.Wait()
			st.s.Volatile().Emit(t.Context(), "volatile")
			st.reads("volatile")
			st.away(func() { st.emit("one") })
			st.wants(true, "one")
		}},
		{"the replay does not arrive either", func(t *testing.T, st *story) {
			st.emit("one")
			st.reads("one")
			before := *st.l
			for range 3 {
				st.away(func() { st.emit("two") })
				*st.l = before // it was lost on its way
			}
			st.away(func() {})
			st.wants(true, "two", "two", "two")
			st.away(func() {})
			st.wants(true)
		}},
		{"part of the replay arrives", func(t *testing.T, st *story) {
			st.away(func() { st.emit("one"); st.emit("two"); st.emit("three") })
			st.l.offset = st.n.log.offset(1)
			st.away(func() {})
			st.wants(true, "two", "three")
		}},
		{"an offset from before the CONNECT", func(t *testing.T, st *story) {
			st.emit("one")
			st.reads("one")
			st.away(func() { st.emit("elsewhere", "elsewhere") })
			st.away(func() { st.emit("two") })
			st.wants(true, "two")
		}},
		{"the offset of an event for others", func(t *testing.T, st *story) {
			st.emit("one")
			st.emit("other", "elsewhere")
			st.reads("one")
			st.l.offset = st.n.log.offset(2)
			st.away(func() { st.emit("two") })
			st.wants(true, "two")
		}},
		{"an offset that was sent and never arrived", func(t *testing.T, st *story) {
			st.emit("one")
			st.emit("two")
			st.emit("three")
			st.reads("one")
			st.away(func() {})
			st.wants(true, "two", "three")
		}},
		{"a room joined after the offset", func(t *testing.T, st *story) {
			st.emit("one")
			st.reads("one")
			st.s.Join("red")
			st.emit("red", "red")
			st.away(func() { st.emit("red again", "red") })
			st.wants(true, "red", "red again")
		}},
		{"an event to a room before it was joined, and none after", func(t *testing.T, st *story) {
			st.emit("one")
			st.reads("one")
			st.emit("not for it", "red")
			st.s.Join("red")
			st.away(func() {})
			st.wants(true)
		}},
		{"an event to a room before it was joined, and one after", func(t *testing.T, st *story) {
			st.emit("one")
			st.reads("one")
			st.emit("before", "red")
			st.s.Join("red")
			st.emit("after", "red")
			st.away(func() {})
			st.wants(true, "before", "after") // R229 looks at the rooms of the end alone
		}},
		{"a room left before the end", func(t *testing.T, st *story) {
			st.s.Join("red", "blue")
			st.emit("one")
			st.reads("one")
			st.s.Leave("red")
			st.away(func() { st.emit("red", "red"); st.emit("both", "red", "blue") })
			st.wants(true, "both")
		}},
		{"rooms cannot be left while away", func(t *testing.T, st *story) {
			st.s.Join("red")
			st.away(func() {
				st.n.In(Room(st.s.id)).SocketsLeave(t.Context(), "red")
				st.s.Leave("red")
				st.emit("red", "red")
			})
			st.wants(true, "red")
			again, _ := st.n.Socket(st.s.id)
			if !slices.Contains(again.Rooms(), "red") {
				t.Errorf("rooms: %q", again.Rooms())
			}
		}},
		{"excepted rooms", func(t *testing.T, st *story) {
			st.s.Join("red", "blue")
			st.away(func() {
				st.n.To("red").Except("blue").Emit(t.Context(), "no")
				st.n.To("red").Except("green").Emit(t.Context(), "yes")
				st.n.Except(Room(st.s.id)).Emit(t.Context(), "no")
			})
			st.wants(true, "yes")
		}},
		{"an offset ahead", func(t *testing.T, st *story) {
			st.emit("one")
			st.reads("one")
			st.l.offset = st.n.log.offset(2)
			st.away(func() { st.emit("two"); st.emit("three") })
			st.wants(false)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { tellStory(t, Recovery{}, tt.tell) })
	}
}

// R230: offsets that are not ours begin anew, without an error.
func TestStrangeOffsets(t *testing.T) {
	for _, offset := range []string{
		"", ".", "1", "AAAAAA.1", "hello", "%s", "%s.", "%s.-1", "%s.+1", "%s. 1", "%s.1.1", "%s.zzzzzzzzzzzzzzzz", "x%s.1", "%s.\u0661",
	} {
		t.Run(offset, func(t *testing.T) {
			tellStory(t, Recovery{}, func(t *testing.T, st *story) {
				st.emit("one")
				st.reads("one")
				st.away(func() {
					st.l.offset = strings.ReplaceAll(offset, "%s", st.r.epoch)
					if offset == "" {
						st.l.offset = `\u0000`
					}
				})
				st.wants(false)
			})
		})
	}
}

// R226: whatever is not two strings is an ordinary CONNECT, and the pid reaches no
// application in any spelling.
func TestSecretsOfACONNECT(t *testing.T) {
	for _, tt := range []struct {
		name, auth string
		same       bool
		left       string
	}{
		{"plain", `{"pid":"PID","offset":"OFFSET","a":1}`, true, `{"a":1}`},
		{"without an offset", `{"pid":"PID"}`, true, `{}`},
		{"offset null", `{"pid":"PID","offset":null}`, true, `{}`},
		{"last", `{"a":{"pid":"inner"}, "pid" : "PID" }`, true, `{"a":{"pid":"inner"}}`},
		{"in between", `{"a":"<&>","pid":"PID", "b" : [1, 2] ,"offset":"OFFSET","a":"\u00e9"}`, true, `{"a":"<&>","b" : [1, 2],"a":"\u00e9"}`},
		{"escaped key", `{"p\u0069d":"PID","\u006fffset":"OFFSET","a":1}`, true, `{"a":1}`},
		{"all escaped", `{"\u0070\u0069\u0064":"PID"}`, true, `{}`},
		{"escaped value", `{"pid":"\u0050ID"}`, true, `{}`},
		{"twice, the last counts", `{"pid":"x","pid":"PID"}`, true, `{}`},
		{"twice, the first does not", `{"pid":"PID","pid":"x"}`, false, `{}`},
		{"twice, once escaped", `{"p\u0069d":"PID","a":1,"pid":5}`, false, `{"a":1}`},
		{"offset twice", `{"pid":"PID","offset":5,"offset":"OFFSET"}`, true, `{}`},
		{"offset a number", `{"pid":"PID","offset":5}`, false, `{}`},
		{"offset an object", `{"pid":"PID","offset":{}}`, false, `{}`},
		{"pid a number", `{"pid":5,"offset":"OFFSET"}`, false, `{}`},
		{"pid null", `{"pid":null}`, false, `{}`},
		{"pid an array", `{"pid":["PID"]}`, false, `{}`},
		{"other case", `{"PID":"P","Pid":"x","a":1}`, false, `{"PID":"P","Pid":"x","a":1}`},
		{"no pid", `{"offset":5,"a":"\\"}`, false, `{"offset":5,"a":"\\"}`},
		{"a value only", `{"a":"pid","b":"\"pid\""}`, false, `{"a":"pid","b":"\"pid\""}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tellStory(t, Recovery{}, func(t *testing.T, st *story) {
				st.emit("one")
				st.reads("one")
				st.c.ws.Close()
				synctest.Wait()
				escaped := fmt.Sprintf(`\u%04x%s`, st.l.pid[0], st.l.pid[1:])
				auth := strings.NewReplacer(`"PID":`, `"PID":`, `\u0050ID`, escaped, `"PID"`, `"`+st.l.pid+`"`, "OFFSET", st.l.offset).Replace(tt.auth)
				c := st.r.dial()
				c.send("40" + auth)
				if err := st.l.comeBack(c); err != nil || (ID(st.l.sid) == st.s.id) != tt.same {
					t.Fatalf("came back as %s, was %s: %v", st.l.sid, st.s.id, err)
				}
				s, _ := st.n.Socket(ID(st.l.sid))
				if got := string(s.Handshake().Auth); got != tt.left || !json.Valid([]byte(got)) {
					t.Errorf("auth %s, want %s", got, tt.left)
				}
			})
		})
	}
}

// A client that missed as much as it may gets all of it, whatever else a connection may
// queue, and one that missed more begins anew.
func TestRecoveryAfterBursts(t *testing.T) {
	tellStory(t, Recovery{}, func(t *testing.T, st *story) {
		burst := func(events int) func() {
			return func() {
				for i := range events {
					st.n.Emit(t.Context(), fmt.Sprintf("%04d%s", i, strings.Repeat("x", 980)))
				}
			}
		}
		st.away(burst(1000))
		for i, frame := range st.missed {
			if !strings.HasPrefix(frame, fmt.Sprintf(`42["%04dxxx`, i)) {
				t.Fatalf("event %d is %.20s", i, frame)
			}
		}
		if len(st.missed) != 1000 || ID(st.l.sid) != st.s.id {
			t.Errorf("missed %d events, came back as %s", len(st.missed), st.l.sid)
		}
		st.away(burst(1001))
		st.wants(false)
	})
}
