// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"math"
	"strconv"
	"strings"

	"github.com/sockgen/sockgen/runtime/adapter"
)

// The types of requests and of some responses in the classic format.
const (
	classicSocketIDs = iota
	classicAllRooms
	classicJoin
	classicLeave
	classicDisconnect
	classicFetch
	classicServerSide
	classicBroadcast
	classicClientCount
	classicAnswer
)

// Classic is the format of the classic Redis adapter and of its emitter, for one
// namespace. Its channels are for SUBSCRIBE and PUBLISH.
type Classic struct {
	Prefix    string // of all channels, the option "key" of the official adapter; "socket.io" unless the cluster is set up otherwise
	Namespace string
}

// Channel returns the channel for broadcasts, but for those to a single room.
func (c Classic) Channel() string { return c.Prefix + "#" + c.Namespace + "#" }

// RoomChannel returns the channel for broadcasts to a single room.
func (c Classic) RoomChannel(room adapter.Room) string { return c.Channel() + string(room) + "#" }

// Pattern returns what to subscribe to with PSUBSCRIBE: the channels for broadcasts. It
// also matches those of a namespace whose name goes on with a "#".
func (c Classic) Pattern() string { return glob.Replace(c.Channel()) + "*" }

// glob escapes what is special in a pattern of Redis.
var glob = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// RequestChannel returns the channel for requests. Each server that has the namespace
// subscribes to it, so that its subscribers count them.
func (c Classic) RequestChannel() string { return c.Prefix + "-request#" + c.Namespace + "#" }

// ResponseChannel returns the channel for responses to all servers, which subscribe to it.
func (c Classic) ResponseChannel() string { return c.Prefix + "-response#" + c.Namespace + "#" }

// SpecificResponseChannel returns the channel for responses to the server uid alone. Each
// server subscribes to its own, as it does to ResponseChannel.
func (c Classic) SpecificResponseChannel(uid string) string { return c.ResponseChannel() + uid + "#" }

// Room returns which room the channel of a broadcast is for. A server that has nobody in
// it need not read the message. all is whether it is the channel for all others; without
// ok it belongs to no broadcast of the namespace.
func (c Classic) Room(channel string) (room adapter.Room, all, ok bool) {
	name, ok := strings.CutPrefix(channel, c.Channel())
	if !ok || name == "" {
		return "", ok, ok
	}
	name, ok = strings.CutSuffix(name, "#")
	return adapter.Room(name), false, ok
}

// ChannelOf returns the channel for a message that is no response. For a broadcast
// without acks that is Channel or RoomChannel, for all else RequestChannel.
func (c Classic) ChannelOf(b Body) string {
	broadcast, ok := b.(Broadcast)
	switch {
	case !ok || broadcast.RequestID != "":
		return c.RequestChannel()
	case !broadcast.Options.All && len(broadcast.Options.Rooms) == 1:
		return c.RoomChannel(broadcast.Options.Rooms[0])
	}
	return c.Channel()
}

// Append appends m for the channel where it belongs. Requests and responses are JSON, or
// MessagePack if they have binary values; all about broadcasts but the number of clients
// is MessagePack. What comes from [Emitter] has the form of the official emitter.
func (c Classic) Append(dst []byte, m Message) ([]byte, error) {
	m.Namespace = c.Namespace
	binaries := attachments(m.Body)
	write, packed := appendClassic, len(binaries) > 0
	switch b := m.Body.(type) {
	case Broadcast:
		write, packed = appendTriple, true
		if b.RequestID != "" {
			write = appendAsking
		}
	case Answer:
		write, packed = appendAnswer, true
	}
	if !packed {
		return write(dst, m)
	}
	return pack(dst, binaries, func(text []byte) ([]byte, error) { return write(text, m) })
}

// appendAnswer appends what a socket answered.
func appendAnswer(dst []byte, m Message) ([]byte, error) {
	b := m.Body.(Answer)
	dst = appendID(appendType(append(dst, '{'), classicAnswer), b.RequestID)
	return append(appendFirst(dst, "packet", b.Args), '}'), nil
}

// appendTriple appends a broadcast without acks: sender, packet, options.
func appendTriple(dst []byte, m Message) ([]byte, error) {
	b := m.Body.(Broadcast)
	dst = appendNames(dst, []string{m.UID})
	dst[len(dst)-1] = ','
	dst = append(appendPacket(dst, b, m.Namespace), ',')
	as := full
	if m.UID == Emitter {
		as = emitter
	}
	dst, err := appendOptions(dst, b.Options, as)
	return append(dst, ']'), err
}

// appendAsking appends a broadcast with acks.
func appendAsking(dst []byte, m Message) ([]byte, error) {
	b := m.Body.(Broadcast)
	dst = appendID(appendWord(append(dst, '{'), "uid", m.UID), b.RequestID)
	dst = appendPacket(appendKey(appendType(dst, classicBroadcast), "packet"), b, m.Namespace)
	dst, err := appendOptions(appendKey(dst, "opts"), b.Options, full)
	return append(dst, '}'), err
}

// appendClassic appends what is JSON unless it has binary values.
func appendClassic(dst []byte, m Message) (_ []byte, err error) {
	dst = append(dst, '{')
	switch b := m.Body.(type) {
	case Sockets:
		dst, err = appendSockets(appendKey(appendID(dst, b.RequestID), "sockets"), b.Sockets)
	case IDs:
		dst = appendNames(appendKey(appendID(dst, b.RequestID), "sockets"), b.IDs)
	case Rooms:
		dst = appendNames(appendKey(appendID(dst, b.RequestID), "rooms"), b.Rooms)
	case Done:
		dst = appendID(dst, b.RequestID)
	case ClientCount:
		dst = appendID(appendType(dst, classicClientCount), b.RequestID)
		dst = strconv.AppendInt(appendKey(dst, "clientCount"), int64(b.Count), 10)
	case ServerSideAnswer:
		dst = appendFirst(appendID(appendType(dst, classicServerSide), b.RequestID), "data", b.Args)
	case JoinOne:
		dst = appendOne(dst, classicJoin, b.RequestID, b.ID)
		dst = appendWord(dst, "room", string(b.Room))
	case LeaveOne:
		dst = appendOne(dst, classicLeave, b.RequestID, b.ID)
		dst = appendWord(dst, "room", string(b.Room))
	case DisconnectOne:
		dst = appendOne(dst, classicDisconnect, b.RequestID, b.ID)
		dst = strconv.AppendBool(appendKey(dst, "close"), b.Close)
	default:
		dst, err = appendRequest(dst, m)
	}
	return append(dst, '}'), err
}

func appendType(dst []byte, t int) []byte {
	return strconv.AppendInt(appendKey(dst, "type"), int64(t), 10)
}

func appendOne(dst []byte, t int, requestID string, id adapter.ID) []byte {
	return appendWord(appendID(appendType(dst, t), requestID), "sid", string(id))
}

// appendRequest appends what begins with its sender.
func appendRequest(dst []byte, m Message) (_ []byte, err error) {
	if _, named := m.Body.(ServerSide); named || m.UID != Emitter && m.UID != "" {
		dst = appendWord(dst, "uid", m.UID)
	}
	switch b := m.Body.(type) {
	case Join:
		dst, err = appendOptions(appendKey(appendType(dst, classicJoin), "opts"), b.Options, bare)
		dst = appendNames(appendKey(dst, "rooms"), b.Rooms)
	case Leave:
		dst, err = appendOptions(appendKey(appendType(dst, classicLeave), "opts"), b.Options, bare)
		dst = appendNames(appendKey(dst, "rooms"), b.Rooms)
	case Disconnect:
		dst, err = appendOptions(appendKey(appendType(dst, classicDisconnect), "opts"), b.Options, bare)
		dst = strconv.AppendBool(appendKey(dst, "close"), b.Close)
	case Fetch:
		dst = appendType(appendID(dst, b.RequestID), classicFetch)
		dst, err = appendOptions(appendKey(dst, "opts"), b.Options, bare)
	case ServerSide:
		dst = appendType(appendID(dst, b.RequestID), classicServerSide)
		dst = appendEvent(appendKey(dst, "data"), b.Name, b.Args)
	case AllRooms:
		dst = appendType(appendID(dst, b.RequestID), classicAllRooms)
	case SocketIDs:
		dst = appendType(appendID(dst, b.RequestID), classicSocketIDs)
		dst = appendNames(appendKey(dst, "rooms"), b.Rooms)
	default:
		return dst, ErrForm
	}
	return dst, err
}

// ParseBroadcast reads a message of Channel or RoomChannel. Its namespace may be another
// one, to which it is of no concern.
func (c Classic) ParseBroadcast(data []byte, lim Limits) (m Message, err error) {
	p, text, err := packedParser(data, lim)
	if err != nil {
		return Message{}, err
	}
	var parts [3][]byte
	n := 0
	err = elements(text, func(raw []byte) error {
		if n == len(parts) {
			return invalid("a broadcast has three parts")
		}
		parts[n] = raw
		n++
		return nil
	})
	if err != nil {
		return Message{}, err
	}
	if n < len(parts) {
		return Message{}, invalid("a broadcast has three parts")
	}
	if m.UID, err = p.id(parts[0], "the sender"); err != nil {
		return Message{}, err
	}
	b, nsp, err := fields{p: p, packet: parts[1], opts: parts[2]}.broadcast()
	m.Body, m.Namespace = b, orMain(nsp)
	return whole(m, err)
}

// orMain returns the namespace that a packet is for: the main one if it does not tell.
func orMain(nsp string) string {
	if nsp == "" {
		return "/"
	}
	return nsp
}

// classicFields are the keys of requests and responses.
var classicFields = []string{"uid", "requestId", "type", "opts", "packet", "rooms", "close", "sockets", "clientCount", "data", "sid", "room"}

// A classicMessage is a request or a response, as it came.
type classicMessage struct {
	fields
	kind, data, sid, room []byte
}

func (c Classic) read(data []byte, lim Limits) (f classicMessage, m Message, err error) {
	p, text, err := newParser(data, lim)
	if err != nil {
		return f, m, err
	}
	v, err := members(text, classicFields...)
	if err != nil {
		return f, m, err
	}
	if v[7] != nil && len(p.attachments) > 0 {
		if text, err = p.plain(); err != nil {
			return f, m, err
		}
		if v, err = members(text, classicFields...); err != nil {
			return f, m, err
		}
	}
	f = classicMessage{kind: v[2], data: v[9], sid: v[10], room: v[11]}
	f.fields = fields{p: p, opts: v[3], packet: v[4], rooms: v[5], close: v[6], sockets: v[7], count: v[8]}
	if f.id, err = p.optional(v[1], "the request's id"); err != nil {
		return f, m, err
	}
	m.Namespace = c.Namespace
	m.UID, err = p.optional(v[0], "the sender")
	return f, m, err
}

// ParseRequest reads a message of RequestChannel.
func (c Classic) ParseRequest(data []byte, lim Limits) (Message, error) {
	f, m, err := c.read(data, lim)
	if err != nil {
		return Message{}, err
	}
	t, err := integer(f.kind, math.MaxInt32, "the type")
	if err != nil {
		return Message{}, err
	}
	m.Body, err = f.ask(t)
	return whole(m, err)
}

func (f classicMessage) ask(t int) (b Body, err error) {
	switch t {
	case classicSocketIDs:
		rooms, err := names[adapter.Room](f.p, f.rooms, "a room")
		if err == nil {
			err = f.needsID()
		}
		return SocketIDs{RequestID: f.id, Rooms: rooms}, err
	case classicAllRooms:
		return AllRooms{RequestID: f.id}, f.needsID()
	case classicJoin, classicLeave, classicDisconnect:
		if isNull(f.opts) {
			return f.one(t)
		}
		return f.request(map[int]int{classicJoin: typeJoin, classicLeave: typeLeave, classicDisconnect: typeDisconnect}[t])
	case classicFetch:
		return f.request(typeFetch)
	case classicServerSide:
		f.packet = f.data
		return f.serverSide()
	case classicBroadcast:
		b, _, err := f.broadcast()
		if err == nil {
			err = f.needsID()
		}
		return b, err
	}
	return nil, ErrUnknown
}

// one reads what older versions do to one socket.
func (f classicMessage) one(t int) (Body, error) {
	if err := f.needsID(); err != nil {
		return nil, err
	}
	id, err := f.p.id(f.sid, "a socket's id")
	if err != nil {
		return nil, err
	}
	if t == classicDisconnect {
		closing, err := boolean(f.close)
		return DisconnectOne{RequestID: f.id, ID: adapter.ID(id), Close: closing}, err
	}
	room, err := f.p.name(f.room, "a room")
	if t == classicJoin {
		return JoinOne{RequestID: f.id, ID: adapter.ID(id), Room: adapter.Room(room)}, err
	}
	return LeaveOne{RequestID: f.id, ID: adapter.ID(id), Room: adapter.Room(room)}, err
}

// ParseResponse reads a message of ResponseChannel or SpecificResponseChannel. Responses
// do not tell their sender.
func (c Classic) ParseResponse(data []byte, lim Limits) (Message, error) {
	f, m, err := c.read(data, lim)
	if err != nil {
		return Message{}, err
	}
	if err := f.needsID(); err != nil {
		return Message{}, err
	}
	m.Body, err = f.told()
	return whole(m, err)
}

// told reads a response. Those to the older requests have no type.
func (f classicMessage) told() (Body, error) {
	if f.kind == nil {
		switch {
		case f.sockets != nil:
			return f.list()
		case f.rooms != nil:
			rooms, err := names[adapter.Room](f.p, f.rooms, "a room")
			return Rooms{RequestID: f.id, Rooms: rooms}, err
		}
		return Done{RequestID: f.id}, nil
	}
	t, err := integer(f.kind, math.MaxInt32, "the type")
	if err != nil {
		return nil, err
	}
	switch t {
	case classicClientCount:
		return f.response(typeClientCount)
	case classicAnswer:
		return f.response(typeAnswer)
	case classicServerSide:
		f.packet = f.data
		return f.response(typeServerSideAnswer)
	}
	return nil, ErrUnknown
}

// list reads ids or descriptions: the first one tells which.
func (f classicMessage) list() (Body, error) {
	text, err := inside(f.sockets)
	if err != nil {
		return nil, err
	}
	if at := space(text, 0); at < len(text) && text[at] != '{' {
		ids, err := names[adapter.ID](f.p, f.sockets, "a socket's id")
		return IDs{RequestID: f.id, IDs: ids}, err
	}
	return f.response(typeSockets)
}
