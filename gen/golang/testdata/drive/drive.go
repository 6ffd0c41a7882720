// Package drive runs the codecs of generated packages on payloads that a test sends
// to its standard input. The test renders the packages, each with a list of its
// codecs, and a main that joins them.
package drive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"

	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/typed"
)

// A Case is a payload for one codec.
type Case struct {
	Codec       string
	Args        []json.RawMessage
	Attachments [][]byte
}

// An Answer is what became of a Case.
type Answer struct {
	Issues      []typed.Issue
	Args        []json.RawMessage // what was decoded, encoded again, when it was sound
	Attachments [][]byte
	Unsendable  []typed.Issue // of what was decoded although it was not sound
	Err         string        // what should not happen
}

// A Codec decodes a payload and, when it is sound, encodes it again.
type Codec func(Case) Answer

// Of returns the codec of a type. Positional types travel as several arguments; strict
// ones have no fields that the schema does not know.
func Of[T any](decode func(*typed.Decoder, *T), encode func(typed.Encoder, *T), positional, strict bool) Codec {
	return of(decode, encode, positional, strict, true)
}

// Sent is Of for what is sent of a type, which has its defaults once it is encoded.
func Sent[T any](decode func(*typed.Decoder, *T), encode func(typed.Encoder, *T), positional, strict bool) Codec {
	return of(decode, encode, positional, strict, false)
}

func of[T any](decode func(*typed.Decoder, *T), encode func(typed.Encoder, *T), positional, strict, same bool) Codec {
	write := func(v *T) typed.Encoder {
		e := typed.NewEncoder()
		if positional {
			encode(e.Positional(), v)
			e.Arguments()
		} else {
			encode(e.Next(), v)
		}
		return e
	}
	return func(c Case) (a Answer) {
		args, err := parse(c.Args, c.Attachments)
		if err != nil {
			return Answer{Err: "parse: " + err.Error()}
		}
		into := func(v *T) func(*typed.Decoder) {
			return func(d *typed.Decoder) {
				if strict {
					d.Strict()
				}
				if positional {
					d.Positional()
				}
				decode(d, v)
			}
		}
		var v, again T
		if a.Issues = typed.Decode(args, into(&v)); a.Issues != nil {
			var unsendable *typed.SendError
			if _, err := write(&v).Take("x"); errors.As(err, &unsendable) {
				a.Unsendable = unsendable.Issues
			}
			return a
		}
		if err := a.take(write(&v)); err != nil {
			return Answer{Err: err.Error()}
		}
		if args, err = parse(a.Args, a.Attachments); err != nil {
			return Answer{Err: "parse what was encoded: " + err.Error()}
		}
		if issues := typed.Decode(args, into(&again)); issues != nil {
			return Answer{Err: fmt.Sprintf("decode what was encoded: %v", issues)}
		}
		if same && !reflect.DeepEqual(v, again) {
			a.Err = fmt.Sprintf("%#v became %#v", v, again)
		}
		return a
	}
}

// limits leave nothing but the codec to refuse a payload.
var limits = siowire.Limits{Attachments: 10_000, Depth: 1000, Values: 1 << 30, NumberLength: 1000}

// parse returns the arguments as a server gets them.
func parse(args []json.RawMessage, attachments [][]byte) (siowire.Args, error) {
	text := []byte("2[\"x\"")
	if len(attachments) > 0 {
		text = []byte("5" + strconv.Itoa(len(attachments)) + "-[\"x\"")
	}
	for _, arg := range args {
		text = append(append(text, ','), arg...)
	}
	p, err := siowire.Parse(append(text, ']'), limits)
	p.Args.Attachments = attachments
	return p.Args, err
}

// take keeps the arguments in e.
func (a *Answer) take(e typed.Encoder) error {
	args, err := e.Take("x")
	if err != nil {
		return err
	}
	defer args.Release()
	p, err := siowire.Parse(append(append([]byte(`2["x",`), args.B...), ']'), limits)
	if args.Len() == 0 {
		p, err = siowire.Parse([]byte(`2["x"]`), limits)
	}
	for i := range p.Args.Len() {
		a.Args = append(a.Args, p.Args.At(i))
	}
	a.Attachments = slices.Clone(args.Attachments)
	return err
}

// Serve answers the cases that in holds, a list in JSON, with a list on out.
func Serve(codecs map[string]Codec, in io.Reader, out io.Writer) error {
	var cases []Case
	if err := json.NewDecoder(in).Decode(&cases); err != nil {
		return err
	}
	answers := make([]Answer, len(cases))
	for i, c := range cases {
		codec, ok := codecs[c.Codec]
		if !ok {
			return fmt.Errorf("no codec %q", c.Codec)
		}
		answers[i] = codec(c)
	}
	return json.NewEncoder(out).Encode(answers)
}
