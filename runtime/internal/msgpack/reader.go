// SPDX-License-Identifier: Apache-2.0

package msgpack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Errors that ToJSON wraps.
var (
	ErrInvalid   = errors.New("msgpack: invalid")
	ErrLimit     = errors.New("msgpack: beyond a limit")
	ErrLookalike = errors.New(`msgpack: data that looks like a placeholder ({"_placeholder":true,…}) next to binary values`)
)

// A kind is what a value is in JSON.
type kind uint8

const (
	null kind = iota
	undefined
	boolean
	integer  // of token.i
	unsigned // of token.u, above the largest int64
	float
	str
	bin
	date // token.i milliseconds since 1970
	array
	mapping
)

// A token is a value, or the head of an array or a map.
type token struct {
	kind kind
	n    int    // elements of an array, pairs of a map
	b    []byte // of str and bin, pointing into the input
	i    int64
	u    uint64
	f    float64
	yes  bool
}

// A reader takes tokens from bytes.
type reader struct {
	b []byte
	i int
}

func (r *reader) left() int { return len(r.b) - r.i }

func (r *reader) invalid(detail string) error {
	return fmt.Errorf("%w at byte %d: %s", ErrInvalid, r.i, detail)
}

// take returns the next n bytes.
func (r *reader) take(n uint64) ([]byte, error) {
	if n > uint64(r.left()) {
		return nil, r.invalid("longer than what is left")
	}
	b := r.b[r.i : r.i+int(n) : r.i+int(n)]
	r.i += int(n)
	return b, nil
}

// number reads an unsigned big-endian number of 1, 2, 4 or 8 bytes.
func (r *reader) number(size int) (uint64, error) {
	b, err := r.take(uint64(size))
	if err != nil {
		return 0, err
	}
	switch size {
	case 1:
		return uint64(b[0]), nil
	case 2:
		return uint64(binary.BigEndian.Uint16(b)), nil
	case 4:
		return uint64(binary.BigEndian.Uint32(b)), nil
	}
	return binary.BigEndian.Uint64(b), nil
}

// next reads one token.
func (r *reader) next() (token, error) {
	if r.left() == 0 {
		return token{}, r.invalid("it ends where a value should be")
	}
	c := r.b[r.i]
	r.i++
	switch {
	case c < 0x80:
		return token{kind: integer, i: int64(c)}, nil
	case c < 0x90:
		return r.container(mapping, uint64(c&15))
	case c < 0xa0:
		return r.container(array, uint64(c&15))
	case c < 0xc0:
		return r.bytes(str, uint64(c&31))
	case c >= 0xe0:
		return token{kind: integer, i: int64(int8(c))}, nil
	case c >= 0xca && c <= 0xd3:
		return r.numeric(c)
	}
	switch c {
	case 0xc0:
		return token{kind: null}, nil
	case 0xc2, 0xc3:
		return token{kind: boolean, yes: c == 0xc3}, nil
	case 0xc1:
		return token{}, r.invalid("the byte that never begins a value")
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return r.extension(1<<(c-0xd4), true)
	}
	return r.sized(c)
}

// sized reads what begins with its length.
func (r *reader) sized(c byte) (token, error) {
	size := 1
	switch c {
	case 0xc5, 0xc8, 0xda, 0xdc, 0xde:
		size = 2
	case 0xc6, 0xc9, 0xdb, 0xdd, 0xdf:
		size = 4
	}
	n, err := r.number(size)
	if err != nil {
		return token{}, err
	}
	switch c {
	case 0xc4, 0xc5, 0xc6:
		return r.bytes(bin, n)
	case 0xc7, 0xc8, 0xc9:
		return r.extension(n, false)
	case 0xd9, 0xda, 0xdb:
		return r.bytes(str, n)
	case 0xdc, 0xdd:
		return r.container(array, n)
	}
	return r.container(mapping, n)
}

func (r *reader) bytes(k kind, n uint64) (token, error) {
	b, err := r.take(n)
	return token{kind: k, b: b}, err
}

// container checks that as many values as announced can be left.
func (r *reader) container(k kind, n uint64) (token, error) {
	least := n
	if k == mapping {
		least = 2 * n
	}
	if least > uint64(r.left()) {
		return token{}, r.invalid("more elements than bytes are left")
	}
	return token{kind: k, n: int(n)}, nil
}

// numeric reads floats, and integers that have bytes of their own.
func (r *reader) numeric(c byte) (token, error) {
	size := 1 << (c & 3)
	u, err := r.number(size)
	if err != nil {
		return token{}, err
	}
	switch {
	case c == 0xca:
		return token{kind: float, f: float64(math.Float32frombits(uint32(u)))}, nil
	case c == 0xcb:
		return token{kind: float, f: math.Float64frombits(u)}, nil
	case c >= 0xd0:
		shift := 64 - 8*size
		return token{kind: integer, i: int64(u<<shift) >> shift}, nil
	case u > math.MaxInt64:
		return token{kind: unsigned, u: u}, nil
	}
	return token{kind: integer, i: int64(u)}, nil
}

// extension reads a type and n bytes; fixed is whether the first byte told n.
func (r *reader) extension(n uint64, fixed bool) (token, error) {
	of, err := r.number(1)
	if err != nil {
		return token{}, err
	}
	b, err := r.take(n)
	if err != nil {
		return token{}, err
	}
	switch {
	case of == 0 && fixed && n == 1:
		return token{kind: undefined}, nil
	case of == 0 && fixed && n == 8:
		return dated(float64(int64(binary.BigEndian.Uint64(b)))), nil
	case of == 0 && !fixed:
		return token{kind: bin, b: b}, nil
	case of == 0xff && n == 4:
		return dated(float64(binary.BigEndian.Uint32(b)) * 1e3), nil
	case of == 0xff && n == 8:
		u := binary.BigEndian.Uint64(b)
		return dated(float64(u&(1<<34-1))*1e3 + float64(u>>34)/1e6), nil
	case of == 0xff && n == 12:
		seconds := int64(binary.BigEndian.Uint64(b[4:]))
		return dated(float64(seconds)*1e3 + float64(binary.BigEndian.Uint32(b))/1e6), nil
	}
	return token{}, r.invalid("an extension that nobody sends")
}

// dated returns the date that is so many milliseconds after 1970, or null, which is how
// JavaScript prints one that is out of range. It counts in floats and cuts what is not
// whole, as JavaScript does.
func dated(ms float64) token {
	const latest = 8.64e15
	if math.Abs(ms) > latest {
		return token{kind: null}
	}
	return token{kind: date, i: int64(ms)}
}
