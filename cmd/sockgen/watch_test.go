// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/sockgen/sockgen/internal/counts"
)

// A transcript is what a command prints, line by line.
type transcript struct {
	mu    sync.Mutex
	text  strings.Builder // guarded by mu
	lines chan string     // whole lines; a test reads them all
	part  string          // guarded by mu: of a line
}

func (p *transcript) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text.Write(data)
	p.part += string(data)
	for {
		line, rest, whole := strings.Cut(p.part, "\n")
		if !whole {
			return len(data), nil
		}
		p.part = rest
		p.lines <- line
	}
}

// expect reads lines up to one that contains text, and returns it.
func (p *transcript) expect(t *testing.T, text string) string {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case line := <-p.lines:
			if strings.Contains(line, text) {
				return line
			}
		case <-deadline:
			p.mu.Lock()
			defer p.mu.Unlock()
			t.Fatalf("%q was never printed:\n%s", text, &p.text)
			return ""
		}
	}
}

// watching runs sockgen generate -watch in a folder of its own until the test ends.
func watching(t *testing.T, files map[string]string, flags ...string) *transcript {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		save(t, name, text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	out := &transcript{lines: make(chan string, 10_000)}
	done := make(chan int)
	go func() { done <- runContext(ctx, append([]string{"generate", "-watch"}, flags...), out, out) }()
	t.Cleanup(func() {
		cancel()
		if status := <-done; status != statusFine {
			t.Errorf("status %d", status)
		}
	})
	out.expect(t, "watching")
	return out
}

// save writes a file in place, as some editors do.
func save(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replaceWith writes another file and gives it the name, as other editors do.
func replaceWith(t *testing.T, name, text string) {
	t.Helper()
	save(t, name+"~", text)
	if err := os.Rename(name+"~", name); err != nil {
		t.Fatal(err)
	}
}

// schemaOf returns a schema with one event.
func schemaOf(event string) string {
	return "sockgen: 1\ninfo: { name: chat }\nnamespaces: { /: { server: { " + event + ": string } } }\n"
}

const importing = "sockgen: 1\ninfo: { name: chat }\nimports: [parts/shared.yaml]\nnamespaces: { /: { server: { tick: Shared } } }\n"

func sharedOf(field string) string {
	return "sockgen: 1\ntypes: { Shared: { struct: { " + field + ": string } } }\n"
}

// Whatever way a file is saved in: what the schema gives follows.
func TestWatch(t *testing.T) {
	for _, flags := range [][]string{nil, {"-poll"}} {
		t.Run(strings.Join(flags, ""), func(t *testing.T) {
			out := watching(t, map[string]string{"events.yaml": schemaOf("first")}, flags...)
			save(t, "events.yaml", schemaOf("second"))
			out.expect(t, "wrote generated/chat/chat.go")
			out.expect(t, "watching")
			replaceWith(t, "events.yaml", schemaOf("third"))
			out.expect(t, "wrote generated/chat/chat.go")
			out.expect(t, "watching")

			// A schema that is wrong says so, and the next one is awaited.
			save(t, "events.yaml", schemaOf("fourth")+"types: { A: { scalar: strin } }\n")
			out.expect(t, "error[unknown-type]")
			out.expect(t, "nothing was written")
			out.expect(t, "watching")
			if err := os.Remove("events.yaml"); err != nil {
				t.Fatal(err)
			}
			out.expect(t, "read the schema")
			out.expect(t, "watching")

			// So do files that it imports, which may not be there yet.
			replaceWith(t, "events.yaml", importing)
			out.expect(t, "error[import]")
			out.expect(t, "watching")
			save(t, "parts/shared.yaml", sharedOf("a"))
			out.expect(t, "wrote generated/chat/chat.go")
			out.expect(t, "watching")
			replaceWith(t, "parts/shared.yaml", sharedOf("b"))
			out.expect(t, "wrote generated/chat/chat.go")
			out.expect(t, "watching")

			// A folder may be replaced as a whole, as git does.
			save(t, "other/shared.yaml", sharedOf("c"))
			if err := os.RemoveAll("parts"); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename("other", "parts"); err != nil {
				t.Fatal(err)
			}
			out.expect(t, "wrote generated/chat/chat.go")
			out.expect(t, "watching")
			save(t, "parts/shared.yaml", sharedOf("d"))
			out.expect(t, "wrote generated/chat/chat.go")
			out.expect(t, "watching")

			// The settings count, too, once they are there.
			save(t, "sockgen.yaml", "typescript: { dir: web }\n")
			out.expect(t, "wrote web/chat.ts")
			out.expect(t, "watching")
			save(t, "sockgen.yaml", "typescript: { dirr: web }\n")
			out.expect(t, "error[unknown-key]")
		})
	}
}

// Of several documents, one that changes is rendered, and the others stay as they are.
func TestWatchDocuments(t *testing.T) {
	out := watching(t, map[string]string{
		"sockgen.yaml": "documents: [events.yaml, game.yaml]\n",
		"events.yaml":  schemaOf("first"),
		"game.yaml":    strings.Replace(schemaOf("first"), "chat", "game", 1),
	})
	save(t, "game.yaml", strings.Replace(schemaOf("second"), "chat", "game", 1))
	out.expect(t, "wrote generated/game/game.go")
	out.expect(t, "watching")
	save(t, "events.yaml", schemaOf("second"))
	out.expect(t, "wrote generated/chat/chat.go")
}

// How long it takes from saving a file until all is written.
func TestWatchIsQuick(t *testing.T) {
	out := watching(t, map[string]string{"events.yaml": schemaOf("event0")})
	best := time.Hour
	for i := range 5 {
		began := time.Now()
		save(t, "events.yaml", schemaOf("event"+strings.Repeat("1", i+1)))
		out.expect(t, "wrote generated/ts/chat.ts")
		best = min(best, time.Since(began))
		out.expect(t, "watching")
	}
	counts.Print(t, "watch: %d ms from saving a schema until all is written, at best", best.Milliseconds())
}

// A burst of events is one change; one that does not end is one now and then.
func TestSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := make(chan fsnotify.Event)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range 3 {
				time.Sleep(settleTime - time.Millisecond)
				events <- fsnotify.Event{}
			}
		}()
		began := time.Now()
		settle(ctx, events)
		if took := time.Since(began); took != min(4*settleTime-3*time.Millisecond, settleMost) {
			t.Errorf("a burst took %v", took)
		}
		go func() {
			for ctx.Err() == nil {
				time.Sleep(time.Millisecond)
				select {
				case events <- fsnotify.Event{}:
				case <-ctx.Done():
				}
			}
		}()
		began = time.Now()
		settle(ctx, events)
		if took := time.Since(began); took != settleMost {
			t.Errorf("a burst without end took %v", took)
		}
		cancel()
		synctest.Wait()
	})
}
