// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/netip"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/runtime/socketio"
)

type unwritable struct{}

func (unwritable) MarshalText() ([]byte, error) { return []byte("x"), errors.New("no text") }

type evenOnly struct{ text string }

var errOdd = errors.New("has an odd length")

func (e *evenOnly) UnmarshalText(text []byte) error {
	if len(text)%2 != 0 {
		return fmt.Errorf("%q %w", text, errOdd)
	}
	e.text = string(text)
	return nil
}

// What a custom type says of a value reaches the peer as an issue, the hook and the log;
// no more of it than is reasonable.
func TestCustomTypesSayWhy(t *testing.T) {
	log := &logs{}
	var told []error
	s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {
			handle(m, Event{Name: "even"}, func(d *Decoder, v *evenOnly) { DecodeText(d, v, wireString) },
				func(context.Context, *member, evenOnly) error { return nil })
		}, WithLogger(slog.New(slog.NewJSONHandler(log, nil))), OnFailure(func(f Failure) { told = append(told, f.Err) }))
	})
	p := s.enter(t, "/c", "Ada")
	p.send(`42/c,1["even","abc"]`)
	p.expect(`43/c,1[{"ok":false,"error":{"code":"invalid_payload","message":"the payload does not fit the schema",` +
		`"data":{"issues":[{"path":"","message":"is not a valid value: \"abc\" has an odd length"}]}}}]`)
	p.send(`42/c,2["even","` + strings.Repeat("x", 1001) + `"]`)
	if got := p.next(); len(got) > 400 {
		t.Errorf("the peer is told %d bytes", len(got))
	}
	p.send(`42/c,3["even","ab"]`)
	p.expect(`43/c,3[{"ok":true}]`)
	if len(told) != 2 || !errors.Is(told[0], errOdd) {
		t.Errorf("the hook is told %v", told)
	}
	if text := log.String(); strings.Count(text, "refused by its Go type") != 2 || !strings.Contains(text, `\"abc\" has an odd length`) || len(text) > 1500 {
		t.Errorf("the log has\n%s", text)
	}
}

// The text of a custom type is that of its MarshalText, whatever its receiver; values
// without one share no room.
func TestTextOf(t *testing.T) {
	if got := TextOf(netip.MustParseAddr("::1")); got != "::1" {
		t.Errorf("an address is %q", got)
	}
	if got := TextOf(*big.NewInt(-7)); got != "-7" {
		t.Errorf("a number is %q", got)
	}
	if one, two := TextOf(unwritable{}), TextOf(unwritable{}); one == two || one == "x" {
		t.Errorf("values without a text are %q and %q", one, two)
	}
}
