// SPDX-License-Identifier: Apache-2.0

package siowire

// Validate reports what keeps text from being one JSON value in UTF-8 with nothing
// after it, as an [*Error] of kind [ErrPayload]. It judges grammar, escapes and bytes
// as [Parse] does. Arrays and objects may be nested 1,000 deep; numbers and the count
// of values have no other bound than the length of text. Repeated keys and lone
// surrogates are for whoever decodes the value to judge.
func Validate(text []byte) error {
	s := newCollector(text, 0)
	if !s.value(0) || !s.end() {
		return s.err
	}
	return nil
}
