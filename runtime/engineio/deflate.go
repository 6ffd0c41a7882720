// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"compress/flate"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// permessage-deflate (RFC 7692) without context takeover: each message stands for
// itself, so neither side keeps a window of it, and a broadcast is compressed once.
// gorilla inflates, into readAll, which stops at MaxPayload; this package deflates.

const extensionDeflate = "permessage-deflate"

// acceptsDeflate reports whether the client offers permessage-deflate in a way
// that gorilla's answer fits. Offers with other parameters are declined, among them
// those that want a smaller window of us.
func acceptsDeflate(h http.Header) bool {
	for _, line := range h["Sec-Websocket-Extensions"] {
		for offer := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(offer, ";")
			if strings.TrimSpace(name) == extensionDeflate && fitParams(params) {
				return true
			}
		}
	}
	return false
}

// fitParams judges the parameters of one offer.
func fitParams(params string) bool {
	if strings.TrimSpace(params) == "" {
		return true
	}
	var serverTakeover, clientTakeover, clientBits bool // seen
	for p := range strings.SplitSeq(params, ";") {
		name, value, hasValue := strings.Cut(strings.TrimSpace(p), "=")
		var seen *bool
		switch name {
		case "server_no_context_takeover":
			seen = &serverTakeover
		case "client_no_context_takeover":
			seen = &clientTakeover
		case "client_max_window_bits": // any window of the client's can be inflated
			seen = &clientBits
			if bits, err := strconv.Atoi(strings.Trim(value, `"`)); hasValue && (err != nil || bits < 8 || bits > 15) {
				return false
			}
			hasValue = false
		default:
			return false
		}
		if *seen || hasValue {
			return false
		}
		*seen = true
	}
	return true
}

var errRSV1 = errors.New("engineio: RSV1 on a frame that begins no message")

// inflaterSize is what inflating a message takes besides the message, about.
const inflaterSize = 44 << 10

// maxDeflated is how long a frame may be whose message has at most n bytes: data
// that does not shrink grows by five bytes per block.
func maxDeflated(n int) int64 { return int64(n) + int64(n)/1000 + 64 }

// A deflater compresses messages.
type deflater struct {
	w   *flate.Writer
	out bytes.Buffer
}

var deflaters = sync.Pool{New: func() any {
	d := new(deflater)
	d.w, _ = flate.NewWriter(&d.out, flate.BestSpeed) // the level is valid
	return d
}}

// deflate returns prefix and payload compressed as one message (RFC 7692, 7.2.1),
// in memory of its own, or nil when that saves nothing.
func deflate(prefix, payload []byte) []byte {
	d := deflaters.Get().(*deflater)
	defer func() {
		if d.out.Cap() <= maxPooledText {
			deflaters.Put(d)
		}
	}()
	d.out.Reset()
	d.w.Reset(&d.out)
	for _, p := range [][]byte{prefix, payload} {
		if _, err := d.w.Write(p); err != nil {
			return nil
		}
	}
	if err := d.w.Flush(); err != nil {
		return nil
	}
	b := bytes.TrimSuffix(d.out.Bytes(), []byte{0, 0, 0xff, 0xff})
	if len(b) >= len(prefix)+len(payload) {
		return nil
	}
	return bytes.Clone(b)
}

// A deflated keeps the compressed forms of a Message, so that sessions that share
// it share the work.
type deflated struct {
	mu    sync.Mutex
	parts [][]byte // text first, if there is one; an entry is nil when it does not shrink
	done  []bool
}

// part returns the compressed form of m's part i.
func (d *deflated) part(m *Message, i int, prefix, payload []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.parts == nil {
		d.parts, d.done = make([][]byte, 1+len(m.Attachments)), make([]bool, 1+len(m.Attachments))
	}
	if !d.done[i] {
		d.parts[i], d.done[i] = deflate(prefix, payload), true
	}
	return d.parts[i]
}

// part adds a part of m, compressed if that is agreed, allowed and worth it.
func (ws *wsConn) part(t *batch, m *Message, i int, opcode byte, prefix, payload []byte) {
	z := ws.session.srv.cfg.PerMessageDeflate
	if ws.deflate && !m.NoCompress && len(prefix)+len(payload) >= z.Threshold {
		if small := m.deflated.part(m, i, prefix, payload); small != nil {
			t.frame(rsv1Bit|opcode, nil, small)
			return
		}
	}
	t.frame(opcode, prefix, payload)
}
