// SPDX-License-Identifier: Apache-2.0

package mock

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sockgen/sockgen/gen/dynamic"
	"github.com/sockgen/sockgen/gen/ir"
)

// Help says what Command understands.
const Help = `emit EVENT [JSON]         emits an event of the server to everybody; what JSON leaves out is made
fail EVENT CODE [TIMES]   has an event, or connect, answer an error: the next time, so often, or always
fail EVENT off            no longer
disconnect                ends all sockets`

// Command carries out one line.
func (s *Server) Command(ctx context.Context, command string) error {
	word, rest, _ := strings.Cut(strings.TrimSpace(command), " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "":
		return nil
	case "emit":
		return s.emitNow(ctx, rest)
	case "fail":
		return s.failNext(rest)
	case "disconnect":
		for _, ns := range s.Document.Namespaces {
			for _, socket := range s.in(ns) {
				socket.Disconnect()
			}
		}
		return nil
	case "help":
		s.Say(Help)
		return nil
	}
	return fmt.Errorf("there is no command %q; there are emit, fail, disconnect and help", word)
}

// emitNow emits an event to everybody in the namespaces that have it.
func (s *Server) emitNow(ctx context.Context, rest string) error {
	var names []string
	var found bool
	for _, ns := range s.Document.Namespaces {
		for _, e := range ns.Server {
			names = append(names, e.Wire)
			payload, ok := strings.CutPrefix(rest, e.Wire)
			if !ok || payload != "" && payload[0] != ' ' {
				continue
			}
			found = true
			with, err := given(e, strings.TrimSpace(payload))
			if err != nil {
				return err
			}
			if err := s.emit(ctx, ns, e, s.in(ns), likely{}, with); err != nil {
				return fmt.Errorf("%s: %w", e.Wire, err)
			}
		}
	}
	if !found {
		name, _, _ := strings.Cut(rest, " ")
		return fmt.Errorf("the server emits no %q%s", name, meant(name, names))
	}
	return nil
}

// given reads what somebody has typed of a payload.
func given(e *ir.Event, text string) (with any, err error) {
	if text == "" {
		return nil, nil
	}
	if e.Payload == nil {
		return nil, fmt.Errorf("%s carries nothing", e.Wire)
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&with); err != nil {
		var syntax *dynamic.SyntaxError
		if _, _, bad := (dynamic.Checker{Text: true}).Type(e.Payload, []byte(text)); errors.As(bad, &syntax) {
			err = fmt.Errorf("%w, at byte %d", syntax, syntax.Offset+1)
		}
		return nil, fmt.Errorf("%s: %w", e.Wire, err)
	}
	return with, nil
}

// failNext notes that an event shall fail.
func (s *Server) failNext(rest string) error {
	words := strings.Fields(rest)
	if len(words) < 2 {
		return errors.New("it is: fail EVENT CODE [TIMES]")
	}
	times := 1
	if last := words[len(words)-1]; len(words) > 2 {
		switch n, err := strconv.Atoi(last); {
		case last == "always":
			times = -1
		case err == nil && n > 0:
			times = n
		}
		if _, err := strconv.Atoi(last); err == nil || last == "always" {
			words = words[:len(words)-1]
		}
	}
	event, code := strings.Join(words[:len(words)-1], " "), words[len(words)-1]
	client, _ := (&reader{doc: s.Document}).events()
	if client = append(client, "connect"); !slices.Contains(client, event) {
		return fmt.Errorf("no client emits %q%s", event, meant(event, client))
	}
	if codes := codesOf(s.Document, event); code != "off" && !slices.Contains(codes, code) {
		return fmt.Errorf("%s answers no error %q%s; it answers %s", event, code, meant(code, codes), strings.Join(codes, ", "))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails[event] = (&failing{code, times}); code == "off" {
		delete(s.fails, event)
	}
	return nil
}
