// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"bytes"
	"math"
	"unicode/utf16"
	"unicode/utf8"
)

// Parse reads the text of one packet. The packet keeps pointing into text, which
// must not change while it is in use. An error is an [*Error]; there is no answer
// to a packet that does not parse but to close the connection.
func Parse(text []byte, lim Limits) (Packet, error) {
	r := makeParser(lim, nil)
	return r.Parse(text)
}

// A Parser reads packets. It does not change, and its method may be called from any
// goroutine.
type Parser struct {
	lim   Limits
	words func(text []byte) string
}

// NewParser returns a Parser with the given limits. The names of events and
// namespaces come from words, which returns text as a string: it may know one that
// needs no memory. nil makes a new string each time.
func NewParser(lim Limits, words func(text []byte) string) *Parser {
	r := makeParser(lim, words)
	return &r
}

func makeParser(lim Limits, words func(text []byte) string) Parser {
	if words == nil {
		words = func(text []byte) string { return string(text) }
	}
	return Parser{lim: lim.withDefaults(), words: words}
}

// Parse is the function of that name with the Parser's limits.
func (r *Parser) Parse(text []byte) (Packet, error) {
	p := parser{Parser: *r}
	if !p.packet(text) {
		return Packet{}, p.s.err
	}
	return p.out, nil
}

// ParseArgs reads arguments that did not come in a packet: text is a JSON array of them,
// in which placeholders stand for attachments, as in a packet. The result keeps pointing
// into both. An error is an [*Error].
func ParseArgs(text []byte, attachments [][]byte, lim Limits) (Args, error) {
	p := parser{Parser: makeParser(lim, nil)}
	if p.scans(text, len(attachments)) {
		p.array(text, false)
	}
	if p.s.err != nil {
		return Args{}, p.s.err
	}
	p.out.Args.Attachments = attachments
	return p.out.Args, nil
}

// scans begins to scan text that came in no packet.
func (p *parser) scans(text []byte, attachments int) bool {
	switch {
	case len(text) > math.MaxUint32:
		return p.fail(ErrPayload, 0, "longer than 4 GiB")
	case attachments > p.lim.Attachments:
		return p.beyond("Attachments", ErrTooManyAttachments, 0, "more attachments than the limit")
	}
	p.s = p.scanner(text, 0, attachments)
	return true
}

// scanner returns one over text, which begins at base of what is parsed.
func (p *parser) scanner(text []byte, base, attachments int) scanner {
	return scanner{
		b: text, base: base,
		maxDepth: p.lim.Depth, maxValues: p.lim.Values, maxNumber: p.lim.NumberLength,
		attachments: attachments,
	}
}

type parser struct {
	Parser
	out Packet
	s   scanner // over the text from its payload on; its err is the parser's
}

func (p *parser) fail(kind error, at int, detail string) bool {
	p.s.err = &Error{Kind: kind, Offset: at, Detail: detail}
	return false
}

// beyond is fail for what is beyond a limit.
func (p *parser) beyond(limit string, kind error, at int, detail string) bool {
	p.fail(kind, at, detail)
	p.s.err.Limit = limit
	return false
}

// packet follows the grammar: type, attachments, namespace, id, JSON (R137).
func (p *parser) packet(text []byte) bool {
	if len(text) == 0 {
		return p.fail(ErrType, 0, "(empty text)")
	}
	if len(text) > math.MaxUint32 {
		return p.fail(ErrPayload, 0, "longer than 4 GiB")
	}
	if c := text[0]; c < '0' || c > '6' {
		return p.fail(ErrType, 0, typeText(c))
	}
	p.out.Type = Type(text[0])
	i := 1
	if p.out.Type.Binary() {
		if i = p.attachments(text, i); i < 0 {
			return false
		}
	}
	if i = p.namespace(text, i); i < 0 {
		return false
	}
	if i = p.id(text, i); i < 0 {
		return false
	}
	p.s = p.scanner(text[i:], i, p.out.Attachments)
	return p.payload(text[i:])
}

// typeText shows an unknown packet type without letting a peer put more than one
// printable character into a log.
func typeText(c byte) string {
	if c > ' ' && c < 0x7f {
		return string(rune(c))
	}
	const hex = "0123456789abcdef"
	return "0x" + string([]byte{hex[c>>4], hex[c&15]})
}

// attachments reads the count and its dash (R145), and refuses too many before
// anything is kept for them (R209).
func (p *parser) attachments(text []byte, i int) int {
	start, n := i, 0
	for i < len(text) && isDigit(text[i]) {
		n = min(n*10+int(text[i]-'0'), math.MaxInt32)
		i++
	}
	if i == start || i >= len(text) || text[i] != '-' || n == 0 {
		p.fail(ErrAttachmentCount, i, "a binary packet needs a count of at least 1 and a dash")
		return -1
	}
	if n > p.lim.Attachments {
		p.beyond("Attachments", ErrTooManyAttachments, start, "more attachments than the limit")
		return -1
	}
	p.out.Attachments = n
	return i + 1
}

func (p *parser) namespace(text []byte, i int) int {
	p.out.Namespace = "/"
	if i >= len(text) || text[i] != '/' {
		return i
	}
	start := i
	for ; i < len(text) && text[i] != ','; i++ {
		if i-start >= p.lim.NamespaceBytes {
			p.beyond("NamespaceBytes", ErrPayload, start, "the namespace's name is longer than the limit")
			return -1
		}
		if text[i] < ' ' || text[i] == 0x7f {
			p.fail(ErrPayload, i, "a control character in the namespace's name")
			return -1
		}
	}
	if i-start > 1 {
		if !utf8.Valid(text[start:i]) {
			p.fail(ErrPayload, start, "the namespace's name is not valid UTF-8")
			return -1
		}
		p.out.Namespace = p.words(text[start:i])
	}
	if i < len(text) {
		i++ // the comma is not part of the name
	}
	return i
}

func (p *parser) id(text []byte, i int) int {
	const longest = 16 // digits of 2^53-1
	start := i
	for i < len(text) && isDigit(text[i]) {
		if i-start == longest {
			p.fail(ErrPayload, start, "the ack id has more than 16 digits")
			return -1
		}
		p.out.ID = p.out.ID*10 + uint64(text[i]-'0')
		i++
	}
	if p.out.ID > MaxID {
		p.fail(ErrPayload, start, "the ack id is above 2^53-1")
		return -1
	}
	p.out.HasID = i > start
	return i
}

// payload checks the JSON against the packet's type (13.3).
func (p *parser) payload(b []byte) bool {
	absent := len(b) == 0
	switch p.out.Type {
	case Connect:
		if absent {
			return true
		}
		if len(b) > p.lim.AuthBytes {
			return p.s.beyond("AuthBytes", "the auth payload is longer than the limit")
		}
		p.s.maxDepth = min(p.s.maxDepth, p.lim.AuthDepth)
		sound := p.object(b)
		if !sound && p.s.err.Limit == "Depth" && p.lim.AuthDepth < p.lim.Depth {
			p.s.err.Limit = "AuthDepth"
		}
		return sound
	case ConnectError:
		return p.object(b)
	case Disconnect:
		return absent || p.s.invalid("a DISCONNECT has no payload")
	case Ack:
		return absent || p.array(b, false)
	case BinaryAck:
		return p.array(b, false)
	default:
		return p.array(b, true)
	}
}

func (p *parser) object(b []byte) bool {
	if len(b) == 0 || b[0] != '{' {
		return p.s.invalid("the payload must be an object")
	}
	if !p.s.value(0) {
		return false
	}
	p.out.Data = b[:p.s.i:p.s.i]
	return p.s.end()
}

// array scans the payload of an event or an ack and notes where each argument is.
func (p *parser) array(b []byte, event bool) bool {
	s := &p.s
	if len(b) == 0 || b[0] != '[' {
		return s.invalid("the payload must be an array")
	}
	s.i, s.values = 1, 1
	s.space()
	if s.i < len(b) && b[s.i] == ']' {
		s.i++
		if event {
			return s.invalid("an event needs a name")
		}
		p.out.Args.frame = b
		return p.s.end()
	}
	args := Args{frame: b}
	for first := true; ; first = false {
		s.space()
		start := s.i
		if !s.value(1) {
			return false
		}
		if event && first {
			if !p.name(b[start:s.i], start) {
				return false
			}
		} else {
			args.add(uint32(start), uint32(s.i))
		}
		s.space()
		switch {
		case s.i >= len(b):
			return s.invalid("the JSON text ends inside the payload")
		case b[s.i] == ',':
			s.i++
		case b[s.i] == ']':
			s.i++
			p.out.Args = args
			return p.s.end()
		default:
			return s.invalid("the payload needs a comma or its end here")
		}
	}
}

// name takes the first element of an event's payload: a number, or a string that
// is not reserved (R146, R148).
func (p *parser) name(raw []byte, at int) bool {
	switch c := raw[0]; {
	case c == '"':
		text := raw[1 : len(raw)-1]
		// Six bytes of escapes make at least one byte of name.
		if len(text) > 6*p.lim.NameLength {
			return p.beyond("NameLength", ErrPayload, p.s.base+at, "the event's name is longer than the limit")
		}
		name := unquote(text)
		if len(name) > p.lim.NameLength {
			return p.beyond("NameLength", ErrPayload, p.s.base+at, "the event's name is longer than the limit")
		}
		p.out.Name = p.words(name)
		if Reserved(p.out.Name) {
			return p.fail(ErrPayload, p.s.base+at, "the event's name is reserved")
		}
	case c == '-' || isDigit(c):
		p.out.Name, p.out.NumericName = string(raw), true
	default:
		return p.fail(ErrPayload, p.s.base+at, "an event's name must be a string or a number")
	}
	return true
}

// unquote returns the characters of a valid JSON string without its quotes: text
// itself when nothing is escaped, otherwise a copy.
func unquote(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	return AppendUnquoted(make([]byte, 0, len(text)), text)
}

// AppendUnquoted appends the characters of a valid JSON string, of which text is what
// stands between its quotes, to out. A lone surrogate becomes U+FFFD.
func AppendUnquoted(out, text []byte) []byte {
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			out = append(out, text[i])
			i++
			continue
		}
		c := text[i+1]
		i += 2
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r, _ := hex4(text[i:])
			i += 4
			if utf16.IsSurrogate(r) {
				r = surrogate(r, text[i:])
				if r != utf8.RuneError {
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
			continue
		}
		out = append(out, c)
	}
	return out
}

// surrogate completes the pair that high began, or returns U+FFFD.
func surrogate(high rune, rest []byte) rune {
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return utf8.RuneError
	}
	low, _ := hex4(rest[2:])
	return utf16.DecodeRune(high, low)
}
