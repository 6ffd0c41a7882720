// SPDX-License-Identifier: Apache-2.0

package ir

import (
	"math"
	"math/big"
	"strconv"
)

// integers are the ranges of the scalars that are whole numbers; of a duration, in
// milliseconds.
var integers = map[Scalar]struct{ least, most string }{
	Int:      {"-9007199254740991", "9007199254740991"},
	Int32:    {"-2147483648", "2147483647"},
	Uint32:   {"0", "4294967295"},
	Int64:    {"-9223372036854775808", "9223372036854775807"},
	Uint64:   {"0", "18446744073709551615"},
	Duration: {"-9223372036854", "9223372036854"},
}

// Integers returns the least and the most that a scalar which is a whole number can be, nil
// for another scalar. They are the caller's.
func (s Scalar) Integers() (least, most *big.Int) {
	of, ok := integers[s]
	if !ok {
		return nil, nil
	}
	least, _ = new(big.Int).SetString(of.least, 10)
	most, _ = new(big.Int).SetString(of.most, 10)
	return least, most
}

// LengthOf returns the narrowest length that the constraints leave, all of which hold.
func LengthOf(constraints []Constraint) (least, most int) {
	most = math.MaxInt
	for _, c := range constraints {
		if c.Length == nil {
			continue
		}
		if n, err := strconv.Atoi(c.Length.Min); err == nil {
			least = max(least, n)
		}
		if n, err := strconv.Atoi(c.Length.Max); err == nil {
			most = min(most, n)
		}
	}
	return least, most
}

// RangeOf returns the narrowest range that the constraints leave, nil where it is open.
func RangeOf(constraints []Constraint) (least, most *big.Rat) {
	for _, c := range constraints {
		if c.Range == nil {
			continue
		}
		if n, ok := new(big.Rat).SetString(c.Range.Min); ok && (least == nil || n.Cmp(least) > 0) {
			least = n
		}
		if n, ok := new(big.Rat).SetString(c.Range.Max); ok && (most == nil || n.Cmp(most) < 0) {
			most = n
		}
	}
	return least, most
}

// IsUnique tells whether one of the constraints wants elements that differ.
func IsUnique(constraints []Constraint) bool {
	for _, c := range constraints {
		if c.Unique {
			return true
		}
	}
	return false
}
