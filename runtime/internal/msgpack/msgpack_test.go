// SPDX-License-Identifier: Apache-2.0

package msgpack

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

var lim = Limits{Depth: 64, Binaries: 1024}

// both are read as text and appended as these bytes.
var both = []struct{ packed, text string }{
	{"c0", "null"}, {"c2", "false"}, {"c3", "true"},
	{"00", "0"}, {"7f", "127"}, {"cc80", "128"}, {"ccff", "255"}, {"cd0100", "256"}, {"cdffff", "65535"},
	{"ce00010000", "65536"}, {"ceffffffff", "4294967295"}, {"cf0000000100000000", "4294967296"},
	{"cf001fffffffffffff", "9007199254740991"}, {"cf0020000000000001", "9007199254740993"},
	{"cf7fffffffffffffff", "9223372036854775807"}, {"cf8000000000000000", "9223372036854775808"}, {"cfffffffffffffffff", "18446744073709551615"},
	{"ff", "-1"}, {"e0", "-32"}, {"d0df", "-33"}, {"d080", "-128"}, {"d1ff7f", "-129"}, {"d18000", "-32768"},
	{"d2ffff7fff", "-32769"}, {"d280000000", "-2147483648"}, {"d3ffffffff7fffffff", "-2147483649"}, {"d38000000000000000", "-9223372036854775808"},
	{"cb3fb999999999999a", "0.1"}, {"cbbff8000000000000", "-1.5"}, {"cb3e7ad7f29abcaf48", "1e-7"}, {"cb3eb0c6f7a0b5ed8d", "0.000001"},
	{"cb0000000000000001", "5e-324"}, {"cb7fefffffffffffff", "1.7976931348623157e+308"}, {"cb4415af1d78b58c40", "100000000000000000000"},
	{"cb444b1ae4d6e2ef50", "1e+21"}, {"cb43f0000000000000", "18446744073709552000"}, {"cb8000000000000000", "-0"},
	{"a0", `""`}, {"a161", `"a"`}, {"a2c3a9", `"é"`}, {"a4f09f9880", `"😀"`}, {"a622" + "5c" + "080c0a0d", `"\"\\\b\f\n\r"`}, {"a4011fe280", `"\u0001\u001f�"`},
	{"a27f20", "\"\x7f \""},
	{"90", "[]"}, {"93010203", "[1,2,3]"}, {"80", "{}"}, {"82a16201a16102", `{"b":1,"a":2}`}, {"81a16191c0", `{"a":[null]}`},
	{"c400", "{$0}"}, {"92c4010281a162c4020304", "[{$0},{\"b\":{$1}}]"},
}

// withMarks puts placeholders where a test says {$n}.
func withMarks(text string) string {
	for n := range 3 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{$%d}", n), fmt.Sprintf(`{"_placeholder":true,"num":%d}`, n))
	}
	return text
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBothWays(t *testing.T) {
	for _, tt := range both {
		packed, want := unhex(t, tt.packed), withMarks(tt.text)
		text, binaries, err := ToJSON(packed, lim)
		if err != nil || string(text) != want {
			t.Errorf("%s is %s (%v), want %s", tt.packed, text, err, want)
			continue
		}
		if len(text) != cap(text) && len(text) > 0 && !strings.Contains(tt.packed, "d40") {
			t.Errorf("%s was measured as %d bytes, is %d", tt.packed, cap(text), len(text))
		}
		again, err := AppendJSON([]byte("x"), text, binaries)
		if strings.Contains(want, "�") {
			continue // it was no UTF-8
		}
		if err != nil || hex.EncodeToString(again[1:]) != tt.packed {
			t.Errorf("%s comes out as %x (%v), want %s", text, again, err, tt.packed)
		}
	}
}

// Forms that others write and this package does not.
func TestToJSON(t *testing.T) {
	for packed, want := range map[string]string{
		"cc01": "1", "cd0001": "1", "ce00000001": "1", "cf0000000000000001": "1", "d001": "1", "d10001": "1", "d2ffffffff": "-1", "d3ffffffffffffffff": "-1",
		"ca3dcccccd": "0.10000000149011612", "ca3f800000": "1", "cb3ff0000000000000": "1", "cb43e0000000000000": "9223372036854776000",
		"ca7f800000": "null", "caff800000": "null", "ca7fc00000": "null", "cb7ff0000000000000": "null", "ca80000000": "-0",
		"d90161": `"a"`, "da000161": `"a"`, "db0000000161": `"a"`,
		"dc000101": "[1]", "dd0000000101": "[1]", "de0001a16101": `{"a":1}`, "df00000001a16101": `{"a":1}`,
		"c5000107": withMarks("{$0}"), "c60000000107": withMarks("{$0}"),
		// A key that is a number, a key twice.
		"8301c002c0cb3ff8000000000000c0": `{"1":null,"2":null,"1.5":null}`, "82a16101a16102": `{"a":1,"a":2}`, "81ffc0": `{"-1":null}`,
		"81cb8000000000000000c0": `{"0":null}`, "81cb7ff8000000000000c0": `{"NaN":null}`, "81cbfff0000000000000c0": `{"-Infinity":null}`,
		// undefined
		"d40000": "null", "92d4000001": "[null,1]", "82a161d40000a16201": `{"b":1}`, "83a16101a162d40000a16302": `{"a":1,"c":2}`, "81a161d40000": "{}",
		// Dates of notepack.io 2.2, and of the standard.
		"d7000000018bcfe5687b": `"2023-11-14T22:13:20.123Z"`, "d700ffffffffffffffff": `"1969-12-31T23:59:59.999Z"`,
		"d6ff00000000": `"1970-01-01T00:00:00.000Z"`, "d7ff1d5353006553f100": `"2023-11-14T22:13:20.123Z"`,
		"c70cff3b8b87c0ffffffffffffffff": `"1969-12-31T23:59:59.999Z"`, "c70cff000000010000000000000000": `"1970-01-01T00:00:00.000Z"`,
		"c70cff000000010" + "00007dba82186ff": "null", "d7007fffffffffffffff": "null", "c70cff00000000" + "7fffffffffffffff": "null",
		"d700001eb208c2dc0000": `"+275760-09-13T00:00:00.000Z"`, "d700ffe14df73d240000": `"-271821-04-20T00:00:00.000Z"`, "d700001eb208c2dc0001": "null",
		// Bytes of older versions.
		"c7020009" + "08": withMarks("{$0}"), "c800010007": withMarks("{$0}"), "c9000000010007": withMarks("{$0}"), "c70000": withMarks("{$0}"),
	} {
		if text, _, err := ToJSON(unhex(t, packed), lim); err != nil || string(text) != want {
			t.Errorf("%s is %s (%v), want %s", packed, text, err, want)
		}
	}
}

func TestToJSONRefuses(t *testing.T) {
	for _, packed := range []string{
		"", "c1", "01" + "01", "c0c0", "91", "81", "81a161", "8101", "a161" + "00", "a3", "d9", "d905", "da00", "db00000001", "dbffffffff", "c4", "c401", "c5ffff", "c6ffffffff",
		"dc", "dcffff", "ddffffffff", "dd00000002c0", "deffff", "dfffffffff", "df80000000c0c0", "cc", "cd00", "ce000000", "cf00000000000000", "ca000000", "cb00000000000000", "d0", "d3",
		"d4", "d400", "d40100", "d5", "d50000" + "00", "d6ff000000", "d600" + "00000000", "d7ff00000000000000", "d8ff", "d800" + strings.Repeat("00", 16), "c7", "c70c", "c7ff00", "c8ffff00", "c9ffffffff00", "c70501" + "0000000000", "c703ff000000",
		// Keys that are neither strings nor numbers.
		"81c0c0", "8190c0", "8180c0", "81c400c0", "81c3c0", "81d40000c0",
	} {
		if text, _, err := ToJSON(unhex(t, packed), lim); err == nil || !errors.Is(err, ErrInvalid) {
			t.Errorf("%s is %s (%v)", packed, text, err)
		}
	}
}

func TestToJSONLimits(t *testing.T) {
	nested := func(n int) []byte { return append(bytes.Repeat([]byte{0x91}, n), 0xc0) }
	if _, _, err := ToJSON(nested(64), lim); err != nil {
		t.Error(err)
	}
	if _, _, err := ToJSON(nested(65), lim); !errors.Is(err, ErrLimit) {
		t.Errorf("65 arrays: %v", err)
	}
	if _, _, err := ToJSON(nested(1_000_000), lim); !errors.Is(err, ErrLimit) {
		t.Errorf("a million arrays: %v", err)
	}
	few := Limits{Depth: 2, Binaries: 2}
	if _, _, err := ToJSON(unhex(t, "92c400c400"), few); err != nil {
		t.Error(err)
	}
	if _, _, err := ToJSON(unhex(t, "93c400c400c400"), few); !errors.Is(err, ErrLimit) {
		t.Errorf("three binary values: %v", err)
	}
	if text, err := ToPlainJSON(unhex(t, "93c400c40161c403616263"), few); err != nil || string(text) != `["","YQ==","YWJj"]` {
		t.Errorf("as base64 it is %s (%v)", text, err)
	}
}

// A map that looks like a placeholder would stand for a binary value next to it.
func TestLookalikes(t *testing.T) {
	like := "82ac5f706c616365686f6c646572c3a36e756d00"
	if text, binaries, err := ToJSON(unhex(t, like), lim); err != nil || string(text) != withMarks("{$0}") || binaries != nil {
		t.Errorf("alone it is %s %v (%v)", text, binaries, err)
	}
	for _, packed := range []string{"92" + like + "c400", "92c400" + like, "81a161" + "92c40091" + like} {
		if _, _, err := ToJSON(unhex(t, packed), lim); !errors.Is(err, ErrLookalike) {
			t.Errorf("%s: %v", packed, err)
		}
	}
	if text, err := ToPlainJSON(unhex(t, "92"+like+"c400"), lim); err != nil || string(text) != withMarks(`[{$0},""]`) {
		t.Errorf("in plain it is %s (%v)", text, err)
	}
}

func TestAppendJSON(t *testing.T) {
	one := [][]byte{{7}}
	long := strings.Repeat("x", 70_000)
	for _, tt := range []struct {
		text, want string
		binaries   [][]byte
	}{
		{` { "a" : [ 1 , 2.50 ] , "b" : "A\u00e9\ud83d\ude00\/\n" } `, "82a1619201cb4004000000000000a162a94" + "1c3a9f09f98802f0a", nil},
		{`"\ud800"`, "a3efbfbd", nil}, {`"\udc00x"`, "a4efbfbd78", nil},
		{"1.0", "01", nil}, {"1e2", "64", nil}, {"1E+2", "64", nil}, {"-0.0", "cb8000000000000000", nil}, {"-0", "cb8000000000000000", nil}, {"0e5", "00", nil},
		{"1e400", "c0", nil}, {"-1e400", "c0", nil}, {"1e-400", "00", nil}, {"-9223372036854775809", "cbc3e0000000000000", nil},
		{"18446744073709551616", "cb43f0000000000000", nil}, {"9223372036854775808.0", "cb43e0000000000000", nil},
		{withMarks("[{$0}]"), "91c40107", one}, {withMarks("[{$0},{$0}]"), "92c40107c40107", one},
		{`{ "num" : 0 , "_placeholder" : true }`, "c40107", one}, {`{"_placeholder":true,"num":0,"more":[1]}`, "c40107", one}, {`{"\u005fplaceholder":true,"num":0}`, "c40107", one},
		{withMarks("{$0}"), "82ac5f706c616365686f6c646572c3a36e756d00", nil}, {`{"_placeholder":false}`, "81ac5f706c616365686f6c646572c2", one},
		{"[" + strings.Repeat("0,", 15) + "0]", "dc0010" + strings.Repeat("00", 16), nil},
		{"[" + strings.Repeat("0,", 65535) + "0]", "dd00010000" + strings.Repeat("00", 65536), nil},
		{"{" + strings.Repeat(`"":0,`, 15) + `"":0}`, "de0010" + strings.Repeat("a000", 16), nil},
		{`"` + long[:31] + `"`, "bf" + strings.Repeat("78", 31), nil}, {`"` + long[:32] + `"`, "d920" + strings.Repeat("78", 32), nil},
		{`"` + long[:256] + `"`, "da0100" + strings.Repeat("78", 256), nil}, {`"` + long + `"`, "db00011170" + strings.Repeat("78", 70_000), nil},
		{withMarks("{$0}"), "c50100" + strings.Repeat("00", 256), [][]byte{make([]byte, 256)}}, {withMarks("{$0}"), "c600010000" + strings.Repeat("00", 65536), [][]byte{make([]byte, 65536)}},
	} {
		packed, err := AppendJSON(nil, []byte(tt.text), tt.binaries)
		if got := hex.EncodeToString(packed); err != nil || got != tt.want {
			t.Errorf("%.80s is %.80s (%v), want %.80s", tt.text, got, err, tt.want)
		}
	}
}

func TestAppendJSONRefuses(t *testing.T) {
	one := [][]byte{{7}}
	for _, text := range []string{
		"", " ", "nul", "tru", "x", "[", "[1", "[1,", "[1,]", "[1 2]", "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{1:1}`, `{"a" 1}`, `"`, `"\`, `"\"`, `"\u12"`, `"\u12x4"`, `"\ud83d\u"`, "1 2", "-", "1.2.3", "1-2", "]", "}",
		withMarks("{$1}"), `{"_placeholder":true}`, `{"_placeholder":true,"num":-1}`, `{"_placeholder":true,"num":"0"}`, `{"_placeholder":true,"num":0.5}`, `{"_placeholder":true,"num":4294967296}`,
		"[" + strings.TrimSuffix(strings.Repeat(withMarks("{$0},"), 11), ",") + "]",
		strings.Repeat("[", 1000), strings.Repeat("[", 1000) + strings.Repeat("]", 1000),
	} {
		if packed, err := AppendJSON(nil, []byte(text), one); err == nil {
			t.Errorf("%.80s is %x", text, packed)
		}
	}
}

// As many U+FFFD as JavaScript makes.
func TestInvalidUTF8(t *testing.T) {
	const bad = "\ufffd"
	for raw, want := range map[string]string{
		"\x80": bad, "\xff": bad, "a\xc3": "a" + bad, "\xc0\x80": bad + bad, "\xc1\xbf": bad + bad, "\xe2\x82": bad, "\xe2\x82a": bad + "a", "\xe2a": bad + "a",
		"\xed\xa0\x80": bad + bad + bad, "\xe0\x80\x80": bad + bad + bad, "\xf0\x9f\x98": bad, "\xf0\x9f\x98x": bad + "x", "\xf0\x80\x80\x80": bad + bad + bad + bad,
		"\xf4\x90\x80\x80": bad + bad + bad + bad, "\xf4\x8f\xbf": bad, "\xf5\x80": bad + bad, "\xf0\x9f\xc3\xa9": bad + "é", "\xe0\xa0\xe0\xa0": bad + bad, "é\xe2\x82": "é" + bad,
	} {
		text, _, err := ToJSON(append([]byte{0xa0 | byte(len(raw))}, raw...), lim)
		if err != nil || string(text) != `"`+want+`"` {
			t.Errorf("%q is %s (%v), want %q", raw, text, err, want)
		}
		if len(text) != cap(text) {
			t.Errorf("%q was measured as %d bytes, is %d", raw, cap(text), len(text))
		}
	}
}

// What is read takes a bounded multiple of its length, whatever it announces.
func TestMemory(t *testing.T) {
	for name, data := range map[string][]byte{
		"arrays of 4 GiB":    bytes.Repeat([]byte{0xdd, 0xff, 0xff, 0xff, 0xff}, 20_000),
		"strings of 4 GiB":   bytes.Repeat([]byte{0xdb, 0xff, 0xff, 0xff, 0xff}, 20_000),
		"nothing but null":   append([]byte{0xdd, 0, 1, 0x86, 0xa0}, bytes.Repeat([]byte{0xc0}, 100_000)...),
		"control characters": append([]byte{0xdb, 0, 1, 0x86, 0xa0}, bytes.Repeat([]byte{1}, 100_000)...),
		"no UTF-8":           append([]byte{0xdb, 0, 1, 0x86, 0xa0}, bytes.Repeat([]byte{0xff}, 100_000)...),
		"binary":             append([]byte{0xdd, 0, 1, 0x86, 0xa0}, bytes.Repeat([]byte{0xc4, 0}, 100_000)...),
		"dates":              append([]byte{0xdd, 0, 1, 0x86, 0xa0}, bytes.Repeat([]byte{0xd6, 0xff, 0, 0, 0, 0}, 100_000)...),
		"undefined":          append([]byte{0xdf, 0, 1, 0x86, 0xa0}, bytes.Repeat([]byte{0xa0, 0xd4, 0, 0}, 100_000)...),
		"large binary":       append([]byte{0x91, 0xc6, 0, 1, 0x86, 0xa0}, make([]byte, 100_000)...),
	} {
		used := allocated(func() { ToJSON(data, lim) })
		if most := uint64(6*len(data) + 64*lim.Binaries); used > most {
			t.Errorf("%s: %d bytes for %d", name, used, len(data))
		}
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	f()
	least := uint64(math.MaxUint64)
	for range 3 { // others may allocate meanwhile
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// What is read is JSON that comes out as MessagePack which is read as the same.
func FuzzToJSON(f *testing.F) {
	for _, tt := range both {
		f.Add(unhex(f, tt.packed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, binaries, err := ToJSON(data, lim)
		if err != nil {
			return
		}
		if !json.Valid(text) || !utf8.Valid(text) {
			t.Fatalf("%x is %s", data, text)
		}
		packed, err := AppendJSON(nil, text, binaries)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		again, same, err := ToJSON(packed, lim)
		if err != nil || !bytes.Equal(again, text) || !equal(same, binaries) {
			t.Fatalf("%s comes back as %s (%v)", text, again, err)
		}
	})
}

func equal(a, b [][]byte) bool {
	return len(a) == len(b) && bytes.Equal(bytes.Join(a, []byte{0}), bytes.Join(b, []byte{0}))
}

// No text makes a panic, and what is written can be read.
func FuzzAppendJSON(f *testing.F) {
	for _, tt := range both {
		f.Add([]byte(withMarks(tt.text)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		packed, err := AppendJSON(nil, text, [][]byte{{1}, {2, 3}})
		if err != nil {
			if utf8.Valid(text) && json.Valid(text) && !bytes.Contains(text, []byte("num")) && !bytes.Contains(text, []byte("placeholder")) && !bytes.Contains(text, []byte(`\u`)) && bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) < deepest {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if _, _, err := ToJSON(packed, Limits{Depth: deepest + 1, Binaries: len(text) + 1}); err != nil && !errors.Is(err, ErrLookalike) {
			t.Fatalf("%q is %x: %v", text, packed, err)
		}
	})
}
