package arena

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/runtime/socketio"
	"github.com/sockgen/sockgen/runtime/typed"
)

// A ring implements the handler.
type ring struct {
	Unimplemented
	t   *testing.T
	srv *socketio.Server
}

func (r *ring) Connect(ctx context.Context, s *Socket, auth Auth) (Data, error) {
	if got := s.Data(); got != (Data{}) {
		r.t.Errorf("data before it is there: %+v", got)
	}
	return Data{Name: auth.Token, Score: s.Params().Round}, s.Join(InSide(auth.Token == "left"))
}

func (r *ring) Move(ctx context.Context, s *Socket, p Move) (Move, error) {
	if p.X < 0 {
		return Move{}, SlowDown
	}
	s.SetData(Data{Name: s.Data().Name, Score: s.Data().Score + int64(p.X)})
	return p, nil
}

func (r *ring) Rest(ctx context.Context, s *Socket) error {
	var err error
	for id, vote := range On(r.srv, s.Params()).To(InSide(true)).Except(s.ID()).CallVote(ctx, Vote{Question: "rest?"}) {
		if vote.Err != nil || !vote.Value.Yes || id == s.ID() {
			err = errors.Join(err, errors.New("no rest"))
		}
	}
	if vote, one := s.CallVote(ctx, Vote{Question: "sure?"}); one != nil || !vote.Yes {
		err = errors.Join(err, one, errors.New("not sure"))
	}
	return err
}

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

const place = "/arena/a%20b/7:18446744073709551615/x"

func serve(t *testing.T, opts ...typed.MountOption) (*httptest.Server, *socketio.Server) {
	t.Helper()
	srv := socketio.NewServer(socketio.Config{})
	Mount(srv, &ring{t: t, srv: srv}, opts...)
	server := httptest.NewServer(srv)
	t.Cleanup(func() {
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return server, srv
}

func TestArena(t *testing.T) {
	var roles []string
	server, srv := serve(t, typed.WithInterceptor(func(ctx context.Context, c *typed.Call, next func(context.Context) error) error {
		if _, ok := c.Payload.(Move); ok {
			roles = append(roles, c.Annotations["role"]) // one socket emits, so calls do not overlap
		}
		return next(ctx)
	}))
	ada := dial(t, server, place+`,{"token":"left","$sockgen":"m1-older"}`).entered()
	bob := dial(t, server, place+`,{"token":"left"}`).entered()
	params := Params{ID: "a b", Round: 7, Seat: 1<<64 - 1}
	ada.send(`42` + place + `,["move",{"x":3,"y":4}]`)
	for _, c := range []*peer{ada, bob} {
		c.expect(`42` + place + `,["moved",{"x":3,"y":4}]`)
	}
	for range 2 {
		ada.send(`42` + place + `,1["move",{"x":-1,"y":4}]`)
		ada.expect(`43` + place + `,1[{"ok":false,"error":{"code":"slow_down","message":"too fast"}}]`)
	}
	ada.send(`42` + place + `,2["move",{}]`)
	limited := `43` + place + `,2[{"ok":false,"error":{"code":"rate_limited","message":"too many of these events: slow down","data":{"retryAfterMs":`
	if got := ada.next(); !strings.HasPrefix(got, limited) {
		t.Errorf("received\n%s, want\n%s…", got, limited)
	}
	if len(roles) != 3 || roles[0] != "player" {
		t.Errorf("roles %q", roles)
	}
	remotes, err := On(srv, params).To(InSide(true)).FetchSockets(t.Context())
	if err != nil || len(remotes) != 2 {
		t.Fatalf("%d sockets, %v", len(remotes), err)
	}
	total := int64(0)
	for _, r := range remotes {
		data, err := r.Data()
		if err != nil || data.Name != "left" || len(r.Rooms()) != 1 {
			t.Errorf("%+v, %v", data, err)
		}
		total += data.Score
	}
	if total != 7+7+3 {
		t.Errorf("scores of %d", total)
	}
	ada.send(`42` + place + `,3["rest"]`)
	bob.expect(`42` + place + `,0["vote",{"question":"rest?"}]`)
	bob.send(`43` + place + `,0[{"yes":true}]`)
	ada.expect(`42` + place + `,1["vote",{"question":"sure?"}]`)
	ada.send(`43` + place + `,1[{"yes":true}]`)
	ada.expect(`43` + place + `,3[{"ok":true}]`)
	if err := On(srv, Params{Round: 100}).EmitEnded(t.Context()); err == nil {
		t.Error("emitted to params that do not fit")
	}
	if err := On(srv, params).Disconnect(t.Context()); err != nil {
		t.Error(err)
	}
	ada.expect(`41` + place + `,`)
}

func TestArenaRefuses(t *testing.T) {
	server, _ := serve(t, typed.WithSchemaPolicy(typed.SchemaReject))
	for _, name := range []string{"/arena/a%20b/07:1/x", "/arena/a%20b/0:1/x", "/arena/a%20b/1:-1/x", "/arena/%61/1:1/x", "/arena/a/b/1:1/x", "/arena/a b/1:1/x"} {
		dial(t, server, name+`,{"token":"left"}`).expect(`44` + name + `,{"message":"Invalid namespace"}`)
	}
	got := dial(t, server, place+`,{"token":5,"$sockgen":"m1-other"}`).next()
	if !strings.HasPrefix(got, `44`+place+`,{"message":`) || !strings.Contains(got, `"code":"schema_mismatch"`) {
		t.Errorf("another schema: %s", got)
	}
}
