// SPDX-License-Identifier: Apache-2.0

package eiowire

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// A Type is what a packet is for. Its value is the character on the wire.
type Type byte

// The packet types.
const (
	Open    Type = '0' // server to client: the handshake's JSON
	Close   Type = '1' // both: the session ends
	Ping    Type = '2' // server to client; client to server only as "2probe"
	Pong    Type = '3' // client to server; server to client only as "3probe"
	Message Type = '4' // both: application data, text or binary
	Upgrade Type = '5' // client to server: the probed transport takes over
	Noop    Type = '6' // server to client: releases a pending poll
)

// String names t for logs.
func (t Type) String() string {
	switch t {
	case Open:
		return "open"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	case Message:
		return "message"
	case Upgrade:
		return "upgrade"
	case Noop:
		return "noop"
	}
	return fmt.Sprintf("Type(%#02x)", byte(t))
}

// Separator stands between the packets of a polling payload. JSON text cannot
// contain it unescaped.
const Separator = 0x1e

// binaryMark begins a binary message in text form (R37).
const binaryMark = 'b'

// A Packet is one Engine.IO packet. Only Message packets carry application data.
type Packet struct {
	Type   Type
	Binary bool   // Data is binary: "b" and base64 in text form
	Data   []byte // points into the parsed frame
}

// The ways in which a packet can be malformed. Errors of Parse and Packets wrap
// one of them.
var (
	ErrEmpty  = errors.New("eiowire: empty packet")
	ErrType   = errors.New("eiowire: unknown packet type")
	ErrBase64 = errors.New("eiowire: malformed base64")
)

// Parse reads the one packet in frame, which is a text frame or one item of a
// polling payload. The result's Data points into frame; a binary message is
// decoded in place, so frame must not be used afterwards. Data is not checked to
// be UTF-8.
func Parse(frame []byte) (Packet, error) {
	if len(frame) == 0 {
		return Packet{}, ErrEmpty
	}
	switch c := frame[0]; {
	case c >= byte(Open) && c <= byte(Noop):
		return Packet{Type: Type(c), Data: frame[1:]}, nil
	case c == binaryMark:
		data, err := decodeBase64(frame[1:])
		if err != nil {
			return Packet{}, err
		}
		return Packet{Type: Message, Binary: true, Data: data}, nil
	default:
		return Packet{}, fmt.Errorf("%w %q", ErrType, c)
	}
}

// Append appends the text form of p to b and returns the extended slice. The
// Type of a binary packet is not written: binary packets are always messages.
func Append(b []byte, p Packet) []byte {
	if p.Binary {
		return AppendBinary(b, p.Data)
	}
	b = append(b, byte(p.Type))
	return append(b, p.Data...)
}

// AppendBinary appends the text form of a binary message, "b" and padded
// standard base64, to b and returns the extended slice.
func AppendBinary(b, data []byte) []byte {
	b = slices.Grow(b, 1+base64.StdEncoding.EncodedLen(len(data)))
	b = append(b, binaryMark)
	return base64.StdEncoding.AppendEncode(b, data)
}

// Packets iterates over the packets of a polling payload from the left. It
// yields the first malformed item's error and then ends, whatever follows;
// an empty payload and a leading or trailing separator contain an empty item,
// which is malformed. Data points into payload, and binary items are decoded in
// place.
func Packets(payload []byte) iter.Seq2[Packet, error] {
	return func(yield func(Packet, error) bool) {
		for rest, more := payload, true; more; {
			var item []byte
			item, rest, more = bytes.Cut(rest, []byte{Separator})
			p, err := Parse(item)
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}
