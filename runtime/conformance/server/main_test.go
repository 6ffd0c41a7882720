package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
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
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	defer stdout.Close()
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0"}, stdout, io.Discard) }()

	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr := strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for _, path := range []string{"/engine.io/", "/socket.io/"} {
		res, err := client.Get("http://" + addr + path + "?EIO=4&transport=polling")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != 200 || !strings.Contains(string(body), `"pingInterval":300,"pingTimeout":200,"maxPayload":1000000`) {
			t.Errorf("%s: status %d, body %q, %v", path, res.StatusCode, body, err)
		}
	}
	cancel()
	select {
	case status := <-ended:
		if status != 0 {
			t.Errorf("exit status %d, want 0", status)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
}
