package main

import (
	"context"
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"time"

	. "agreement.example/generated/agreement"
	"github.com/sockgen/sockgen/runtime/typed"
)

// Literals emits values that no decoder has made. The client has the same list, in
// what JavaScript calls them.
func (a *app) Literals(ctx context.Context, s *Socket) error {
	l := &literals{ctx: ctx, app: a, socket: s}
	l.numbers()
	l.texts()
	l.times()
	l.composites()
	return l.err
}

type literals struct {
	ctx    context.Context
	app    *app
	socket *Socket
	err    error
}

func give[T any](l *literals, event string, emit func(context.Context, T) error, values ...T) {
	for _, v := range values {
		if l.err == nil {
			l.err = forth(l.ctx, l.app, l.socket, event, v, emit)
		}
	}
}

func (l *literals) numbers() {
	s := l.socket
	give(l, "flag", s.EmitFlag, true, false)
	give(l, "whole", s.EmitWhole, -1<<53+1, 1<<53-1, 0)
	give(l, "small", s.EmitSmall, math.MinInt32, math.MaxInt32)
	give(l, "unsigned", s.EmitUnsigned, 0, math.MaxUint32)
	give(l, "big", s.EmitBig, math.MinInt64, math.MaxInt64, 0, -1, 1<<53+1)
	give(l, "huge", s.EmitHuge, 0, math.MaxUint64)
	give(l, "single", s.EmitSingle, 0.1, math.MaxFloat32, math.SmallestNonzeroFloat32, 1<<24, float32(math.Copysign(0, -1)))
	give(l, "double", s.EmitDouble, 0.1, 1e308, -math.MaxFloat64, math.SmallestNonzeroFloat64, 1e21, 1e-7, 1<<53+2, math.Copysign(0, -1))
	give(l, "serial", s.EmitSerial, Serial(math.MaxInt64))
	give(l, "amount", s.EmitAmount, *big.NewInt(-3))
}

func (l *literals) texts() {
	s := l.socket
	give(l, "words", s.EmitWords, "", "\x00", "é", "e\u0301", "😀\U0010FFFF", "\u2028\u2029\uFEFF\uFFFD", "\"\\/\b\f\n\r\t\x7f", "</script>&<>")
	give(l, "title", s.EmitTitle, "😀😀😀😀😀😀😀😀😀")
	give(l, "roomID", s.EmitRoomID, RoomID("a-1"))
	give(l, "key", s.EmitKey, "123e4567-e89b-12d3-a456-42661417400a")
	give(l, "address", s.EmitAddress, netip.MustParseAddr("2001:db8::1"), netip.Addr{})
	give(l, "colour", s.EmitColour, ColourGreen, Colour("Blau 😀"))
	give(l, "mood", s.EmitMood, MoodWild, Mood("new 😀"), Mood(""))
	give(l, "blob", s.EmitBlob, []byte{}, []byte{0, 255}, pattern(1<<20))
	give(l, "digest", s.EmitDigest, pattern(16))
}

// pattern returns bytes that the client can make, too.
func pattern(size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i * 31 >> 3)
	}
	return data
}

func (l *literals) times() {
	s := l.socket
	give(l, "instant", s.EmitInstant,
		time.Unix(0, 0).UTC(), time.UnixMilli(-1).UTC(), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1582, 10, 15, 12, 0, 0, 500_000_000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC))
	const ms = time.Millisecond
	give(l, "period", s.EmitPeriod, 0, -ms, 36*time.Hour, math.MaxInt64/ms*ms, math.MinInt64/ms*ms)
}

func (l *literals) composites() {
	s := l.socket
	give(l, "anything", s.EmitAnything, json.RawMessage(`null`), json.RawMessage(`{"a":[1,{"b":null}],"":"é"}`))
	give(l, "document", s.EmitDocument, json.RawMessage(`[1.5,"x"]`))
	give(l, "nullable", s.EmitNullable, typed.Null[Whole]{}, typed.NotNull(Whole(-1)))
	give(l, "marks", s.EmitMarks, Marks{}, Marks{ColourRed, ColourGreen})
	give(l, "grid", s.EmitGrid, Grid{}, Grid{{}, {1, -1}})
	give(l, "scores", s.EmitScores, Scores{}, Scores{"": 1, "é\"\\": math.MinInt64, "toString": 2})
	give(l, "files", s.EmitFiles, Files{}, Files{"a": {pattern(2), {}, pattern(3)}, "b": {}})
	give(l, "maybe", s.EmitMaybe, Maybe{},
		Maybe{Both: typed.Some(typed.Null[Big]{}), MayBeNull: typed.NotNull(Words("")), Blob: []byte{}, List: []Flag{}},
		Maybe{MayLack: typed.Some(Words("")), Both: typed.Some(typed.NotNull(Big(-1))), List: []Flag{true}, Blob: []byte{7}, Inner: typed.Some(typed.NotNull(Point{X: 1, Height: 0.5}))})
	give(l, "shape", s.EmitShape, Shape(Circle{Centre: Point{X: 1e308, Height: -2}, Radius: 100}), Shape(Picture{Data: pattern(5), Thumb: pattern(4)}), Shape(Empty{}), Shape(Point{}))
	give(l, "content", s.EmitContent, Content(UnknownContent{Tag: "poll", Raw: json.RawMessage(`{"type":"poll","options":[1,2]}`)}), Content(Picture{Data: pattern(5), Thumb: pattern(4), Alt: typed.NotNull("x")}))
	leaf := Tree{Name: "leaf"}
	give(l, "tree", s.EmitTree, leaf, Tree{Name: "root", Children: []Tree{leaf, {Name: "branch", Children: []Tree{}, ByName: map[string]Tree{"k": leaf}}}, Content: Picture{Data: pattern(1), Thumb: pattern(4)}})
	give(l, "move", func(ctx context.Context, v MovedInput) error {
		v.Z = typed.None[Whole]() // its default is 7
		return s.EmitMoved(ctx, v)
	}, MovedInput{Arg1: 0.5, Y: 100, Arg3: ColourRed, Z: typed.Some(Whole(7))})
	give(l, "move", s.EmitMoved, MovedInput{Arg1: -1, Y: -0.5, Arg3: ColourGreen, Arg4: typed.Some(Words("")), Z: typed.Some(Whole(-7))})
	give(l, "attach", s.EmitAttached, Attached{Arg1: pattern(3), Arg2: Picture{Data: pattern(1), Thumb: pattern(4)}, More: Files{"x": {pattern(2)}}}, Attached{Arg1: []byte{}, Arg2: leaf})
}
