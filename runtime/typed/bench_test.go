// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"
)

// A line is an event of about 350 bytes with a nested struct, a list and an
// optional field: what the figures of docs/performance.md are about.
type line struct {
	ID      int64      `json:"id"`
	Room    string     `json:"room"`
	From    person     `json:"from"`
	Text    string     `json:"text"`
	At      time.Time  `json:"at"`
	Seen    []person   `json:"seen"`
	ReplyTo Opt[int64] `json:"replyTo,omitzero"`
	Pinned  bool       `json:"pinned"`
}

// A plainLine is a line as one writes it for encoding/json.
type plainLine struct {
	ID      int64     `json:"id"`
	Room    string    `json:"room"`
	From    person    `json:"from"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
	Seen    []person  `json:"seen"`
	ReplyTo *int64    `json:"replyTo,omitempty"`
	Pinned  bool      `json:"pinned"`
}

type person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

var (
	fieldsOfPerson = Required("id", "name")
	fieldsOfLine   = Required("id", "room", "from", "text", "at", "seen", "pinned").Optional("replyTo")
)

func decodePerson(d *Decoder, v *person) {
	o := d.Object(fieldsOfPerson)
	for o.Next() {
		switch o.Field {
		case "id":
			d.String(&v.ID)
		case "name":
			d.String(&v.Name).Length(1, 32)
		}
	}
}

func decodeLine(d *Decoder, v *line) {
	o := d.Object(fieldsOfLine)
	for o.Next() {
		switch o.Field {
		case "id":
			d.Int(&v.ID)
		case "room":
			d.String(&v.Room).Length(1, 32).Pattern(roomPattern)
		case "from":
			decodePerson(d, &v.From)
		case "text":
			d.String(&v.Text).Length(1, 2000)
		case "at":
			d.Timestamp(&v.At)
		case "seen":
			DecodeList(d, &v.Seen, decodePerson)
		case "replyTo":
			d.Int(v.ReplyTo.Put())
		case "pinned":
			d.Bool(&v.Pinned)
		}
	}
}

func encodePerson(e Encoder, v *person) {
	e.Field(`{"id":`).String(v.ID)
	e.Field(`,"name":`).Checked().String(v.Name).Length(1, 32)
	e.Close()
}

func encodeLine(e Encoder, v *line) {
	e.Field(`{"id":`).Int(v.ID)
	e.Field(`,"room":`).Checked().String(v.Room).Length(1, 32).Pattern(roomPattern)
	encodePerson(e.Field(`,"from":`), &v.From)
	e.Field(`,"text":`).Checked().String(v.Text).Length(1, 2000)
	e.Field(`,"at":`).Timestamp(v.At)
	EncodeList(e.Field(`,"seen":`), v.Seen, encodePerson)
	if x, ok := v.ReplyTo.Get(); ok {
		e.Field(`,"replyTo":`).Int(x)
	}
	e.Field(`,"pinned":`).Bool(v.Pinned)
	e.Close()
}

var sampleLine = line{
	ID:   4711,
	Room: "general-discussion",
	From: person{ID: "q3Jx0aV9mT2kLr8sWd1z", Name: "Ada Lovelace"},
	Text: "The engine weaves algebraical patterns, as the loom weaves flowers & leaves.",
	At:   time.Date(2026, 2, 3, 4, 5, 6, 789e6, time.UTC),
	Seen: []person{
		{ID: "b7Hk2pQ4nY6uXc0fGv5e", Name: "Charles"},
		{ID: "m1Zt8wE3rU5iOo7pAs9d", Name: "Mary"},
	},
	ReplyTo: Some[int64](4709),
}

func sampleLineJSON() []byte {
	data, err := marshal(&sampleLine, encodeLine)
	if err != nil {
		panic(err)
	}
	return data
}

// BenchmarkLine encodes and decodes a line, and a plainLine with encoding/json.
func BenchmarkLine(b *testing.B) {
	work := lineWork()
	for _, name := range slices.Sorted(maps.Keys(work)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				work[name]()
			}
		})
	}
}

// BenchmarkRatio tells how many times slower encoding/json is. Both
// take turns, so that a noisy machine slows both.
func BenchmarkRatio(b *testing.B) {
	work := lineWork()
	for _, name := range []string{"encode", "decode"} {
		b.Run(name, func(b *testing.B) {
			const batch = 100
			var ours, theirs time.Duration
			for b.Loop() {
				ours += timed(batch, work[name])
				theirs += timed(batch, work[name+"/encoding-json"])
			}
			b.ReportMetric(float64(theirs)/float64(ours), "ratio")
			b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N*batch), "ns/ours")
			b.ReportMetric(float64(theirs.Nanoseconds())/float64(b.N*batch), "ns/theirs")
		})
	}
}

// BenchmarkCheckSent tells what it costs to hold what is sent to its constraints. Both
// take turns, and the least of each counts: whatever disturbs makes it longer.
func BenchmarkCheckSent(b *testing.B) {
	encode := lineWork()["encode"]
	defer CheckSent(true)
	const batch = 100
	least := map[bool]time.Duration{true: time.Hour, false: time.Hour}
	for b.Loop() {
		for check := range least {
			CheckSent(check)
			least[check] = min(least[check], timed(batch, encode))
		}
	}
	b.ReportMetric(float64(least[true].Nanoseconds())/batch, "ns/checked")
	b.ReportMetric(float64(least[false].Nanoseconds())/batch, "ns/unchecked")
}

func timed(n int, work func()) time.Duration {
	start := time.Now()
	for range n {
		work()
	}
	return time.Since(start)
}

func lineWork() map[string]func() {
	data := sampleLineJSON()
	var plain plainLine
	if err := json.Unmarshal(data, &plain); err != nil {
		panic(err)
	}
	return map[string]func(){
		"encode": func() {
			e := NewEncoder()
			encodeLine(e.Next(), &sampleLine)
			e.args.Release()
		},
		"encode/encoding-json": func() {
			if _, err := json.Marshal(&plain); err != nil {
				panic(err)
			}
		},
		"decode": func() {
			var v line
			d := newDecoder(data, nil)
			decodeLine(d, &v)
			if len(d.issues) > 0 {
				panic(d.issues)
			}
			d.release()
		},
		"decode/encoding-json": func() {
			var v plainLine
			if err := json.Unmarshal(data, &v); err != nil {
				panic(err)
			}
		},
	}
}
