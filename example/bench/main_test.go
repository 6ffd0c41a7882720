// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// build compiles this program, which starts itself as server and as load generator.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "bench")
	if output, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return program
}

// Each server answers in each mode as it should, and each figure is there. Nothing is
// said about the figures: a test shares its machine.
func TestEveryServerInEveryMode(t *testing.T) {
	program := build(t)
	for _, c := range contenders {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options{
				rounds: 1, modes: regexp.MustCompile(""), servers: []string{c.name}, reuse: true, program: program,
				pace: pace{warmup: 10 * time.Millisecond, duration: 60 * time.Millisecond, most: 20},
			}
			r, err := run(t.Context(), o, t.Output())
			if err != nil {
				t.Fatal(err)
			}
			for _, failure := range r.Failures {
				t.Error(failure)
			}
			for _, m := range modes {
				if m.noFloor && c.name == theFloor {
					continue
				}
				for _, f := range expected(m, c.name) {
					value, ok := r.median(m.name, c.name, f)
					if !ok || value <= 0 && f != idleMemory && f != idleGarbage {
						t.Errorf("%s: %s is %v, known: %v", m.name, f, value, ok)
					}
				}
			}
		})
	}
}

// An earlier build takes its turns, and the table compares with it.
func TestBefore(t *testing.T) {
	program := build(t)
	o := options{
		rounds: 1, modes: regexp.MustCompile("^echo-1$"), servers: []string{ours}, before: program, program: program,
		pace: pace{warmup: 10 * time.Millisecond, duration: 60 * time.Millisecond, most: 20},
	}
	r, err := run(t.Context(), o, t.Output())
	if err != nil || len(r.Failures) > 0 {
		t.Fatal(err, r.Failures)
	}
	if _, ok := r.median("echo-1", earlier, cpuTime); !ok {
		t.Fatal("it was not measured")
	}
	rows := r.table()
	column := slices.Index(rows[0], "× before")
	if column < 0 || len(rows) != 3 || rows[1][column] == "" || rows[2][column] != "" {
		t.Errorf("%q", rows)
	}
}

// expected is what a server is measured for in a mode.
func expected(m mode, server string) []figure {
	list := []figure{m.main, residentSize}
	inGo := server != official
	if m.main == idleMemory {
		if inGo {
			list = append(list, goroutines)
		}
		return append(list, idleGarbage)
	}
	list = append(list, perSecond)
	if !strings.HasPrefix(m.name, "broadcast-") { // none may complete in so short a time
		list = append(list, latency50, latency99)
	}
	if inGo && m.main == cpuTime {
		list = append(list, allocations, allocated)
	}
	return list
}

// A server that answers wrongly, or not at all, is not measured.
func TestAWrongAnswerIsAFailure(t *testing.T) {
	program := build(t)
	c := contenders[0]
	p, err := c.start(t.Context(), program)
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	short := pace{duration: 100 * time.Millisecond, most: 2}
	for name, tt := range map[string]struct {
		message message
		want    string
	}{
		"another answer": {message{echoMessage.request, askMessage.reply}, `got "42[\"echo\",`},
		"no answer":      {message{"3", echoMessage.reply}, "nothing came back within"},
	} {
		for _, m := range []mode{modes[0], {name: "broadcast", drive: driveBroadcast, connections: 2, flight: 1}} {
			t.Run(m.name+", "+name, func(t *testing.T) {
				m.message = tt.message
				d := &drive{ctx: t.Context(), addr: p.addr, pid: p.cmd.Process.Pid, pace: short, failed: make(chan error, 1)}
				if found, err := d.run(m); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v, %v; want an error with %q", found, err, tt.want)
				}
			})
		}
	}
}

func TestAServerThatDoesNotStartIsExplained(t *testing.T) {
	c := contender{name: "broken", command: func(ctx context.Context, _ string) (*exec.Cmd, error) {
		return exec.CommandContext(ctx, "sh", "-c", "echo no such thing >&2"), nil
	}}
	if _, err := c.start(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "broken does not start") {
		t.Errorf("error %v", err)
	}
}

func TestPercentilesAreAsExactAsTheirBuckets(t *testing.T) {
	var a, b histogram
	for i := range 1000 {
		h := &a
		if i%2 == 0 {
			h = &b
		}
		h.add(time.Duration(i+1) * time.Microsecond)
	}
	for _, tt := range []struct {
		p    float64
		want time.Duration
	}{{0.5, 500 * time.Microsecond}, {0.99, 990 * time.Microsecond}, {1, time.Millisecond}} {
		got := percentile([]*histogram{&a, &b}, tt.p)
		if got > tt.want || got < tt.want-tt.want/32 {
			t.Errorf("p%v: %v, want %v less a thirty-second", 100*tt.p, got, tt.want)
		}
	}
	if got := percentile([]*histogram{{}}, 0.5); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

func TestBucketsFollowEachOther(t *testing.T) {
	for i := range buckets - 1 {
		if lowest(i) < 0 {
			break // longer than a duration can be
		}
		if got := bucketOf(lowest(i)); got != i {
			t.Fatalf("%v is in bucket %d, want %d", lowest(i), got, i)
		}
	}
	if got := bucketOf(1<<63 - 1); got >= buckets {
		t.Errorf("the longest duration is in bucket %d of %d", got, buckets)
	}
}

func TestMediansAndVerdicts(t *testing.T) {
	m, err := modeNamed("echo-1")
	if err != nil {
		t.Fatal(err)
	}
	r := &report{Results: []result{
		summarize(m, ours, []figures{{cpuTime: 9, allocations: 4}, {cpuTime: 30, allocations: 4}, {cpuTime: 12, allocations: 5}}),
		summarize(m, theFloor, []figures{{cpuTime: 10}, {cpuTime: 12}}),
	}}
	if got, _ := r.median("echo-1", ours, cpuTime); got != 12 {
		t.Errorf("median of three: %v", got)
	}
	if got, _ := r.median("echo-1", theFloor, cpuTime); got != 11 {
		t.Errorf("median of two: %v", got)
	}
	r.judge()
	verdicts := map[string]verdict{}
	for _, g := range r.Goals {
		verdicts[g.Name] = g.Verdict
	}
	for name, want := range map[string]verdict{"echo, 1 in flight": missed, "allocations for an echo": met, "connect": notMeasured} {
		if verdicts[name] != want {
			t.Errorf("%s: %q, want %q", name, verdicts[name], want)
		}
	}
	var text strings.Builder
	if err := r.write(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| echo-1 | ours   | 12.0 µs | 9.00–30.0", "| 1.09", "missed"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, &text)
		}
	}
}

// The goals name modes that exist.
func TestGoalsAreAboutModes(t *testing.T) {
	for _, g := range goals {
		for _, v := range []value{g.of, g.over} {
			if _, err := modeNamed(v.mode); err != nil && v != (value{}) {
				t.Errorf("%s: %v", g.name, err)
			}
		}
	}
}

func TestTheTypedEventIsOfUsualSize(t *testing.T) {
	if n := len(order); n < 340 || n > 380 {
		t.Errorf("%d bytes, want about 350", n)
	}
	if !json.Valid([]byte(order)) {
		t.Error("it is not JSON")
	}
}
