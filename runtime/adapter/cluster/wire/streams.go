// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"cmp"
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sockgen/sockgen/runtime/adapter"
)

// Streams is the format of the Redis Streams adapter, for one namespace. What is to be
// kept goes through a stream that the namespaces share, the rest through Pub/Sub: see
// [Streams.Kept].
type Streams struct {
	Prefix    string // of all channels; "socket.io" unless the cluster is set up otherwise
	Stream    string // name of the stream, or of all of them without their numbers; "socket.io"
	Count     int    // of the streams; 0 and 1 mean one, without a number
	Sessions  string // prefix of the keys of sessions; "sio:session:"
	Namespace string
}

// Channel returns the channel for all servers that have the namespace. Each subscribes to
// it, so that its subscribers count them. It is for SUBSCRIBE, or where the official
// adapter has useShardedPubSub for SSUBSCRIBE.
func (s Streams) Channel() string { return s.Prefix + "#" + s.Namespace + "#" }

// ResponseChannel returns the channel for responses to the server uid, which subscribes
// to it.
func (s Streams) ResponseChannel(uid string) string { return s.Channel() + uid + "#" }

// StreamName returns the stream of the namespace. Where there are several, the official
// adapter writes to one that nobody reads for about half of all names, those whose hash is
// negative; this returns the one that it should be.
func (s Streams) StreamName() string {
	if s.Count <= 1 {
		return s.Stream
	}
	var hash int32
	for _, unit := range utf16.Encode([]rune(s.Namespace)) {
		hash = hash*31 + int32(unit)
	}
	n := int(hash) % s.Count
	if n < 0 {
		n += s.Count
	}
	return s.Stream + "-" + strconv.Itoa(n)
}

// Kept reports whether a message goes through the stream: broadcasts without acks, and
// what is done to sockets. Others go through Pub/Sub.
func (s Streams) Kept(b Body) bool {
	switch b := b.(type) {
	case Broadcast:
		return b.RequestID == ""
	case ServerSide, Fetch, TakeOver:
		return false
	}
	return !IsResponse(b)
}

// Append appends m for Pub/Sub.
func (s Streams) Append(dst []byte, m Message) ([]byte, error) {
	m.Namespace = s.Namespace
	return AppendPacked(dst, m)
}

// Parse reads a message of Pub/Sub.
func (s Streams) Parse(data []byte, lim Limits) (Message, error) { return ParseMessage(data, lim) }

// An Entry is a message in a stream: its fields, all of them text. XADD takes them in this
// order, by the names uid, nsp, type, data and mark; an empty Data or Mark is left out. The
// official adapter has no mark, and passes it over.
type Entry struct {
	UID, Namespace, Type, Data, Mark string
}

// Fields returns the names and values of what is not left out, in turn.
func (e Entry) Fields() []string {
	list := []string{"uid", e.UID, "nsp", e.Namespace, "type", e.Type}
	if e.Data != "" {
		list = append(list, "data", e.Data)
	}
	if e.Mark != "" {
		list = append(list, "mark", e.Mark)
	}
	return list
}

// Entry returns m as an entry of the stream.
func (s Streams) Entry(m Message) (Entry, error) {
	t := typeOf(m.Body)
	if t == 0 {
		return Entry{}, ErrForm
	}
	e := Entry{UID: m.UID, Namespace: s.Namespace, Type: strconv.Itoa(t)}
	if m.Mark != 0 {
		e.Mark = strconv.FormatUint(m.Mark, 10)
	}
	if !hasData(m.Body) {
		return e, nil
	}
	write := func(text []byte) ([]byte, error) { return appendData(text, m.Body) }
	binaries := attachments(m.Body)
	if len(binaries) == 0 {
		text, err := write(nil)
		if err != nil {
			return Entry{}, err
		}
		e.Data = string(text)
		return e, nil
	}
	packed, err := pack(nil, binaries, write)
	if err != nil {
		return Entry{}, err
	}
	e.Data = base64.StdEncoding.EncodeToString(packed)
	return e, nil
}

// Message reads the entry.
func (e Entry) Message(lim Limits) (Message, error) {
	lim = lim.withDefaults()
	t, err := strconv.ParseUint(e.Type, 10, 31)
	switch {
	case err != nil:
		return Message{}, invalid("the type is not such a number")
	case !isID(e.UID, lim):
		return Message{}, invalid("the sender is missing or no short string")
	case !isID(e.Namespace, lim):
		return Message{}, invalid("the namespace is missing or no short string")
	}
	m := Message{UID: e.UID, Namespace: e.Namespace}
	if e.Mark != "" {
		if m.Mark, err = strconv.ParseUint(e.Mark, 10, 64); err != nil {
			return Message{}, invalid("the mark is no number")
		}
	}
	p, text := &parser{lim: lim}, []byte(nil)
	switch {
	case e.Data == "":
	case e.Data[0] == '{':
		p, text, err = textParser([]byte(e.Data), lim)
	default:
		p, text, err = unbase64(e.Data, lim)
	}
	if err != nil {
		return Message{}, err
	}
	if isPlain(int(t)) && len(p.attachments) > 0 {
		if text, err = p.plain(); err != nil {
			return Message{}, err
		}
	}
	m.Body, err = p.data(int(t), text)
	return whole(m, err)
}

func isID(text string, lim Limits) bool {
	return text != "" && len(text) <= lim.NameBytes && utf8.ValidString(text)
}

// unbase64 reads base64 of MessagePack.
func unbase64(data string, lim Limits) (*parser, []byte, error) {
	packed, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return nil, nil, invalid("data is neither JSON nor base64")
	}
	return packedParser(packed, lim)
}

// SessionKey returns the key of the session pid. It is set with an expiry, and deleted by
// whoever restores the session.
func (s Streams) SessionKey(pid string) string { return s.Sessions + pid }

// AppendSession appends the value of a session's key.
func AppendSession(dst []byte, v adapter.Session) ([]byte, error) {
	packed, err := pack(nil, nil, func(text []byte) ([]byte, error) { return appendSession(text, v), nil })
	if err != nil {
		return dst, err
	}
	return base64.StdEncoding.AppendEncode(dst, packed), nil
}

// appendSession appends a session as JSON: what the official adapter keeps, and what it
// passes over.
func appendSession(text []byte, v adapter.Session) []byte {
	text = appendWord(appendWord(append(text, '{'), "sid", string(v.ID)), "pid", v.PID)
	text = appendKey(appendNames(appendKey(text, "rooms"), v.Rooms), "data")
	if v.Data == nil {
		text = append(text, "{}"...)
	} else {
		text = append(text, v.Data...)
	}
	for _, extra := range []struct{ name, value string }{
		{"nsp", v.Namespace}, {"start", v.Start}, {"sure", v.Sure}, {"sent", v.Sent}, {"end", v.End},
	} {
		if extra.value != "" {
			text = appendWord(text, extra.name, extra.value)
		}
	}
	return append(text, '}')
}

// ParseSession reads the value of a session's key.
func ParseSession(value string, lim Limits) (adapter.Session, error) {
	p, text, err := unbase64(value, lim)
	if err != nil {
		return adapter.Session{}, err
	}
	if len(p.attachments) > 0 {
		if text, err = p.plain(); err != nil {
			return adapter.Session{}, err
		}
	}
	v, err := p.session(text)
	if err != nil {
		return adapter.Session{}, err
	}
	return v, nil
}

// session reads a session. Data that is an empty object is none, as it is in Node.
func (p *parser) session(text []byte) (v adapter.Session, err error) {
	f, err := members(text, "sid", "pid", "rooms", "data", "nsp", "start", "sure", "sent", "end")
	if err != nil {
		return v, err
	}
	sid, err := p.id(f[0], "the session's id")
	if err != nil {
		return v, err
	}
	v.ID = adapter.ID(sid)
	if v.PID, err = p.id(f[1], "the session's private id"); err != nil {
		return v, err
	}
	if v.Rooms, err = names[adapter.Room](p, f[2], "a room"); err != nil {
		return v, err
	}
	if !isNull(f[3]) && string(f[3]) != "{}" {
		v.Data = f[3]
	}
	if v.Namespace, err = p.optional(f[4], "the session's namespace"); err != nil {
		return v, err
	}
	for i, to := range []*string{&v.Start, &v.Sure, &v.Sent, &v.End} {
		if *to, err = p.optional(f[5+i], "a place"); err != nil {
			return v, err
		}
		if *to != "" && !IsOffset(*to) {
			return v, invalid("a place is no entry's id")
		}
	}
	return v, nil
}

// IsOffset reports whether text can be the id of an entry: what a client gives as the
// offset of the last event that it has.
func IsOffset(text string) bool {
	before, after, ok := strings.Cut(text, "-")
	return ok && isDigits(before) && isDigits(after)
}

// isDigits reports whether text is a number of at most 64 bits.
func isDigits(text string) bool {
	_, err := strconv.ParseUint(text, 10, 64)
	return err == nil && text[0] != '+'
}

// CompareOffsets returns -1, 0 or 1 as a comes before b, is b, or comes after it, where
// IsOffset of both is true.
func CompareOffsets(a, b string) int {
	parts := func(text string) (ms, seq uint64) {
		before, after, _ := strings.Cut(text, "-")
		ms, _ = strconv.ParseUint(before, 10, 64)
		seq, _ = strconv.ParseUint(after, 10, 64)
		return ms, seq
	}
	aMS, aSeq := parts(a)
	bMS, bSeq := parts(b)
	return cmp.Or(cmp.Compare(aMS, bMS), cmp.Compare(aSeq, bSeq))
}
