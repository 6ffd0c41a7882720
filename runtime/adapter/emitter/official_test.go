// SPDX-License-Identifier: Apache-2.0

package emitter_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/emitter"
)

// startRedis starts a redis-server without a port, and returns its socket.
func startRedis(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	socket := filepath.Join(dir, "redis")
	cmd := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: this test needs redis-server; .ci/install installs it", err)
	}
	read := make(chan struct{})
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	ready := make(chan struct{})
	go func() {
		defer close(read)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "eady to accept connections") {
				close(ready)
			}
		}
	}()
	select {
	case <-ready:
	case <-read:
		t.Fatal("redis-server has ended")
	}
	return socket
}

// A connection speaks to Redis. Its methods are for one goroutine.
type connection struct {
	conn net.Conn
	r    *bufio.Reader
}

func dial(t *testing.T, socket string) *connection {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &connection{conn, bufio.NewReader(conn)}
}

// do sends a command whose answer is one line or one string.
func (c *connection) do(parts ...string) error {
	text := fmt.Sprintf("*%d\r\n", len(parts))
	for _, part := range parts {
		text += fmt.Sprintf("$%d\r\n%s\r\n", len(part), part)
	}
	if _, err := io.WriteString(c.conn, text); err != nil {
		return err
	}
	line, err := c.r.ReadString('\n')
	if err != nil {
		return err
	}
	switch line = strings.TrimSpace(line); line[0] {
	case '-':
		return fmt.Errorf("redis: %s", line[1:])
	case '$':
		n, err := strconv.Atoi(line[1:])
		if err != nil {
			return err
		}
		_, err = io.CopyN(io.Discard, c.r, int64(n)+2)
		return err
	}
	return nil
}

func (c *connection) publish(_ context.Context, channel string, payload []byte) error {
	return c.do("PUBLISH", channel, string(payload))
}

func (c *connection) shardPublish(_ context.Context, channel string, payload []byte) error {
	return c.do("SPUBLISH", channel, string(payload))
}

func (c *connection) add(_ context.Context, stream string, fields []string) error {
	return c.do(append([]string{"XADD", stream, "MAXLEN", "~", "10000", "*"}, fields...)...)
}

// An official is a process with official servers and clients.
type official struct {
	t     *testing.T
	lines chan string
	ids   map[string]map[string]adapter.Room // of the sockets, by kind and client
}

func startOfficial(t *testing.T, redis string) *official {
	t.Helper()
	cmd := exec.Command("node", "testdata/server.mjs", redis)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: this test needs Node, and npm ci in the project's root", err)
	}
	o := &official{t: t, lines: make(chan string, 1000)}
	go func() {
		defer close(o.lines)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			o.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		for range o.lines {
			continue // until the process has ended
		}
		_ = cmd.Wait()
	})
	line, _ := o.next()
	if err := json.Unmarshal([]byte(line), &o.ids); err != nil {
		t.Fatalf("%v: run npm ci in the project's root", err)
	}
	return o
}

// next waits for a line.
func (o *official) next() (line string, ok bool) {
	select {
	case line, ok = <-o.lines:
		return line, ok
	case <-time.After(patience):
		return "", false
	}
}

// hears fails unless the next lines are those, in any order.
func (o *official) hears(want ...string) {
	o.t.Helper()
	var got []string
	for range want {
		line, ok := o.next()
		if !ok {
			o.t.Fatalf("they hear only\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		got = append(got, line)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		o.t.Fatalf("they hear\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Official servers with each of the official adapters do what an Emitter says.
func TestOfficialServersHear(t *testing.T) {
	redis := startRedis(t)
	c, o := dial(t, redis), startOfficial(t, redis)
	for kind, bus := range map[string]emitter.Bus{
		"Classic": emitter.Classic{Publish: c.publish, Prefix: "classic"},
		"Sharded": emitter.Sharded{Publish: c.shardPublish, Prefix: "sharded"},
		"Streams": emitter.Streams{Publish: c.publish, Add: c.add, Prefix: "streams", Stream: "stream"},
	} {
		t.Run(kind, func(t *testing.T) { o.t = t; o.obey(kind, emitter.New(bus)) })
		o.t = t
	}
	select {
	case line := <-o.lines:
		t.Errorf("they also hear %s", line)
	default:
	}
}

// obey does each operation and waits for what it does.
func (o *official) obey(kind string, e emitter.Emitter) {
	ctx := o.t.Context()
	do := func(err error, want ...string) {
		o.t.Helper()
		if err != nil {
			o.t.Fatal(err)
		}
		for i, line := range want {
			want[i] = fmt.Sprintf("[%q,%s]", kind, line)
		}
		o.hears(want...)
	}
	do(e.Emit(ctx, "all", 1, "é\x01", nil, []any{}), `"in","/","all",1,"é\u0001",null,[]`, `"out","/","all",1,"é\u0001",null,[]`)
	do(e.Emit(ctx, "bytes", []byte{1, 255}, map[string]any{"more": []byte{}}),
		`"in","/","bytes",{"bin":"01ff"},{"more":{"bin":""}}`, `"out","/","bytes",{"bin":"01ff"},{"more":{"bin":""}}`)
	do(e.To("r1").Emit(ctx, "room"), `"in","/","room"`)
	do(e.To("r1", "r2").Emit(ctx, "rooms", []byte{2}), `"in","/","rooms",{"bin":"02"}`)
	do(e.Except("r1").Emit(ctx, "others"), `"out","/","others"`)
	do(e.Of("/chat").Emit(ctx, "chat"), `"in","/chat","chat"`, `"out","/chat","chat"`)
	do(e.Volatile().Uncompressed().Emit(ctx, "flags"), `"in","/","flags"`, `"out","/","flags"`)
	do(e.To(o.ids[kind]["out"]).Emit(ctx, "private"), `"out","/","private"`)
	do(e.Emit(ctx, "exact", json.Number("9007199254740991"), 0.1, 1e21, -1.5e-7, []byte{9}),
		`"in","/","exact",9007199254740991,0.1,1e+21,-1.5e-7,{"bin":"09"}`, `"out","/","exact",9007199254740991,0.1,1e+21,-1.5e-7,{"bin":"09"}`)
	do(e.ServerSideEmit(ctx, "told", map[string]int{"n": 1}), `"server","/",{"n":1}`)
	do(e.Of("chat").ServerSideEmit(ctx, "told", []byte{3}), `"server","/chat",{"bin":"03"}`)
	if err := e.To("r1").SocketsJoin(ctx, "late", "later"); err != nil {
		o.t.Fatal(err)
	}
	// To two rooms: a server of the sharded kind takes its time to subscribe to one.
	do(e.To("late", "none").Emit(ctx, "joined"), `"in","/","joined"`)
	if err := e.SocketsLeave(ctx, "late"); err != nil {
		o.t.Fatal(err)
	}
	do(e.To("late", "none").Emit(ctx, "left"))
	do(e.To("later", "none").Emit(ctx, "still there"), `"in","/","still there"`)
	do(e.Of("/chat").To("r1").DisconnectSockets(ctx), `"in","/chat","io server disconnect"`)
	do(e.Except("r1").CloseConnections(ctx), `"out","/","io server disconnect"`)
}
