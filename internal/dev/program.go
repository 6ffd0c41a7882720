// SPDX-License-Identifier: Apache-2.0

package dev

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// stopTime is how long a program may take to end after it was asked to.
const stopTime = 5 * time.Second

// maxLine is how many bytes of a line are passed on at once.
const maxLine = 64 << 10

// A Program is one that runs, in a group of its own with whatever it starts.
type Program struct {
	cmd     *exec.Cmd
	done    chan struct{} // closed once it has ended and all that it printed was passed on
	err     error         // how it ended; set before done is closed
	mu      sync.Mutex    // guards what follows
	stopped bool          // Stop was called
}

// Start runs a program in a folder, and passes each line that it prints to say. It
// calls ended when the program ends by itself.
func Start(dir string, args []string, say func(line string), ended func(err error)) (*Program, error) {
	p := &Program{cmd: exec.Command(args[0], args[1:]...), done: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.SysProcAttr = ownGroup()
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdout, p.cmd.Stderr = w, w
	err = p.cmd.Start()
	w.Close() // the program has its own
	if err != nil {
		r.Close()
		return nil, err
	}
	read := make(chan struct{})
	go func() { // ends once nobody has the other end, or wait closes ours
		defer close(read)
		pass(r, say)
	}()
	go p.wait(r, read, ended)
	return p, nil
}

// pass passes on what is read, line by line.
func pass(r io.Reader, say func(line string)) {
	lines := bufio.NewReaderSize(r, maxLine)
	for {
		line, _, err := lines.ReadLine()
		if err != nil {
			return
		}
		say(string(line))
	}
}

// wait waits for the end of the program, and of what it has left behind.
func (p *Program) wait(r *os.File, read <-chan struct{}, ended func(err error)) {
	p.err = p.cmd.Wait()
	endGroup(p.cmd.Process.Pid, true) // what it has started shall not outlive it
	select {
	case <-read:
	case <-time.After(stopTime): // somebody has left the group, and still has the pipe
	}
	r.Close()
	<-read
	p.mu.Lock()
	stopped := p.stopped
	p.mu.Unlock()
	if !stopped {
		ended(p.err)
	}
	close(p.done)
}

// Stop ends the program and all that it has started, and waits until they have ended.
func (p *Program) Stop() {
	p.mu.Lock()
	p.stopped = true
	p.mu.Unlock()
	select {
	case <-p.done:
		return
	default:
	}
	endGroup(p.cmd.Process.Pid, false)
	timer := time.AfterFunc(stopTime, func() { endGroup(p.cmd.Process.Pid, true) })
	defer timer.Stop()
	<-p.done
}

// Build builds the package in a folder. What the compiler says is the error's text.
func Build(dir, pkg, binary string) error {
	cmd := exec.Command("go", "build", "-o", binary, pkg)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return errors.New(string(out))
	}
	if err != nil {
		return fmt.Errorf("run go build: %w", err)
	}
	return nil
}
