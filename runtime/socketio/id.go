// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"io"
	"sync"
)

// An idSource makes the ids of sockets: 20 characters of URL-safe base64, 120
// random bits (R161, R29).
type idSource struct {
	mu sync.Mutex // guards r
	r  io.Reader  // buffered, so that most ids cost no system call
}

func newIDSource(r io.Reader) *idSource {
	if r == nil {
		r = rand.Reader
	}
	return &idSource{r: bufio.NewReaderSize(r, 15*16)}
}

// next returns a fresh id, or the random source's error.
func (s *idSource) next() (ID, error) {
	var raw [15]byte
	s.mu.Lock()
	_, err := io.ReadFull(s.r, raw[:])
	s.mu.Unlock()
	if err != nil {
		return "", err
	}
	return ID(base64.RawURLEncoding.EncodeToString(raw[:])), nil
}
