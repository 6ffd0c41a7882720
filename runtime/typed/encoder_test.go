// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sockgen/sockgen/runtime/siowire"
)

func TestEncodeScalars(t *testing.T) {
	zone := time.FixedZone("", 5*3600+1800)
	tests := []struct {
		name   string
		encode func(e Encoder)
		want   string
		err    error
	}{
		{"bool", func(e Encoder) { e.Bool(true) }, "true", nil},
		{"int", func(e Encoder) { e.Int(MaxInt) }, "9007199254740991", nil},
		{"least int", func(e Encoder) { e.Int(-MaxInt) }, "-9007199254740991", nil},
		{"int too large", func(e Encoder) { e.Int(MaxInt + 1) }, "", ErrIntRange},
		{"int too small", func(e Encoder) { e.Int(math.MinInt64) }, "", ErrIntRange},
		{"int32", func(e Encoder) { e.Int32(math.MinInt32) }, "-2147483648", nil},
		{"uint32", func(e Encoder) { e.Uint32(math.MaxUint32) }, "4294967295", nil},
		{"int64", func(e Encoder) { e.Int64(math.MinInt64) }, `"-9223372036854775808"`, nil},
		{"uint64", func(e Encoder) { e.Uint64(math.MaxUint64) }, `"18446744073709551615"`, nil},
		{"float64", func(e Encoder) { e.Float64(0.1) }, "0.1", nil},
		{"whole float64", func(e Encoder) { e.Float64(100) }, "100", nil},
		{"large float64", func(e Encoder) { e.Float64(1e21) }, "1e+21", nil},
		{"below it", func(e Encoder) { e.Float64(1e20) }, "100000000000000000000", nil},
		{"small float64", func(e Encoder) { e.Float64(1e-7) }, "1e-7", nil},
		{"smallest float64", func(e Encoder) { e.Float64(5e-324) }, "5e-324", nil},
		{"greatest float64", func(e Encoder) { e.Float64(math.MaxFloat64) }, "1.7976931348623157e+308", nil},
		{"float32", func(e Encoder) { e.Float32(0.1) }, "0.1", nil},
		{"NaN", func(e Encoder) { e.Float64(math.NaN()) }, "", ErrNotFinite},
		{"infinity", func(e Encoder) { e.Float64(math.Inf(-1)) }, "", ErrNotFinite},
		{"float32 infinity", func(e Encoder) { e.Float32(float32(math.Inf(1))) }, "", ErrNotFinite},
		{"string", func(e Encoder) { e.String("a\"\\\n\t\x00<&>\u2028é😀") }, `"a\"\\\n\t\u0000<&>` + "\u2028é😀\"", nil},
		{"string that is not UTF-8", func(e Encoder) { e.String("a\xffb") }, "\"a\ufffdb\"", nil},
		{"bytes", func(e Encoder) { e.Bytes([]byte{1}) }, `{"_placeholder":true,"num":0}`, nil},
		{"timestamp", func(e Encoder) { e.Timestamp(time.Date(2026, 1, 2, 3, 4, 5, 678999999, zone)) }, `"2026-01-01T21:34:05.678Z"`, nil},
		{"year 10000", func(e Encoder) { e.Timestamp(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)) }, "", ErrTimestampRange},
		{"year -1", func(e Encoder) { e.Timestamp(time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)) }, "", ErrTimestampRange},
		{"duration", func(e Encoder) { e.Duration(1500*time.Millisecond + 999) }, "1500", nil},
		{"uuid", func(e Encoder) { e.UUID("123e4567-e89b-12d3-a456-426614174000") }, `"123e4567-e89b-12d3-a456-426614174000"`, nil},
		{"not a uuid", func(e Encoder) { e.UUID("1") }, "", ErrUUID},
		{"any", func(e Encoder) { e.Any(json.RawMessage(`{"a":[1]}`)) }, `{"a":[1]}`, nil},
		{"no any", func(e Encoder) { e.Any(nil) }, "null", nil},
		{"malformed any", func(e Encoder) { e.Any(json.RawMessage(`{"a":`)) }, "", ErrRawJSON},
		{"two anys", func(e Encoder) { e.Any(json.RawMessage(`1,2`)) }, "", ErrRawJSON},
		{"any that is not UTF-8", func(e Encoder) { e.Any(json.RawMessage("\"\xff\"")) }, "", ErrRawJSON},
		{"any like an attachment", func(e Encoder) { e.Any(json.RawMessage(`[{"_placeholder":true,"num":0}]`)) }, `[{"_placeholder":true,"num":0}]`, nil},
		{"any like an attachment, beside one", func(e Encoder) {
			e.Any(json.RawMessage(`[{"_placeholder":true,"num":0}]`))
			e.Next().Bytes(nil)
		}, "", siowire.ErrLookalike},
		{"list", func(e Encoder) { EncodeList(e, []int32{1, 2}, func(e Encoder, v *int32) { e.Int32(*v) }) }, "[1,2]", nil},
		{"nil list", func(e Encoder) { EncodeList(e, nil, func(e Encoder, v *int32) {}) }, "[]", nil},
		{"map", func(e Encoder) {
			EncodeMap(e, map[string]int32{"b": 2, "a\n": 1}, func(e Encoder, v int32) { e.Int32(v) })
		}, `{"a\n":1,"b":2}`, nil},
		{"nil map", func(e Encoder) { EncodeMap(e, nil, func(e Encoder, v int32) {}) }, "{}", nil},
		{"map like an attachment", func(e Encoder) {
			EncodeMap(e, map[string]bool{"_placeholder": true}, func(e Encoder, v bool) { e.Bool(v) })
		}, "", ErrReservedKey},
	}
	for _, tt := range tests {
		e := NewEncoder()
		tt.encode(e.Next())
		if err := e.args.Err(); !errors.Is(err, tt.err) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.err)
		}
		if got := string(e.args.B); tt.err == nil && got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		e.args.Release()
	}
}

// posts draws values that fit the schema of post.
func posts(depth int) *rapid.Generator[post] {
	return rapid.Custom(func(t *rapid.T) post {
		text := rapid.StringMatching(`[ -~é😀"\\]{1,30}`)
		authors := rapid.Custom(func(t *rapid.T) author {
			return author{rapid.String().Draw(t, "id"), text.Draw(t, "name")}
		})
		ms := rapid.Int64Range(-62167219200000, 253402300799999).Draw(t, "at")
		p := post{
			ID: rapid.Int64Range(-MaxInt, MaxInt).Draw(t, "id"), Room: rapid.StringMatching(`[a-z0-9-]{1,32}`).Draw(t, "room"),
			From: authors.Draw(t, "from"), Text: text.Draw(t, "text"), At: time.UnixMilli(ms).UTC(),
			Tags:    rapid.SliceOfN(rapid.StringMatching(`.{1,10}`), 0, 3).Draw(t, "tags"),
			Replies: rapid.SliceOfN(authors, 0, 4).Draw(t, "replies"),
			Scores:  rapid.MapOfN(rapid.String().Filter(func(s string) bool { return s != placeholderKey }), rapid.Int64Range(-9, 9), 0, 4).Draw(t, "scores"),
			Big:     rapid.Int64().Draw(t, "big"), Unsigned: rapid.Uint64().Draw(t, "unsigned"),
			Small: rapid.Int32().Draw(t, "small"), Count: rapid.Uint32().Draw(t, "count"),
			Ratio: rapid.Float64().Draw(t, "ratio"), Short: rapid.Float32().Draw(t, "short"), Live: rapid.Bool().Draw(t, "live"),
			Data: rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(t, "data"),
			Wait: time.Duration(rapid.Int64Range(minDurationMS, maxDurationMS).Draw(t, "wait")) * time.Millisecond,
			Key:  rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).Draw(t, "key"),
		}
		p.Extra, _ = json.Marshal(rapid.OneOf(rapid.Just(any(nil)), rapid.String().AsAny(), rapid.SliceOf(rapid.Int()).AsAny()).Draw(t, "extra"))
		if rapid.Bool().Draw(t, "has replyTo") {
			p.ReplyTo = Some(rapid.Int64Range(0, 100).Draw(t, "replyTo"))
		}
		if rapid.Bool().Draw(t, "has alt") {
			p.Alt = NotNull(rapid.String().Draw(t, "alt"))
		}
		switch rapid.IntRange(0, 2).Draw(t, "note") {
		case 1:
			p.Note = Some(Null[string]{})
		case 2:
			p.Note = Some(NotNull(rapid.String().Draw(t, "a note")))
		}
		if depth > 0 && rapid.Bool().Draw(t, "has parent") {
			parent := posts(depth-1).Draw(t, "parent")
			p.Parent = &parent
		}
		return p
	})
}

// TestRoundTrip encodes and decodes, on the wire and as plain JSON.
func TestRoundTrip(t *testing.T) {
	same := cmp.Options{comparePosts, cmpopts.EquateEmpty()}
	rapid.Check(t, func(t *rapid.T) {
		want := posts(2).Draw(t, "post")
		e := NewEncoder()
		defer e.args.Release()
		encodePost(e.Next(), &want)
		if err := e.args.Err(); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(e.args.B) {
			t.Fatalf("not JSON: %s", e.args.B)
		}
		d := newDecoder(e.args.B, e.args.Attachments)
		defer d.release()
		var got post
		decodePost(d, &got)
		if d.issues != nil {
			t.Fatalf("%v in %s", d.issues, e.args.B)
		}
		if diff := cmp.Diff(want, got, same); diff != "" {
			t.Fatal(diff)
		}
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var plain post
		if err := json.Unmarshal(data, &plain); err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		if diff := cmp.Diff(want, plain, same); diff != "" {
			t.Fatal(diff)
		}
	})
}

// FuzzDecoder gives the decoder anything: it neither panics nor reads on without
// end, and what it accepts survives a round trip.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte(object(nil)))
	f.Add([]byte(object(map[string]string{"parent": object(nil), "text": `"\ud83d\ude00\u0000"`, "at": `"2026-01-02T03:04:05+01:00"`})))
	f.Add([]byte(object(map[string]string{"data": `"AQI="`, "extra": `[[[]],{"a":{}}]`, "wait": "1e3"})))
	f.Add([]byte(`{"id":1,"ID":2,"id":3,"from":{"id":`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, issues := decodeWire(string(data))
		if len(issues) > MaxIssues {
			t.Fatalf("%d issues", len(issues))
		}
		for _, i := range issues {
			if len(i.Path) > maxPath+8 || strings.Contains(i.Path, "..") {
				t.Fatalf("path %q", i.Path)
			}
		}
		var first, second post
		if err := first.UnmarshalJSON(data); err != nil {
			return
		}
		again, err := first.MarshalJSON()
		if err != nil {
			t.Fatalf("accepted %s, then: %v", data, err)
		}
		if err := second.UnmarshalJSON(again); err != nil {
			t.Fatalf("%v in %s", err, again)
		}
		twice, err := second.MarshalJSON()
		if err != nil || string(again) != string(twice) {
			t.Fatalf("%v\n%s\n%s", err, again, twice)
		}
	})
}

// What is optional prints as what it holds.
func TestOptAndNullAsText(t *testing.T) {
	type holder struct {
		A Opt[int]
		B Null[string]
		C Opt[Null[string]]
	}
	full := holder{Some(5), NotNull("x y"), Some(NotNull("z"))}
	for _, tt := range []struct {
		format string
		v      any
		want   string
	}{
		{"%v", Some(5), "5"},
		{"%04d|%x", []any{Some(5), Some("ab")}, "0005|6162"},
		{"%v", None[int](), "<absent>"},
		{"%v", Null[int]{}, "<null>"},
		{"%q", NotNull("a\n"), `"a\n"`},
		{"%v", full, "{5 x y z}"},
		{"%+v", full, "{A:5 B:x y C:z}"},
		{"%v", holder{}, "{<absent> <null> <absent>}"},
		{"%v", Some(full), "{5 x y z}"},
	} {
		args, several := tt.v.([]any)
		if !several {
			args = []any{tt.v}
		}
		if got := fmt.Sprintf(tt.format, args...); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.format, got, tt.want)
		}
	}
}

func TestOptAndNullAsJSON(t *testing.T) {
	type holder struct {
		Absent Opt[int]          `json:"absent,omitzero"`
		Given  Opt[int]          `json:"given,omitzero"`
		Null   Null[string]      `json:"null"`
		Text   Null[string]      `json:"text"`
		Both   Opt[Null[string]] `json:"both,omitzero"`
	}
	want := holder{Given: Some(0), Text: NotNull(""), Both: Some(Null[string]{})}
	data, err := json.Marshal(want)
	if err != nil || string(data) != `{"given":0,"null":null,"text":"","both":null}` {
		t.Fatalf("%s, %v", data, err)
	}
	var got holder
	if err := json.Unmarshal(data, &got); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	got = want
	if err := json.Unmarshal([]byte(`{"given":null,"text":null}`), &got); err != nil || got.Given.IsSet() || !got.Text.IsNull() {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{`{"given":"x"}`, `{"text":1}`} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
	if None[int]().Or(5) != 5 || Some(3).Or(5) != 3 || want.Null.Or("x") != "x" || NotNull("y").Or("x") != "y" {
		t.Error("Or")
	}
	if data, err := json.Marshal(None[int]()); err != nil || string(data) != "null" {
		t.Errorf("%s, %v", data, err)
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("the budget is spent")
	frozen := NewError("frozen", "the board is frozen")
	turn := NewErrorWith("turn", "wait", author{"a", "b"}, encodeAuthor)
	because := frozen.Because(cause)
	wrapped := fmt.Errorf("move: %w", because)
	for _, tt := range []struct {
		err, target error
		want        bool
	}{
		{wrapped, frozen, true},
		{wrapped, cause, true},
		{wrapped, Code("frozen"), true},
		{wrapped, Code("turn"), false},
		{wrapped, turn, false},
		{frozen, cause, false},
		{turn, NewErrorWith("turn", "", author{}, encodeAuthor), true},
		{turn, (*Error)(nil), false},
	} {
		if got := errors.Is(tt.err, tt.target); got != tt.want {
			t.Errorf("errors.Is(%v, %v) = %v", tt.err, tt.target, got)
		}
	}
	if got := wrapped.Error(); got != "move: frozen: the board is frozen: the budget is spent" {
		t.Error(got)
	}
	if a, b := newInternal(cause), newInternal(cause); a.Data == b.Data || errors.Is(frozen, cause) {
		t.Error("ids repeat, or Because changed its receiver")
	}
}

// TestTimestamps compares with package time.
func TestTimestamps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(-62167219200000000, 253402300799999999).Draw(t, "µs"))
		e := NewEncoder()
		defer e.args.Release()
		e.Timestamp(at)
		if want := at.UTC().Format(`"2006-01-02T15:04:05.000Z"`); string(e.args.B) != want {
			t.Errorf("%s, want %s", e.args.B, want)
		}
	})
}

func TestRoomPart(t *testing.T) {
	for in, want := range map[string]string{"abc-1_.": "abc-1_.", "a:b": "a%3Ab", "%": "%25", "é": "é", "a/b c": "a%2Fb%20c"} {
		if got := RoomPart(in); got != want {
			t.Errorf("RoomPart(%q) = %q, want %q", in, got, want)
		}
	}
}
