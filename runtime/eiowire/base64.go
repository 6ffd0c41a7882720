// SPDX-License-Identifier: Apache-2.0

package eiowire

import "fmt"

// sextets holds the value of each base64 character in either alphabet, and
// notBase64 for every other byte.
var sextets = func() (t [256]byte) {
	for i := range t {
		t[i] = notBase64
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for i := range len(alphabet) {
		t[alphabet[i]] = byte(i)
	}
	t['+'], t['-'] = 62, 62
	t['/'], t['_'] = 63, 63
	return t
}()

const notBase64 = 0xff

// decodeBase64 decodes s in place and returns the decoded part of it. Padding
// may be missing or incomplete, either alphabet is taken, also mixed (R40).
func decodeBase64(s []byte) ([]byte, error) {
	text := s
	for pad := 0; pad < 2 && len(text) > 0 && text[len(text)-1] == '='; pad++ {
		text = text[:len(text)-1]
	}
	n, bits, have := 0, uint(0), 0
	for i, c := range text {
		v := sextets[c]
		if v == notBase64 {
			return nil, fmt.Errorf("%w: byte %q at offset %d", ErrBase64, c, i)
		}
		bits = bits<<6 | uint(v)
		if have += 6; have >= 8 {
			have -= 8
			s[n] = byte(bits >> have) // n stays behind i: four characters give three bytes
			n++
		}
	}
	if have == 6 { // one character alone does not make a byte
		return nil, fmt.Errorf("%w: incomplete last group", ErrBase64)
	}
	return s[:n:n], nil
}
