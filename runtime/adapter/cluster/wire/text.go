// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/internal/msgpack"
	"github.com/sockgen/sockgen/runtime/internal/seam"
	"github.com/sockgen/sockgen/runtime/siowire"
)

var checkValue = seam.Take[func([]byte, int, siowire.Limits) error]("siowire.checkValue")

// envelopeDepth is how many containers a message has around its arguments.
const envelopeDepth = 4

// A parser reads one message. What came as MessagePack is JSON by then.
type parser struct {
	lim         Limits
	attachments [][]byte
	packed      []byte // the MessagePack, nil when it was JSON
}

// newParser returns a parser for data, which is JSON when that is how it begins, and the
// text of it, checked to be one value.
func newParser(data []byte, lim Limits) (*parser, []byte, error) {
	if len(data) > 0 && data[0] == '{' {
		return textParser(data, lim)
	}
	return packedParser(data, lim)
}

func textParser(text []byte, lim Limits) (*parser, []byte, error) {
	p := &parser{lim: lim.withDefaults()}
	return p, text, p.check(text)
}

func packedParser(data []byte, lim Limits) (*parser, []byte, error) {
	p := &parser{lim: lim.withDefaults(), packed: data}
	text, binaries, err := msgpack.ToJSON(data, p.packLimits())
	if err != nil {
		return nil, nil, invalid(err.Error())
	}
	p.attachments = binaries
	return p, text, p.check(text)
}

func (p *parser) packLimits() msgpack.Limits {
	return msgpack.Limits{Depth: p.lim.Packet.Depth + envelopeDepth, Binaries: p.lim.Packet.Attachments}
}

func (p *parser) check(text []byte) error {
	lim := p.lim.Packet
	lim.Depth += envelopeDepth
	if err := checkValue(text, len(p.attachments), lim); err != nil {
		return invalid(err.Error())
	}
	return nil
}

// plain returns the text anew, with base64 in place of attachments.
func (p *parser) plain() ([]byte, error) {
	text, err := msgpack.ToPlainJSON(p.packed, p.packLimits())
	if err != nil {
		return nil, invalid(err.Error())
	}
	p.attachments = nil
	return text, p.check(text)
}

// end returns where the value that begins at i of checked text ends.
func end(text []byte, i int) int {
	switch text[i] {
	case '"':
		return stringEnd(text, i)
	case '{', '[':
	default:
		return scalarEnd(text, i)
	}
	for depth := 0; ; {
		switch text[i] {
		case '"':
			i = stringEnd(text, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if i++; depth == 0 {
			return i
		}
	}
}

func scalarEnd(text []byte, i int) int {
	for ; i < len(text); i++ {
		switch text[i] {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			return i
		}
	}
	return i
}

func stringEnd(text []byte, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func space(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n') {
		i++
	}
	return i
}

// members returns the values of an object by their names, nil for those that it does
// not have. It refuses an object that has one of them twice: readers differ in which
// they take.
func members(text []byte, names ...string) ([][]byte, error) {
	i := space(text, 0)
	if i == len(text) || text[i] != '{' {
		return nil, invalid("an object is missing")
	}
	values := make([][]byte, len(names))
	for i = space(text, i+1); text[i] != '}'; {
		keyEnd := end(text, i)
		key := text[i+1 : keyEnd-1]
		if bytes.IndexByte(key, '\\') >= 0 {
			key = siowire.AppendUnquoted(nil, key)
		}
		i = space(text, space(text, keyEnd)+1)
		valueEnd := end(text, i)
		for n, name := range names {
			if string(key) != name {
				continue
			}
			if values[n] != nil {
				return nil, invalid("it has " + name + " twice")
			}
			values[n] = text[i:valueEnd:valueEnd]
		}
		if i = space(text, valueEnd); text[i] == ',' {
			i = space(text, i+1)
		}
	}
	return values, nil
}

// inside returns what stands between the brackets of an array.
func inside(text []byte) ([]byte, error) {
	if len(text) < 2 || text[0] != '[' {
		return nil, invalid("a list is missing")
	}
	return text[1 : len(text)-1], nil
}

// elements calls f with each element of an array.
func elements(text []byte, f func(raw []byte) error) error {
	text, err := inside(text)
	if err != nil {
		return err
	}
	for i := space(text, 0); i < len(text); {
		to := end(text, i)
		if err := f(text[i:to:to]); err != nil {
			return err
		}
		if i = space(text, to); i < len(text) {
			i = space(text, i+1)
		}
	}
	return nil
}

// name reads a string of at most lim.NameBytes bytes. A number counts as its digits, as
// it does in JavaScript.
func (p *parser) name(raw []byte, what string) (string, error) {
	if len(raw) == 0 {
		return "", invalid(what + " is missing")
	}
	// Six bytes of escapes make at least one byte.
	if len(raw) > 6*p.lim.NameBytes+2 {
		return "", invalid(what + " is too long")
	}
	text, ok := stringOf(raw)
	if !ok {
		return "", invalid(what + " is not a string")
	}
	if len(text) > p.lim.NameBytes {
		return "", invalid(what + " is too long")
	}
	return text, nil
}

// id is name for what must not be empty.
func (p *parser) id(raw []byte, what string) (string, error) {
	text, err := p.name(raw, what)
	if err == nil && text == "" {
		err = invalid(what + " is empty")
	}
	return text, err
}

func stringOf(raw []byte) (string, bool) {
	switch c := raw[0]; {
	case c == '"':
		raw = raw[1 : len(raw)-1]
		if bytes.IndexByte(raw, '\\') >= 0 {
			raw = siowire.AppendUnquoted(nil, raw)
		}
		return string(raw), true
	case c == '-' || '0' <= c && c <= '9':
		if len(raw) < 16 && !bytes.ContainsAny(raw, ".eE-") {
			return string(raw), true
		}
		f, err := strconv.ParseFloat(string(raw), 64)
		if err != nil {
			return "", false
		}
		if f == 0 {
			return "0", true
		}
		return string(msgpack.AppendFloat(nil, f)), true
	}
	return "", false
}

// optional is name, "" when there is none.
func (p *parser) optional(raw []byte, what string) (string, error) {
	if isNull(raw) {
		return "", nil
	}
	return p.name(raw, what)
}

// isNull reports whether there is no value, or null, which stands for undefined in
// MessagePack.
func isNull(raw []byte) bool { return len(raw) == 0 || string(raw) == "null" }

func boolean(raw []byte) (bool, error) {
	switch string(raw) {
	case "true":
		return true, nil
	case "false", "null", "":
		return false, nil
	}
	return false, invalid("a boolean is missing")
}

// integer reads a whole number between 0 and most.
func integer(raw []byte, most int, what string) (int, error) {
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || f != math.Trunc(f) || f < 0 || f > float64(most) {
		return 0, invalid(what + " is not such a number")
	}
	return int(f), nil
}

// names reads a list of rooms or of ids. Nobody is in the room with an empty name, yet
// Node's servers may name it.
func names[T ~string](p *parser, raw []byte, what string) ([]T, error) {
	text, err := inside(raw)
	if err != nil {
		return nil, err
	}
	var list []T
	if most := bytes.Count(text, []byte(",")) + 1; len(text) > 0 {
		list = make([]T, 0, min(most, len(text)/2+1))
	}
	err = elements(raw, func(raw []byte) error {
		name, err := p.name(raw, what)
		list = append(list, T(name))
		return err
	})
	return list, err
}

// options reads whom a message is for.
func (p *parser) options(raw []byte) (o adapter.Options, err error) {
	v, err := members(raw, "rooms", "except", "flags")
	if err != nil {
		return o, err
	}
	if o.Rooms, err = names[adapter.Room](p, v[0], "a room"); err != nil {
		return o, err
	}
	o.All = len(o.Rooms) == 0
	if !isNull(v[1]) {
		if o.Except, err = names[adapter.Room](p, v[1], "a room"); err != nil {
			return o, err
		}
	}
	if isNull(v[2]) {
		return o, nil
	}
	return o, p.flags(v[2], &o)
}

// slowWords are what a policy is called on the wire. Node's servers pass it over.
var slowWords = map[adapter.SlowPolicy]string{
	adapter.SlowDrop: `"drop"`, adapter.SlowLatest: `"latest"`, adapter.SlowClose: `"close"`,
}

// longest is the longest timeout, the longest that a timer of Node has.
const longest = math.MaxInt32 * time.Millisecond

func (p *parser) flags(raw []byte, o *adapter.Options) error {
	v, err := members(raw, "volatile", "compress", "timeout", "slow")
	if err != nil {
		return err
	}
	if o.Volatile, err = boolean(v[0]); err != nil {
		return err
	}
	if !isNull(v[1]) {
		compress, err := boolean(v[1])
		if err != nil {
			return err
		}
		o.Uncompressed = !compress
	}
	for policy, word := range slowWords {
		if string(v[3]) == word {
			o.Slow = policy
		}
	}
	if isNull(v[2]) {
		return nil
	}
	ms, err := strconv.ParseFloat(string(v[2]), 64)
	if err != nil || ms < 0 {
		return invalid("a timeout is not such a number")
	}
	o.Timeout = time.Duration(min(ms, float64(longest/time.Millisecond)) * float64(time.Millisecond))
	return nil
}

// args reads an array of arguments.
func (p *parser) args(raw []byte) (siowire.Args, error) {
	binaries := p.attachments
	if len(binaries) > 0 && !bytes.Contains(raw, []byte(`{"_placeholder":true`)) {
		binaries = nil // they belong to something that nobody knows
	}
	args, err := siowire.ParseArgs(raw, binaries, p.lim.Packet)
	if err != nil {
		return siowire.Args{}, invalid(err.Error())
	}
	return args, nil
}

// answer reads the one argument of an answer, which may be missing.
func (p *parser) answer(raw []byte) (siowire.Args, error) {
	if raw == nil {
		return siowire.Args{}, nil
	}
	text := make([]byte, 0, len(raw)+2)
	return p.args(append(append(append(text, '['), raw...), ']'))
}

// event reads an array of a name and arguments.
func (p *parser) event(raw []byte) (name string, args siowire.Args, err error) {
	if args, err = p.args(raw); err != nil {
		return "", args, err
	}
	if args.Len() == 0 {
		return "", args, invalid("an event needs a name")
	}
	first := args.At(0)
	if len(first) > 6*p.lim.Packet.NameLength+2 {
		return "", args, invalid("an event's name is too long")
	}
	name, ok := stringOf(first)
	if !ok || len(name) > p.lim.Packet.NameLength {
		return "", args, invalid("an event's name is not a short string")
	}
	return name, args.Skip(1), nil
}

// packet reads an event from the packet of a broadcast. nsp is its namespace, "" if it
// does not tell.
func (p *parser) packet(raw []byte) (name string, args siowire.Args, nsp string, err error) {
	v, err := members(raw, "type", "data", "nsp")
	if err != nil {
		return "", args, "", err
	}
	// 2 is an event; before binary values went into it, those had 5.
	if t := string(v[0]); t != "2" && t != "5" {
		return "", args, "", invalid("a packet that is no event")
	}
	if name, args, err = p.event(v[1]); err != nil {
		return "", args, "", err
	}
	if siowire.Reserved(name) {
		return "", args, "", invalid("an event's name is reserved")
	}
	nsp, err = p.optional(v[2], "a namespace")
	return name, args, nsp, err
}

// sockets reads descriptions. Where there is binary data, text is read anew by the
// caller.
func (p *parser) sockets(raw []byte) (list []adapter.Description, err error) {
	err = elements(raw, func(raw []byte) error {
		d, err := p.socket(raw)
		list = append(list, d)
		return err
	})
	return list, err
}

func (p *parser) socket(raw []byte) (d adapter.Description, err error) {
	v, err := members(raw, "id", "handshake", "rooms", "data")
	if err != nil {
		return d, err
	}
	id, err := p.id(v[0], "a socket's id")
	if err != nil {
		return d, err
	}
	d.ID = adapter.ID(id)
	if d.Rooms, err = names[adapter.Room](p, v[2], "a room"); err != nil {
		return d, err
	}
	if !isNull(v[1]) {
		if d.Handshake, err = handshakeOf(v[1]); err != nil {
			return d, err
		}
	}
	if !isNull(v[3]) {
		d.Data = json.RawMessage(v[3])
	}
	return d, nil
}
