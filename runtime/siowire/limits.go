// SPDX-License-Identifier: Apache-2.0

package siowire

import "math"

// Limits bound what Parse accepts. A zero field means its default, which for Values is
// none: parsing takes time and memory in proportion to the text alone.
type Limits struct {
	Attachments    int // binary messages that one packet may announce; 10
	Depth          int // nested arrays and objects, the outermost included; 64
	Values         int // JSON values in one packet; none
	NumberLength   int // characters of one JSON number; 64
	NameLength     int // bytes of an event's name, unescaped; 256
	NamespaceBytes int // bytes of a namespace's name, its slash included; 128
	AuthBytes      int // bytes of a CONNECT's payload; 16,384
	AuthDepth      int // nested arrays and objects in a CONNECT's payload; 16
}

// DefaultAttachments is how many attachments one packet may have unless a limit
// says otherwise. The official client refuses more.
const DefaultAttachments = 10

func (l Limits) withDefaults() Limits {
	set := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	set(&l.Attachments, DefaultAttachments)
	set(&l.Depth, 64)
	set(&l.Values, math.MaxInt)
	set(&l.NumberLength, 64)
	set(&l.NameLength, 256)
	set(&l.NamespaceBytes, 128)
	set(&l.AuthBytes, 16<<10)
	set(&l.AuthDepth, 16)
	return l
}
