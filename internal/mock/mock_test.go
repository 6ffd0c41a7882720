// SPDX-License-Identifier: Apache-2.0

package mock_test

import (
	"context"
	"errors"
	"io"
	"net/http"
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
	"github.com/sockgen/sockgen/generated/chat/chatclient"
	"github.com/sockgen/sockgen/generated/game"
	"github.com/sockgen/sockgen/generated/game/gameclient"
	"github.com/sockgen/sockgen/internal/mock"
	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/typed"
	"github.com/sockgen/sockgen/runtime/typedclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = time.Minute

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

// A served is a mock that serves until its test ends.
type served struct {
	*mock.Server
	url string
	mu  sync.Mutex
	log []string // guarded by mu
}

func (s *served) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.log, "\n")
}

// post sends commands, and returns what is wrong with them.
func (s *served) post(t *testing.T, lines string) string {
	t.Helper()
	res, err := http.Post(s.url+"/mock", "text/plain", strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func serve(t *testing.T, schema, scenario string, cfg mock.Config) *served {
	t.Helper()
	cfg.Document = document(t, schema)
	if scenario != "" {
		var err error
		if cfg.Scenario, err = mock.ParseScenario("scenario.yaml", []byte(scenario), cfg.Document); err != nil {
			t.Fatal(err)
		}
	}
	s := &served{}
	cfg.Say = func(line string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.log = append(s.log, line)
	}
	s.Server = mock.New(cfg)
	srv := httptest.NewServer(s.Server)
	s.url = srv.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
		srv.Close()
	})
	return s
}

// chatter connects a client that sockgen generated, which refuses what does not fit.
func chatter(t *testing.T, s *served, name string) *chatclient.ChatClient {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := chatclient.DialChat(ctx, s.url, chat.ChatAuth{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = c.Close(ctx)
	})
	return c
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// next returns what comes next, and fails when nothing does.
func next[T any](t *testing.T, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(patience):
		t.Fatal("nothing came")
	}
	return v
}

// Acks have what the schema asks for, and what the client has said itself.
func TestAcks(t *testing.T) {
	s := serve(t, "../../events.yaml", "", mock.Config{Seed: 1})
	c := chatter(t, s, "Ada")
	for range 20 {
		reply, err := c.RoomJoin(within(t), chat.ChatRoomJoin{Room: "kitchen"})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range reply.History {
			if m.Room != "kitchen" || m.ID < 1 || m.From.Name == "" {
				t.Errorf("%+v", m)
			}
		}
	}
	if _, err := c.MessageSend(within(t), chat.ChatMessageSend{Room: "kitchen", Text: "hi"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.said(), `connected /chat {"name":"Ada"}`) || !strings.Contains(s.said(), `got /chat message:send {"room":"kitchen","text":"hi"}`) {
		t.Error(s.said())
	}
}

// The same seed gives the same values.
func TestSeed(t *testing.T) {
	history := func(seed uint64) string {
		s := serve(t, "../../events.yaml", "", mock.Config{Seed: seed, Now: time.UnixMilli(0)})
		reply, err := chatter(t, s, "Ada").RoomJoin(within(t), chat.ChatRoomJoin{Room: "a"})
		if err != nil {
			t.Fatal(err)
		}
		text, err := reply.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if one, two := history(7), history(7); one != two {
		t.Errorf("%s\n%s", one, two)
	}
	if history(7) == history(8) {
		t.Error("another seed gave the same values")
	}
}

// a -> b emits b, to those who shall have it.
func TestResults(t *testing.T) {
	s := serve(t, "../../events.yaml", "", mock.Config{})
	ada, bo := chatter(t, s, "Ada"), chatter(t, s, "Bo")
	own, others := make(chan chat.ChatTypingChanged, 1), make(chan chat.ChatTypingChanged, 1)
	ada.OnTypingChanged(func(_ context.Context, p chat.ChatTypingChanged) { own <- p })
	bo.OnTypingChanged(func(_ context.Context, p chat.ChatTypingChanged) { others <- p })
	if err := ada.Typing(within(t), chat.ChatTyping{Room: "kitchen", Typing: true}); err != nil {
		t.Fatal(err)
	}
	if p := next(t, others); p.Room != "kitchen" || !p.Typing || p.Member.Name != "Ada" {
		t.Errorf("%+v", p)
	}
	if _, err := ada.RoomJoin(within(t), chat.ChatRoomJoin{Room: "a"}); err != nil { // behind what the sender would have got
		t.Fatal(err)
	}
	if len(own) > 0 {
		t.Error("the sender got it, too")
	}
}

// What does not fit is refused as a generated server refuses it.
func TestRefusals(t *testing.T) {
	s := serve(t, "../../events.yaml", "", mock.Config{})
	m, err := client.New(s.url, client.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close(within(t))
	raw := m.Socket("/chat", client.SocketConfig{Auth: func(context.Context) (any, error) { return map[string]any{"name": ""}, nil }})
	var no *client.ConnectError
	if err := raw.Connect(within(t)); !errors.As(err, &no) || !strings.Contains(string(no.Data), `"path":"name"`) {
		t.Errorf("%v %s", err, no.Data)
	}
	main := m.Socket("/", client.SocketConfig{})
	failures := make(chan string, 1)
	main.On("$error", func(_ context.Context, e *client.Event) { failures <- string(e.Args.At(0)) })
	if err := main.Connect(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := main.Emit(within(t), "clientMessage", 7); err != nil {
		t.Fatal(err)
	}
	if got, want := next(t, failures), `{"event":"clientMessage","code":"invalid_payload","message":"the payload does not fit the schema","data":{"issues":[{"path":"","message":"expected string, got number"}]}}`; got != want {
		t.Errorf("%s\n%s", got, want)
	}
	reply, err := main.EmitWithAck(within(t), "nonsense")
	if err != nil || !strings.Contains(string(reply.At(0)), `"code":"unknown_event"`) {
		t.Errorf("%s, %v", reply.At(0), err)
	}
}

// Commands emit on demand and order failures, with made data.
func TestCommands(t *testing.T) {
	s := serve(t, "../../events.yaml", "", mock.Config{})
	c := chatter(t, s, "Ada")
	announced := make(chan chat.ChatAnnounce, 1)
	c.OnAnnounce(func(_ context.Context, p chat.ChatAnnounce) { announced <- p })
	if got := s.post(t, "emit announce {\"text\": \"Tea is ready\"}\n"); got != "" {
		t.Error(got)
	}
	if p := next(t, announced); p.Text != "Tea is ready" || p.At.IsZero() {
		t.Errorf("%+v", p)
	}
	if got := s.post(t, "fail message:send not_member 2\nfail room:leave not_member always"); got != "" {
		t.Error(got)
	}
	send := func() error {
		_, err := c.MessageSend(within(t), chat.ChatMessageSend{Room: "kitchen", Text: "hi"})
		return err
	}
	for range 2 {
		err := send()
		var failure *typed.Error
		if !errors.Is(err, chat.CodeNotMember) || !errors.As(err, &failure) {
			t.Errorf("error %v", err)
		}
	}
	if err := send(); err != nil {
		t.Error(err)
	}
	if err := c.RoomLeave(within(t), chat.ChatRoomLeave{Room: "a"}); !errors.Is(err, chat.CodeNotMember) {
		t.Error(err)
	}
	s.post(t, "fail room:leave off")
	if err := c.RoomLeave(within(t), chat.ChatRoomLeave{Room: "a"}); err != nil {
		t.Error(err)
	}
}

// What a command does not understand is told; it can refuse connections, too.
func TestCommandMistakes(t *testing.T) {
	s := serve(t, "../../events.yaml", "", mock.Config{})
	chatter(t, s, "Ada")
	for command, want := range map[string]string{
		"emit anounce":                    `the server emits no "anounce" (did you mean announce?)`,
		`emit announce {"text": ""}`:      `announce: text: must have 1 to 2000 characters, has 0`,
		`emit announce {"text": `:         `announce: not well-formed JSON`,
		"fail message:send nonsense":      `message:send answers no error "nonsense"`,
		"fail message:sent not_member":    `no client emits "message:sent" (did you mean message:send?)`,
		"fail message:send":               `it is: fail EVENT CODE [TIMES]`,
		"dance":                           `there is no command "dance"`,
		"fail connect name_taken always ": "",
	} {
		if got := s.post(t, command); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %s", command, got)
		}
	}
	_, err := chatclient.DialChat(within(t), s.url, chat.ChatAuth{Name: "Bo"})
	if !errors.Is(err, chat.CodeNameTaken) {
		t.Errorf("error %v", err)
	}
}

const busy = `
on:
  connect:
    - { emit: announce, with: { text: Welcome } }
  message:send:
    - { fail: not_member, times: 1 }
    - { ack: { id: 42 } }
    - { emit: message:posted, to: everybody, with: { text: $payload.text, from: { name: $auth.name } } }
timeline:
  - { after: 1ms, emit: member:joined, with: { member: { name: Grace } } }
  - { every: 1ms, emit: whispered, with: { text: psst }, times: 3 }
`

// A scenario says what happens beyond what the schema asks for.
func TestScenario(t *testing.T) {
	s := serve(t, "../../events.yaml", busy, mock.Config{})
	m, err := client.New(s.url, client.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c := chatclient.NewChatClient(m, typedclient.Static(chat.ChatAuth{Name: "Ada"}))
	announced, joined, posted, whispered := make(chan string, 9), make(chan string, 9), make(chan chat.Message, 9), make(chan string, 9)
	c.OnAnnounce(func(_ context.Context, p chat.ChatAnnounce) { announced <- p.Text })
	c.OnMemberJoined(func(_ context.Context, p chat.ChatMemberJoined) { joined <- p.Member.Name })
	c.OnMessagePosted(func(_ context.Context, p chat.Message) { posted <- p })
	c.OnWhispered(func(_ context.Context, p chat.ChatWhispered) { whispered <- p.Text })
	if err := c.Connect(within(t)); err != nil {
		t.Fatal(err)
	}
	defer m.Close(within(t))
	if got := next(t, announced); got != "Welcome" {
		t.Error(got)
	}
	if got := next(t, joined); got != "Grace" {
		t.Error(got)
	}
	for range 3 {
		next(t, whispered)
	}
	message := chat.ChatMessageSend{Room: "kitchen", Text: "hello there"}
	if _, err := c.MessageSend(within(t), message); !errors.Is(err, chat.CodeNotMember) {
		t.Errorf("error %v", err)
	}
	if reply, err := c.MessageSend(within(t), message); err != nil || reply.ID != 42 {
		t.Errorf("%+v, %v", reply, err)
	}
	if p := next(t, posted); p.Text != "hello there" || p.From.Name != "Ada" || p.Room != "kitchen" || p.From.ID == "" {
		t.Errorf("%+v", p)
	}
}

// Mistakes of a scenario have a place.
func TestScenarioMistakes(t *testing.T) {
	doc := document(t, "../../events.yaml")
	for text, want := range map[string]string{
		"on:\n  mesage:send: []":                           `s.yaml:2:3: no client emits "mesage:send" (did you mean message:send?)`,
		"on: { connect: [{ emit: anounce }] }":             `s.yaml:1:25: the server emits no "anounce" (did you mean announce?)`,
		"on: { connect: [{ fail: name_taken }] }":          `s.yaml:1:19: a step of connect has no key "fail"`,
		"on: { message:send: [{ fail: slow }] }":           `s.yaml:1:30: message:send answers no error "slow"`,
		"timeline: [{ every: soon, emit: announce }]":      `s.yaml:1:21: a time is written such as 500ms or 2s, and not "soon"`,
		"timeline: [{ after: 1s }]":                        `s.yaml:1:12: a step of the timeline does one thing`,
		"timeline: [{ emit: announce, disconnect: true }]": `s.yaml:1:12: a step of the timeline does one thing`,
		"timeline: [{ emit: announce, to: all }]":          `s.yaml:1:34: to is sender, others or everybody, and not "all"`,
		"timline: []": `s.yaml:1:1: a scenario has no key "timline" (did you mean timeline?)`,
		"- a":         `s.yaml:1:1: a scenario is a mapping, and this is a list`,
		"on: [":       `s.yaml:1:`,
		"timeline: [{ emit: announce, every: 1s, times: never}]": `times is a number from 1`,
		"": `a scenario is a mapping, and this is nothing`,
	} {
		if _, err := mock.ParseScenario("s.yaml", []byte(text), doc); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n%v\nwant %s", text, err, want)
		}
	}
}

// On a timer, each event of the server comes, as it has to be.
func TestEvery(t *testing.T) {
	s := serve(t, "../../events.yaml", "", mock.Config{Every: time.Millisecond})
	c := chatter(t, s, "Ada")
	images := make(chan chat.ChatImagePosted, 1)
	c.OnImagePosted(func(_ context.Context, p chat.ChatImagePosted) {
		select {
		case images <- p:
		default:
		}
	})
	if p := next(t, images); p.From.Name == "" || p.Room == "" {
		t.Errorf("%+v", p)
	}
}

// Namespaces with parameters serve the values that their types have.
func TestParameters(t *testing.T) {
	s := serve(t, "../../example/game/events.yaml", "", mock.Config{})
	c, err := gameclient.Dial(within(t), s.url, game.Params{Match: "garden"}, game.Auth{Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(within(t))
	if floor, err := c.Watch(within(t)); err != nil || len(floor.Players) == 0 {
		t.Errorf("%+v, %v", floor, err)
	}
	for ctx := within(t); !strings.Contains(s.said(), "got /match/{match} steer 1 0.5"); { // it is volatile
		if err := c.Steer(ctx, game.Steer{Angle: 1, Speed: 0.5}); err != nil {
			t.Fatalf("%v\n%s", err, s.said())
		}
		if _, err := c.Join(ctx); err != nil {
			t.Fatalf("%v\n%s", err, s.said())
		}
	}
	m, err := client.New(s.url, client.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close(within(t))
	var no *client.ConnectError
	if err := m.Socket("/match/No Such Match", client.SocketConfig{}).Connect(within(t)); !errors.As(err, &no) {
		t.Errorf("error %v", err)
	}
}
