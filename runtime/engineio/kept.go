// SPDX-License-Identifier: Apache-2.0

package engineio

// MessageOf returns a Message of text and attachments, which stay the caller's, with
// one reference. Unlike one of NewMessage it holds no other memory, so it may be kept
// for long.
func MessageOf(text []byte, attachments [][]byte) *Message {
	m := &Message{Text: text, Attachments: attachments}
	m.refs.Store(1)
	return m
}

// Retain takes another reference, which the caller releases. The caller must be sure
// that somebody holds one.
func (m *Message) Retain() { m.refs.Add(1) }
