// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestQueueBounds holds the hard bound at the limit and one past it: the largest message
// passes besides it, and so does what SendAnyway sends.
func TestQueueBounds(t *testing.T) {
	const one = 600 + messageOverhead
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{Limits: Limits{QueueHardBytes: 4 * one}}, newApp())
		r.mem.Buffer = 256 // the client does not read, so a write soon stays under way
		l, p := r.connect(kind)
		defer l.close()
		text := strings.Repeat("x", 600)
		var want []string
		fill := func(n int) {
			t.Helper()
			for i := range n {
				if err := p.text(text); err != nil {
					t.Fatalf("message %d: %v", i+1, err)
				}
				want = append(want, text)
				synctest.Wait()
			}
			if err := p.text("y"); !errors.Is(err, ErrQueueFull) {
				t.Fatalf("at the bound: %v", err)
			}
		}
		read := func() {
			t.Helper()
			for _, text := range want {
				l.want("4" + text)
			}
			want = nil
			synctest.Wait()
		}
		fill(5)
		read()
		large := strings.Repeat("z", 100*one)
		if err := p.text(large); err != nil {
			t.Errorf("a large message: %v", err)
		}
		want = append(want, large)
		synctest.Wait()
		fill(4)
		read()
		fill(5)
		for range 10 { // whatever waits
			m := NewMessage()
			m.Text = append(m.Buffer(), text...)
			if err := p.SendAnyway(m); err != nil {
				t.Errorf("SendAnyway: %v", err)
			}
			m.Release()
			want = append(want, text)
		}
		read()
		fill(5)
		p.wantOpen(t)
		if n := r.srv.Stats().QueueFull; n != 4 {
			t.Errorf("QueueFull %d, want 4", n)
		}
		read()
		if err := p.text("again"); err != nil {
			t.Errorf("after the client read: %v", err)
		}
		l.want("4again")
	})
}

// TestAnEndingWaitsForASlowPeer holds that what was sent before the end arrives, however
// long the peer takes to read it, and that one which takes nothing is not waited for.
func TestAnEndingWaitsForASlowPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		for _, reads := range []bool{true, false} {
			c := r.rawWS("")
			p := r.opened()
			const messages, size = 120, 100_000
			for range messages {
				_ = p.text(strings.Repeat("x", size))
			}
			p.Close(ForcedClose)
			if !reads {
				time.Sleep(time.Minute)
				c.Close()
				continue
			}
			for i := range messages {
				if got := c.next(); len(got) != size+4 {
					t.Fatalf("message %d: %.60q", i, got)
				}
				time.Sleep(time.Second)
			}
			if got := c.next(); got != "close" {
				t.Errorf("the end: %.60q", got)
			}
			c.Close()
		}
		synctest.Wait()
		if n := r.kept(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

// sendWaiting sends as a writer that waits for its reader.
func (p *peer) sendWaiting(ctx context.Context, text string) error {
	m := NewMessage()
	defer m.Release()
	m.Text = append(m.Buffer(), text...)
	for {
		err := p.TrySend(m)
		if !errors.Is(err, ErrBusy) {
			return err
		}
		if err := p.AwaitRoom(ctx, nil); err != nil {
			return err
		}
	}
}

// TestAWriterRunsAtItsReadersPace holds that a loop of sends arrives whole and in
// order, and that what waits stays within the soft bound and one message.
func TestAWriterRunsAtItsReadersPace(t *testing.T) {
	for _, size := range []int{10, 20_000, 300_000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			eachTransport(t, func(t *testing.T, kind transportKind) {
				r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
				l, p := r.connect(kind)
				defer l.close()
				n := 4<<20/(size+messageOverhead) + 10
				text := func(i int) string { return fmt.Sprintf("%d %s", i, strings.Repeat("x", size)) }
				most := 0
				done := make(chan struct{})
				go func() {
					defer close(done)
					for i := range n {
						if err := p.sendWaiting(t.Context(), text(i)); err != nil {
							t.Errorf("message %d: %v", i, err)
							return
						}
						most = max(most, p.Waiting())
					}
				}()
				for i := range n {
					if i%100 == 0 {
						time.Sleep(time.Millisecond)
					}
					if got := l.read(); got != "4"+text(i) {
						t.Fatalf("message %d: %.40q", i, got)
					}
				}
				<-done
				if bound := 1<<20 + size + 20 + messageOverhead; most > bound || most < 1<<19 {
					t.Errorf("%d bytes waited, want some, and at most %d", most, bound)
				}
			})
		})
	}
}

// TestAWaitingWriterIsWoken holds that a writer which waits for a peer that does not
// read ends with its ctx and with the session.
func TestAWaitingWriterIsWoken(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{PingInterval: time.Hour, Limits: Limits{QueueBytes: 2000}}, newApp())
		r.mem.Buffer = 256
		l, p := r.connect(kind)
		defer l.close()
		for p.sendOnce() == nil {
			synctest.Wait()
		}
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		if err := p.sendWaiting(ctx, "x"); err != cause {
			t.Errorf("its ctx has ended: %v", err)
		}
		if err := p.AwaitSent(ctx, nil); err != cause {
			t.Errorf("AwaitSent: its ctx has ended: %v", err)
		}
		time.AfterFunc(time.Second, func() { p.Close(ForcedClose) })
		if err := p.sendWaiting(t.Context(), "x"); !errors.Is(err, ErrSessionClosed) {
			t.Errorf("the session has ended: %v", err)
		}
		if err := p.AwaitSent(t.Context(), nil); !errors.Is(err, ErrSessionClosed) {
			t.Errorf("AwaitSent: the session has ended: %v", err)
		}
	})
}

// sendOnce tries to send 100 bytes.
func (p *peer) sendOnce() error {
	m := NewMessage()
	defer m.Release()
	m.Text = make([]byte, 100)
	for i := range m.Text {
		m.Text[i] = 'x'
	}
	return p.TrySend(m)
}

// TestAwaitSent holds that it returns when what was sent before has left, whatever is
// sent later, and also when a message gave way to a later one.
func TestAwaitSent(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		r.mem.Buffer = 256
		l, p := r.connect(kind)
		defer l.close()
		if err := p.AwaitSent(t.Context(), nil); err != nil {
			t.Errorf("nothing was sent: %v", err)
		}
		big := strings.Repeat("x", 1000)
		for range 3 {
			_ = p.text(big)
			synctest.Wait()
		}
		_, _ = p.sendAs(SlowLatest, "k 1"), p.sendAs(SlowLatest, "k 2")
		returned := make(chan error, 1)
		go func() { returned <- p.AwaitSent(t.Context(), nil) }()
		synctest.Wait()
		_, _ = p.sendAs(SlowLatest, "k 3"), p.text("later")
		select {
		case err := <-returned:
			t.Errorf("AwaitSent returned before anything was read: %v", err)
		default:
		}
		for range 3 {
			l.want("4" + big)
		}
		l.want("4k 3")
		l.want("4later")
		if err := <-returned; err != nil {
			t.Error(err)
		}
		if n := r.srv.Stats().Outdated; n != 2 {
			t.Errorf("%d messages gave way, want 2", n)
		}
	})
}

// TestAPeerThatTakesNothingIsCut holds that StallTime counts the time without progress:
// a slow peer is served for as long as it takes, one that stops is cut.
func TestAPeerThatTakesNothingIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		c := r.rawWS("")
		defer c.Close()
		p := r.opened()
		const size = 12_000_000
		if err := p.text(strings.Repeat("x", size)); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		buf := make([]byte, 25_000)
		for read := 0; read < size*3/4; { // 250 KB/s
			n, err := io.ReadFull(c.Conn, buf)
			if read += n; err != nil {
				t.Fatalf("after %d bytes and %v: %v", read, time.Since(start), err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		p.wantOpen(t)
		start = time.Now()
		<-p.closed
		if took := time.Since(start); took < 9*time.Second || took > 11*time.Second {
			t.Errorf("cut after %v", took)
		}
		p.wantClosed(t, TransportError)
		if !errors.Is(p.err, ErrSlowConsumer) {
			t.Errorf("%v, want ErrSlowConsumer", p.err)
		}
	})
}

// TestASlowPeerIsNoStuckPeer does the same through the kernel, which wakes a writer
// only when much of the buffer is free: here, later than StallTime.
func TestASlowPeerIsNoStuckPeer(t *testing.T) {
	t.Parallel()
	r := newRig(t, false, Config{Limits: Limits{StallTime: 3 * time.Second}}, newApp())
	c := r.rawWS("")
	defer c.Close()
	_ = c.Conn.(*net.TCPConn).SetReadBuffer(16 << 10)
	p := r.opened()
	if err := p.text(strings.Repeat("x", 6<<20)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 50_000)
	for range 70 {
		if _, err := io.ReadFull(c.Conn, buf); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
	}
	p.wantOpen(t)
	_, _ = io.CopyN(io.Discard, c.Conn, 6<<20-70*50_000)
	p.wantOpen(t)
}

// TestOutputOfShortHandlersLeaves holds that what functions of less than a
// millisecond send does not wait until all of them have run, nor does what others
// send to the session meanwhile.
func TestOutputOfShortHandlersLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		const events, each = 800, 600 * time.Microsecond
		var others sync.WaitGroup
		a.receive = func(p *peer, data []byte, _ bool) {
			p.RunAttached(func() {
				time.Sleep(each)
				_ = p.text(string(data))
			})
			if string(data) == "400" {
				others.Go(func() { _ = p.text("broadcast") })
			}
		}
		r := newRig(t, true, Config{}, a)
		c := r.rawWS("")
		defer c.Close()
		defer others.Wait()
		r.opened()
		var b strings.Builder
		for i := range events {
			b.WriteString(frame(0x81, true, fmt.Sprint("4", i)))
		}
		start := time.Now()
		go c.write(b.String())
		// An output is due a millisecond after the first one that waits, and is then
		// written by whoever comes for it.
		const late = 3 * time.Millisecond
		var broadcast time.Duration
		for i := 0; i < events; {
			got := c.next()
			now := time.Since(start)
			if got == "81:4broadcast" {
				broadcast = now
				continue
			}
			if want := fmt.Sprint("81:4", i); got != want {
				t.Fatalf("%s, want %s", got, want)
			}
			if i++; now > time.Duration(i)*each+late {
				t.Fatalf("answer %d came after %v, and was sent after %v", i, now, time.Duration(i)*each)
			}
		}
		if sent := 401 * each; broadcast < sent || broadcast > sent+each+late {
			t.Errorf("the broadcast came after %v, and was sent after %v", broadcast, sent)
		}
	})
}

// TestPaceWaitsForThoseWhoMove holds that Pace waits for a session that lags until it
// does not, or ten milliseconds have passed, and not at all for a peer that is stuck.
func TestPaceWaitsForThoseWhoMove(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{PingInterval: time.Hour, Limits: Limits{QueueBytes: 2000}}, newApp())
		r.mem.Buffer = 256
		l, p := r.connect(kind)
		defer l.close()
		took := func() time.Duration {
			start := time.Now()
			Pace([]*Session{p.Session})
			return time.Since(start)
		}
		if d := took(); d != 0 || p.Lags() {
			t.Errorf("nothing waits: %v", d)
		}
		text := strings.Repeat("x", 5000)
		for range 2 {
			_ = p.text(text)
			synctest.Wait()
		}
		if d := took(); d != paceTime || !p.Lags() {
			t.Errorf("a peer that may move: %v", d)
		}
		time.Sleep(time.Second + 2*paceTime) // it has taken nothing for a tenth of StallTime
		if d := took(); d != 0 || p.Lags() {
			t.Errorf("a peer that is stuck: %v", d)
		}
		go func() {
			time.Sleep(paceTime / 2)
			for range 2 {
				l.want("4" + text)
			}
		}()
		time.Sleep(paceTime)
		synctest.Wait()
		if d := took(); d != 0 || p.Lags() {
			t.Errorf("it has caught up: %v", d)
		}
		for range 2 {
			_ = p.text(text)
		}
		time.AfterFunc(paceTime/2, func() { p.Close(ForcedClose) })
		if d := took(); d != paceTime/2 {
			t.Errorf("it ended meanwhile: %v", d)
		}
	})
}

// TestVolatileWantsAnIdleTransport holds R119: a volatile message is sent when nothing
// is queued or being written, and not behind another one.
func TestVolatileWantsAnIdleTransport(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		r.mem.Buffer = 256
		l, p := r.connect(kind)
		defer l.close()
		volatile := func(text string) bool {
			m := NewMessage()
			defer m.Release()
			m.Text = append(m.Buffer(), text...)
			return p.SendVolatile(m)
		}
		received := make(chan string, 10)
		go func() {
			for got := l.read(); !strings.HasPrefix(got, "close"); got = l.read() {
				received <- got
			}
			close(received)
		}()
		synctest.Wait()
		_ = p.text("first")
		if volatile("behind a message") {
			t.Error("taken behind a message in one turn")
		}
		synctest.Wait()
		if !volatile("alone") || volatile("behind a volatile one") {
			t.Error("one volatile message alone is to pass, and a second one not")
		}
		synctest.Wait()
		p.Close(ForcedClose)
		for _, want := range []string{"4first", "4alone"} {
			if got := <-received; got != want {
				t.Errorf("received %q, want %q", got, want)
			}
		}
		for got := range received {
			t.Errorf("received %q", got)
		}
	})
}

// TestPingsOvertake holds that a ping does not wait behind everything that the
// application has to say, and that a peer which is slow to read it has time to answer.
func TestPingsOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		c := r.rawWS("")
		defer c.Close()
		p := r.opened()
		const messages, size = 150, 100_000
		text := strings.Repeat("x", size)
		for range messages {
			if err := p.text(text); err != nil {
				t.Fatal(err)
			}
		}
		start, last, data := time.Now(), time.Now(), 0
		for data < messages {
			switch got := c.next(); got {
			case "81:2":
				if gap := time.Since(last); gap > 45*time.Second {
					t.Fatalf("no ping for %v", gap)
				}
				last = time.Now()
				go func() { // an answer that takes its time
					time.Sleep(15 * time.Second)
					c.write(frame(0x81, true, "3"))
				}()
			case "81:4" + text:
				data++
				time.Sleep(size * time.Second / 100_000) // 100 KB/s
			default:
				t.Fatalf("%.60q after %v", got, time.Since(start))
			}
		}
		p.wantOpen(t)
		time.Sleep(20 * time.Second)
	})
}

// TestNobodyWaitsInAWrite holds that neither the reader nor whoever calls Flush waits
// for a peer that does not read, on a plain socket.
func TestNobodyWaitsInAWrite(t *testing.T) {
	r := newRig(t, false, Config{Limits: Limits{QueueHardBytes: 64 << 20, StallTime: time.Hour}}, newApp())
	c := r.rawWS("")
	defer c.Close()
	p := r.opened()
	for i := range 2000 { // more than the kernel takes
		if err := p.text(strings.Repeat("x", 10_000)); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		p.Flush()
	}
	c.write(frame(0x81, true, "4in"))
	waitFor(t, "a message that the peer sent", func() bool { return len(p.messages()) == 1 })
	p.Flush()
	p.wantOpen(t)
	before := runtime.NumGoroutine()
	for range 2000 {
		if got := c.next(); len(got) != 10_004 {
			t.Fatalf("frame of %d bytes", len(got))
		}
	}
	waitFor(t, "the flusher's end", func() bool { return runtime.NumGoroutine() <= before && p.Waiting() == 0 })
}

// TestAwaitSentWantsItsOwn holds that messages which gave way to later ones do not count
// as what AwaitSent waits for.
func TestAwaitSentWantsItsOwn(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		r.mem.Buffer = 256
		l, p := r.connect(kind)
		defer l.close()
		big := strings.Repeat("x", writeSize) // each takes a write of its own
		_, _ = p.text(big), p.text(big)
		returned := make(chan error, 1)
		go func() { returned <- p.AwaitSent(t.Context(), nil) }()
		synctest.Wait()
		for i := range 5 {
			_ = p.sendAs(SlowLatest, fmt.Sprint("k ", i))
		}
		l.want("4" + big)
		synctest.Wait()
		select {
		case err := <-returned:
			if kind != "polling" { // where one answer has all
				t.Errorf("AwaitSent returned before everything was read: %v", err)
			}
			returned <- err
		default:
		}
		l.want("4" + big)
		l.want("4k 4")
		if err := <-returned; err != nil {
			t.Error(err)
		}
	})
}

// TestAwaitSentOfAFailedWrite holds that what was being written when the peer was given
// up does not count as sent.
func TestAwaitSentOfAFailedWrite(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		r.mem.Buffer = 256
		l, p := r.connect(kind)
		defer l.close()
		if kind == "polling" {
			c := r.begin(request("GET", polling+"&sid="+l.sid, "")) // and never reads the answer
			defer c.Close()
		}
		synctest.Wait()
		_ = p.text(strings.Repeat("x", 1<<20))
		if err := p.AwaitSent(t.Context(), nil); !errors.Is(err, ErrSessionClosed) {
			t.Errorf("the peer took nothing: %v", err)
		}
		p.wantClosed(t, TransportError)
	})
}
