// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"strconv"
	"unicode/utf8"
)

// Append appends the text of p to dst, in the form that Parse reads. The main
// namespace is never written, a comma follows any other.
func Append(dst []byte, p Packet) []byte {
	switch p.Type {
	case Connect:
		return AppendConnect(dst, p.Namespace, p.Data)
	case Disconnect:
		return AppendDisconnect(dst, p.Namespace)
	case ConnectError:
		return AppendConnectError(dst, p.Namespace, p.Data)
	}
	dst = appendHead(dst, p.Type, p.Attachments, p.Namespace, p.ID, p.HasID)
	dst = append(dst, '[')
	event := p.Type == Event || p.Type == BinaryEvent
	if event && p.NumericName {
		dst = append(dst, p.Name...)
	} else if event {
		dst = AppendString(dst, p.Name)
	}
	for i := range p.Args.Len() {
		if event || i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, p.Args.At(i)...)
	}
	return append(dst, ']')
}

// AppendEvent appends an event with the arguments that args holds; nil means none.
// Its type is BinaryEvent when args has attachments. The caller sends them
// directly after the text.
func AppendEvent(dst []byte, namespace string, id uint64, hasID bool, name string, args *Encoder) []byte {
	t := Event
	if args.attachments() > 0 {
		t = BinaryEvent
	}
	dst = appendHead(dst, t, args.attachments(), namespace, id, hasID)
	dst = append(dst, '[')
	dst = AppendString(dst, name)
	if args != nil && args.n > 0 {
		dst = append(dst, ',')
		dst = append(dst, args.B...)
	}
	return append(dst, ']')
}

// AppendAck appends the answer to the event with the given id, with the arguments
// that args holds; nil means none.
func AppendAck(dst []byte, namespace string, id uint64, args *Encoder) []byte {
	t := Ack
	if args.attachments() > 0 {
		t = BinaryAck
	}
	dst = appendHead(dst, t, args.attachments(), namespace, id, true)
	dst = append(dst, '[')
	if args != nil {
		dst = append(dst, args.B...)
	}
	return append(dst, ']')
}

// AppendConnect appends a CONNECT. data is the client's auth object or the
// server's answer, as JSON; nil writes none.
func AppendConnect(dst []byte, namespace string, data []byte) []byte {
	return append(appendHead(dst, Connect, 0, namespace, 0, false), data...)
}

// AppendDisconnect appends a DISCONNECT.
func AppendDisconnect(dst []byte, namespace string) []byte {
	return appendHead(dst, Disconnect, 0, namespace, 0, false)
}

// AppendConnectError appends a CONNECT_ERROR. data is a JSON object with the key
// message and, optionally, data.
func AppendConnectError(dst []byte, namespace string, data []byte) []byte {
	return append(appendHead(dst, ConnectError, 0, namespace, 0, false), data...)
}

func appendHead(dst []byte, t Type, attachments int, namespace string, id uint64, hasID bool) []byte {
	dst = append(dst, byte(t))
	if t.Binary() {
		dst = strconv.AppendUint(dst, uint64(attachments), 10)
		dst = append(dst, '-')
	}
	if namespace != "/" && namespace != "" {
		dst = append(dst, namespace...)
		dst = append(dst, ',')
	}
	if hasID {
		dst = strconv.AppendUint(dst, id, 10)
	}
	return dst
}

// AppendString appends s as a JSON string. Like the official server it escapes
// quotes, backslashes and control characters alone; bytes that are
// not UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(dst, s[from:i]...)
				dst = append(dst, "\ufffd"...)
				from = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&15])
		}
		i++
		from = i
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}
