// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// What follows takes the buffer and returns it, as strconv does, so that methods of
// Encoder which only call it are inlined and keep the buffer in registers.

// appendString appends s as a JSON string. It copies and checks in one pass, in the
// hope that a literal has s as it stands, as it has ASCII without control characters,
// quotes and backslashes. Otherwise it begins anew. The pass goes eight bytes at a
// time, and over some of them twice rather than the last ones singly.
func appendString(b []byte, s string) []byte {
	n := len(b)
	if cap(b)-n < len(s)+2 {
		b = slices.Grow(b, len(s)+2)
	}
	b = b[:n+len(s)+2]
	b[n] = '"'
	dst := b[n+1:]
	var special uint64
	if len(s) >= 8 {
		last := len(s) - 8
		w := word(s[last:])
		binary.LittleEndian.PutUint64(dst[last:], w)
		special = special8(w)
		for i := 0; i < last; i += 8 {
			w = word(s[i:])
			binary.LittleEndian.PutUint64(dst[i:], w)
			special |= special8(w)
		}
	} else {
		special = copyShort(dst, s)
	}
	if special&highs != 0 {
		return siowire.AppendString(b[:n], s)
	}
	b[len(b)-1] = '"'
	return b
}

// copyShort copies fewer than eight bytes and checks them like special8.
func copyShort(dst []byte, s string) uint64 {
	const spaces = lows * ' '
	if len(s) >= 4 {
		first, last := halfWord(s), halfWord(s[len(s)-4:])
		binary.LittleEndian.PutUint32(dst, first)
		binary.LittleEndian.PutUint32(dst[len(s)-4:], last)
		return special8(uint64(first) | uint64(last)<<32)
	}
	w := uint64(spaces)
	for i := range len(s) {
		dst[i] = s[i]
		w = w<<8 | uint64(s[i])
	}
	return special8(w)
}

// halfWord returns the first four bytes of s.
func halfWord(s string) uint32 {
	_ = s[3]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// word returns the first eight bytes of s.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// special8 has none of the highs set if all eight bytes of w are plain. No high bit
// of theirs may be set, nor become set by what each test subtracts.
func special8(w uint64) uint64 {
	quote, backslash := w^(lows*'"'), w^(lows*'\\')
	// x-1 borrows into the high bit where x is 0, w-32 where w is below a space.
	return w | (w - lows*' ') | (quote - lows) | (backslash - lows)
}

// pairs has the two digits of each number below 100.
const pairs = "0001020304050607080910111213141516171819" +
	"2021222324252627282930313233343536373839" +
	"4041424344454647484950515253545556575859" +
	"6061626364656667686970717273747576777879" +
	"8081828384858687888990919293949596979899"

// putPair writes n, which is below 100, as two digits.
func putPair(dst []byte, n uint32) {
	_ = dst[1]
	dst[0], dst[1] = pairs[2*n], pairs[2*n+1]
}

// appendInt appends an integer. Most are not negative and have few digits.
func appendInt(b []byte, v int64) []byte {
	if uint64(v) >= 1e8 {
		return strconv.AppendInt(b, v, 10)
	}
	n := uint32(v)
	if n < 1e4 {
		return appendFour(b, n)
	}
	b = append(appendFour(b, n/1e4), "0000"...)
	putPair(b[len(b)-4:], n/100%100)
	putPair(b[len(b)-2:], n%100)
	return b
}

// appendFour appends a number of up to four digits.
func appendFour(b []byte, n uint32) []byte {
	high, low := n/100, n%100
	switch {
	case n < 10:
		return append(b, '0'+byte(n))
	case n < 100:
		return append(b, pairs[2*low], pairs[2*low+1])
	case n < 1000:
		return append(b, '0'+byte(high), pairs[2*low], pairs[2*low+1])
	}
	return append(b, pairs[2*high], pairs[2*high+1], pairs[2*low], pairs[2*low+1])
}

// appendFloat appends the shortest number that reads back as v, which is finite, as
// JavaScript writes it.
func appendFloat(b []byte, v float64, bits int) []byte {
	// Neighbours of an integer below this are less than one away: it takes all its digits.
	exact := 1e15
	if bits == 32 {
		exact = 1 << 24
	}
	if abs := math.Abs(v); abs < exact && abs == math.Trunc(abs) && (v != 0 || !math.Signbit(v)) {
		return appendInt(b, int64(v))
	}
	return appendAnyFloat(b, v, bits)
}

// appendAnyFloat is appendFloat without its short cut.
func appendAnyFloat(b []byte, v float64, bits int) []byte {
	format := byte('f')
	// JavaScript changes to exponents at the same magnitudes.
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	b = strconv.AppendFloat(b, v, format, -1, bits)
	if n := len(b); format == 'e' && b[n-4] == 'e' && b[n-2] == '0' { // 1e-07: JavaScript writes 1e-7
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}
