// SPDX-License-Identifier: Apache-2.0

package call

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/sockgen/sockgen/gen/dynamic"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/runtime/client"
)

// A Config says whom to call, and how.
type Config struct {
	Document *ir.Document
	URL      string // of the server; its path is the namespace
	Path     string // of Socket.IO on the server, "/socket.io/" when empty
	Auth     string // JSON, or ""
	Headers  http.Header
	Timeout  time.Duration // for the connection, and for each answer
	Lull     time.Duration // for the refusal of an event without ack, which servers of ours acknowledge nevertheless, and others do not; zero means a second
	JSON     bool          // prints a line of JSON for each thing that happens

	Stdout, Stderr io.Writer
}

// A RefusedError says that the schema or the server says no.
type RefusedError struct{ Text string }

func (e *RefusedError) Error() string { return e.Text }

func refused(format string, args ...any) error { return &RefusedError{fmt.Sprintf(format, args...)} }

// A Caller is a client of one namespace.
type Caller struct {
	Config
	namespace string // its name, with parameters filled in
	ns        *ir.Namespace
	auth      map[string]any
	manager   *client.Manager
	socket    *client.Socket
	listening bool // Listen was called; set before Connect

	mu    sync.Mutex     // guards what follows, and what is printed
	maker *dynamic.Maker // of answers to the server's events, and of examples
}

// New returns a Caller that has not connected yet. It finds the namespace in the schema
// and checks the auth against it.
func New(cfg Config) (*Caller, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "ws" && u.Scheme != "wss" {
		return nil, fmt.Errorf("%q is no URL of a server; write one such as http://localhost:3000 or http://localhost:3000/chat", cfg.URL)
	}
	c := &Caller{Config: cfg, namespace: "/" + strings.Trim(u.Path, "/")}
	if c.ns, err = find(cfg.Document, c.namespace); err != nil {
		return nil, err
	}
	if err := c.checkAuth(); err != nil {
		return nil, err
	}
	u.Path, u.RawPath = "", ""
	c.maker = &dynamic.Maker{Rand: rand.New(rand.NewPCG(rand.Uint64(), 1)), Now: time.Now()}
	c.manager, err = client.New(u.String(), client.Config{
		Path: cfg.Path, Headers: cfg.Headers, Timeout: cfg.Timeout, ReconnectionDelay: 200 * time.Millisecond, ReconnectionDelayMax: 2 * time.Second,
		Logger: slog.New(slog.DiscardHandler), // what goes wrong is printed by us
	})
	if err != nil {
		return nil, err
	}
	c.socket = c.manager.Socket(c.namespace, client.SocketConfig{Auth: func(context.Context) (any, error) { return c.auth, nil }})
	return c, nil
}

// checkAuth checks the auth and adds the fingerprint, as generated clients do.
func (c *Caller) checkAuth() error {
	c.auth = map[string]any{}
	text := c.Auth
	switch {
	case text == "" && c.ns.Auth == nil:
	case c.ns.Auth == nil:
		return refused("%s takes no auth", c.ns.Path)
	default:
		if text == "" {
			text = "{}"
		}
		value, issues, err := dynamic.Checker{Text: true, Strict: true}.Type(c.ns.Auth, []byte(text))
		if err := explain("auth", []json.RawMessage{json.RawMessage(text)}, issues, 0, err); err != nil {
			return err
		}
		c.auth = value.(map[string]any) // auth is a struct
	}
	c.auth["$sockgen"] = c.ns.Fingerprint
	return nil
}

// Namespace returns the namespace that is called.
func (c *Caller) Namespace() *ir.Namespace { return c.ns }

// A Payload is an event that is ready to be sent.
type Payload struct {
	event *ir.Event
	args  []any
}

// Prepare checks an event against the schema; args are texts in JSON.
func (c *Caller) Prepare(event string, args []string) (*Payload, error) {
	e, err := c.event(event)
	if err != nil {
		return nil, err
	}
	if most := arity(e); len(args) > most {
		return nil, refused("%s carries %s, and was given %d", event, []string{"nothing", "one value"}[min(most, 1)], len(args))
	}
	raw := make([]json.RawMessage, len(args))
	for i, arg := range args {
		raw[i] = json.RawMessage(arg)
	}
	values, issues, arg, err := dynamic.Checker{Text: true, Strict: true, File: os.ReadFile}.Event(e, raw)
	if err := explain(event, raw, issues, arg, err); err != nil {
		if len(args) < arity(e) {
			err = refused("%v\nsuch as: %s %s", err, event, c.Example(e))
		}
		return nil, err
	}
	return &Payload{e, values}, nil
}

// arity returns how many arguments an event can have.
func arity(e *ir.Event) int {
	switch {
	case e.Payload == nil:
		return 0
	case e.Positional:
		return len(e.Arguments())
	}
	return 1
}

// Example returns a payload of an event as somebody would type it.
func (c *Caller) Example(e *ir.Event) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	values, err := c.maker.Event(e)
	if err != nil {
		return ""
	}
	var texts []string
	for _, v := range values {
		texts = append(texts, "'"+text(v)+"'")
	}
	return strings.Join(texts, " ")
}

// Connect connects within the timeout.
func (c *Caller) Connect(ctx context.Context) error {
	timed, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	err := c.socket.Connect(timed)
	var no *client.ConnectError
	switch {
	case errors.As(err, &no):
		return refused("the server refuses %s: %s%s", c.namespace, no.Message, suffix(no.Data))
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("connect to %s: %w", c.URL, err)
	}
	c.tell(map[string]any{"connected": c.namespace, "id": c.socket.ID()}, "")
	return nil
}

// Close ends the connection, and waits for what was still to be sent.
func (c *Caller) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), c.Timeout)
	defer cancel()
	return c.manager.Close(ctx)
}

// suffix returns JSON to be put behind a message.
func suffix(data json.RawMessage) string {
	if len(data) == 0 || string(data) == "null" {
		return ""
	}
	return " " + string(data)
}
