package values

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/typed"
)

// sent returns the text of a packet with the arguments in e.
func sent(e typed.Encoder) (string, error) {
	args, err := e.Take("x")
	if err != nil {
		return "", err
	}
	defer args.Release()
	return string(siowire.AppendEvent(nil, "/", 0, false, "x", args)), nil
}

// emit encodes v and returns the packet.
func emit[T any](v T, encode func(typed.Encoder, *T)) (string, error) {
	e := typed.NewEncoder()
	encode(e.Next(), &v)
	return sent(e)
}

// args parses the arguments of an event.
func args(t *testing.T, text string) siowire.Args {
	t.Helper()
	p, err := siowire.Parse([]byte(`2["x"`+text+`]`), siowire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Args
}

func TestEnum(t *testing.T) {
	if !PresenceAway.Known() || Presence("afar").Known() || !ManyM.Known() || Many("z").Known() {
		t.Error("Known does not know its values")
	}
	var tool Tool
	if err := json.Unmarshal([]byte(`"brush"`), &tool); err != nil || tool != ToolBrush {
		t.Error(tool, err)
	}
	err := json.Unmarshal([]byte(`"knife"`), &tool)
	if !errors.Is(err, typed.ErrEnum) || !strings.Contains(err.Error(), `want one of "pen", "brush"`) || tool != ToolBrush {
		t.Error(tool, err)
	}
	if _, err := emit(Tool("knife"), encodeTool); !errors.Is(err, typed.ErrEnum) {
		t.Error(err)
	}
	if text, err := emit(Presence("afar"), encodePresence); err != nil || text != `2["x","afar"]` {
		t.Error(text, err)
	}
	var many Many
	issues := typed.Decode(args(t, `,"z"`), func(d *typed.Decoder) { decodeMany(d, &many) })
	want := []typed.Issue{{Message: `want one of "a", "b", "c", "d", "e", "f", "g", "h", … (13 in all)`}}
	if !reflect.DeepEqual(issues, want) {
		t.Error(issues)
	}
}

// TestUnion puts the tag at any place and reads what the schema does not know.
func TestUnion(t *testing.T) {
	tests := []struct {
		wire string
		want Content
	}{
		{`{"kind":"text","body":"hi"}`, Text{Body: "hi"}},
		{`{"body":"hi","new":[{"kind":1}],"kind":"text"}`, Text{Body: "hi"}},
		{`{"x":1,"kind":"video"}`, UnknownContent{Tag: "video", Raw: json.RawMessage(`{"x":1,"kind":"video"}`)}},
	}
	for _, tt := range tests {
		var got Content
		if issues := typed.Decode(args(t, ","+tt.wire), func(d *typed.Decoder) { decodeContent(d, &got) }); issues != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %#v, %v", tt.wire, got, issues)
		}
	}
	texts := []struct {
		value Content
		want  string
	}{
		{Text{Body: "hi", Mentions: []RoomID{"a"}}, `2["x",{"kind":"text","body":"hi","mentions":["a"]}]`},
		{UnknownContent{Tag: "video", Raw: json.RawMessage(`{"kind":"video"}`)}, `2["x",{"kind":"video"}]`},
	}
	for _, tt := range texts {
		if text, err := emit(tt.value, encodeContent); err != nil || text != tt.want {
			t.Errorf("%#v: %s, %v", tt.value, text, err)
		}
	}
	if text, err := emit(Thread(Nought{}), encodeThread); err != nil || text != `2["x",{"type \"of\"":"no\"thing"}]` {
		t.Error(text, err)
	}
}

// TestNoVariant encodes what no union has.
func TestNoVariant(t *testing.T) {
	for _, v := range []Content{
		nil, &Text{Body: "hi"}, UnknownContent{}, UnknownContent{Tag: "a", Raw: json.RawMessage(`{"kind":"b"}`)},
		UnknownContent{Tag: "text", Raw: json.RawMessage(`{"kind":"text"}`)}, UnknownContent{Tag: "a", Raw: json.RawMessage(`{"kind":"a","kind":"a"}`)},
		UnknownContent{Tag: "a", Raw: json.RawMessage(`["kind"]`)}, UnknownContent{Tag: "a", Raw: json.RawMessage(`{"kind":"a"`)},
	} {
		if _, err := emit(v, encodeContent); !errors.Is(err, typed.ErrVariant) {
			t.Errorf("%#v: %v", v, err)
		}
	}
	if _, err := json.Marshal(Forms{Contents: []Content{nil}}); !errors.Is(err, typed.ErrVariant) {
		t.Error(err)
	}
}

// TestUnknownHoldsNoBytes sends an attachment inside a variant that nobody knows.
func TestUnknownHoldsNoBytes(t *testing.T) {
	p, err := siowire.Parse([]byte(`51-["x",{"kind":"video","data":{"_placeholder":true,"num":0}}]`), siowire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p.Args.Attachments = [][]byte{{1}}
	var v Content
	if issues := typed.Decode(p.Args, func(d *typed.Decoder) { decodeContent(d, &v) }); len(issues) != 1 || issues[0] != (typed.Issue{Message: "must not contain bytes"}) {
		t.Error(issues)
	}
}

// TestManyIssues finds every mistake of a payload in one go, each with its path.
func TestManyIssues(t *testing.T) {
	var v CursorMove
	wire := `,"1",2,{"body":"","kind":"text","mentions":["A","b"],"Body":1},null,["pen","knife","pen"],"x",{"type \"of\"":"quote","by":1,"zz":1,"of":{"type \"of\"":"nobody"}}`
	issues := typed.Decode(args(t, wire), func(d *typed.Decoder) {
		d.Strict()
		d.Positional()
		decodeCursorMove(d, &v)
	})
	want := []typed.Issue{
		{Path: "args[0]", Message: "expected number, got string"},
		{Path: "args[1]", Message: "must be from 0 to 1"},
		{Path: "args[2].body", Message: "must have 1 to 20 characters, has 0"},
		{Path: "args[2].mentions[0]", Message: "must match ^[a-z0-9-]+$"},
		{Path: "args[2].Body", Message: `is spelled "body" in the schema`},
		{Path: "args[4][1]", Message: `want one of "pen", "brush"`},
		{Path: "args[4][2]", Message: "is there twice"},
		{Path: "args[5]", Message: "expected integer, got string"},
		{Path: "args[6].by", Message: "expected UUID, got number"},
		{Path: "args[6].zz", Message: "unknown field"},
		{Path: `args[6].of.type "of"`, Message: `want one of "text", "quote", "no\"thing"`},
	}
	if !reflect.DeepEqual(issues, want) {
		t.Errorf("%+v, want\n%+v", issues, want)
	}
	issues = typed.Decode(args(t, ""), func(d *typed.Decoder) {
		d.Positional()
		decodeCursorMove(d, &v)
	})
	want = []typed.Issue{{Path: "args[0]", Message: "is required"}, {Path: "args[1]", Message: "is required"}, {Path: "args[2]", Message: "is required"}}
	if !reflect.DeepEqual(issues, want) {
		t.Errorf("%+v, want\n%+v", issues, want)
	}
	var names Names
	if issues := typed.Decode(args(t, ""), func(d *typed.Decoder) { decodeNames(d, &names) }); !reflect.DeepEqual(issues, []typed.Issue{{Message: "is required"}}) {
		t.Error(issues)
	}
}

// TestArguments leaves out arguments at the end and in between.
func TestArguments(t *testing.T) {
	move := CursorMove{Arg1: 1, Y: 0.5, Content: Text{Body: "a"}}
	tests := []struct {
		change func(*CursorMove)
		want   string
	}{
		{func(*CursorMove) {}, `2["x",1,0.5,{"kind":"text","body":"a"}]`},
		{func(m *CursorMove) { m.Note = typed.Some("n") }, `2["x",1,0.5,{"kind":"text","body":"a"},"n"]`},
		{func(m *CursorMove) { m.Thread = Text{Body: "b"} }, `2["x",1,0.5,{"kind":"text","body":"a"},null,null,null,{"type \"of\"":"text","body":"b"}]`},
	}
	for _, tt := range tests {
		v := move
		tt.change(&v)
		e := typed.NewEncoder()
		encodeCursorMove(e.Positional(), &v)
		if text, err := sent(e); err != nil || text != tt.want {
			t.Errorf("%s, %v; want %s", text, err, tt.want)
		}
	}
	v := move
	v.Thread = Text{Body: "b"} // as an object it has no gaps
	if data, err := json.Marshal(v); err != nil || string(data) != `{"arg1":1,"y":0.5,"content":{"kind":"text","body":"a"},"thread":{"type \"of\"":"text","body":"b"}}` {
		t.Errorf("%s, %v", data, err)
	}
}

// TestDeep drives recursive types deeper than anything may be.
func TestDeep(t *testing.T) {
	for _, data := range []string{
		`{"tree":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
		`{"thread":` + strings.Repeat(`{"type \"of\"":"quote","by":"123e4567-e89b-12d3-a456-426614174000","of":`, 100) + "1" + strings.Repeat("}", 100) + "}",
	} {
		var v Forms
		err := json.Unmarshal([]byte(data), &v)
		var payload *typed.PayloadError
		if !errors.As(err, &payload) || !strings.Contains(err.Error(), "is nested too deeply") {
			t.Error(err)
		}
	}
}

// TestCustom has custom types write what the schema does not allow.
func TestCustom(t *testing.T) {
	if text, err := emit(*big.NewInt(-5), encodeWide); err != nil || text != `2["x","-5"]` {
		t.Error(text, err)
	}
	for _, v := range []int64{-6, -1 << 40} {
		if _, err := emit(*big.NewInt(v), encodeWide); !errors.Is(err, typed.ErrCustom) {
			t.Error(v, err)
		}
	}
	if _, err := emit(Weight("101"), encodeWeight); !errors.Is(err, typed.ErrCustom) {
		t.Error(err)
	}
	var address Address
	if issues := typed.Decode(args(t, `,"nowhere"`), func(d *typed.Decoder) { decodeAddress(d, &address) }); len(issues) != 1 || !strings.HasPrefix(issues[0].Message, "is not a valid value: ") {
		t.Error(issues)
	}
}

func TestDefaults(t *testing.T) {
	var v Defaults
	if err := json.Unmarshal([]byte(`{}`), &v); err != nil {
		t.Fatal(err)
	}
	if v.Int != -50 || v.Tool != ToolPen || v.Float32 != 0.1 || v.Uint64 != 1<<64-1 || v.Nullable != typed.NotNull[int64](5) || !v.Null.IsNull() || v.Room != "lobby" {
		t.Errorf("%+v", v)
	}
	if err := json.Unmarshal([]byte(`{"nullable":null,"nullTool":null}`), &v); err != nil || !v.Nullable.IsNull() || !v.NullTool.IsNull() {
		t.Errorf("%+v, %v", v, err)
	}
}

// Tags are what other packages read, and mean nothing to JSON.
func TestTags(t *testing.T) {
	for _, of := range []reflect.Type{reflect.TypeFor[Defaults](), reflect.TypeFor[DefaultsInput]()} {
		f, _ := of.FieldByName("Int")
		if f.Tag.Get("db") != "number" || f.Tag.Get("note") != "a `b` \"c\"" {
			t.Errorf("%s has the tags %s", of, f.Tag)
		}
	}
}

// What is sent may lack what has a default, and travels with it; what came is sent on.
func TestDefaultsAreSent(t *testing.T) {
	var all Defaults
	if err := json.Unmarshal([]byte(`{}`), &all); err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]DefaultsInput{"nothing": {}, "what came": all.AsInput()} {
		if got, err := json.Marshal(v); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %s, %v, want %s", name, got, err, want)
		}
	}
	some := DefaultsInput{Int: typed.Some[int64](0), Tool: typed.Some(ToolBrush), Nullable: typed.Some(typed.Null[int64]{})}
	data, err := json.Marshal(some)
	if err != nil {
		t.Fatal(err)
	}
	var got Defaults
	if err := json.Unmarshal(data, &got); err != nil || got.Int != 0 || got.Tool != ToolBrush || !got.Nullable.IsNull() || got.Room != "lobby" {
		t.Errorf("%+v, %v", got, err)
	}
}

// A value that holds itself, in whatever way, becomes one that cannot be sent.
func TestAsInputOfWhatHoldsItself(t *testing.T) {
	list := Branch{Kids: make([]Branch, 2)}
	list.Kids[0], list.Kids[1] = list, list
	twin := &Branch{}
	twin.Twin = twin
	entries := map[string]typed.Null[Branch]{}
	entries["a"], entries["b"] = typed.NotNull(Branch{By: entries}), typed.NotNull(Branch{By: entries})
	fork := &Branch{Kids: make([]Branch, 1)}
	fork.Fork = Branch{Kids: fork.Kids}
	fork.Kids[0] = *fork
	for name, v := range map[string]Branch{"list": list, "pointer": *twin, "map": {By: entries}, "union": *fork} {
		if _, err := json.Marshal(v.AsInput()); !errors.Is(err, typed.ErrTooDeep) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := json.Marshal(Holder{Branch: v, Fork: v}.AsInput()); !errors.Is(err, typed.ErrTooDeep) {
			t.Errorf("%s in another: %v", name, err)
		}
	}
	deep := Branch{}
	for range 900 {
		deep = Branch{N: 7, Twin: &Branch{N: 8, Twin: deep.Twin}}
	}
	if _, err := json.Marshal(deep.AsInput()); err != nil {
		t.Errorf("deep: %v", err)
	}
}

func TestEncodeAllocatesNothing(t *testing.T) {
	v := Forms{
		Tool: typed.NotNull(ToolPen), Content: Text{Body: "hi", Mentions: []RoomID{"a", "b"}}, Thread: typed.NotNull[Thread](Quote{By: "123e4567-e89b-12d3-a456-426614174000", Of: Text{Body: "x"}}),
		Contents: []Content{Text{Body: "a"}, Text{Body: "b"}}, Rooms: []RoomID{"a"},
	}
	allocs := testing.AllocsPerRun(1000, func() {
		e := typed.NewEncoder()
		encodeForms(e.Next(), &v)
		args, err := e.Take("x")
		if err != nil {
			t.Fatal(err)
		}
		args.Release()
	})
	if allocs >= 1 {
		t.Errorf("%v allocations", allocs)
	}
}
