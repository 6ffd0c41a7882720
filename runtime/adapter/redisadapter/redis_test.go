// SPDX-License-Identifier: Apache-2.0

package redisadapter_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

// server is the Redis of all tests. Each test has a prefix of its own there.
var server *redisServer

func TestMain(m *testing.M) {
	if os.Getenv(doomedAddress) != "" {
		doomed()
	}
	dir, err := os.MkdirTemp("", "redisadapter")
	if err == nil {
		server, err = startRedis(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "redisadapter: these tests need Debian's redis-server:", err)
		os.Exit(1)
	}
	code := m.Run()
	server.stop()
	_ = os.RemoveAll(dir)
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// A redisServer is one process.
type redisServer struct {
	dir  string
	port int
	args []string
	cmd  *exec.Cmd
}

// startRedis starts a Redis that keeps nothing. Further arguments are its own.
func startRedis(dir string, args ...string) (*redisServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &redisServer{dir: dir, port: l.Addr().(*net.TCPAddr).Port, args: args}
	if err := l.Close(); err != nil {
		return nil, err
	}
	return s, s.start()
}

func (s *redisServer) start() error {
	args := []string{"--bind", "127.0.0.1", "--port", fmt.Sprint(s.port), "--save", "", "--appendonly", "no",
		"--dir", s.dir, "--logfile", filepath.Join(s.dir, "log")}
	s.cmd = exec.Command("redis-server", append(args, s.args...)...)
	if err := s.cmd.Start(); err != nil {
		return err
	}
	rdb := redis.NewClient(s.options())
	defer rdb.Close()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := rdb.Ping(context.Background()).Err()
		if err == nil {
			return nil
		}
		if time.Now().After(end) {
			s.stop()
			return err
		}
	}
}

// stop kills the process.
func (s *redisServer) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *redisServer) options() *redis.Options {
	return &redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", s.port)}
}

// client returns one that ends with the test.
func (s *redisServer) client(t *testing.T) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(s.options())
	t.Cleanup(func() { rdb.Close() })
	return rdb
}

var prefixes atomic.Int64

// prefix returns one that no other test has.
func prefix() string { return fmt.Sprint("test ", prefixes.Add(1)) }
