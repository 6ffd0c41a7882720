// SPDX-License-Identifier: Apache-2.0

//go:build linux

package call_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockgen/sockgen/generated/chat/chattest"
)

// terminal returns the two ends of a terminal: what a person has, and what a program has.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

// At a terminal, Tab completes by the schema, and events are printed as they come.
func TestConverse(t *testing.T) {
	url := served(t, chattest.ChatFuncs{})
	person, program := terminal(t)
	c, _, err := calling(t, url, "", false)
	if err != nil {
		t.Fatal(err)
	}
	screen := &safe{}
	c.Stdout = io.MultiWriter(program, screen)
	l := c.Listen()
	if err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- c.Interact(t.Context(), program, l) }()
	shows := func(text string) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !strings.Contains(screen.String(), text); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("no %q on the screen:\n%s", text, screen)
			}
		}
	}
	types := func(text string) {
		t.Helper()
		if _, err := person.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	shows("/help says what to type")
	types("cl\t")
	shows("clientMessage ")
	types("\thello\"\r")
	shows(`serverMessage "got hello"`)
	types("clientMessage 7\r")
	shows("expected string, got number")
	types("/\t")
	shows("/events   /help   /quit")
	types("\x7f\x04") // takes the slash back, and Ctrl-D
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatalf("it did not end:\n%s", screen)
	}
}
