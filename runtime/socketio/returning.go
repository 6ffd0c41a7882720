// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"bytes"
	"encoding/json"
)

// A returning is what a CONNECT says of the socket that it wants to continue (R226).
type returning struct {
	pid    string  // the secret that it got with its last CONNECT reply
	offset *string // of the last event that it saw; nil for none
}

// splitAuth takes what only recovery needs out of a CONNECT's payload, which is an
// object: nothing of it may reach the application, however its key is written and
// however often. The rest stays byte for byte. Without the key "pid" there is
// nothing to take, and "offset" is the application's. asked is nil for an ordinary
// CONNECT.
func splitAuth(auth []byte) (asked *returning, rest []byte) {
	if !bytes.Contains(auth, []byte(`"pid"`)) && !bytes.ContainsRune(auth, '\\') {
		return nil, auth
	}
	var pid, offset json.RawMessage // the last of each, as in JavaScript
	kept := []byte{'{'}
	found := false
	err := eachMember(auth, func(key string, value, member []byte) {
		switch key {
		case "pid":
			pid, found = value, true
		case "offset":
			offset = value
		default:
			if len(kept) > 1 {
				kept = append(kept, ',')
			}
			kept = append(kept, member...)
		}
	})
	if err != nil || !found {
		return nil, auth // the packet was parsed, so there is no error
	}
	return readReturning(pid, offset), append(kept, '}')
}

// readReturning returns nil unless both values are strings; the offset may be absent
// or null.
func readReturning(pid, offset json.RawMessage) *returning {
	var r returning
	var text *string
	if json.Unmarshal(pid, &text) != nil || text == nil {
		return nil
	}
	r.pid = *text
	if offset != nil && json.Unmarshal(offset, &r.offset) != nil {
		return nil
	}
	return &r
}

// eachMember calls f for the members of an object: with the key as it reads, the value
// and the whole member as they are written.
func eachMember(object []byte, f func(key string, value, member []byte)) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		from := d.InputOffset()
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		text, _ := key.(string)
		f(text, value, bytes.TrimLeft(object[from:d.InputOffset()], " \t\r\n,"))
	}
	return nil
}
