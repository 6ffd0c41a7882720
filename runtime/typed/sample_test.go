// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/json"
	"time"
)

// What follows is how generated code uses the package, with every scalar and
// every way to nest.

type author struct {
	ID   string
	Name string
}

type post struct {
	ID       int64
	Room     string
	From     author
	Text     string
	At       time.Time
	Tags     []string
	Replies  []author
	Scores   map[string]int64
	ReplyTo  Opt[int64]
	Alt      Null[string]
	Note     Opt[Null[string]]
	Parent   *post
	Big      int64
	Unsigned uint64
	Small    int32
	Count    uint32
	Ratio    float64
	Short    float32
	Live     bool
	Data     []byte
	Wait     time.Duration
	Key      string
	Extra    json.RawMessage
}

var (
	fieldsOfAuthor = Required("id", "name")
	fieldsOfPost   = Required("id", "room", "from", "text", "at", "tags", "replies", "scores", "alt",
		"big", "unsigned", "small", "count", "ratio", "short", "live", "data", "wait", "key", "extra").
		Optional("replyTo", "note", "parent")
	roomPattern = MustPattern(`^[a-z0-9-]+$`)
)

func decodeAuthor(d *Decoder, v *author) {
	o := d.Object(fieldsOfAuthor)
	for o.Next() {
		switch o.Field {
		case "id":
			d.String(&v.ID)
		case "name":
			d.String(&v.Name).Length(1, 32)
		}
	}
}

func decodePost(d *Decoder, v *post) {
	o := d.Object(fieldsOfPost)
	for o.Next() {
		switch o.Field {
		case "id":
			d.Int(&v.ID)
		case "room":
			d.String(&v.Room).Length(1, 32).Pattern(roomPattern)
		case "from":
			decodeAuthor(d, &v.From)
		case "text":
			d.String(&v.Text).Length(1, 2000)
		case "at":
			d.Timestamp(&v.At)
		case "tags":
			DecodeBoundedList(d, &v.Tags, 0, 3, func(d *Decoder, x *string) { d.String(x).Length(1, 10) })
		case "replies":
			DecodeList(d, &v.Replies, decodeAuthor)
		case "scores":
			DecodeMap(d, &v.Scores, DecodeInt)
		case "replyTo":
			d.Int(v.ReplyTo.Put()).Range(0, 100)
		case "alt":
			if !d.Null() {
				d.String(v.Alt.Put())
			}
		case "note":
			if x := v.Note.Put(); !d.Null() {
				d.String(x.Put())
			}
		case "parent":
			v.Parent = new(post)
			decodePost(d, v.Parent)
		default:
			decodePostScalars(d, v, o.Field)
		}
	}
}

func decodePostScalars(d *Decoder, v *post, field string) {
	switch field {
	case "big":
		d.Int64(&v.Big)
	case "unsigned":
		d.Uint64(&v.Unsigned)
	case "small":
		d.Int32(&v.Small)
	case "count":
		d.Uint32(&v.Count)
	case "ratio":
		d.Float64(&v.Ratio)
	case "short":
		d.Float32(&v.Short)
	case "live":
		d.Bool(&v.Live)
	case "data":
		d.Bytes(&v.Data).Length(0, 64)
	case "wait":
		d.Duration(&v.Wait)
	case "key":
		d.UUID(&v.Key)
	case "extra":
		d.Any(&v.Extra)
	}
}

func encodeAuthor(e Encoder, v *author) {
	e.Open()
	e.Key(`,"id":`).String(v.ID)
	e.Key(`,"name":`).Checked().String(v.Name).Length(1, 32)
	e.Close()
}

func encodePost(e Encoder, v *post) {
	e.Field(`{"id":`).Int(v.ID)
	e.Field(`,"room":`).Checked().String(v.Room).Length(1, 32).Pattern(roomPattern)
	encodeAuthor(e.Field(`,"from":`), &v.From)
	e.Field(`,"text":`).Checked().String(v.Text).Length(1, 2000)
	e.Field(`,"at":`).Timestamp(v.At)
	EncodeList(e.Field(`,"tags":`), v.Tags, func(e Encoder, v *string) { e.Checked().String(*v).Length(1, 10) }).Length(0, 3)
	EncodeList(e.Field(`,"replies":`), v.Replies, encodeAuthor)
	EncodeMap(e.Field(`,"scores":`), v.Scores, func(e Encoder, v int64) { e.Int(v) })
	if x, ok := v.ReplyTo.Get(); ok {
		e.Field(`,"replyTo":`).Checked().Int(x).Range(0, 100)
	}
	if x, ok := v.Alt.Get(); ok {
		e.Field(`,"alt":`).String(x)
	} else {
		e.Field(`,"alt":`).Null()
	}
	if x, ok := v.Note.Get(); ok {
		if x, ok := x.Get(); ok {
			e.Field(`,"note":`).String(x)
		} else {
			e.Field(`,"note":`).Null()
		}
	}
	if v.Parent != nil {
		encodePost(e.Field(`,"parent":`), v.Parent)
	}
	e.Field(`,"big":`).Int64(v.Big)
	e.Field(`,"unsigned":`).Uint64(v.Unsigned)
	e.Field(`,"small":`).Int32(v.Small)
	e.Field(`,"count":`).Uint32(v.Count)
	e.Field(`,"ratio":`).Float64(v.Ratio)
	e.Field(`,"short":`).Float32(v.Short)
	e.Field(`,"live":`).Bool(v.Live)
	e.Field(`,"data":`).Checked().Bytes(v.Data).Length(0, 64)
	e.Field(`,"wait":`).Duration(v.Wait)
	e.Field(`,"key":`).UUID(v.Key)
	e.Field(`,"extra":`).Any(v.Extra)
	e.Close()
}

func (v post) MarshalJSON() ([]byte, error) { return marshal(&v, encodePost) }

func (v *post) UnmarshalJSON(data []byte) error { return unmarshal(data, v, decodePost) }
