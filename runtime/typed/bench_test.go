package typed

import (
	"encoding/json"
	"testing"
	"time"
)

// A line is an event of about 350 bytes with a nested struct, a list and an
// optional field: what the figures of DESIGN §7 are about.
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

type person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

var (
	fieldsOfPerson = Required("id", "name")
	fieldsOfLine   = Required("id", "room", "from", "text", "at", "seen", "pinned").Optional("replyTo")
)

func decodePerson(d *Decoder, v *person) {
	for field := range d.Object(fieldsOfPerson) {
		switch field {
		case "id":
			d.String(&v.ID)
		case "name":
			d.String(&v.Name).Length(1, 32)
		}
	}
}

func decodeLine(d *Decoder, v *line) {
	for field := range d.Object(fieldsOfLine) {
		switch field {
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
			for x := range Elements(d, &v.Seen) {
				decodePerson(d, x)
			}
		case "replyTo":
			d.Int(v.ReplyTo.Put())
		case "pinned":
			d.Bool(&v.Pinned)
		}
	}
}

func encodePerson(e Encoder, v *person) {
	e.Open()
	e.Key("id").String(v.ID)
	e.Key("name").String(v.Name)
	e.Close()
}

func encodeLine(e Encoder, v *line) {
	e.Open()
	e.Key("id").Int(v.ID)
	e.Key("room").String(v.Room)
	encodePerson(e.Key("from"), &v.From)
	e.Key("text").String(v.Text)
	e.Key("at").Timestamp(v.At)
	EncodeList(e.Key("seen"), v.Seen, encodePerson)
	if x, ok := v.ReplyTo.Get(); ok {
		e.Key("replyTo").Int(x)
	}
	e.Key("pinned").Bool(v.Pinned)
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
	data, err := MarshalJSON(&sampleLine, encodeLine)
	if err != nil {
		panic(err)
	}
	return data
}

// BenchmarkLine compares with encoding/json on the same value; the ratio is how
// many times slower encoding/json is.
func BenchmarkLine(b *testing.B) {
	data := sampleLineJSON()
	ours := map[string]float64{}
	perOp := func(b *testing.B) float64 { return float64(b.Elapsed().Nanoseconds()) / float64(b.N) }
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			e := NewEncoder()
			encodeLine(e.Next(), &sampleLine)
			e.args.Release()
		}
		ours["encode"] = perOp(b)
	})
	b.Run("encode/encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(&sampleLine); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(perOp(b)/ours["encode"], "ratio")
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			var v line
			d := newDecoder(data, nil)
			decodeLine(d, &v)
			if len(d.issues) > 0 {
				b.Fatal(d.issues)
			}
			d.release()
		}
		ours["decode"] = perOp(b)
	})
	b.Run("decode/encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v line
			if err := json.Unmarshal(data, &v); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(perOp(b)/ours["decode"], "ratio")
	})
}
