package typed

import (
	"errors"
	"math/big"
	"net/netip"
	"testing"
)

type unwritable struct{}

func (unwritable) MarshalText() ([]byte, error) { return []byte("x"), errors.New("no text") }

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
