// SPDX-License-Identifier: Apache-2.0

package soak

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/runtime/socketio"
)

var (
	cycles = flag.Int("cycles", 2000, "connections in all, which the endings share")
	only   = flag.String("endings", "", "play only the endings whose name matches this regular expression")
)

// timers is the clock of every server.
var timers clock

func TestMain(m *testing.M) {
	runtime.MemProfileRate = 1 // so that the heap's profile has every timer
	goleak.VerifyTestMain(m)
}

// play plays cycles connections of an ending and returns the first error.
func (e ending) play(v *venue, cycles int) error {
	var next atomic.Int64
	var mu sync.Mutex // guards errs and late
	var errs []error
	late := 0
	var wg sync.WaitGroup
	calls := (cycles + max(e.size, 1) - 1) / max(e.size, 1)
	slots := e.slots
	if slots == 0 {
		slots = 32
	}
	for range min(slots, calls) {
		wg.Go(func() {
			for n := int(next.Add(1)) - 1; n < calls; n = int(next.Add(1)) - 1 {
				err := e.once(v, n)
				if err != nil { // on a busy machine a client may be too late for a short timeout
					mu.Lock()
					late++
					again := late <= maxLate(calls)
					mu.Unlock()
					if again {
						err = e.once(v, n)
					}
				}
				if err != nil {
					mu.Lock()
					defer mu.Unlock()
					if len(errs) == 3 {
						return // enough to read
					}
					errs = append(errs, fmt.Errorf("cycle %d: %w", n, err))
					next.Store(int64(calls)) // the others finish theirs
					return
				}
			}
		})
	}
	wg.Wait()
	if n := v.forget(); n > late && errs == nil {
		errs = append(errs, fmt.Errorf("%d sockets ended that no cycle waited for", n))
	}
	errs = append(errs, v.firstError())
	return errors.Join(errs...)
}

// maxLate is how many of so many cycles may be played a second time.
func maxLate(calls int) int { return 4 + calls/50 }

// once plays one cycle.
func (e ending) once(v *venue, n int) error {
	c := &client{v: v, n: n}
	defer c.close()
	return e.cycle(c)
}

// openVenues makes a server for each ending and plays a little of all of them, so that
// pools and maps have their size.
func openVenues(t *testing.T, endings []ending, each int) []*venue {
	t.Helper()
	venues := make([]*venue, len(endings))
	for i, e := range endings {
		cfg := e.cfg
		cfg.Clock = &timers
		cfg.PingInterval *= 2 // clients on a busy machine answer late
		cfg.PingTimeout *= 2
		cfg.UpgradeTimeout *= 5
		v, err := newVenue(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := v.close(); err != nil {
				t.Errorf("%s: %v", e.name, err)
			}
		})
		venues[i] = v
	}
	var wg sync.WaitGroup
	turns := make(chan struct{}, 6) // more would make clients late for timeouts
	for i, e := range endings {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			if err := e.play(venues[i], min(each, max(e.slots, 16))); err != nil {
				t.Errorf("%s: warm-up: %v", e.name, err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return venues
}

// baseline waits until nothing changes any more and no timer is set: a server at
// rest has none.
func baseline(t *testing.T, v *venue) reading {
	t.Helper()
	last := read(&timers, v.srv)
	for calm, end := 0, time.Now().Add(patience); calm < 3; {
		if time.Now().After(end) {
			t.Fatalf("nothing is at rest after the warm-up\n%s", goroutines())
		}
		time.Sleep(10 * time.Millisecond)
		now := read(&timers, v.srv)
		if calm++; now.timers > 0 || now.goroutines != last.goroutines || now.timers != last.timers || now.files != last.files || !maps.Equal(now.census, last.census) {
			calm = 0
		}
		last = now
	}
	return last
}

func TestSoak(t *testing.T) {
	pattern, err := regexp.Compile(*only)
	if err != nil {
		t.Fatal(err)
	}
	endings := slices.DeleteFunc(slices.Clone(allEndings), func(e ending) bool { return !pattern.MatchString(e.name) })
	if len(endings) == 0 {
		t.Fatalf("no ending matches %q", *only)
	}
	each := (*cycles + len(endings) - 1) / len(endings)
	venues := openVenues(t, endings, each)
	for i, v := range venues { // expiries of recovery are still to come
		settleEmpty(t, endings[i].name, v)
		v.forget() // who was late in the warm-up
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "ending\tconnections\tseconds\tgoroutines\ttimers\tin the heap\tdescriptors\tentries\theap KiB\t")
	first := baseline(t, venues[0])
	for i, e := range endings {
		v := venues[i]
		t.Run(e.name, func(t *testing.T) {
			before := baseline(t, v)
			start := time.Now()
			if err := e.play(v, each); err != nil {
				t.Fatal(err)
			}
			after := settle(&timers, v.srv, before)
			row(w, e.name, each, time.Since(start), before, after)
			if err := compare(before, after); err != nil {
				t.Errorf("%v\n%s", err, goroutines())
			}
		})
	}
	last := settle(&timers, venues[0].srv, first)
	row(w, "all", each*len(endings), 0, first, last)
	first.heap += allSlack - heapSlack
	if err := compare(first, last); err != nil {
		t.Errorf("all together: %v", err)
	}
	w.Flush()
	fmt.Fprint(os.Stdout, table.String())
}

// settleEmpty waits until a server holds no more than its namespaces. A baseline with
// something left behind would hide it.
func settleEmpty(t *testing.T, name string, v *venue) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		err := held(v.srv)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Errorf("%s: warm-up: %v\n%v", name, err, takeCensus(v.srv))
			return
		}
	}
}

func row(w *tabwriter.Writer, name string, cycles int, took time.Duration, before, after reading) {
	fmt.Fprintf(w, "%s\t%d\t%.1f\t", name, cycles, took.Seconds())
	for _, f := range []struct{ before, after int }{
		{before.goroutines, after.goroutines}, {before.timers, after.timers}, {before.allTimers, after.allTimers},
		{before.files, after.files}, {before.census.entries(), after.census.entries()}, {before.heap >> 10, after.heap >> 10},
	} {
		fmt.Fprintf(w, "%d → %d\t", f.before, f.after)
	}
	fmt.Fprintln(w)
}

// The census is worth nothing if it does not see what a connection holds.
func TestCensusSeesWhatConnectionsHold(t *testing.T) {
	v, err := newVenue(socketio.Config{Recovery: &socketio.Recovery{}, Clock: &timers})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := v.close(); err != nil {
			t.Error(err)
		}
	}()
	before := takeCensus(v.srv)
	if missing := slices.DeleteFunc(slices.Clone(gauges), func(g string) bool { _, ok := before[g]; return ok }); len(missing) > 0 {
		t.Errorf("there is no %q any more: name what says the same now", missing)
	}
	c := &client{v: v}
	defer c.close()
	if err := join(c.open(true), func() error { _, err := c.connect("/", ""); return err },
		func() error { _, err := c.connect("/child-1", ""); return err },
		c.hearNews, func() error { return c.send(`421["join"]`) }, func() error { return c.want(`431["joined"]`) }); err != nil {
		t.Fatal(err)
	}
	after := takeCensus(v.srv)
	for _, name := range []string{
		"engineio.Server.sessions", "engineio.Server.open", "socketio.Server.conns", "socketio.Server.namespaces", "socketio.Server.dynamic",
		"socketio.ParentNamespace.children", "socketio.Namespace.sockets", "socketio.Namespace.users", "socketio.recoveries.byKey",
		"socketio.replay.used", "socketio.eventLog.entries", "adapter.Memory.sockets", "adapter.Memory.rooms", "context.cancelCtx.children",
	} {
		if after[name] <= before[name] {
			t.Errorf("%s is %d with a connection and was %d without", name, after[name], before[name])
		}
	}
	if err := compare(reading{census: before}, reading{census: after}); err == nil {
		t.Error("a connection makes no difference")
	}
	if err := join(reset(c.wsLine)); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); v.srv.Stats().Sockets > 0 || takeCensus(v.srv)["socketio.recoveries.away"] != 2; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("a lost client is not found: %v", takeCensus(v.srv))
		}
	}
}

// Neither are the other figures if they do not see a goroutine, a timer, a
// descriptor and memory.
func TestReadingsSeeLeaks(t *testing.T) {
	srv := socketio.NewServer(socketio.Config{Clock: &timers})
	before := read(&timers, srv)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { <-stop })
	ours := timers.AfterFunc(time.Hour, func() {})
	other := time.AfterFunc(time.Hour, func() {})
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	memory := make([]byte, 2*heapSlack)
	after := read(&timers, srv)
	runtime.KeepAlive(memory)
	ours.Stop()
	other.Stop()
	file.Close()
	close(stop)
	wg.Wait()
	got := fmt.Sprint(compare(before, after))
	for _, want := range []string{
		fmt.Sprintf("goroutines %d, was %d", before.goroutines+1, before.goroutines),
		fmt.Sprintf("timers %d, was %d", before.timers+1, before.timers),
		fmt.Sprintf("timers in the heap %d, was %d", before.allTimers+2, before.allTimers),
		"bytes in the heap",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("compare says %q, want %q in it", got, want)
		}
	}
	if before.files >= 0 && after.files <= before.files {
		t.Errorf("%d descriptors with one more file, were %d", after.files, before.files)
	}
}
