// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"encoding/binary"
	"errors"
)

// WebSocket opcodes that the server writes (RFC 6455, 5.2).
const (
	opText   = 0x1
	opBinary = 0x2
	opClose  = 0x8
	opPong   = 0xa

	finalBit = 0x80
	rsv1Bit  = 0x40 // the message is compressed
	maskBit  = 0x80
)

// A closeCode is the status of a Close frame.
type closeCode uint16

const (
	closeNoStatus closeCode = 0 // no status in the frame: the ordinary ending (R76)
	closeProtocol closeCode = 1002
	closeInvalid  closeCode = 1007
	closePolicy   closeCode = 1008
	closeTooBig   closeCode = 1009
)

// A peer may say 1014, bad gateway, which IANA has added and gorilla does not know. It is
// shown 1013 in its place.
const (
	closeGateway = 1014
	closeKnown   = 1013
)

// appendFrameHeader appends the header of an unfragmented, unmasked frame whose
// payload has n bytes.
func appendFrameHeader(b []byte, opcode byte, n int) []byte {
	b = append(b, finalBit|opcode)
	switch {
	case n < 126:
		return append(b, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
}

func appendCloseFrame(b []byte, code closeCode) []byte {
	if code == closeNoStatus {
		return append(b, finalBit|opClose, 0)
	}
	return binary.BigEndian.AppendUint16(append(b, finalBit|opClose, 2), uint16(code))
}

var errCloseFrame = errors.New("engineio: Close frame of one byte")

var errLength = errors.New("engineio: WebSocket frame whose length is not in its shortest form")

var errFragments = errors.New("engineio: WebSocket message in too many fragments")

// A frameScanner follows the frame headers in what the peer sends, because
// gorilla reassembles messages without telling how many frames they had, and lets
// some frames pass that RFC 6455 forbids.
type frameScanner struct {
	header   [14]byte
	have     int    // bytes of header so far
	payload  uint64 // bytes left of the present frame
	begun    bool   // a message has begun, and its last frame has not
	short    int    // frames of the unfinished message with less than fairFragment bytes
	messages uint64 // whose last frame has begun
	status   uint16 // as far as it has come in a Close frame's payload
	read     int    // of that, in bytes
	gateway  bool   // it was closeGateway
	deflate  bool   // RSV1 may stand on a message's first frame; otherwise gorilla refuses it
}

// fairFragment is the size from which a frame costs less than the bytes it carries.
// Browsers split large messages into pieces of 64 KiB, small devices into such as fit
// their buffers, 125 or 256 bytes.
const fairFragment = 64

// midway reports whether a message or frame has begun and not ended.
func (f *frameScanner) midway() bool { return f.have > 0 || f.payload > 0 || f.begun }

// ended is how many messages have ended.
func (f *frameScanner) ended() uint64 {
	if f.payload > 0 && f.header[0]&finalBit != 0 && f.header[0]&0x08 == 0 {
		return f.messages - 1
	}
	return f.messages
}

// endsWith reports whether what was followed ends exactly with the nth message.
func (f *frameScanner) endsWith(n uint64) bool {
	return f.messages == n && !f.midway() && f.header[0]&0x08 == 0
}

// advance follows p, which continues what came before. With an error it returns how
// much of p precedes the frame that is at fault.
func (f *frameScanner) advance(p []byte, maxFragments int) (sound int, err error) {
	whole := len(p)
	for len(p) > 0 {
		if f.have == 0 {
			sound = whole - len(p)
		}
		if f.payload > 0 {
			n := min(f.payload, uint64(len(p)))
			if f.header[0]&0x0f == opClose {
				f.followClose(p[:n])
			}
			f.payload -= n
			p = p[n:]
			continue
		}
		f.header[f.have] = p[0]
		f.have++
		p = p[1:]
		if f.have < 2 || f.have < f.headerLen() {
			continue
		}
		f.have = 0
		if f.payload = f.payloadLen(); f.payload < f.leastPayload() { // RFC 6455, 5.2
			return sound, errLength
		}
		if f.deflate && f.header[0]&rsv1Bit != 0 && f.header[0]&0x0f != opText && f.header[0]&0x0f != opBinary {
			return sound, errRSV1
		}
		if f.header[0]&0x0f == opClose && f.payload == 1 { // half a status (RFC 6455, 5.5.1)
			return sound, errCloseFrame
		}
		if f.header[0]&0x08 != 0 {
			continue // a control frame, possibly between fragments
		}
		if f.payload < fairFragment {
			if f.short++; f.short > maxFragments {
				return sound, errFragments
			}
		}
		if f.begun = f.header[0]&finalBit == 0; !f.begun {
			f.short = 0
			f.messages++
		}
	}
	return whole, nil
}

// followClose reads the status that p, the next part of a Close frame's payload, may have.
func (f *frameScanner) followClose(p []byte) {
	n := f.headerLen()
	if f.header[1]&maskBit == 0 {
		return // which gorilla refuses
	}
	mask := f.header[n-4 : n]
	for i := range p {
		if f.read == 2 {
			return
		}
		f.status = f.status<<8 | uint16(p[i]^mask[f.read])
		if f.read++; f.read == 2 && f.status == closeGateway {
			f.gateway = true
			p[i] ^= closeGateway ^ closeKnown
		}
	}
}

func (f *frameScanner) headerLen() int {
	n := 2
	switch f.header[1] &^ maskBit {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if f.header[1]&maskBit != 0 {
		n += 4
	}
	return n
}

func (f *frameScanner) payloadLen() uint64 {
	switch n := f.header[1] &^ maskBit; n {
	case 126:
		return uint64(binary.BigEndian.Uint16(f.header[2:]))
	case 127:
		return binary.BigEndian.Uint64(f.header[2:])
	default:
		return uint64(n)
	}
}

// leastPayload is the smallest length that the present header may be used for.
func (f *frameScanner) leastPayload() uint64 {
	switch f.header[1] &^ maskBit {
	case 126:
		return 126
	case 127:
		return 1 << 16
	default:
		return 0
	}
}
