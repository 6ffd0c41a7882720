// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A floor is the server that somebody writes by hand in an afternoon: gorilla's
// defaults, encoding/json, one goroutine for each connection, and of the protocol
// what the load generator needs. It does nothing slower than that takes, and has
// none of what a server for strangers needs: heartbeats, timeouts, limits, queues.
type floor struct {
	upgrader websocket.Upgrader

	mu    sync.RWMutex // guards conns
	conns map[*floorConn]struct{}
}

// A floorConn is one connection.
type floorConn struct {
	*websocket.Conn
	writing sync.Mutex // held while a message is written: gorilla allows one writer
}

func floorCommand(ctx context.Context, args []string) error {
	return serve(ctx, "floor", args, func() http.Handler {
		return &floor{conns: map[*floorConn]struct{}{}}
	})
}

// The events' payload, as encoding/json wants it.
type (
	floorOrder struct {
		ID       int64         `json:"id"`
		Placed   time.Time     `json:"placed"`
		Express  bool          `json:"express"`
		Customer floorCustomer `json:"customer"`
		Items    []floorItem   `json:"items"`
		Cents    int64         `json:"cents"`
		Comment  *string       `json:"comment,omitempty"`
	}
	floorCustomer struct {
		ID      string       `json:"id"`
		Name    string       `json:"name"`
		Email   *string      `json:"email,omitempty"`
		Phone   *string      `json:"phone,omitempty"`
		Address floorAddress `json:"address"`
	}
	floorAddress struct {
		Street  string `json:"street"`
		City    string `json:"city"`
		Zip     string `json:"zip"`
		Country string `json:"country"`
	}
	floorItem struct {
		SKU      string `json:"sku"`
		Quantity uint32 `json:"quantity"`
		Cents    int64  `json:"cents"`
		Gift     *bool  `json:"gift,omitempty"`
	}
)

func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, err := f.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // gorilla has answered
	}
	defer ws.Close()
	c := &floorConn{Conn: ws}
	if err := c.open(); err != nil {
		return
	}
	f.mu.Lock()
	f.conns[c] = struct{}{}
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.conns, c)
		f.mu.Unlock()
	}()
	for {
		_, data, err := ws.ReadMessage()
		if err != nil {
			return
		}
		if err := f.handle(c, data); err != nil {
			if closed := (*websocket.CloseError)(nil); !errors.As(err, &closed) {
				log.Print("floor: ", err)
			}
			return
		}
	}
}

// open answers the Engine.IO handshake and the CONNECT to the main namespace.
func (c *floorConn) open() error {
	const id = "AAAAAAAAAAAAAAAAAAAA" // nobody looks it up
	hello := `0{"sid":"` + id + `","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`
	if err := c.WriteMessage(websocket.TextMessage, []byte(hello)); err != nil {
		return err
	}
	if _, data, err := c.ReadMessage(); err != nil || string(data) != "40" {
		return fmt.Errorf("want CONNECT, got %q, %v", data, err)
	}
	return c.WriteMessage(websocket.TextMessage, []byte(`40{"sid":"`+id+`"}`))
}

// handle answers one event.
func (f *floor) handle(c *floorConn, data []byte) error {
	body, ok := bytes.CutPrefix(data, []byte("42"))
	if !ok {
		return fmt.Errorf("want an event, got %q", data)
	}
	digits := 0
	for digits < len(body) && body[digits] >= '0' && body[digits] <= '9' {
		digits++
	}
	var args []json.RawMessage
	if err := json.Unmarshal(body[digits:], &args); err != nil {
		return err
	}
	if len(args) != 2 {
		return fmt.Errorf("want a name and a payload, got %d values", len(args))
	}
	if name := string(args[0]); name == `"order"` {
		var o floorOrder
		if err := json.Unmarshal(args[1], &o); err != nil {
			return err
		}
		return c.emit("42", "order", o)
	}
	var text string
	if err := json.Unmarshal(args[1], &text); err != nil {
		return err
	}
	switch name := string(args[0]); name {
	case `"echo"`:
		return c.emit("42", "echo", text)
	case `"ask"`:
		id, err := strconv.Atoi(string(body[:digits]))
		if err != nil {
			return err
		}
		return c.emit("43"+strconv.Itoa(id), text)
	case `"broadcast"`:
		return f.broadcast(text)
	default:
		return fmt.Errorf("no event %s", name)
	}
}

// packet is a Socket.IO packet of these arguments.
func packet(head string, args ...any) ([]byte, error) {
	list, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	return append([]byte(head), list...), nil
}

func (c *floorConn) emit(head string, args ...any) error {
	data, err := packet(head, args...)
	if err != nil {
		return err
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.WriteMessage(websocket.TextMessage, data)
}

// broadcast writes one prepared message to everybody, one after the other.
func (f *floor) broadcast(text string) error {
	data, err := packet("42", "broadcast", text)
	if err != nil {
		return err
	}
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, data)
	if err != nil {
		return err
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	for c := range f.conns {
		c.writing.Lock()
		_ = c.WritePreparedMessage(message) // its own reader learns that it has gone
		c.writing.Unlock()
	}
	return nil
}
