// SPDX-License-Identifier: Apache-2.0

package eiowire

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// packetTests drives parsing, appending and the fuzz seeds.
var packetTests = []struct {
	name string
	text string
	want Packet
}{
	{"open", `0{"sid":"x"}`, Packet{Type: Open, Data: []byte(`{"sid":"x"}`)}},
	{"close", "1", Packet{Type: Close}},
	{"ping", "2", Packet{Type: Ping}},
	{"probe", "2probe", Packet{Type: Ping, Data: []byte("probe")}},
	{"pong", "3", Packet{Type: Pong}},
	{"probe answer", "3probe", Packet{Type: Pong, Data: []byte("probe")}},
	{"message", "4hello", Packet{Type: Message, Data: []byte("hello")}},
	{"empty message", "4", Packet{Type: Message}},
	{"message of several bytes per character", "4é€", Packet{Type: Message, Data: []byte("é€")}},
	{"upgrade", "5", Packet{Type: Upgrade}},
	{"noop", "6", Packet{Type: Noop}},
	{"type is one character", "10", Packet{Type: Close, Data: []byte("0")}},
	{"binary", "bAQIDBA==", Packet{Type: Message, Binary: true, Data: []byte{1, 2, 3, 4}}},
	{"binary without padding", "bAQID", Packet{Type: Message, Binary: true, Data: []byte{1, 2, 3}}},
	{"binary, one pad", "bAQI=", Packet{Type: Message, Binary: true, Data: []byte{1, 2}}},
	{"empty binary", "b", Packet{Type: Message, Binary: true}},
}

func TestParseAndAppend(t *testing.T) {
	for _, tt := range packetTests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse([]byte(tt.text))
			if err != nil {
				t.Fatalf("Parse(%q): %v", tt.text, err)
			}
			if diff := cmp.Diff(tt.want, got, equateEmpty); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", tt.text, diff)
			}
			if got := string(Append([]byte("x"), tt.want)); got != "x"+tt.text {
				t.Errorf("Append = %q, want %q", got, "x"+tt.text)
			}
		})
	}
}

// equateEmpty treats a nil and an empty Data alike.
var equateEmpty = cmp.Comparer(func(a, b []byte) bool { return bytes.Equal(a, b) })

// TestParseLenientBase64 holds what R40 asks for: forms that Append never writes.
func TestParseLenientBase64(t *testing.T) {
	tests := []struct {
		text string
		want []byte
	}{
		{"bAQ", []byte{1}},
		{"bAQ=", []byte{1}},
		{"bAQ-_", []byte{0x01, 0x0f, 0xbf}},
		{"bAQ+/", []byte{0x01, 0x0f, 0xbf}},
		{"b-/_+", []byte{0xfb, 0xff, 0xfe}},
		{"bAR==", []byte{1}}, // stray bits in the last group
		{"b=", nil},
		{"b==", nil},
		{"b////", []byte{255, 255, 255}},
	}
	for _, tt := range tests {
		got, err := Parse([]byte(tt.text))
		if err != nil || !bytes.Equal(got.Data, tt.want) || !got.Binary {
			t.Errorf("Parse(%q) = %+v, %v; want data %x", tt.text, got, err, tt.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		text string
		want error
	}{
		{"", ErrEmpty},
		{"7", ErrType},
		{"9", ErrType},
		{"a", ErrType},
		{"\x1e", ErrType},
		{"é", ErrType},
		{"/", ErrType},
		{"bA", ErrBase64},
		{"bAQIDB", ErrBase64},
		{"b!!!", ErrBase64},
		{"bAQ ID", ErrBase64},
		{"bAQID\n", ErrBase64},
		{"bA===", ErrBase64},
		{"bAQ==AQ==", ErrBase64},
		{"bé", ErrBase64},
	}
	for _, tt := range tests {
		if p, err := Parse([]byte(tt.text)); !errors.Is(err, tt.want) {
			t.Errorf("Parse(%q) = %+v, %v; want %v", tt.text, p, err, tt.want)
		}
	}
}

// TestParseEveryFirstByte holds the whole alphabet of types (R35).
func TestParseEveryFirstByte(t *testing.T) {
	for c := range 256 {
		_, err := Parse([]byte{byte(c)})
		known := c >= '0' && c <= '6' || c == 'b'
		if (err == nil) != known {
			t.Errorf("Parse(%q): error %v", byte(c), err)
		}
	}
}

func TestPackets(t *testing.T) {
	tests := []struct {
		name    string
		payload string
		want    []string // the text of each packet; binary ones as b and base64
		err     error
	}{
		{"one", "4a", []string{"4a"}, nil},
		{"three", "4test1\x1e4test2\x1e4test3", []string{"4test1", "4test2", "4test3"}, nil},
		{"text and binary", "4hello\x1ebAQIDBA==", []string{"4hello", "bAQIDBA=="}, nil},
		{"empty messages", "4\x1eb\x1e4", []string{"4", "b", "4"}, nil},
		{"all of them after a close", "4x\x1e1\x1e4y", []string{"4x", "1", "4y"}, nil},
		{"empty payload", "", nil, ErrEmpty},
		{"leading separator", "\x1e4a", nil, ErrEmpty},
		{"trailing separator", "4a\x1e", []string{"4a"}, ErrEmpty},
		{"only separators", "\x1e\x1e\x1e", nil, ErrEmpty},
		{"stops at the first bad item", "4a\x1eabc\x1e4b", []string{"4a"}, ErrType},
		{"stops at bad base64", "4a\x1eb!\x1e4b", []string{"4a"}, ErrBase64},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			var err error
			for p, e := range Packets([]byte(tt.payload)) {
				if err != nil {
					t.Fatal("a packet after the error")
				}
				if err = e; e == nil {
					got = append(got, string(Append(nil, p)))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v; packets (-want +got):\n%s", err, tt.err, diff)
			}
		})
	}
}

func TestPacketsStopsWhenAsked(t *testing.T) {
	n := 0
	for range Packets([]byte("4a\x1e4b\x1e4c")) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d packets, want 2", n)
	}
}

// TestParseDoesNotAllocate holds that hostile payloads cost no memory of their own.
func TestParseDoesNotAllocate(t *testing.T) {
	payload := []byte("4hello\x1ebAQIDBA==\x1e3\x1e6")
	work := make([]byte, len(payload))
	got := testing.AllocsPerRun(100, func() {
		copy(work, payload)
		for _, err := range Packets(work) {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	if got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range packetTests {
		f.Add([]byte(tt.text))
	}
	f.Add([]byte("bAQ-_"))
	f.Add([]byte("b!!!"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		p, err := Parse(bytes.Clone(frame))
		if err != nil {
			return
		}
		again, err := Parse(Append(nil, p))
		if err != nil || again.Type != p.Type || again.Binary != p.Binary || !bytes.Equal(again.Data, p.Data) {
			t.Errorf("%q parsed to %+v, which came back as %+v, %v", frame, p, again, err)
		}
	})
}

func FuzzPackets(f *testing.F) {
	f.Add([]byte("4test1\x1e4test2\x1e4test3"))
	f.Add([]byte("4hello\x1ebAQIDBA=="))
	f.Add([]byte("\x1e"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var joined []byte
		n := 0
		for p, err := range Packets(bytes.Clone(payload)) {
			if err != nil {
				return
			}
			if n++; n > 1 {
				joined = append(joined, Separator)
			}
			joined = Append(joined, p)
		}
		if n != 1+bytes.Count(payload, []byte{Separator}) {
			t.Fatalf("%d packets in %q", n, payload)
		}
		m := 0
		for _, err := range Packets(joined) {
			if m++; err != nil {
				t.Fatalf("%q became %q: %v", payload, joined, err)
			}
		}
		if m != n {
			t.Errorf("%d packets became %d", n, m)
		}
	})
}

// FuzzBase64 compares with the standard library wherever that is as lenient.
func FuzzBase64(f *testing.F) {
	f.Add("AQIDBA==")
	f.Add("AQ-_")
	f.Fuzz(func(t *testing.T, s string) {
		want, wantErr := base64.RawURLEncoding.DecodeString(s)
		got, err := decodeBase64([]byte(s))
		if wantErr == nil && !strings.ContainsAny(s, "\r\n") && (err != nil || !bytes.Equal(got, want)) {
			t.Errorf("decodeBase64(%q) = %x, %v; want %x", s, got, err, want)
		}
	})
}

func BenchmarkPackets(b *testing.B) {
	payload := []byte(strings.Repeat("42[\"message\",{\"text\":\"hello\"}]\x1e", 50) + "6")
	b.ReportAllocs()
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		for _, err := range Packets(payload) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func TestTypeString(t *testing.T) {
	for want, typ := range map[string]Type{
		"open": Open, "close": Close, "ping": Ping, "pong": Pong, "message": Message, "upgrade": Upgrade, "noop": Noop, "Type(0x37)": '7',
	} {
		if got := typ.String(); got != want {
			t.Errorf("%q: %s, want %s", byte(typ), got, want)
		}
	}
}
