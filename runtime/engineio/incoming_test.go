// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// begins has a client send n bytes of something that has a hundred more, and returns where
// these go.
func (r *rig) begins(l *link, n int) (rest io.Writer) {
	text := "4" + strings.Repeat("x", n-1)
	if l.ws != nil {
		header := append([]byte{finalBit | opText, maskBit | 127}, make([]byte, 12)...)
		binary.BigEndian.PutUint64(header[2:], uint64(n+100))
		_, _ = l.ws.NetConn().Write(append(header, text...))
		return l.ws.NetConn()
	}
	c := r.begin(fmt.Sprintf("POST /engine.io/%s&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", polling, l.sid, n+100))
	r.t.Cleanup(func() { c.Close() })
	_, _ = io.WriteString(c, text)
	return c
}

// TestIncomingBudget holds that what is not complete has one bound in memory.
func TestIncomingBudget(t *testing.T) {
	for _, kind := range []transportKind{"polling", "websocket"} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const size, budget = 100_000, 2_000_000
				r := newRig(t, true, Config{MaxPayload: size, Limits: Limits{IncomingBudget: budget}}, newApp())
				var peers []*peer
				for range 40 {
					l, p := r.connect(kind)
					defer l.close()
					r.begins(l, size-100)
					peers = append(peers, p)
					synctest.Wait()
					if st := r.srv.Stats(); st.Incoming > budget {
						t.Fatalf("%d bytes are held after %d", st.Incoming, len(peers))
					}
				}
				ended := uint64(0)
				for _, p := range peers {
					p.mu.Lock()
					if p.closings > 0 && errors.Is(p.err, ErrIncoming) {
						ended++
					}
					p.mu.Unlock()
				}
				if st := r.srv.Stats(); ended < 20 || ended > 30 || ended != st.Faults[ErrIncoming] {
					t.Errorf("%d ended, %d counted", ended, st.Faults[ErrIncoming])
				}
			})
		})
	}
}

// TestWhoSendsOutlivesWhoStops holds that whoever is silent in the middle of something goes
// first, and that nobody is cut who sends, however slowly, nor who has nothing to send.
func TestWhoSendsOutlivesWhoStops(t *testing.T) {
	for _, kind := range []transportKind{"polling", "websocket"} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, true, Config{PingInterval: time.Hour, MaxPayload: 150_200, Limits: Limits{IncomingBudget: 301_000}}, newApp())
				begin := func(n int) (*peer, io.Writer) {
					l, p := r.connect(kind)
					t.Cleanup(l.close)
					if n == 0 {
						return p, nil
					}
					return p, r.begins(l, n)
				}
				sending, rest := begin(70_000)
				stopped, _ := begin(70_000)
				idle, _ := begin(0)
				for range 30 {
					time.Sleep(100 * time.Millisecond)
					_, _ = rest.Write([]byte("x"))
				}
				late, _ := begin(150_000)
				synctest.Wait()
				stopped.wantClosed(t, TransportError)
				for _, p := range []*peer{sending, idle, late} {
					p.wantOpen(t)
				}
			})
		})
	}
}

// TestWhatIsCompleteDoesNotCount holds that the budget is free again once a message is there.
func TestWhatIsCompleteDoesNotCount(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{PingInterval: time.Hour, Limits: Limits{IncomingBudget: 2_000_000}}, newApp())
		l, p := r.connect(kind)
		defer l.close()
		for range 5 {
			l.send("4" + strings.Repeat("x", 999_999))
			synctest.Wait()
		}
		if got := r.srv.Stats().Incoming; got != 0 || len(p.messages()) != 5 {
			t.Errorf("%d bytes held, %d messages", got, len(p.messages()))
		}
	})
}

// TestPieces holds that what arrives is kept whole, in whatever portions, and that memory
// stays close to it.
func TestPieces(t *testing.T) {
	text := strings.Repeat("aé€😀", 60_000) // characters are cut at every place
	for _, n := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 100_000, len(text)} {
		want := strings.ToValidUTF8(text[:n], "")
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(want), "halves": iotest.HalfReader(strings.NewReader(want)), "bytes": iotest.OneByteReader(strings.NewReader(want))} {
			held := 0
			got, err := readAll(r, true, len(want), &held)
			if err != nil || string(got) != want || cap(got) > len(want)+len(want)/8+64 {
				t.Errorf("%d bytes, %s: %d of capacity %d, %v", n, name, len(got), cap(got), err)
			}
			if most := len(want) + len(want)/4 + 2*chunkSize; held > most {
				t.Errorf("%d bytes, %s: %d held", n, name, held)
			}
		}
	}
	for _, bad := range []string{text[:chunkSize] + "\xff", strings.Repeat("a", chunkSize-1) + "\xe2\x82", strings.Repeat("a", chunkSize-1) + "\xe2a"} {
		if _, err := readAll(strings.NewReader(bad), true, len(bad), new(int)); err != errUTF8 {
			t.Errorf("%d bytes that are no text: %v", len(bad), err)
		}
	}
}
