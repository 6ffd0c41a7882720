// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"strconv"
	"sync"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/internal/msgpack"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// What is appended is JSON; for MessagePack it is turned into that afterwards. Keys
// stand in the order in which the official adapters write them.

// A form is how an adapter writes options.
type form uint8

const (
	full    form = iota // rooms, except, flags
	bare                // without flags
	emitter             // flags before except
)

// appendOptions appends whom a message is for. On the wire no rooms means everybody, so
// what is for nobody else is refused.
func appendOptions(dst []byte, o adapter.Options, as form) ([]byte, error) {
	if o.Nobody() || o.Local {
		return dst, ErrNobody
	}
	rooms := o.Rooms
	if o.All {
		rooms = nil
	}
	dst = appendNames(append(dst, `{"rooms":`...), rooms)
	if as == emitter {
		dst = appendFlags(append(dst, `,"flags":`...), o)
	}
	dst = appendNames(append(dst, `,"except":`...), o.Except)
	if as == full {
		dst = appendFlags(append(dst, `,"flags":`...), o)
	}
	return append(dst, '}'), nil
}

func appendFlags(dst []byte, o adapter.Options) []byte {
	dst = append(dst, '{')
	flag := func(text string) {
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(dst, text...)
	}
	if o.Volatile {
		flag(`"volatile":true`)
	}
	if o.Uncompressed {
		flag(`"compress":false`)
	}
	if o.Timeout > 0 {
		flag(`"timeout":`)
		ms := (o.Timeout + time.Millisecond - 1) / time.Millisecond
		dst = strconv.AppendInt(dst, int64(ms), 10)
	}
	if word := slowWords[o.Slow]; word != "" {
		flag(`"slow":` + word)
	}
	return append(dst, '}')
}

func appendNames[T ~string](dst []byte, names []T) []byte {
	dst = append(dst, '[')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = siowire.AppendString(dst, string(name))
	}
	return append(dst, ']')
}

// appendKey appends a key, after a comma unless it is the first of its object.
func appendKey(dst []byte, key string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, key...)
	return append(dst, '"', ':')
}

// appendWord appends a member that is a string.
func appendWord(dst []byte, key, word string) []byte {
	return siowire.AppendString(appendKey(dst, key), word)
}

// appendID appends a request's id, unless there is none.
func appendID(dst []byte, id string) []byte {
	if id == "" {
		return dst
	}
	return appendWord(dst, "requestId", id)
}

func appendEvent(dst []byte, name string, args siowire.Args) []byte {
	dst = siowire.AppendString(append(dst, '['), name)
	for i := range args.Len() {
		dst = append(append(dst, ','), args.At(i)...)
	}
	return append(dst, ']')
}

// appendFirst appends the member that is an answer's one argument.
func appendFirst(dst []byte, key string, args siowire.Args) []byte {
	if args.Len() == 0 {
		return dst
	}
	return append(appendKey(dst, key), args.At(0)...)
}

// appendPacket appends the packet of a broadcast, with its namespace unless that is
// empty.
func appendPacket(dst []byte, b Broadcast, namespace string) []byte {
	dst = appendEvent(append(dst, `{"type":2,"data":`...), b.Name, b.Args)
	if namespace != "" {
		dst = appendWord(dst, "nsp", namespace)
	}
	return append(dst, '}')
}

func appendSockets(dst []byte, sockets []adapter.Description) ([]byte, error) {
	dst = append(dst, '[')
	for i, d := range sockets {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendWord(append(dst, '{'), "id", string(d.ID))
		if d.Handshake != nil {
			text, err := marshal(handshakeFrom(d.Handshake))
			if err != nil {
				return dst, err
			}
			dst = append(appendKey(dst, "handshake"), text...)
		}
		dst = appendNames(appendKey(dst, "rooms"), d.Rooms)
		dst = appendKey(dst, "data")
		if d.Data == nil {
			dst = append(dst, "{}"...)
		} else {
			dst = append(dst, d.Data...)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']'), nil
}

// texts are buffers for the JSON of messages that become MessagePack.
var texts = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is how many bytes of buffer may go back to the pool.
const maxPooled = 64 << 10

// pack appends as MessagePack what write appends as JSON.
func pack(dst []byte, attachments [][]byte, write func(text []byte) ([]byte, error)) ([]byte, error) {
	buffer := texts.Get().(*[]byte)
	text, err := write((*buffer)[:0])
	if err == nil {
		dst, err = msgpack.AppendJSON(dst, text, attachments)
	}
	if cap(text) <= maxPooled {
		*buffer = text
		texts.Put(buffer)
	}
	return dst, err
}
