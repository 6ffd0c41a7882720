// SPDX-License-Identifier: Apache-2.0

package call_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/generated/chat/chattest"
	"github.com/sockgen/sockgen/internal/call"
	"github.com/sockgen/sockgen/runtime/socketio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// document returns what a schema of this repository means.
func document(t *testing.T, file string) *gen.Meaning {
	t.Helper()
	src, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	doc, diags := gen.Document(gen.Input{File: file, Source: src})
	if diag.HasErrors(diags) {
		t.Fatal(diags)
	}
	return doc
}

// served serves the chat that was generated, with these handlers, until the test ends.
func served(t *testing.T, f chattest.ChatFuncs) string {
	t.Helper()
	io := socketio.NewServer(socketio.Config{Logger: slog.New(slog.DiscardHandler)})
	chat.MountChat(io, chattest.NewChatHandler(f))
	chat.MountMain(io, chattest.NewMainHandler(chattest.MainFuncs{
		ClientMessage: func(_ context.Context, _ *chat.MainSocket, m string) (string, error) { return "got " + m, nil },
	}))
	srv := httptest.NewServer(io)
	t.Cleanup(func() {
		_ = io.Shutdown(context.Background())
		srv.Close()
	})
	return srv.URL
}

// A safe is a buffer for several goroutines.
type safe struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// calling returns a caller that has not connected, and what it prints.
func calling(t *testing.T, url, auth string, asJSON bool) (*call.Caller, *safe, error) {
	t.Helper()
	out := &safe{}
	c, err := call.New(call.Config{
		Document: document(t, "../../events.yaml"), URL: url, Auth: auth, Timeout: time.Minute, Lull: time.Minute, JSON: asJSON, Stdout: out, Stderr: out,
	})
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
	}
	return c, out, err
}

// send prepares an event, connects and sends it.
func send(t *testing.T, c *call.Caller, event string, args ...string) error {
	t.Helper()
	p, err := c.Prepare(event, args)
	if err != nil {
		return err
	}
	if err := c.Connect(t.Context()); err != nil {
		return err
	}
	return c.Send(t.Context(), p)
}

// refusal returns why somebody said no, and fails when nobody did.
func refusal(t *testing.T, err error) string {
	t.Helper()
	var no *call.RefusedError
	if !errors.As(err, &no) {
		t.Fatalf("error %v is no refusal", err)
	}
	return no.Text
}

const ada = `{"name": "Ada"}`

// An event is answered by an ack, by an error of the schema, or by another event.
func TestSend(t *testing.T) {
	url := served(t, chattest.ChatFuncs{
		MessageSend: func(_ context.Context, _ *chat.ChatSocket, p chat.ChatMessageSend) (chat.ChatMessageSendAck, error) {
			if p.Room == "closed" {
				return chat.ChatMessageSendAck{}, chat.NotMember(chat.NotMemberData{Room: p.Room})
			}
			return chat.ChatMessageSendAck{ID: 7, At: time.UnixMilli(0)}, nil
		},
		ImageSend: func(_ context.Context, _ *chat.ChatSocket, p chat.ChatImageSend) error {
			if string(p.Data) != "\x01\x02" {
				t.Errorf("got the bytes %q", p.Data)
			}
			return nil
		},
		Typing: func(context.Context, *chat.ChatSocket, chat.ChatTyping) (chat.ChatTypingChanged, error) {
			return chat.ChatTypingChanged{}, chat.NotMember(chat.NotMemberData{Room: "a"})
		},
	})
	file := filepath.Join(t.TempDir(), "picture")
	if err := os.WriteFile(file, []byte{1, 2}, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, path, auth, event string
		args                    []string
		json                    bool
		want                    string // what is printed, or the refusal
		refused                 bool
	}{
		{"an ack", "/chat", ada, "message:send", []string{`{"room": "a", "text": "hi"}`}, false, `{"at":"1970-01-01T00:00:00.000Z","id":7}`, false},
		{"an error", "/chat", ada, "message:send", []string{`{"room": "closed", "text": "hi"}`}, false, `message:send: the server answers not_member: join the room first {"room":"closed"}`, true},
		{"an error of an event without ack", "/chat", ada, "typing", []string{`{"room": "a", "typing": true}`}, false, `typing: the server answers not_member: join the room first {"room":"a"}`, true},
		{"base64", "/chat", ada, "image:send", []string{`{"room": "a", "mime": "image/png", "data": "AQI=", "alt": ""}`}, false, "ok", false},
		{"a file", "/chat", ada, "image:send", []string{`{"room": "a", "mime": "image/png", "data": "@` + filepath.ToSlash(file) + `", "alt": ""}`}, false, "ok", false},
		{"an event", "", "", "clientMessage", []string{`"hi"`}, false, "ok\nserverMessage \"got hi\"", false},
		{"lines of JSON", "", "", "clientMessage", []string{`"hi"`}, true, `{"args":["got hi"],"event":"serverMessage"}`, false},
		{"an error as a line of JSON", "/chat", ada, "message:send", []string{`{"room": "closed", "text": "hi"}`}, true, `message:send: the server answers not_member: join the room first {"room":"closed"}`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, out, err := calling(t, url+test.path, test.auth, test.json)
			if err != nil {
				t.Fatal(err)
			}
			err = send(t, c, test.event, test.args...)
			switch {
			case test.refused:
				if got := refusal(t, err); got != test.want {
					t.Errorf("refused with\n%s\nwant\n%s", got, test.want)
				}
			case err != nil || !strings.HasSuffix(strings.TrimSpace(out.String()), test.want):
				t.Errorf("%v, printed\n%s\nwant\n%s", err, out, test.want)
			}
		})
	}
}

// What the schema refuses is told with its place, and nothing is sent: there is no
// server.
func TestMistakesAreFoundBeforeSending(t *testing.T) {
	const url = "http://localhost:1"
	for _, test := range []struct {
		name, path, auth, event string
		args                    []string
		want                    []string
	}{
		{"a constraint", "/chat", ada, "message:send", []string{`{"room": "A!", "text": "hi"}`}, []string{"message:send: room: must match ^[a-z0-9-]+$\n    {\"room\": \"A!\", \"text\": \"hi\"}\n             ^^^^\n1 mistake, nothing was sent"}},
		{"a misspelled field", "/chat", ada, "message:send", []string{`{"room": "a", "text": "hi", "replayTo": 1}`}, []string{"replayTo: unknown field"}},
		{"lines", "/chat", ada, "message:send", []string{"{\n\t\"room\": \"a\",\n\t\"text\": 7\n}"}, []string{"text: expected string, got number\n     \"text\": 7\n             ^\n"}},
		{"no JSON", "/chat", ada, "message:send", []string{`{"room": }`}, []string{"not well-formed JSON", "    {\"room\": }\n             ^"}},
		{"a bare word", "", "", "clientMessage", []string{`hello`}, []string{`a string is written '"hello"'`}},
		{"nothing", "/chat", ada, "room:leave", nil, []string{"room:leave: is required", "such as: room:leave '{\"room\":"}},
		{"too much", "", "", "clientMessage", []string{`"a"`, `"b"`}, []string{"carries one value, and was given 2"}},
		{"an unknown event", "/chat", ada, "mesage:send", nil, []string{`/chat has no event "mesage:send" (did you mean message:send?)`}},
		{"an event of the server", "/chat", ada, "announce", nil, []string{"announce is an event of the server"}},
		{"a file that is missing", "/chat", ada, "image:send", []string{`{"room": "a", "mime": "image/png", "data": "@nowhere", "alt": ""}`}, []string{"image:send: data: open nowhere:"}},
		{"the namespace", "/chad", "", "", nil, []string{"the schema has no namespace /chad (did you mean /chat?); it has /, /chat"}},
		{"no auth", "/chat", "", "", nil, []string{"auth: name: is required"}},
		{"a wrong auth", "/chat", `{"name": ""}`, "", nil, []string{"auth: name: must have 1 to 32 characters, has 0"}},
		{"an auth too much", "", ada, "", nil, []string{"/ takes no auth"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _, err := calling(t, url+test.path, test.auth, false)
			if err == nil {
				err = send(t, c, test.event, test.args...)
			}
			text := refusal(t, err)
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("refused with\n%s\nwant\n%s", text, want)
				}
			}
		})
	}
}

// A server that is not there, and one that refuses the namespace, are told apart.
func TestConnect(t *testing.T) {
	url := served(t, chattest.ChatFuncs{Connect: func(_ context.Context, _ *chat.ChatSocket, auth chat.ChatAuth) error {
		return chat.NameTaken(chat.NameTakenData{Name: auth.Name})
	}})
	c, _, err := calling(t, url+"/chat", ada, false)
	if err != nil {
		t.Fatal(err)
	}
	if text := refusal(t, c.Connect(t.Context())); !strings.Contains(text, `the server refuses /chat: somebody here already has that name {"code":"name_taken"`) {
		t.Error(text)
	}
	for _, url := range []string{"localhost:3000", "", "ftp://x", "http://"} {
		if _, _, err := calling(t, url, "", false); err == nil || !strings.Contains(err.Error(), "is no URL") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// Events of the server are printed as they come; one that does not fit is told of.
func TestWatch(t *testing.T) {
	url := served(t, chattest.ChatFuncs{Connect: func(ctx context.Context, s *chat.ChatSocket, _ chat.ChatAuth) error {
		return errors.Join(
			s.EmitWhispered(ctx, chat.ChatWhispered{From: chat.Member{ID: "1", Name: "Bo"}, Text: "psst", At: time.UnixMilli(0)}),
			s.Untyped().Emit(ctx, "whispered", map[string]any{"from": 1, "text": "x"}),
		)
	}})
	c, out, err := calling(t, url+"/chat", ada, false)
	if err != nil {
		t.Fatal(err)
	}
	l := c.Listen()
	if err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := refusal(t, l.Wait(t.Context(), 2)); text != "an event does not fit the schema" {
		t.Error(text)
	}
	for _, want := range []string{
		`whispered {"at":"1970-01-01T00:00:00.000Z","from":{"id":"1","name":"Bo"},"text":"psst"}`,
		`whispered does not fit the schema: from: expected object, got number`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
}

// Lines from a pipe are carried out one by one; what fails does not end it.
func TestInteractWithAPipe(t *testing.T) {
	url := served(t, chattest.ChatFuncs{})
	c, out, err := calling(t, url, "", false)
	if err != nil {
		t.Fatal(err)
	}
	l := c.Listen()
	if err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString("clientMessage \"one\"\nclientMessage 2\n\n/events\n/help\nclientMessage \"three\"\n/quit\nclientMessage \"never\"\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if text := refusal(t, c.Interact(t.Context(), r, l)); text != "1 of the lines did not succeed" {
		t.Error(text)
	}
	for _, want := range []string{`serverMessage "got one"`, "expected string, got number", "Tab completes", `serverMessage "got three"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	if strings.Contains(out.String(), "never") {
		t.Error("it went on after /quit")
	}
}
