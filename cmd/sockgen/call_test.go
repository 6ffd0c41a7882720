// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// piped returns the end of a pipe from which text is read.
func piped(t *testing.T, text string) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	if _, err := w.WriteString(text); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return r
}

const answering = `sockgen: 1
info: { name: chat }
errors: { closed: { message: the room is closed } }
namespaces:
  /:
    client:
      say: { payload: { text: string }, ack: { text: string }, errors: [closed] }
      place: { args: [int, int], ack: none }
    server: { tick: int }
`

// The exit status tells a no of the schema or of the server from a server that is not
// there; payloads come from the command line, from a file or from a pipe.
func TestCall(t *testing.T) {
	t.Chdir(t.TempDir())
	save(t, "events.yaml", answering)
	save(t, "scenario.yaml", "on: { connect: [{ emit: tick, with: 7 }] }\n")
	servers := &background{t: t}
	defer servers.end()
	servers.begin([]string{"mock", "-scenario", "scenario.yaml"})
	for _, test := range []struct {
		name, stdin string
		args        []string
		status      int
		want        string
	}{
		{"from the command line", "", []string{"say", `{"text": "hi"}`}, 0, `{"text":"hi"}`},
		{"from a pipe", "{\n  \"text\": \"piped\"\n}\n", []string{"say", "-"}, 0, `{"text":"piped"}`},
		{"numbers below zero", "", []string{"place", "--", "-1", "-20"}, 0, "ok"},
		{"JSON", "", []string{"say", `{"text": "hi"}`, "-json"}, 0, `"ack":"say"`},
		{"events", "", []string{"-count", "1"}, 0, "tick 7"},
		{"lines", "say {\"text\": \"one\"}\nplace 1 2\n", nil, 0, `{"text":"one"}`},
		{"a line that is wrong", "say {\"text\": 1}\n", nil, 1, "expected string, got number"},
		{"a payload that is wrong", "", []string{"say", `{}`}, 1, "say: text: is required"},
		{"an unknown event", "", []string{"shout"}, 1, `has no event "shout"`},
		{"a wrong flag", "", []string{"-timeout", "0s"}, 2, "-timeout and -count"},
		{"a wrong header", "", []string{"-header", "nonsense"}, 2, "-header is a name and a value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			a := &app{stdin: piped(t, test.stdin), stdout: &out, stderr: &out}
			args := append([]string{"call", servers.address}, test.args...)
			if status := a.execute(context.Background(), args); status != test.status || !strings.Contains(out.String(), test.want) {
				t.Errorf("status %d, want %d:\n%s", status, test.status, &out)
			}
		})
	}
	for _, test := range []struct {
		args   []string
		status int
	}{
		{[]string{"call"}, 2},
		{[]string{"call", "nonsense"}, 2},
		{[]string{"call", "http://localhost:1", "-timeout", "300ms", "place", "1", "2"}, 2},
		{[]string{"call", servers.address + "/nowhere"}, 1},
		{[]string{"mock", "-scenario", "events.yaml"}, 1},
		{[]string{"mock", "-scenario", "absent.yaml"}, 2},
		{[]string{"mock", "-listen", "nowhere:x"}, 2},
		{[]string{"mock", "-delay", "-1s"}, 2},
		{[]string{"init"}, 2},
		{[]string{"dev", "-package"}, 2},
	} {
		var out bytes.Buffer
		if got := run(test.args, &out, &out); got != test.status {
			t.Errorf("sockgen %q: status %d, want %d\n%s", test.args, got, test.status, &out)
		}
	}
}

// Shells complete the events of the schema.
func TestCallCompletesEvents(t *testing.T) {
	t.Chdir(t.TempDir())
	save(t, "events.yaml", answering)
	var out bytes.Buffer
	if status := run([]string{"__complete", "call", "http://localhost:3000", "s"}, &out, &out); status != 0 || !strings.Contains(out.String(), "say") {
		t.Errorf("status %d: %s", status, &out)
	}
	out.Reset()
	if run([]string{"__complete", "init", "hello", "--web", "v"}, &out, &out); !strings.Contains(out.String(), "vanilla") {
		t.Error(out.String())
	}
}
