// SPDX-License-Identifier: Apache-2.0

package compat

import (
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// limits are the ends of a scalar's range, each scalar with its family: numbers
// that are written alike, so that one can take the other's place.
var limits = map[string]spread{
	string(ir.Int):      integers(ir.Int, "integer"),
	string(ir.Int32):    integers(ir.Int32, "integer"),
	string(ir.Uint32):   integers(ir.Uint32, "integer"),
	string(ir.Duration): integers(ir.Duration, "integer"),
	string(ir.Int64):    integers(ir.Int64, "integer in a string"),
	string(ir.Uint64):   integers(ir.Uint64, "integer in a string"),
	string(ir.Float32):  {"number", "-" + maxFloat32, maxFloat32},
	string(ir.Float64):  {"number", "-" + maxFloat64, maxFloat64},
}

type spread struct{ family, min, max string }

func integers(s ir.Scalar, family string) spread {
	least, most := s.Integers()
	return spread{family, least.String(), most.String()}
}

const maxFloat32 = "340282346638528859811704183484516925440"

var maxFloat64 = big.NewFloat(math.MaxFloat64).Text('f', 0)

// number is how the ends of a span are written; maxNumber bounds their digits.
var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

const maxNumber = 400

// spanText returns the one way to write s, without ends that say no more than
// least and most.
func spanText(s *ir.Span, least, most string) string {
	if s == nil {
		return ""
	}
	low, high := canonical(s.Min), canonical(s.Max)
	if low != "" && least != "" && compareNumbers(low, least) <= 0 {
		low = ""
	}
	if high != "" && most != "" && compareNumbers(high, most) >= 0 {
		high = ""
	}
	return join(low, high)
}

func join(low, high string) string {
	if low == "" && high == "" {
		return ""
	}
	return low + ".." + high
}

// ends returns the ends of a span's text, "" where it is open.
func ends(span string) (low, high string) {
	low, high, _ = strings.Cut(span, "..")
	return low, high
}

// isSpan tells whether text is the canonical form of a span.
func isSpan(text string) bool {
	low, high := ends(text)
	for _, n := range []string{low, high} {
		if n != "" && (len(n) > maxNumber || !number.MatchString(n) || canonical(n) != n) {
			return false
		}
	}
	return text == "" || join(low, high) == text
}

// canonical returns the one way to write a decimal number.
func canonical(n string) string {
	digits, negative := strings.CutPrefix(n, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	switch {
	case n == "":
		return ""
	case whole == "":
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if negative && whole != "0" {
		return "-" + whole
	}
	return whole
}

func compareNumbers(a, b string) int { return rat(a).Cmp(rat(b)) }

// rat returns the value of n, which the callers have held to number.
func rat(n string) *big.Rat {
	v, ok := new(big.Rat).SetString(n)
	if !ok {
		return new(big.Rat)
	}
	return v
}

// meet returns the span that both allow.
func meet(a, b string) string {
	lowA, highA := ends(a)
	lowB, highB := ends(b)
	if lowA == "" || lowB != "" && compareNumbers(lowB, lowA) > 0 {
		lowA = lowB
	}
	if highA == "" || highB != "" && compareNumbers(highB, highA) < 0 {
		highA = highB
	}
	return join(lowA, highA)
}

// spanChange tells whether new refuses something that old allows, and the reverse.
func spanChange(old, new string) (narrower, wider bool) {
	lowOld, highOld := ends(old)
	lowNew, highNew := ends(new)
	sign := func(a, b string, open int) int { // of a against b, where "" is open
		switch {
		case a == b:
			return 0
		case a == "":
			return open
		case b == "":
			return -open
		}
		return compareNumbers(a, b)
	}
	low, high := sign(lowNew, lowOld, -1), sign(highNew, highOld, 1)
	return low > 0 || high < 0, low < 0 || high > 0
}

// union returns the sorted elements of both lists.
func union(a, b []string) []string {
	if len(b) == 0 {
		return a
	}
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}
