// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"math"
	"strconv"

	"github.com/sockgen/sockgen/runtime/adapter"
)

// The types of messages that most official adapters share.
const (
	typeInitial = iota + 1
	typeHeartbeat
	typeBroadcast
	typeJoin
	typeLeave
	typeDisconnect
	typeFetch
	typeSockets
	typeServerSide
	typeServerSideAnswer
	typeClientCount
	typeAnswer
	typeClosed
)

// Types that the official adapters do not have, and pass over.
const (
	typeTakeOver  = 101
	typeTakenOver = 102
)

// typeOf returns the number of b's type, 0 if this protocol does not have it.
func typeOf(b Body) int {
	switch b.(type) {
	case Initial:
		return typeInitial
	case Heartbeat:
		return typeHeartbeat
	case Broadcast:
		return typeBroadcast
	case Join:
		return typeJoin
	case Leave:
		return typeLeave
	case Disconnect:
		return typeDisconnect
	case Fetch:
		return typeFetch
	case Sockets:
		return typeSockets
	case ServerSide:
		return typeServerSide
	case ServerSideAnswer:
		return typeServerSideAnswer
	case ClientCount:
		return typeClientCount
	case Answer:
		return typeAnswer
	case Closed:
		return typeClosed
	case TakeOver:
		return typeTakeOver
	case TakenOver:
		return typeTakenOver
	}
	return 0
}

// appendCluster appends m as JSON.
func appendCluster(dst []byte, m Message) ([]byte, error) {
	t := typeOf(m.Body)
	if t == 0 {
		return dst, ErrForm
	}
	dst = strconv.AppendInt(append(dst, `{"type":`...), int64(t), 10)
	if hasData(m.Body) {
		var err error
		if dst, err = appendData(append(dst, `,"data":`...), m.Body); err != nil {
			return dst, err
		}
	}
	dst = appendWord(dst, "uid", m.UID)
	return append(appendWord(dst, "nsp", m.Namespace), '}'), nil
}

func hasData(b Body) bool {
	switch b.(type) {
	case Initial, Heartbeat, Closed:
		return false
	}
	return true
}

// appendData appends what a message carries besides its head.
func appendData(dst []byte, b Body) (_ []byte, err error) {
	dst = append(dst, '{')
	switch b := b.(type) {
	case Broadcast:
		dst = appendID(appendPacket(appendKey(dst, "packet"), b, ""), b.RequestID)
		dst, err = appendOptions(appendKey(dst, "opts"), b.Options, full)
	case Join:
		dst, err = appendOptions(appendKey(dst, "opts"), b.Options, full)
		dst = appendNames(appendKey(dst, "rooms"), b.Rooms)
	case Leave:
		dst, err = appendOptions(appendKey(dst, "opts"), b.Options, full)
		dst = appendNames(appendKey(dst, "rooms"), b.Rooms)
	case Disconnect:
		dst, err = appendOptions(appendKey(dst, "opts"), b.Options, full)
		dst = strconv.AppendBool(appendKey(dst, "close"), b.Close)
	case Fetch:
		dst, err = appendOptions(appendKey(dst, "opts"), b.Options, full)
		dst = appendID(dst, b.RequestID)
	case Sockets:
		dst, err = appendSockets(appendKey(appendID(dst, b.RequestID), "sockets"), b.Sockets)
	case ServerSide:
		dst = appendEvent(appendKey(appendID(dst, b.RequestID), "packet"), b.Name, b.Args)
	case ServerSideAnswer:
		dst = appendFirst(appendID(dst, b.RequestID), "packet", b.Args)
	case ClientCount:
		dst = strconv.AppendInt(appendKey(appendID(dst, b.RequestID), "clientCount"), int64(b.Count), 10)
	case Answer:
		dst = appendFirst(appendID(dst, b.RequestID), "packet", b.Args)
	case TakeOver:
		dst = appendWord(appendID(dst, b.RequestID), "pid", b.PID)
	case TakenOver:
		if dst = appendID(dst, b.RequestID); b.Session != nil {
			dst = appendSession(appendKey(dst, "session"), *b.Session)
		}
	}
	return append(dst, '}'), err
}

// parseCluster reads a message of JSON or MessagePack.
func parseCluster(p *parser, text []byte) (m Message, err error) {
	v, err := members(text, "uid", "nsp", "type", "data")
	if err != nil {
		return Message{}, err
	}
	if m.UID, err = p.id(v[0], "the sender"); err != nil {
		return Message{}, err
	}
	if m.Namespace, err = p.id(v[1], "the namespace"); err != nil {
		return Message{}, err
	}
	t, err := integer(v[2], math.MaxInt32, "the type")
	if err != nil {
		return Message{}, err
	}
	if isPlain(t) && len(p.attachments) > 0 {
		if text, err = p.plain(); err != nil {
			return Message{}, err
		}
		if v, err = members(text, "uid", "nsp", "type", "data"); err != nil {
			return Message{}, err
		}
	}
	m.Body, err = p.data(t, v[3])
	return whole(m, err)
}

// isPlain reports whether binary values in a message of type t become base64.
func isPlain(t int) bool { return t == typeSockets || t == typeTakenOver }

// data reads what a message of type t carries.
func (p *parser) data(t int, raw []byte) (Body, error) {
	switch t {
	case typeInitial:
		return Initial{}, nil
	case typeHeartbeat:
		return Heartbeat{}, nil
	case typeClosed:
		return Closed{}, nil
	case typeTakeOver, typeTakenOver:
		return p.takeOver(t, raw)
	}
	if t < typeInitial || t > typeClosed {
		return nil, ErrUnknown
	}
	v, err := members(raw, "requestId", "opts", "packet", "rooms", "close", "sockets", "clientCount")
	if err != nil {
		return nil, err
	}
	f := fields{p: p, opts: v[1], packet: v[2], rooms: v[3], close: v[4], sockets: v[5], count: v[6]}
	if f.id, err = p.optional(v[0], "the request's id"); err != nil {
		return nil, err
	}
	switch t {
	case typeBroadcast:
		b, _, err := f.broadcast()
		return b, err
	case typeJoin, typeLeave, typeDisconnect, typeFetch:
		return f.request(t)
	case typeServerSide:
		return f.serverSide()
	}
	return f.response(t)
}

// takeOver reads the question for a session, or its answer.
func (p *parser) takeOver(t int, raw []byte) (Body, error) {
	v, err := members(raw, "requestId", "pid", "session")
	if err != nil {
		return nil, err
	}
	id, err := p.id(v[0], "the request's id")
	if err != nil {
		return nil, err
	}
	if t == typeTakeOver {
		pid, err := p.id(v[1], "the session's private id")
		return TakeOver{RequestID: id, PID: pid}, err
	}
	if isNull(v[2]) {
		return TakenOver{RequestID: id}, nil
	}
	session, err := p.session(v[2])
	return TakenOver{RequestID: id, Session: &session}, err
}

// fields are what a message can have, each nil if it has not. Formats differ in where
// they have it.
type fields struct {
	p                                          *parser
	id                                         string
	opts, packet, rooms, close, sockets, count []byte
}

// broadcast also returns the namespace that the packet tells.
func (f fields) broadcast() (b Broadcast, nsp string, err error) {
	b.RequestID = f.id
	if b.Name, b.Args, nsp, err = f.p.packet(f.packet); err != nil {
		return b, nsp, err
	}
	b.Options, err = f.p.options(f.opts)
	return b, nsp, err
}

// request reads what is done to sockets, or asked about them.
func (f fields) request(t int) (Body, error) {
	o, err := f.p.options(f.opts)
	if err != nil {
		return nil, err
	}
	switch t {
	case typeFetch:
		return Fetch{RequestID: f.id, Options: o}, f.needsID()
	case typeDisconnect:
		closing, err := boolean(f.close)
		return Disconnect{Options: o, Close: closing}, err
	}
	rooms, err := names[adapter.Room](f.p, f.rooms, "a room")
	if t == typeJoin {
		return Join{Options: o, Rooms: rooms}, err
	}
	return Leave{Options: o, Rooms: rooms}, err
}

func (f fields) serverSide() (Body, error) {
	name, args, err := f.p.event(f.packet)
	return ServerSide{Name: name, Args: args, RequestID: f.id}, err
}

func (f fields) response(t int) (Body, error) {
	if err := f.needsID(); err != nil {
		return nil, err
	}
	switch t {
	case typeSockets:
		sockets, err := f.p.sockets(f.sockets)
		return Sockets{RequestID: f.id, Sockets: sockets}, err
	case typeClientCount:
		count, err := integer(f.count, math.MaxInt32, "the number of clients")
		return ClientCount{RequestID: f.id, Count: count}, err
	}
	args, err := f.p.answer(f.packet)
	if t == typeAnswer {
		return Answer{RequestID: f.id, Args: args}, err
	}
	return ServerSideAnswer{RequestID: f.id, Args: args}, err
}

func (f fields) needsID() error {
	if f.id == "" {
		return invalid("the request's id is missing")
	}
	return nil
}
