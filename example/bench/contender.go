// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// A contender is a server to measure.
type contender struct {
	name, doc string
	command   func(ctx context.Context, program string) (*exec.Cmd, error)
}

const (
	ours     = "ours"
	theFloor = "floor"
	official = "node"
	earlier  = "before"
)

var contenders = []contender{
	{ours, "generated code on our runtime", subcommand("serve", "-addr", "127.0.0.1:0")},
	{theFloor, "gorilla/websocket and encoding/json by hand", subcommand("floor", "-addr", "127.0.0.1:0")},
	{official, "the official server", nodeServer},
}

// before is ours as another build of this program has it.
func before(program string) contender {
	return contender{earlier, "ours of " + program, func(ctx context.Context, _ string) (*exec.Cmd, error) {
		return exec.CommandContext(ctx, program, "serve", "-addr", "127.0.0.1:0"), nil
	}}
}

func subcommand(args ...string) func(context.Context, string) (*exec.Cmd, error) {
	return func(ctx context.Context, program string) (*exec.Cmd, error) {
		return exec.CommandContext(ctx, program, args...), nil
	}
}

// errNoNode leaves the official server out.
var errNoNode = errors.New("the official server needs Node and its packages: make page installs them")

func nodeServer(ctx context.Context, _ string) (*exec.Cmd, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errNoNode
	}
	root, err := repository()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(root, "node_modules/socket.io/package.json")); err != nil {
		return nil, errNoNode
	}
	return exec.CommandContext(ctx, node, "--expose-gc", filepath.Join(root, "example/bench/node/server.mjs"), "127.0.0.1:0"), nil
}

// repository finds the folder with go.mod, from the working directory upwards.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", errors.New("the repository is not above the working directory, and example/bench/node/server.mjs is in it")
		}
		dir = above
	}
}

// A process is a server that runs.
type process struct {
	cmd    *exec.Cmd
	addr   string
	errors *tail
}

// start starts a server and waits until it listens. stop ends it.
func (c contender) start(ctx context.Context, program string) (*process, error) {
	cmd, err := c.command(ctx, program)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, errors: &tail{}}
	cmd.Stderr = p.errors
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		p.stop()
		return nil, fmt.Errorf("%s does not start: %q %s", c.name, line, p.errors)
	}
	p.addr = addr
	return p, nil
}

// stop ends the server at once: its clients have gone.
func (p *process) stop() {
	_ = p.cmd.Process.Kill() // it may have ended
	_ = p.cmd.Wait()         // with the status of a killed process
}

// load has a load generator measure the server.
func (p *process) load(ctx context.Context, program string, m mode, at pace) (figures, error) {
	cmd := exec.CommandContext(ctx, program, "load", "-mode", m.name, "-addr", p.addr, "-pid", fmt.Sprint(p.cmd.Process.Pid),
		"-warmup", at.warmup.String(), "-duration", at.duration.String(), "-connections", fmt.Sprint(at.most))
	var said tail
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %w; the server: %s", &said, err, p.errors)
	}
	var found figures
	return found, json.Unmarshal(out, &found)
}

// A tail keeps the end of what a process writes.
type tail struct {
	mu   sync.Mutex // guards last
	last []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const most = 1000
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-most):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.last))
}
