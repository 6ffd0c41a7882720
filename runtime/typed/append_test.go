// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// TestEachByte compares with the slow path: each byte at each place of each length.
func TestEachByte(t *testing.T) {
	for length := range 27 {
		for at := range length {
			for c := range 256 {
				s := []byte("abcdefghijklmnopqrstuvwxyz")[:length]
				s[at] = byte(c)
				got, want := appendString(nil, string(s)), siowire.AppendString(nil, string(s))
				if string(got) != string(want) {
					t.Fatalf("%s, want %s", got, want)
				}
			}
		}
	}
}

// FuzzAppendString has what the slow path writes, with and without room for it.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "a", `"`, "seven b", "eight by", "nine byte", "sixteen bytes it", `sixteen bytes i\`, "é", "\xff and more than eight", "ends in half \xe2\x82", "\x00", "\x7f", "<&>\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := string(siowire.AppendString([]byte("["), s))
		for _, room := range []int{0, len(s), len(s) + 2, 8 * len(s)} {
			if got := string(appendString(append(make([]byte, 0, room+1), '['), s)); got != want {
				t.Fatalf("%q, want %q", got, want)
			}
		}
	})
}

func TestAppendString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOfN(rapid.OneOf(rapid.ByteRange(' ', '~'), rapid.Byte()), 0, 40).Draw(t, "s"))
		if got, want := string(appendString(nil, s)), string(siowire.AppendString(nil, s)); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}

func TestAppendInt(t *testing.T) {
	compare := func(v int64) {
		if got, want := string(appendInt([]byte(":"), v)), ":"+strconv.FormatInt(v, 10); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	for v := range int64(100_000) {
		compare(v)
		compare(-v)
	}
	for power := int64(1); power > 0 && power < math.MaxInt64/10; power *= 10 {
		for _, v := range []int64{power - 1, power, power + 1, 2*power + power/3} {
			compare(v)
			compare(-v)
		}
	}
	for _, v := range []int64{MaxInt, -MaxInt, math.MaxUint32, math.MaxInt64, math.MinInt64} {
		compare(v)
	}
	rapid.Check(t, func(t *rapid.T) { compare(rapid.Int64().Draw(t, "v")) })
}

// TestAppendFloat compares integers written as such with what they are as floats.
func TestAppendFloat(t *testing.T) {
	compare := func(v float64, bits int) {
		if got, want := string(appendFloat(nil, v, bits)), string(appendAnyFloat(nil, v, bits)); got != want {
			t.Fatalf("%d bits: %s, want %s", bits, got, want)
		}
	}
	for _, v := range []float64{0, math.Copysign(0, -1), 0.5, 1, 1e7, 1 << 24, 1<<24 + 2, 123456789, 1e15 - 1, 1e15, 1e16, 1 << 53, 1e20, 1e21, 1e22, math.MaxFloat32} {
		for _, sign := range []float64{1, -1} {
			compare(sign*v, 64)
			compare(float64(float32(sign*v)), 32)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		whole := math.Trunc(rapid.Float64Range(-2e15, 2e15).Draw(t, "whole"))
		compare(whole, 64)
		compare(float64(float32(math.Mod(whole, 1<<25))), 32)
		compare(rapid.Float64().Draw(t, "any"), 64)
		compare(float64(rapid.Float32().Draw(t, "short")), 32)
	})
}
