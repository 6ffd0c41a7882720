// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A SchemaPolicy says what happens to a client that was generated from another
// version of the schema, which its $sockgen in the auth payload tells. Clients
// without one are plain ones and always welcome.
type SchemaPolicy uint8

// The policies.
const (
	SchemaWarn   SchemaPolicy = iota // it may enter, and the log tells of it
	SchemaReject                     // it is refused with CodeSchemaMismatch
	SchemaIgnore                     // nobody looks
)

// WithSchemaPolicy says what happens to a client of another version of the schema. Without
// it the policy is [SchemaWarn].
func WithSchemaPolicy(p SchemaPolicy) MountOption {
	return func(o *options) { o.schema = p }
}

// A Mismatch is what [OnMismatch] is told.
type Mismatch struct {
	Namespace   string
	Socket      socketio.ID
	Fingerprint string // of the client, cut to 128 bytes; other JSON than a string as it came
	Want        string // the fingerprint of the schema that the server was generated from
	Rejected    bool
	Count       uint64 // of clients with another version so far, this one included
}

// OnMismatch calls f for every client that was generated from another version of
// the schema, unless the policy is [SchemaIgnore]. Calls overlap, and the client
// waits for f.
func OnMismatch(f func(Mismatch)) MountOption {
	return func(o *options) { o.mismatch = f }
}

// A schemas compares what clients were generated from with what the server was.
type schemas struct {
	want      string
	ancestors []string

	mu    sync.Mutex // guards what follows
	count uint64
	seen  map[string]bool // what the log knows, cut; at most maxSeen
}

// maxSeen is how many fingerprints of clients the log tells of: peers choose them.
const maxSeen = 64

// Schema tells what the server was generated from: clients with this fingerprint
// or one of ancestors fit. Generated Mount functions call it once, before the
// server serves.
func (m *Mount[S]) Schema(fingerprint string, ancestors ...string) {
	m.schemas = &schemas{want: fingerprint, ancestors: ancestors, seen: map[string]bool{}}
}

var errMismatch = NewError(CodeSchemaMismatch, "this client was made for another version of the server: update or reload it")

// checkSchema looks at the fingerprint that s presents, and returns why it is refused.
func (m *mount) checkSchema(ctx context.Context, s *socketio.Socket) error {
	if m.schemas == nil || m.options.schema == SchemaIgnore {
		return nil
	}
	got, present := fingerprintOf(s.Handshake().Auth)
	if !present || got == m.schemas.want || slices.Contains(m.schemas.ancestors, got) {
		return nil
	}
	got = cut(got, maxLogged)
	count, news := m.schemas.note(got)
	rejected := m.options.schema == SchemaReject
	if news {
		m.logger().LogAttrs(context.WithoutCancel(ctx), slog.LevelWarn, "typed: a client was generated from another version of the schema",
			slog.String("namespace", s.Namespace().Name()), slog.String("fingerprint", got), slog.String("want", m.schemas.want),
			slog.Bool("rejected", rejected))
	}
	if m.options.mismatch != nil {
		m.guard.Apart(func() {
			m.options.mismatch(Mismatch{
				Namespace: s.Namespace().Name(), Socket: s.ID(),
				Fingerprint: got, Want: m.schemas.want, Rejected: rejected, Count: count,
			})
		}, "namespace", s.Namespace().Name(), "handler", "OnMismatch")
	}
	if rejected {
		return errMismatch
	}
	return nil
}

// note counts a mismatch, and tells whether the log should know of it.
func (s *schemas) note(fingerprint string) (count uint64, news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	if s.seen[fingerprint] || len(s.seen) >= maxSeen {
		return s.count, false
	}
	s.seen[fingerprint] = true
	return s.count, true
}

// fingerprintKey is where in the auth payload a generated client tells its
// fingerprint.
const fingerprintKey = "$sockgen"

// fingerprintOf returns the fingerprint in an auth payload, and whether there is
// one. What is no string is returned as it is.
func fingerprintOf(auth []byte) (fingerprint string, present bool) {
	if !bytes.Contains(auth, []byte(fingerprintKey)) {
		return "", false
	}
	// The runtime has parsed auth; what a failure leaves out is not there.
	_ = eachMember(auth, func(r *reader, key []byte) (fits bool) {
		if present || string(key) != fingerprintKey {
			return r.skip()
		}
		present = true
		if r.peek() == stringKind {
			fingerprint, fits = r.string()
			return fits
		}
		raw, fits := r.raw()
		fingerprint = string(raw)
		return fits
	})
	return fingerprint, present
}
