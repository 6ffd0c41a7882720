// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// list shows arguments, separated by bars.
func list(a Args) string {
	var all []string
	for i := range a.Len() {
		all = append(all, string(a.At(i)))
	}
	return strings.Join(all, "|")
}

func TestEncoderArgs(t *testing.T) {
	var none *Encoder
	if a, err := none.Args(); err != nil || a.Len() != 0 {
		t.Errorf("no encoder: %s, %v", list(a), err)
	}
	e := NewEncoder()
	defer e.Release()
	if a, err := e.Args(); err != nil || a.Len() != 0 {
		t.Errorf("an empty encoder: %s, %v", list(a), err)
	}
	for _, v := range []any{1, "a,b", []any{1, "]", map[string]any{"k": []byte{1}}}, nil, []byte{2}} {
		if err := e.Value(v); err != nil {
			t.Fatal(err)
		}
	}
	a, err := e.Args()
	e.Reset() // what was taken stays
	const want = `1|"a,b"|[1,"]",{"k":{"_placeholder":true,"num":0}}]|null|{"_placeholder":true,"num":1}`
	if err != nil || list(a) != want || len(a.Attachments) != 2 {
		t.Errorf("%s, %d attachments, %v; want %s", list(a), len(a.Attachments), err, want)
	}
	var back []byte
	if err := a.Decode(4, &back); err != nil || len(back) != 1 || back[0] != 2 {
		t.Errorf("argument 4 is %v (%v)", back, err)
	}
}

// What an Encoder takes, its Args give, in whatever depth and number.
func TestEncoderArgsHaveNoLimits(t *testing.T) {
	e := NewEncoder()
	defer e.Release()
	for range 2 * DefaultAttachments {
		e.Next()
		e.AppendBytes([]byte{1})
	}
	e.Next()
	e.AppendRaw([]byte(strings.Repeat("[", 199) + strings.Repeat("9", 100) + strings.Repeat("]", 199)))
	if a, err := e.Args(); err != nil || a.Len() != 2*DefaultAttachments+1 {
		t.Errorf("%d arguments, %v", a.Len(), err)
	}
}

func TestSkip(t *testing.T) {
	for n := range 6 {
		text := strings.TrimSuffix("0,1,2,3,4,5,"[:2*n], ",")
		all, err := ParseArgs([]byte("["+text+"]"), nil, Limits{})
		if err != nil || all.Len() != n {
			t.Fatalf("%s has %d arguments (%v)", text, all.Len(), err)
		}
		for skip := range n + 1 {
			rest := all.Skip(skip)
			var want []string
			for i := skip; i < n; i++ {
				want = append(want, fmt.Sprint(i))
			}
			if list(rest) != strings.Join(want, "|") || rest.Len() != n-skip {
				t.Errorf("%s without %d: %s", text, skip, list(rest))
			}
			for again := range rest.Len() + 1 {
				if got := list(rest.Skip(again)); got != strings.Join(want[again:], "|") {
					t.Errorf("%s without %d and %d: %s", text, skip, again, got)
				}
			}
		}
		for _, bad := range []int{-1, n + 1} {
			if !panics(func() { all.Skip(bad) }) {
				t.Errorf("Skip(%d) of %d does not panic", bad, n)
			}
		}
	}
}

func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return false
}

func TestCheckValue(t *testing.T) {
	const mark = `{"_placeholder":true,"num":0}`
	for text, want := range map[string]error{
		"1": nil, " [1] ": nil, mark: nil, "": ErrPayload, "1 2": ErrPayload, "[": ErrPayload,
		strings.Replace(mark, "0", "1", 1): ErrPlaceholder, strings.Repeat("[", 65) + strings.Repeat("]", 65): ErrPayload,
	} {
		if err := checkValue([]byte(text), 1, Limits{}); !errors.Is(err, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := checkValue([]byte("1"), 11, Limits{}); !errors.Is(err, ErrTooManyAttachments) {
		t.Error(err)
	}
}
