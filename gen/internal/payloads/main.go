// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/ir/irtest"
	"github.com/sockgen/sockgen/gen/schema"
)

// custom has what the Go types of the schema accept and write in the same way.
var custom = map[string][]string{
	"net/netip.Addr":           {`"127.0.0.1"`, `"2001:db8::1"`, `""`, `"fe80::1%eth0"`},
	"math/big.Int":             {`"0"`, `"-3"`, `"9223372036854775807"`, `"-9223372036854775808"`},
	"encoding/json.RawMessage": {`null`, `{"a":[1,{"b":"é"}]}`, `"x"`, `1.5`},
}

// mostAttachments is how many a packet may have, for official clients, too.
const mostAttachments = 10

// A line is one payload. Args and Echo are texts in JSON as strings, so that
// nothing on the way to the wire reads them.
type line struct {
	Event       string   `json:"event"`
	Args        []string `json:"args"`
	Attachments [][]byte `json:"attachments"`
	Echo        []string `json:"echo,omitempty"`  // of a sound payload
	Paths       []string `json:"paths,omitempty"` // of a broken one's issues
	Why         string   `json:"why,omitempty"`   // it is broken
}

func main() {
	log.SetFlags(0)
	file := flag.String("schema", "events.yaml", "the schema")
	seed := flag.Uint64("seed", 1, "of what is drawn")
	sound := flag.Int("sound", 0, "how many sound payloads to draw, at least")
	broken := flag.Int("broken", 0, "how many broken payloads to draw for each event")
	flag.Parse()
	doc, err := load(*file)
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	source := &irtest.Source{Rand: rand.New(rand.NewPCG(*seed, 1)), Custom: custom, Bytes: 300}
	w, events := json.NewEncoder(out), doc.Namespaces[0].Client
	if err := errors.Join(drawSound(w, events, source, *sound), drawBroken(w, events, source, *broken)); err != nil {
		log.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

// load reads a schema as sockgen does.
func load(file string) (*ir.Document, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	parsed, diags := schema.Load(filepath.Base(file), src, func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(filepath.Dir(file), filepath.FromSlash(name)))
	})
	doc, more := check.Check(parsed)
	if diags = append(diags, more...); diag.HasErrors(diags) {
		return nil, fmt.Errorf("%s: %v", file, diags)
	}
	return doc, nil
}

// drawSound writes payloads of each event that has a twin, in turn.
func drawSound(w *json.Encoder, events []*ir.Event, source *irtest.Source, sound int) error {
	twins := map[string]bool{}
	for _, e := range events {
		if name, ok := strings.CutSuffix(e.Wire, ":back"); ok {
			twins[name] = true
		}
	}
	for drawn := 0; drawn < sound; {
		for _, e := range events {
			if !twins[e.Wire] {
				continue
			}
			p, err := source.SoundEvent(e)
			if err != nil {
				return fmt.Errorf("%s: %w", e.Wire, err)
			}
			if len(p.Attachments) > mostAttachments {
				continue
			}
			if err := w.Encode(line{Event: e.Wire, Args: texts(p.Args), Attachments: p.Attachments, Echo: texts(p.Echo)}); err != nil {
				return err
			}
			drawn++
		}
	}
	return nil
}

// drawBroken writes payloads that do not fit, so many of each event that has any.
func drawBroken(w *json.Encoder, events []*ir.Event, source *irtest.Source, broken int) error {
	for _, e := range events {
		if e.Payload == nil || broken == 0 {
			continue
		}
		if err := w.Encode(line{Event: e.Wire, Args: []string{}, Paths: required(e), Why: "no payload"}); err != nil {
			return err
		}
		// What was drawn may have nothing that could be wrong, which is true of any
		// payload of the type any.
		for left, tries := broken-1, 10*broken; left > 0 && tries > 0; tries-- {
			b, ok := source.BrokenEvent(e)
			if !ok || len(b.Attachments) > mostAttachments {
				continue
			}
			left--
			if err := w.Encode(line{Event: e.Wire, Args: texts(b.Args), Attachments: b.Attachments, Paths: []string{b.Path}, Why: b.Why}); err != nil {
				return err
			}
		}
	}
	return nil
}

// required returns the paths of what e cannot do without.
func required(e *ir.Event) []string {
	if !e.Positional {
		return []string{""}
	}
	var paths []string
	for i, f := range e.Payload.Ref.Fields {
		if !f.Optional {
			paths = append(paths, fmt.Sprintf("args[%d]", i))
		}
	}
	return paths
}

func texts(args []json.RawMessage) []string {
	list := make([]string, len(args))
	for i, a := range args {
		list[i] = string(a)
	}
	return list
}
