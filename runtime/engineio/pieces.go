// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"math/bits"
	"slices"
	"sync"
)

const (
	chunkSize    = 4 << 10
	largestPiece = 64 << 10
)

// chunks holds small buffers for reading, and the pools larger ones: of 8 KiB, twice that,
// and so on.
var (
	chunks = sync.Pool{New: func() any { return new([chunkSize]byte) }}
	larger [4]sync.Pool
)

// Pieces collect what arrives in one message or body. They grow without copying, and hold
// at most a quarter more than has arrived, or a chunk.
type pieces struct {
	full    [][]byte
	last    []byte
	checked int // last[:checked] is known to be valid, if that matters
	size    int // of what has arrived
	held    int // bytes of memory
}

// room returns where the next bytes are to go: at least one byte, at most `most`.
func (p *pieces) room(most int) []byte {
	if len(p.last) == cap(p.last) {
		p.grow()
	}
	return p.last[len(p.last):min(cap(p.last), len(p.last)+most)]
}

// grow begins another piece. What is not yet checked moves there.
func (p *pieces) grow() {
	next := takePiece(p.size / 4)
	if p.last != nil {
		next = append(next, p.last[p.checked:]...)
		p.full = append(p.full, p.last[:p.checked])
	}
	p.last, p.checked = next, 0
	p.held += cap(next)
}

// took notes that n bytes of the room are filled.
func (p *pieces) took(n int) {
	p.last = p.last[:len(p.last)+n]
	p.size += n
}

// check takes the last piece for valid. With text it says whether it is valid UTF-8 as far as
// it goes; final says that nothing follows.
func (p *pieces) check(text, final bool) bool {
	if !text {
		p.checked = len(p.last)
		return true
	}
	valid, ok := validText(p.last[p.checked:], final)
	p.checked += valid
	return ok
}

// whole returns all that has arrived in memory of its own, no more than it needs.
func (p *pieces) whole() []byte {
	if p.full == nil {
		return bytes.Clone(p.last)
	}
	return p.appendTo(make([]byte, 0, p.size))
}

// appendTo appends all that has arrived to b.
func (p *pieces) appendTo(b []byte) []byte {
	b = slices.Grow(b, p.size)
	for _, piece := range p.full {
		b = append(b, piece...)
	}
	return append(b, p.last...)
}

// release gives the memory back.
func (p *pieces) release() {
	for _, piece := range p.full {
		releasePiece(piece)
	}
	releasePiece(p.last)
	*p = pieces{}
}

// takePiece returns an empty piece of about n bytes: a power of two within the bounds.
func takePiece(n int) []byte {
	if n < 2*chunkSize {
		return chunks.Get().(*[chunkSize]byte)[:0]
	}
	size := min(1<<(bits.Len(uint(n))-1), largestPiece)
	if b, ok := larger[poolOf(size)].Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return make([]byte, 0, size)
}

func releasePiece(b []byte) {
	switch size := cap(b); size {
	case 0:
	case chunkSize:
		chunks.Put((*[chunkSize]byte)(b[:chunkSize]))
	default:
		larger[poolOf(size)].Put(&b)
	}
}

// poolOf says which of the pools has pieces of a size.
func poolOf(size int) int { return bits.Len(uint(size/chunkSize)) - 2 }
