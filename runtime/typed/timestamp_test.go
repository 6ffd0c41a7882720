// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func writtenTimestamp(t *testing.T, v time.Time) string {
	t.Helper()
	e := NewEncoder()
	defer e.args.Release()
	e.Next().Timestamp(v)
	if err := e.args.Err(); err != nil {
		t.Fatal(err)
	}
	return string(e.args.B)
}

// TestEveryDay writes and reads each day that can travel, at the hour that is its
// number, and holds both to package time.
func TestEveryDay(t *testing.T) {
	n := 0
	for v := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC); v.Year() < 10000; v = v.AddDate(0, 0, 1) {
		v := v.Add(time.Duration(n*977%86_400_000) * time.Millisecond)
		got := writtenTimestamp(t, v)
		if want := v.Format(`"2006-01-02T15:04:05.000Z"`); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
		if back, ok := canonicalInstant([]byte(got[1 : len(got)-1])); !ok || back != v {
			t.Fatalf("%s: %v, %t", got, back, ok)
		}
		n++
	}
	if n != 3_652_425 {
		t.Errorf("%d days", n)
	}
}

// TestTimestampTexts changes digits of sound timestamps: what package time refuses
// is refused, and the rest is the same instant.
func TestTimestampTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	sound := 0
	for range 200_000 {
		s := []byte(fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", random.IntN(10000), random.IntN(14),
			random.IntN(34), random.IntN(26), random.IntN(62), random.IntN(62), random.IntN(1000)))
		if random.IntN(8) == 0 {
			s[random.IntN(len(s))] = "0+ .:Z-T/x"[random.IntN(10)]
		}
		var want time.Time
		err := want.UnmarshalText(s)
		got, ok := canonicalInstant(s)
		if ok != (err == nil) || ok && got != want {
			t.Fatalf("%s: %v, %t; package time: %v, %v", s, got, ok, want, err)
		}
		if ok {
			sound++
		}
	}
	if sound < 100_000 {
		t.Errorf("only %d were sound", sound)
	}
}

// TestTimestampZones has the instant in UTC, wherever it was.
func TestTimestampZones(t *testing.T) {
	v := time.Date(1969, 12, 31, 23, 30, 0, 999_999, time.FixedZone("", -3600))
	if got := writtenTimestamp(t, v); got != `"1970-01-01T00:30:00.000Z"` {
		t.Error(got)
	}
}
