package match_game

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/runtime/socketio"
	"github.com/sockgen/sockgen/runtime/typed"
)

// A game implements both handlers by what Unimplemented leaves to it.
type game struct {
	UnimplementedMatch
	srv *socketio.Server
}

func (g *game) Connect(ctx context.Context, s *MatchSocket, auth MatchAuth) error {
	if auth.Token == "late" {
		return Full(3)
	}
	return s.Join(InMatchTeam("abcdef", 1), InMatchAll())
}

func (g *game) Move(ctx context.Context, s *MatchSocket, p MatchMove) (MatchMoveAck, MatchMoved, error) {
	switch p.Seat {
	case 2:
		return MatchMoveAck{}, MatchMoved{}, OutOfTurn(OutOfTurnData{Turn: 1})
	case 3:
		return MatchMoveAck{ID: 3}, MatchMoved{}, typed.Skip
	}
	return MatchMoveAck{ID: 1 << 60}, MatchMoved{Match: p.Match, Seat: p.Seat, Image: []byte(s.Auth().Token)}, nil
}

func (g *game) Show(ctx context.Context, s *MatchSocket, p MatchMove) (MatchMoved, error) {
	return MatchMoved{Match: p.Match, Seat: p.Seat}, nil
}

func (g *game) Poke(ctx context.Context, s *MatchSocket) error { return nil }

func (g *game) Peek(ctx context.Context, s *MatchSocket, peek string) (typed.Null[string], error) {
	yes, err := s.CallConfirm(ctx, MatchMove{Match: "abcdef"})
	if err != nil {
		return typed.Null[string]{}, err
	}
	return typed.NotNull(fmt.Sprint(peek, yes)), nil
}

func (g *game) ShoutNote(ctx context.Context, s *MatchSocket, note string) (typed.Null[string], error) {
	if note == "one" {
		return typed.Null[string]{}, errors.Join(OnMatch(g.srv).ToSocket(s.ID()).EmitNote(ctx, typed.NotNull(note)), typed.Skip)
	}
	return typed.Null[string]{}, nil
}

type lobby struct{ UnimplementedMain }

func (lobby) Sum(ctx context.Context, s *MainSocket, sum []int64) (int64, error) {
	var total int64
	for _, n := range sum {
		total += n
	}
	return total, nil
}

func (lobby) Reset(context.Context, *MainSocket) error { return nil }

// A peer speaks the wire over HTTP long-polling.
type peer struct {
	t     *testing.T
	url   string
	queue []string
}

func (c *peer) do(method, body string) string {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		c.t.Fatalf("%s %q: %v, %s %s", method, body, err, resp.Status, data)
	}
	return string(data)
}

func (c *peer) send(packets ...string) { c.do(http.MethodPost, strings.Join(packets, "\x1e")) }

func (c *peer) next() string {
	c.t.Helper()
	for len(c.queue) == 0 {
		c.queue = strings.Split(c.do(http.MethodGet, ""), "\x1e")
	}
	packet := c.queue[0]
	c.queue = c.queue[1:]
	return packet
}

func (c *peer) expect(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if got := c.next(); got != w {
			c.t.Errorf("received\n%s, want\n%s", got, w)
		}
	}
}

// dial connects to namespace, which may end with a comma and the auth payload.
func dial(t *testing.T, server *httptest.Server, namespace string) *peer {
	t.Helper()
	c := &peer{t: t, url: server.URL + "/socket.io/?EIO=4&transport=polling"}
	var handshake struct{ SID string }
	if err := json.Unmarshal([]byte(c.do(http.MethodGet, "")[1:]), &handshake); err != nil {
		t.Fatal(err)
	}
	c.url += "&sid=" + handshake.SID
	// Without it the server's shutdown would wait for a last poll.
	t.Cleanup(func() {
		if resp, err := http.Post(c.url, "text/plain", strings.NewReader("1")); err == nil {
			resp.Body.Close()
		}
	})
	c.send("40" + namespace)
	return c
}

func (c *peer) entered() *peer {
	c.t.Helper()
	if got := c.next(); !strings.HasPrefix(got, "40") {
		c.t.Fatalf("CONNECT was answered %s", got)
	}
	return c
}

func serve(t *testing.T) *httptest.Server {
	srv := socketio.NewServer(socketio.Config{})
	MountMain(srv, lobby{})
	MountMatch(srv, &game{srv: srv})
	server := httptest.NewServer(srv)
	t.Cleanup(func() {
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return server
}

func TestWire(t *testing.T) {
	server := serve(t)
	ada := dial(t, server, `/match,{"token":"ada"}`).entered()
	bob := dial(t, server, `/match,{"token":"bob"}`).entered()

	ada.send(`42/match,1["move",{"match":"abcdef","seat":1}]`)
	ada.expect(`43/match,1[{"ok":true,"value":{"id":"1152921504606846976"}}]`)
	bob.expect(`451-/match,["moved",{"match":"abcdef","seat":1,"image":{"_placeholder":true,"num":0}}]`, "bYWRh")
	ada.send(`42/match,2["move",{"match":"abcdef","seat":2}]`)
	ada.expect(`43/match,2[{"ok":false,"error":{"code":"out_of_turn","message":"wait for your turn","data":{"turn":1}}}]`)
	ada.send(`42/match,3["move",{"match":"abcdef","seat":3}]`)
	ada.expect(`43/match,3[{"ok":true,"value":{"id":"3"}}]`)
	ada.send(`42/match,4["move",{"match":"x","seat":1.5}]`)
	ada.expect(`43/match,4[{"ok":false,"error":{"code":"invalid_payload","message":"the payload does not fit the schema","data":{"issues":[` +
		`{"path":"match","message":"must have exactly 6 characters, has 1"},{"path":"seat","message":"expected integer, got 1.5"}]}}}]`)

	ada.send(`42/match,["show",{"match":"abcdef","seat":1}]`)
	shown := []string{`451-/match,["moved",{"match":"abcdef","seat":1,"image":{"_placeholder":true,"num":0}}]`, "b"}
	ada.expect(shown...)
	bob.expect(shown...)

	ada.send(`42/match,5["poke"]`)
	ada.expect(`43/match,5[{"ok":true}]`)

	ada.send(`42/match,6["peek","a"]`)
	ada.expect(`42/match,0["confirm",{"match":"abcdef","seat":0}]`)
	ada.send(`43/match,0[true]`)
	if got := ada.next(); got != `42/match,["tick"]` { // it is volatile: lost unless a poll waits for it
		ada.queue = append([]string{got}, ada.queue...)
	}
	ada.expect(`43/match,6[{"ok":true,"value":"atrue"}]`)

	bob.send(`42/match,["shout:note","one"]`)
	bob.expect(`42/match,["note","one"]`)
	bob.send(`42/match,["shout:note","all"]`)
	bob.expect(`42/match,["note",null]`)
	ada.expect(`42/match,["note",null]`)

	ada.send(`42/match,7["type",{}]`)
	ada.expect(`43/match,7[{"ok":false,"error":{"code":"unknown_event","message":"nothing handles type"}}]`)

	dial(t, server, `/match,{"token":"late"}`).expect(`44/match,{"message":"too many","data":{"code":"full","message":"too many","data":3}}`)

	eve := dial(t, server, "").entered()
	eve.send(`421["sum",[1,2,3]]`)
	eve.expect(`431[6]`)
	eve.send(`422["reset"]`)
	eve.expect(`432[]`)
	eve.send(`42["ping"]`)
	eve.expect(`42["$error",{"event":"ping","code":"unknown_event","message":"nothing handles ping"}]`)
}

func TestRoomNames(t *testing.T) {
	for got, want := range map[MatchRoom]string{
		InMatchAll(): "all", InMatchTeam("a:b", -1): "team:a%3Ab:-1", InMatchUser(1 << 63): "user:9223372036854775808",
	} {
		if string(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
