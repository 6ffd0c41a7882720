// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sockgen/sockgen/internal/counts"
	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/siowire"
)

var forged = flag.Int("forged", 20_000, "how many forged messages to try")

// A reader is one way in which bytes become a message, and back.
type reader struct {
	name   string
	parse  func([]byte) (wire.Message, error)
	append func(wire.Message) ([]byte, error)
}

var classic = wire.Classic{Prefix: "socket.io", Namespace: "/"}

func readers() []reader {
	write := func(m wire.Message) ([]byte, error) { return classic.Append(nil, m) }
	streams := wire.Streams{Prefix: "socket.io", Stream: "socket.io"}
	return []reader{
		{"broadcast", func(b []byte) (wire.Message, error) { return classic.ParseBroadcast(b, lim) }, func(m wire.Message) ([]byte, error) {
			return wire.Classic{Namespace: m.Namespace}.Append(nil, m)
		}},
		{"request", func(b []byte) (wire.Message, error) { return classic.ParseRequest(b, lim) }, write},
		{"response", func(b []byte) (wire.Message, error) { return classic.ParseResponse(b, lim) }, write},
		{"cluster", func(b []byte) (wire.Message, error) { return wire.ParseMessage(b, lim) }, func(m wire.Message) ([]byte, error) { return wire.AppendMessage(nil, m) }},
		{"packed", func(b []byte) (wire.Message, error) { return wire.ParseMessage(b, lim) }, func(m wire.Message) ([]byte, error) { return wire.AppendPacked(nil, m) }},
		{"entry", func(b []byte) (wire.Message, error) { return entryFrom(b).Message(lim) }, func(m wire.Message) ([]byte, error) {
			s := streams
			s.Namespace = m.Namespace
			e, err := s.Entry(m)
			return linesOf(e), err
		}},
	}
}

// entryFrom takes an entry's fields from lines.
func entryFrom(b []byte) wire.Entry {
	parts := append(strings.SplitN(string(b), "\n", 5), "", "", "", "", "")
	return wire.Entry{UID: parts[0], Namespace: parts[1], Type: parts[2], Mark: parts[3], Data: parts[4]}
}

func linesOf(e wire.Entry) []byte {
	return []byte(strings.Join([]string{e.UID, e.Namespace, e.Type, e.Mark, e.Data}, "\n"))
}

// check fails unless data is refused, or is a message in which nothing is missing and
// that comes back as it is. It reports whether it is one.
func (r reader) check(t testing.TB, data []byte) bool {
	m, err := r.parse(data)
	if err != nil {
		if !errors.Is(err, wire.ErrInvalid) && !errors.Is(err, wire.ErrUnknown) || m.Body != nil || m.UID != "" {
			t.Fatalf("%s: %q is %+v, %v", r.name, data, m, err)
		}
		return false
	}
	if detail := fault(m, r.name); detail != "" {
		t.Fatalf("%s: %q: %s: %+v", r.name, data, detail, m)
	}
	first, err := r.append(m)
	if err != nil {
		t.Fatalf("%s: %q is %+v, which cannot be sent: %v", r.name, data, m, err)
	}
	back, err := r.parse(first)
	if err != nil {
		t.Fatalf("%s: %q comes out as %q: %v", r.name, data, first, err)
	}
	second, err := r.append(back)
	if err != nil || !bytes.Equal(first, second) {
		t.Fatalf("%s: %q comes out as %q and then as %q (%v)", r.name, data, first, second, err)
	}
	return true
}

// fault says what a message lacks that its receiver counts on.
func fault(m wire.Message, format string) string {
	anonymous := format == "request" || format == "response"
	switch {
	case m.UID == "" && !anonymous:
		return "no sender"
	case m.Namespace == "":
		return "no namespace"
	case !short(m.UID) || !short(m.Namespace):
		return "a long name"
	}
	switch b := m.Body.(type) {
	case wire.Broadcast:
		if siowire.Reserved(b.Name) || len(b.Name) > 256 {
			return "a name that may not be"
		}
		return first(whom(b.Options), arguments(b.Args))
	case wire.Join:
		return first(whom(b.Options), lists(b.Rooms))
	case wire.Leave:
		return first(whom(b.Options), lists(b.Rooms))
	case wire.Disconnect:
		return whom(b.Options)
	case wire.Fetch:
		return first(whom(b.Options), request(b.RequestID))
	case wire.ServerSide:
		return arguments(b.Args)
	case wire.TakeOver:
		return first(request(b.RequestID), request(b.PID))
	case wire.TakenOver:
		if b.Session != nil && !sound(*b.Session) {
			return "a session that is none"
		}
		return request(b.RequestID)
	case wire.Initial, wire.Heartbeat, wire.Closed:
		return ""
	}
	return response(m.Body)
}

func response(b wire.Body) string {
	switch b := b.(type) {
	case wire.Sockets:
		for _, d := range b.Sockets {
			if d.ID == "" || !short(d.ID) || d.Data != nil && !json.Valid(d.Data) {
				return "a socket that is none"
			}
			if h := d.Handshake; h != nil && (!json.Valid(h.Auth) || h.Header == nil || h.Query == nil) {
				return "a handshake that is none"
			}
		}
		return request(b.RequestID)
	case wire.ServerSideAnswer:
		return first(request(b.RequestID), arguments(b.Args), single(b.Args))
	case wire.Answer:
		return first(request(b.RequestID), arguments(b.Args), single(b.Args))
	case wire.ClientCount:
		if b.Count < 0 {
			return "fewer than no clients"
		}
		return request(b.RequestID)
	case wire.Rooms:
		return first(request(b.RequestID), lists(b.Rooms))
	case wire.IDs:
		return first(request(b.RequestID), lists(b.IDs))
	case wire.AllRooms:
		return request(b.RequestID)
	case wire.SocketIDs:
		return first(request(b.RequestID), lists(b.Rooms))
	case wire.JoinOne:
		return first(request(b.RequestID), request(string(b.ID)))
	case wire.LeaveOne:
		return first(request(b.RequestID), request(string(b.ID)))
	case wire.DisconnectOne:
		return first(request(b.RequestID), request(string(b.ID)))
	case wire.Done:
		return request(b.RequestID)
	}
	return "no body"
}

func first(details ...string) string {
	for _, detail := range details {
		if detail != "" {
			return detail
		}
	}
	return ""
}

func short[T ~string](name T) bool { return len(name) <= 1024 && utf8.ValidString(string(name)) }

func request(id string) string {
	if id == "" || !short(id) {
		return "no id"
	}
	return ""
}

func single(a siowire.Args) string {
	if a.Len() > 1 {
		return "more than one argument"
	}
	return ""
}

func lists[T ~string](names []T) string {
	if slices.ContainsFunc(names, func(name T) bool { return !short(name) }) {
		return "a long name"
	}
	return ""
}

func whom(o adapter.Options) string {
	switch {
	case o.All != (len(o.Rooms) == 0) || o.Nobody() || o.Local:
		return "it is not said for whom"
	case o.Timeout < 0:
		return "a timeout that has passed"
	}
	return first(lists(o.Rooms), lists(o.Except))
}

func arguments(a siowire.Args) string {
	for i := range a.Len() {
		var v any
		if !json.Valid(a.At(i)) || !utf8.Valid(a.At(i)) {
			return "an argument that is not JSON"
		}
		if err := a.Decode(i, &v); err != nil && len(a.Attachments) <= siowire.DefaultAttachments && !strings.Contains(err.Error(), "cannot unmarshal number") {
			return fmt.Sprintf("argument %d: %v", i, err)
		}
	}
	return ""
}

// A payload is what a vector has, entries as lines, and which of readers it is for.
type payload struct {
	data   []byte
	reader int
}

// session is the reader after the last one.
const session = 6

func payloads(t testing.TB) (all []payload) {
	t.Helper()
	for _, v := range readVectors(t) {
		p := payload{data: v.payload()}
		switch {
		case v.Name == "subscriptions":
			continue
		case v.Fields != nil:
			e := entryOf(v.Fields)
			e.Mark = "7"
			p = payload{linesOf(e), 5}
		case v.Verb == "SET":
			p.reader = session
		case strings.HasPrefix(v.Flavour, "streams"):
			p.reader = 4
		case strings.HasPrefix(v.Flavour, "sharded"):
			p.reader = 3
		case strings.Contains(v.Channel, "-response#"):
			p.reader = 2
		case strings.Contains(v.Channel, "-request#"):
			p.reader = 1
		}
		all = append(all, p)
	}
	left := travelling
	for _, b := range []wire.Body{wire.TakeOver{RequestID: "r", PID: "p"}, wire.TakenOver{RequestID: "r"}, wire.TakenOver{RequestID: "r", Session: &left}} {
		data, err := wire.AppendPacked(nil, wire.Message{UID: "u", Namespace: "/", Body: b})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, payload{data, 4})
	}
	value, err := wire.AppendSession(nil, travelling)
	if err != nil {
		t.Fatal(err)
	}
	return append(all, payload{value, session})
}

// travelling is a session with all that servers of this project tell of it.
var travelling = adapter.Session{
	ID: "LViDrtkEL1qFsNsGAAAF", PID: "MIDQIHDAEGCwAFCgAAAG", Rooms: []adapter.Room{"LViDrtkEL1qFsNsGAAAF", "r1"}, Data: []byte(`{"a":[1,"x"]}`),
	Namespace: "/chat", Start: "1-0", Sure: "2-0", Sent: "3-1", End: "4-0",
}

// Of messages that were changed on the way, each is refused, or it is whole again.
func TestForged(t *testing.T) {
	all, readers := payloads(t), readers()
	random := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range *forged {
		data, reader := forge(random, all)
		if random.IntN(8) == 0 {
			reader = random.IntN(session + 1)
		}
		ok := false
		if reader == session {
			ok = checkSession(t, data)
		} else {
			ok = readers[reader].check(t, data)
		}
		if ok {
			accepted++
		}
	}
	if accepted == 0 || accepted == *forged {
		t.Errorf("%d of %d forged messages were accepted", accepted, *forged)
	}
	counts.Print(t, "forged messages of a cluster: %s tried, %s refused, the rest whole", counts.Number(*forged), counts.Number(*forged-accepted))
}

func checkSession(t testing.TB, data []byte) bool {
	s, err := wire.ParseSession(string(data), lim)
	if err != nil {
		if !errors.Is(err, wire.ErrInvalid) {
			t.Fatalf("%q: %v", data, err)
		}
		return false
	}
	if !sound(s) {
		t.Fatalf("%q is the session %+v", data, s)
	}
	return true
}

// sound reports whether a session has what its receiver counts on.
func sound(s adapter.Session) bool {
	for _, place := range []string{s.Start, s.Sure, s.Sent, s.End} {
		if place != "" && !wire.IsOffset(place) {
			return false
		}
	}
	return s.ID != "" && s.PID != "" && short(s.ID) && short(s.PID) && lists(s.Rooms) == "" && (s.Data == nil || json.Valid(s.Data))
}

// forge changes a message in one to four ways.
func forge(random *rand.Rand, all []payload) (data []byte, reader int) {
	p := all[random.IntN(len(all))]
	data = slices.Clone(p.data)
	for range 1 + random.IntN(4) {
		if len(data) == 0 {
			break
		}
		at := random.IntN(len(data))
		to := min(len(data), at+random.IntN(12))
		switch random.IntN(8) {
		case 0:
			data[at] ^= 1 << random.IntN(8)
		case 1:
			data[at] = byte(random.Uint32())
		case 2: // cut
			data = data[:at]
		case 3: // leave out
			data = slices.Delete(data, at, to)
		case 4: // repeat
			data = slices.Insert(data, at, slices.Clone(data[at:to])...)
		case 5: // a piece of another
			other := all[random.IntN(len(all))].data
			from := random.IntN(len(other))
			data = slices.Insert(data, at, other[from:min(len(other), from+random.IntN(40))]...)
		case 6: // a head that promises much
			heads := []byte{0xdb, 0xdd, 0xdf, 0xc6, 0xc9, 0xda, 0xdc, 0xde, 0x9f, 0x8f, 0xbf}
			data = slices.Insert(data, at, heads[random.IntN(len(heads))], byte(random.Uint32()), 0xff, 0xff, 0xff)
		case 7:
			words := []string{"null", `{}`, `[]`, `""`, "-1", "1e999", `{"_placeholder":true,"num":0}`, `"rooms":[],`, `"type":3,`, `,"uid":"x"`}
			data = slices.Insert(data, at, []byte(words[random.IntN(len(words))])...)
		}
	}
	return data, p.reader
}

func FuzzParse(f *testing.F) {
	for _, p := range payloads(f) {
		f.Add(uint8(p.reader), p.data)
	}
	all := readers()
	f.Fuzz(func(t *testing.T, i uint8, data []byte) {
		if i %= session + 1; i == session {
			checkSession(t, data)
		} else {
			all[i].check(t, data)
		}
	})
}

// A message takes memory in proportion to its bytes, however they are chosen.
func TestMemory(t *testing.T) {
	const n = 20_000
	list := func(one string) string { return strings.Repeat(one+",", n-1) + one }
	broadcast := func(data, rooms string) string {
		return `{"type":3,"data":{"packet":{"type":2,"data":["e",` + data + `]},"opts":{"rooms":[` + rooms + `],"except":[],"flags":{}}},"uid":"x","nsp":"/"}`
	}
	for name, tt := range map[string]struct {
		text string
		most int // times the length
	}{
		"a long string":     {broadcast(`"`+strings.Repeat("x", n)+`"`, ""), 2},
		"many arguments":    {broadcast(list("0"), ""), 24},
		"deep arguments":    {broadcast(list("[[[]]]"), ""), 16},
		"many rooms":        {broadcast("0", list("0")), 24},
		"many keys":         {`{` + list(`"a":1`) + `,` + broadcast("0", "")[1:], 2},
		"many sockets":      {`{"type":8,"data":{"requestId":"x","sockets":[` + list(`{"id":0,"rooms":[]}`) + `]},"uid":"x","nsp":"/"}`, 32},
		"many header lines": {`{"type":8,"data":{"requestId":"x","sockets":[{"id":0,"rooms":[],"handshake":{"headers":{` + list(`"k":""`) + `}}}]},"uid":"x","nsp":"/"}`, 32},
	} {
		data := []byte(tt.text)
		used := allocated(func() {
			if _, err := wire.ParseMessage(data, lim); err != nil {
				t.Error(name, err)
			}
		})
		if most := uint64(tt.most*len(data) + 4096); used > most {
			t.Errorf("%s: %d bytes for %d: %.1f times", name, used, len(data), float64(used)/float64(len(data)))
		}
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	f()
	least := uint64(math.MaxUint64)
	for range 3 { // others may allocate meanwhile
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}
