// SPDX-License-Identifier: Apache-2.0

package call

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/sockgen/sockgen/gen/ir"
)

// maxLine is how many bytes a line may have that is not typed at a terminal.
const maxLine = 4 << 20

const help = `Type an event and its payload in JSON: say {"text": "hello"}
Tab completes names, keys and values. Events of the server are printed as they come.
  /events [name]   what can be sent, and what it carries
  /quit            as Ctrl-D`

// Interact sends what is typed, line by line, until the input ends or ctx does. Mistakes
// are printed; where in is no terminal, the error says how many there were.
func (c *Caller) Interact(ctx context.Context, in *os.File, l *Listening) error {
	if term.IsTerminal(int(in.Fd())) && !c.JSON {
		return c.converse(ctx, in, l)
	}
	defer context.AfterFunc(ctx, func() { _ = in.Close() })() // ends a read that waits
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	failed := 0
	for lines.Scan() {
		err := c.line(ctx, lines.Text())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			failed++
			c.warn("%v", err)
		}
	}
	if err := lines.Err(); err != nil && ctx.Err() == nil {
		return err
	}
	if failed > 0 {
		return refused("%d of the lines did not succeed", failed)
	}
	return nil
}

// converse is Interact at a terminal.
func (c *Caller) converse(ctx context.Context, in *os.File, l *Listening) error {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return fmt.Errorf("prepare the terminal: %w", err)
	}
	restore := func() { _ = term.Restore(int(in.Fd()), before) } // whoever looks at the screen sees that it failed
	defer restore()
	defer context.AfterFunc(ctx, restore)() // a read of a terminal goes on: the next signal ends the process
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, c.Stdout}, c.ns.Path+"> ")
	if width, height, err := term.GetSize(int(in.Fd())); err == nil && width > 0 {
		_ = t.SetSize(width, height)
	}
	var printing sync.WaitGroup
	defer printing.Wait()
	t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
		if key != '\t' {
			return "", 0, false
		}
		whole, at, choices := Complete(c.ns, line, pos)
		if len(choices) > 1 {
			// The terminal is locked until we return.
			printing.Go(func() { fmt.Fprintln(t, strings.Join(choices, "  ")) })
		}
		return whole, at, true
	}
	c.mu.Lock()
	c.Stdout, c.Stderr = t, t
	c.mu.Unlock()
	fmt.Fprintf(t, "connected to %s; /help says what to type\n", c.URL)
	for {
		line, err := t.ReadLine()
		if errors.Is(err, io.EOF) || ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, term.ErrPasteIndicator) {
			return err
		}
		if err := c.line(ctx, line); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			fmt.Fprintln(t, strings.Map(visible, err.Error()))
		}
		select {
		case err := <-l.ended:
			return err
		default:
		}
	}
}

// line carries out one line.
func (c *Caller) line(ctx context.Context, line string) error {
	line = strings.TrimSpace(line)
	command, rest, _ := strings.Cut(line, " ")
	switch command {
	case "":
		return nil
	case "/quit", "/exit":
		return io.EOF
	case "/help":
		c.print(help)
		return nil
	case "/events":
		c.print(c.events(strings.TrimSpace(rest)))
		return nil
	}
	name, payload := c.split(line)
	args, err := values(payload)
	if err != nil {
		return err
	}
	p, err := c.Prepare(name, args)
	if err != nil {
		return err
	}
	return c.Send(ctx, p)
}

func (c *Caller) print(lines string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.JSON {
		fmt.Fprintln(c.Stdout, lines)
	}
}

// split parts a line into the event, whose name may have spaces, and its payload.
func (c *Caller) split(line string) (name, payload string) {
	for _, e := range c.ns.Client {
		if rest, ok := strings.CutPrefix(line, e.Wire); ok && len(e.Wire) > len(name) && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			name, payload = e.Wire, rest
		}
	}
	if name == "" {
		name, payload, _ = strings.Cut(line, " ")
	}
	return name, strings.TrimSpace(payload)
}

// values splits a text into the values of JSON in it. A mistake is left for whoever
// checks them.
func values(text string) (list []string, err error) {
	in := json.NewDecoder(strings.NewReader(text))
	for {
		var value json.RawMessage
		at := in.InputOffset()
		err := in.Decode(&value)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return append(list, strings.TrimSpace(text[at:])), nil
		}
		list = append(list, string(value))
	}
}

// events lists what a client may emit, or explains one event.
func (c *Caller) events(name string) string {
	var b strings.Builder
	for _, e := range c.ns.Client {
		if name != "" && e.Wire != name {
			continue
		}
		fmt.Fprintf(&b, "%-20s %s\n", e.Wire, firstLine(e.Doc))
		if name != "" && e.Payload != nil {
			fmt.Fprintf(&b, "such as: %s %s\n", e.Wire, strings.ReplaceAll(c.Example(e), "'", ""))
		}
	}
	if b.Len() == 0 {
		return "there is no such event"
	}
	return strings.TrimRight(b.String(), "\n")
}

func firstLine(doc string) string {
	line, _, _ := strings.Cut(doc, "\n")
	return line
}

// EventNames returns what a client of the namespaces may emit, with the docs.
func EventNames(doc *ir.Document) (names []string) {
	for _, ns := range doc.Namespaces {
		for _, e := range ns.Client {
			if name := e.Wire + "\t" + firstLine(e.Doc); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
