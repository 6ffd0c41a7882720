// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCommandLine(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	tests := []struct {
		name   string
		args   []string
		status int
		stderr string // a part of it
	}{
		{"help", []string{"-h"}, 0, "-addr"},
		{"unknown flag", []string{"-port", "3000"}, 2, "-port"},
		{"flag without value", []string{"-addr"}, 2, "needs an argument"},
		{"surplus argument", []string{"3000"}, 2, `unexpected argument "3000"`},
		{"address without port", []string{"-addr", "localhost"}, 2, "write host:port"},
		{"address in use", []string{"-addr", busy.Addr().String()}, 1, "in use"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var stderr bytes.Buffer
			status := run(t.Context(), test.args, io.Discard, &stderr)
			if status != test.status || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("run(%q) = %d, wrote %q; want %d and %q", test.args, status, &stderr, test.status, test.stderr)
			}
		})
	}
}

func TestServesUntilItIsTold(t *testing.T) {
	addr, stop := started(t)
	for _, path := range []string{"/engine.io/", "/socket.io/"} {
		if body := handshake(t, addr, path); !strings.Contains(body, `"pingInterval":300,"pingTimeout":200,"maxPayload":1000000`) {
			t.Errorf("%s: %q", path, body)
		}
	}
	stop()
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
}

// TestServesClients holds what the matrix of clients asks for.
func TestServesClients(t *testing.T) {
	for _, recovery := range []bool{false, true} {
		addr, stop := started(t, "-clients", fmt.Sprintf("-recovery=%t", recovery))
		body := handshake(t, addr, "/socket.io/")
		if !strings.Contains(body, `"pingInterval":1000,"pingTimeout":14000,"maxPayload":1000000`) {
			t.Errorf("handshake %q", body)
		}
		sid, _, _ := strings.Cut(strings.TrimPrefix(body, `0{"sid":"`), `"`)
		session := "http://" + addr + "/socket.io/?EIO=4&transport=polling&sid=" + sid
		if got := request(t, "POST", session, "40"); got != "ok" {
			t.Errorf("CONNECT: %q", got)
		}
		if got := request(t, "GET", session, ""); strings.Contains(got, `"pid":`) != recovery {
			t.Errorf("with -recovery=%t: %q", recovery, got)
		}
		if got := request(t, "POST", session, "1"); got != "ok" {
			t.Errorf("farewell: %q", got)
		}
		stop()
	}
}

// TestServesNodes holds that each node answers for the sessions of the others.
func TestServesNodes(t *testing.T) {
	addrs, stop := startedNodes(t, 3, "-clients")
	defer stop()
	sid, _, _ := strings.Cut(strings.TrimPrefix(handshake(t, addrs[0], "/socket.io/"), `0{"sid":"`), `"`)
	for i, packet := range []string{"40", `421["message-with-ack",1]`, "1"} {
		session := "http://" + addrs[i] + "/socket.io/?EIO=4&transport=polling&sid=" + sid
		if got := request(t, "POST", session, packet); got != "ok" {
			t.Errorf("POST of %s: %q", packet, got)
		}
	}
}

// started runs the server with further arguments. stop waits for its end.
func started(t *testing.T, args ...string) (addr string, stop func()) {
	t.Helper()
	addrs, stop := startedNodes(t, 1, args...)
	return addrs[0], stop
}

// startedNodes does so with several nodes, and returns all their addresses.
func startedNodes(t *testing.T, count int, args ...string) (addrs []string, stop func()) {
	t.Helper()
	args = append([]string{"-addr", "127.0.0.1:0", "-nodes", strconv.Itoa(count)}, args...)
	ctx, cancel := context.WithCancel(t.Context())
	out, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, args, stdout, io.Discard) }()
	lines := bufio.NewReader(out)
	for range count {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		addrs = append(addrs, strings.TrimSpace(strings.TrimPrefix(line, "listening on ")))
	}
	return addrs, func() {
		t.Helper()
		defer out.Close()
		defer stdout.Close()
		cancel()
		select {
		case status := <-ended:
			if status != 0 {
				t.Errorf("exit status %d, want 0", status)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("it does not end")
		}
	}
}

// handshake opens a session over polling and returns the answer.
func handshake(t *testing.T, addr, path string) string {
	t.Helper()
	return request(t, "GET", "http://"+addr+path+"?EIO=4&transport=polling", "")
}

// request returns the body of an answer, which must have status 200.
func request(t *testing.T, method, url, body string) string {
	t.Helper()
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%s %s: status %d, %q, %v", method, url, res.StatusCode, answer, err)
	}
	return string(answer)
}
