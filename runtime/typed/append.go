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
// hope that nothing needs to be escaped, and otherwise begins anew.
func appendString(b []byte, s string) []byte {
	n := len(b)
	if cap(b)-n < len(s)+2 {
		b = slices.Grow(b, len(s)+2)
	}
	b = b[:n+len(s)+2]
	b[n] = '"'
	if !copyPlain(b[n+1:], s) {
		return siowire.AppendString(b[:n], s)
	}
	b[len(b)-1] = '"'
	return b
}

// copyPlain copies s to dst and tells whether a string literal of JSON has it as it
// stands: ASCII without control characters, quotes and backslashes. It goes eight
// bytes at a time, and over some of them twice rather than the last ones singly.
func copyPlain(dst []byte, s string) bool {
	if len(s) < 8 {
		plain := true
		for i := range len(s) {
			c := s[i]
			dst[i] = c
			plain = plain && !isSpecial[c]
		}
		return plain
	}
	w := word(s[len(s)-8:])
	binary.LittleEndian.PutUint64(dst[len(s)-8:], w)
	special := special8(w)
	for ; len(s) > 8; s, dst = s[8:], dst[8:] {
		w = word(s)
		binary.LittleEndian.PutUint64(dst, w)
		special |= special8(w)
	}
	return special&highs == 0
}

// isSpecial has the bytes that are not plain.
var isSpecial = func() (special [256]bool) {
	for c := range special {
		special[c] = c < ' ' || c >= 0x80 || c == '"' || c == '\\'
	}
	return special
}()

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
	if n < 10 {
		return append(b, '0'+byte(n))
	}
	var digits [8]byte
	at := len(digits)
	for n >= 100 {
		at -= 2
		putPair(digits[at:], n%100)
		n /= 100
	}
	at -= 2
	putPair(digits[at:], n)
	if n < 10 {
		at++
	}
	return append(b, digits[at:]...)
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
