// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// What the policies say holds for each way to emit, with recovery and without. The
// client polls when it is told to, so events wait.
func TestSlow(t *testing.T) {
	eachRecovery(t, func(t *testing.T, recovery *Recovery) {
		const soft = 64 << 10
		cfg := Config{Recovery: recovery}
		cfg.Limits.Engine.QueueBytes = soft
		srv, url := loopback(t, cfg, func(srv *Server) {
			srv.Of("/a")
			srv.Of("/b")
		})
		session := open(t, url)
		request(t, "POST", session, "40/a,\x1e40/b,")
		poll(t, session)
		a, b := srv.Of("/a"), srv.Of("/b")
		s := a.Sockets()[0]
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Error(err)
			}
		}
		fill := func() { // up to the soft bound, from which on it lags
			eventually(t, "what was polled has left", func() bool { return s.Waiting() == 0 })
			for i := 0; s.Waiting() < soft; i++ {
				must(s.Emit(ctx, fmt.Sprint("fill", i)))
			}
		}
		must(a.Slow(SlowLatest).Emit(ctx, "pos", 1))
		must(s.Slow(SlowLatest).Emit(ctx, "pos", 2))
		must(b.Slow(SlowLatest).Emit(ctx, "pos", 3)) // of another namespace
		must(s.Volatile().Slow(SlowLatest).Emit(ctx, "pos", 4))
		must(a.To(Room(s.ID())).Slow(SlowLatest).Emit(ctx, "other", 5))
		must(a.Emit(ctx, "pos", 6))                             // without the policy it stays
		must(a.Volatile().Slow(SlowLatest).Emit(ctx, "pos", 7)) // also volatile, it waits
		must(a.Volatile().Slow(SlowDrop).Emit(ctx, "never", 8)) // nobody polls
		must(s.Slow(SlowDrop).Volatile().Emit(ctx, "never either", 8))
		must(s.Slow(SlowDrop).Uncompressed().Emit(ctx, "hint", 9))
		got, _ := poll(t, session)
		var events []string
		for _, packet := range strings.Split(got, "\x1e") {
			name, args, _ := strings.Cut(strings.TrimPrefix(packet, "42"), "[")
			events = append(events, name+strings.Split(strings.TrimSuffix(args, "]"), `,"`)[0]) // without the offset
		}
		if want := `/b,"pos",3 /a,"other",5 /a,"pos",6 /a,"pos",7 /a,"hint",9`; strings.Join(events, " ") != want {
			t.Errorf("received %q, want %s", events, want)
		}
		if st := srv.Stats(); st.VolatileDropped != 2 || st.SlowConsumers != 0 {
			t.Errorf("%+v", st)
		}
		fill()
		must(a.Slow(SlowDrop).Emit(ctx, "lost"))
		must(s.Slow(SlowDrop).Emit(ctx, "lost"))
		if got, _ := poll(t, session); strings.Contains(got, `"lost"`) || !strings.Contains(got, "fill0") {
			t.Errorf("received %.100q", got)
		}
		if st := srv.Stats(); st.VolatileDropped != 4 || st.SlowConsumers != 0 {
			t.Errorf("%+v", st)
		}
		fill()
		if recovery == nil {
			must(a.Slow(SlowClose).Emit(ctx, "end"))
		} else if err := s.Slow(SlowClose).Emit(ctx, "end"); !errors.Is(err, engineio.ErrQueueFull) {
			t.Errorf("SlowClose: %v", err)
		}
		eventually(t, "the end of the connection", func() bool { return srv.Stats().Sockets == 0 })
		if st := srv.Stats(); st.SlowConsumers != 1 {
			t.Errorf("%+v", st)
		}
	})
}
