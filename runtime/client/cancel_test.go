// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What is given up is told to a server that offers it, and to no other. What has not been
// sent yet is taken back without a word, and a late answer does no harm.
func TestGivenUpRequestsAreTold(t *testing.T) {
	for _, offer := range []string{`,"$cancel":true`, ``, `,"$cancel":false`, `,"$cancel":1`, `,"$cancel":"true"`} {
		t.Run(offer, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				frames := make(chan string, 16)
				dial := scripted(t, converse(func(_ int, frame string) []string {
					frames <- frame
					switch frame {
					case "40":
						return []string{`40{"sid":"x"` + offer + `}`}
					case `42["end"]`:
						return []string{`430["late"]`, `431["late"]`, `42["done"]`}
					}
					return nil
				}))
				m := newManager(t, "http://server.test", Config{Transports: []string{webSocket}, DialContext: dial})
				s := m.Socket("/", SocketConfig{})
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				if _, err := s.EmitWithAck(ctx, "unsent"); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				done := make(chan struct{})
				s.On("done", func(context.Context, *Event) { close(done) })
				connect(t, s)

				ctx, cancel = context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				if _, err := s.EmitWithAck(ctx, "cancelled"); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				if _, err := s.Timeout(time.Second).EmitWithAck(t.Context(), "late"); !errors.Is(err, ErrTimeout) {
					t.Error(err)
				}
				if err := s.Emit(t.Context(), "end"); err != nil {
					t.Error(err)
				}
				<-done
				want := []string{`40`, `421["cancelled"]`, `42["$cancel",1]`, `422["late"]`, `42["$cancel",2]`, `42["end"]`}
				for _, w := range want {
					if strings.HasPrefix(w, `42["$`) && offer != `,"$cancel":true` {
						continue
					}
					if got := <-frames; got != w {
						t.Errorf("the server received %q, want %q", got, w)
					}
				}
			})
		})
	}
}
