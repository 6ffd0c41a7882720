// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// order is the fields of a post as a peer sends them; sound has a value for each.
var (
	order = fieldsOfPost.Names
	sound = map[string]string{
		"id": `7`, "room": `"lobby"`, "from": `{"id":"a1","name":"Ada"}`, "text": `"hi"`, "at": `"2026-01-02T03:04:05.678Z"`,
		"tags": `["a","b"]`, "replies": `[{"id":"b","name":"Bob"}]`, "scores": `{"ann":1}`, "alt": `null`,
		"big": `"9007199254740993"`, "unsigned": `"18446744073709551615"`, "small": `-5`, "count": `5`, "ratio": `0.5`,
		"short": `0.25`, "live": `true`, "data": `{"_placeholder":true,"num":0}`, "wait": `1500`,
		"key": `"123E4567-e89b-12d3-a456-426614174000"`, "extra": `{"x":[1]}`,
		"replyTo": `3`, "note": `null`, "parent": ``,
	}
	attachment = []byte{1, 2, 3}
)

// object returns sound as an object, with the fields of changes in its place: ""
// leaves a field out.
func object(changes map[string]string) string {
	var b strings.Builder
	b.WriteByte('{')
	for _, name := range order {
		value, ok := changes[name]
		if !ok {
			value = sound[name]
		}
		if value == "" {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(name) + ":" + value)
	}
	b.WriteByte('}')
	return b.String()
}

func decodeWire(raw string) (post, []Issue) {
	d := newDecoder([]byte(raw), [][]byte{attachment})
	defer d.release()
	var v post
	decodePost(d, &v)
	return v, d.issues
}

func TestDecodeSound(t *testing.T) {
	got, issues := decodeWire(object(nil))
	if issues != nil {
		t.Fatal(issues)
	}
	want := post{
		ID: 7, Room: "lobby", From: author{"a1", "Ada"}, Text: "hi", At: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC),
		Tags: []string{"a", "b"}, Replies: []author{{"b", "Bob"}}, Scores: map[string]int64{"ann": 1},
		ReplyTo: Some[int64](3), Note: Some(Null[string]{}), Big: 9007199254740993, Unsigned: 18446744073709551615,
		Small: -5, Count: 5, Ratio: 0.5, Short: 0.25, Live: true, Data: []byte{1, 2, 3}, Wait: 1500 * time.Millisecond,
		Key: "123e4567-e89b-12d3-a456-426614174000", Extra: json.RawMessage(`{"x":[1]}`),
	}
	if diff := cmp.Diff(want, got, comparePosts); diff != "" {
		t.Error(diff)
	}
}

var comparePosts = cmp.AllowUnexported(Opt[int64]{}, Opt[Null[string]]{}, Null[string]{})

// TestScalars puts values at and beyond each scalar's and constraint's ends.
func TestScalars(t *testing.T) {
	long := strings.Repeat("é", 2000)
	tests := []struct{ field, value, issue string }{
		{"id", "9007199254740991", ""},
		{"id", "-9007199254740991", ""},
		{"id", "-0", ""},
		{"id", "9007199254740992", "must be an integer from -9007199254740991 to 9007199254740991"},
		{"id", "-9007199254740992", "must be an integer from -9007199254740991 to 9007199254740991"},
		{"id", "99999999999999999999999999", "must be an integer from -9007199254740991 to 9007199254740991"},
		{"id", "1.5", "expected integer, got 1.5"},
		{"id", "1.0", "expected integer, got 1.0"},
		{"id", "1e3", "expected integer, got 1e3"},
		{"id", `"1"`, "expected integer, got string"},
		{"small", "2147483647", ""},
		{"small", "-2147483648", ""},
		{"small", "2147483648", "must be an integer from -2147483648 to 2147483647"},
		{"count", "4294967295", ""},
		{"count", "4294967296", "must be an integer from 0 to 4294967295"},
		{"count", "-1", "must be an integer from 0 to 4294967295"},
		{"big", `"9223372036854775807"`, ""},
		{"big", `"-9223372036854775808"`, ""},
		{"big", `"0"`, ""},
		{"big", `"\u0031"`, ""},
		{"big", `"9223372036854775808"`, "must be a 64-bit integer in decimal digits"},
		{"big", `""`, "must be a 64-bit integer in decimal digits"},
		{"big", `"-"`, "must be a 64-bit integer in decimal digits"},
		{"big", `"-0"`, "must be a 64-bit integer in decimal digits"},
		{"big", `"+1"`, "must be a 64-bit integer in decimal digits"},
		{"big", `"01"`, "must be a 64-bit integer in decimal digits"},
		{"big", `"1_0"`, "must be a 64-bit integer in decimal digits"},
		{"big", `" 1"`, "must be a 64-bit integer in decimal digits"},
		{"big", `1`, "expected integer in a string, got number"},
		{"unsigned", `"0"`, ""},
		{"unsigned", `"18446744073709551616"`, "must be an unsigned 64-bit integer in decimal digits"},
		{"unsigned", `"-1"`, "must be an unsigned 64-bit integer in decimal digits"},
		{"ratio", "1.7976931348623157e308", ""},
		{"ratio", "5e-324", ""},
		{"ratio", "-0", ""},
		{"ratio", "1e309", "is too large for a float64"},
		{"short", "3.4e38", ""},
		{"short", "3.5e38", "is too large for a float32"},
		{"text", `""`, "must have 1 to 2000 characters, has 0"},
		{"text", `"` + long + `"`, ""},
		{"text", `"` + long + `x"`, "must have 1 to 2000 characters, has 2001"},
		{"text", `"\ud83d\ude00"`, ""},
		{"text", `"\ud83d"`, "has half of a surrogate pair, which is no character"},
		{"text", `"\ude00"`, "has half of a surrogate pair, which is no character"},
		{"text", `"\ude00\ud83d"`, "has half of a surrogate pair, which is no character"},
		{"text", `"\ud83dx"`, "has half of a surrogate pair, which is no character"},
		{"text", `"\ud83d\n"`, "has half of a surrogate pair, which is no character"},
		{"text", `"\\ud83d"`, ""},
		{"text", `"\ufffd"`, ""},
		{"room", `"Lobby"`, "must match ^[a-z0-9-]+$"},
		{"at", `"2026-01-02T03:04:05Z"`, ""},
		{"at", `"2026-01-02T03:04:05.123456789+05:30"`, ""},
		{"at", `"2026-01-02"`, `must be a timestamp such as "2006-01-02T15:04:05.000Z"`},
		{"at", `"2026-02-30T03:04:05Z"`, `must be a timestamp such as "2006-01-02T15:04:05.000Z"`},
		{"at", `"2026-01-02T03:04:05,5Z"`, `must be a timestamp such as "2006-01-02T15:04:05.000Z"`},
		{"at", `"2026-01-02T3:04:05Z"`, `must be a timestamp such as "2006-01-02T15:04:05.000Z"`},
		{"at", `"2026-01-02T03:04:05+24:00"`, `must be a timestamp such as "2006-01-02T15:04:05.000Z"`},
		{"at", `"2026-01-02T03:04:05-00:60"`, `must be a timestamp such as "2006-01-02T15:04:05.000Z"`},
		{"at", `"2026-01-02T03:04:05+23:59"`, ""},
		{"at", `""`, `must be a timestamp such as "2006-01-02T15:04:05.000Z"`},
		{"at", `"0000-01-01T00:00:00+01:00"`, "must be a timestamp of the years 0 to 9999 in UTC"},
		{"at", `"9999-12-31T23:59:59-01:00"`, "must be a timestamp of the years 0 to 9999 in UTC"},
		{"at", `1767323045678`, "expected timestamp, got number"},
		{"wait", "9223372036854", ""},
		{"wait", "9223372036855", "must be an integer from -9223372036854 to 9223372036854"},
		{"key", `"123e4567e89b12d3a456426614174000"`, `must be a UUID such as "123e4567-e89b-12d3-a456-426614174000"`},
		{"key", `"123e4567-e89b-12d3-a456-42661417400g"`, `must be a UUID such as "123e4567-e89b-12d3-a456-426614174000"`},
		{"data", `{"num":0,"_placeholder":true}`, ""},
		{"data", `{"_placeholder":true,"num":1}`, "expected bytes, got object"},
		{"data", `{"_placeholder":true,"num":-1}`, "expected bytes, got object"},
		{"data", `{"_placeholder":true,"num":0.5}`, "expected bytes, got object"},
		{"data", `{"_placeholder":true}`, "expected bytes, got object"},
		{"data", `{"_placeholder":false,"num":0}`, "expected bytes, got object"},
		{"data", `{"_placeholder":"true","num":0}`, "expected bytes, got object"},
		{"data", `"AQID"`, "expected bytes, got string"},
		{"extra", `null`, ""},
		{"extra", `{"a":{"_placeholder":true,"num":0}}`, "must not contain bytes"},
		{"extra", `[{"\u005fplaceholder":1}]`, "must not contain bytes"},
		{"extra", `"_placeholder"`, ""},
		{"replyTo", "0", ""},
		{"replyTo", "100", ""},
		{"replyTo", "101", "must be from 0 to 100"},
		{"replyTo", "-1", "must be from 0 to 100"},
		{"replyTo", "null", "expected integer, got null"},
		{"note", `"x"`, ""},
		{"tags", `["a","b","c","d"]`, "must have at most 3 elements, has 4"},
		{"tags", `{}`, "expected list, got object"},
		{"scores", `[]`, "expected object, got array"},
		{"live", `1`, "expected boolean, got number"},
		{"from", `"x"`, "expected object, got string"},
	}
	for _, tt := range tests {
		_, issues := decodeWire(object(map[string]string{tt.field: tt.value}))
		var want []Issue
		if tt.issue != "" {
			want = []Issue{{tt.field, tt.issue}}
		}
		if diff := cmp.Diff(want, issues); diff != "" {
			t.Errorf("%s: %.80s: %s", tt.field, tt.value, diff)
		}
	}
}

// TestPaths has several mistakes in one payload: all are reported, in order.
func TestPaths(t *testing.T) {
	_, issues := decodeWire(object(map[string]string{
		"id": `"x"`, "from": `{"id":1,"name":""}`, "tags": `["a","",3]`,
		"replies": `[{"id":"b","name":"Bob"},{"id":"c"},null]`, "scores": `{"ann":1,"bob":"2","ann":3,"_placeholder":1}`,
		"parent": `{"id":1}`, "live": ``, "extra": ``,
	}))
	var got []string
	for _, i := range issues {
		got = append(got, i.Path+": "+i.Message)
	}
	want := []string{
		"id: expected integer, got string",
		"from.id: expected string, got number",
		"from.name: must have 1 to 32 characters, has 0",
		"tags[1]: must have 1 to 10 characters, has 0",
		"tags[2]: expected string, got number",
		"replies[1].name: is required",
		"replies[2]: expected object, got null",
		`scores["bob"]: expected integer, got string`,
		`scores["ann"]: is there twice`,
		`scores["_placeholder"]: is a reserved key`,
	}
	for _, name := range order[1:fieldsOfPost.Required] {
		want = append(want, "parent."+name+": is required")
	}
	want = append(want, "live: is required", "extra: is required")
	if len(want) > MaxIssues {
		want = want[:MaxIssues]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestMutations changes every field of a sound payload in every way of
// S-12 and expects exactly the one issue.
func TestMutations(t *testing.T) {
	accepts := map[string]string{ // what of the values below each field takes besides its own type
		"extra": "null true 0.5 3 list object string", "alt": "null string", "note": "null string",
	}
	values := []struct{ kind, value string }{
		{"null", "null"},
		{"true", "true"},
		{"0.5", "0.5"},
		{"3", "3"},
		{"list", "[]"},
		{"object", "{}"},
		{"string", `"abc"`},
		{"huge", "1e400"},
		{"deep", strings.Repeat("[", 60) + strings.Repeat("]", 60)},
	}
	takes := map[string][]string{
		"id": {"3"}, "room": {"string"}, "text": {"string"}, "tags": {"list"}, "replies": {"list"}, "scores": {"object"}, "replyTo": {"3"},
		"small": {"3"}, "count": {"3"}, "ratio": {"3", "0.5"}, "short": {"3", "0.5"}, "live": {"true"}, "wait": {"3"},
		"extra": {"huge", "deep"},
	}
	count := 0
	check := func(raw, path, what string) {
		t.Helper()
		count++
		_, issues := decodeWire(raw)
		switch {
		case path == "-" && len(issues) > 0:
			t.Errorf("%s: unexpected issues %v", what, issues)
		case path != "-" && (len(issues) != 1 || issues[0].Path != path):
			t.Errorf("%s: issues %v, want one at %q", what, issues, path)
		}
	}
	for _, name := range order {
		for _, v := range values {
			path := name
			if slices.Contains(takes[name], v.kind) || slices.Contains(strings.Fields(accepts[name]), v.kind) {
				path = "-"
			}
			if name == "from" && v.kind == "object" || name == "parent" && v.kind == "object" || name == "tags" && v.kind == "deep" || name == "replies" && v.kind == "deep" {
				continue // more than one issue: TestPaths
			}
			check(object(map[string]string{name: v.value}), path, name+" "+v.kind)
		}
		missing := "-"
		if slices.Index(order, name) < fieldsOfPost.Required {
			missing = name
		}
		check(object(map[string]string{name: ""}), missing, name+" missing")
		if sound[name] == "" {
			continue
		}
		raw := object(nil)
		key := strconv.Quote(name) + ":"
		for _, wrong := range []string{strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:]} {
			check(strings.Replace(raw, key, strconv.Quote(wrong)+":", 1), wrong, name+" as "+wrong)
		}
		check(strings.Replace(raw, "{", "{"+key+sound[name]+",", 1), name, name+" twice")
		check(strings.Replace(raw, key, `"unknown":{"x":[]},`+key, 1), "-", "unknown before "+name)
		check(strings.Replace(raw, key, fmt.Sprintf(`"\u%04x%s":`, name[0], name[1:]), 1), "-", name+" in escapes")
	}
	if count < 300 {
		t.Errorf("only %d mutations", count)
	}
}

// TestPairs breaks two fields at once, in every combination: one is missing, the
// other wrong in some way.
func TestPairs(t *testing.T) {
	breaks := []string{"1e999", "[[]]", `{"":{}}`} // of another type, or beyond its range
	count := 0
	required := order[:fieldsOfPost.Required]
	for _, missing := range required {
		for _, wrong := range required {
			if wrong == missing || slices.Contains([]string{"extra", "from", "tags", "replies", "scores"}, wrong) {
				continue // TestPaths has those in which more than one issue arises
			}
			for _, b := range breaks {
				count++
				_, issues := decodeWire(object(map[string]string{missing: "", wrong: b}))
				want := []string{wrong, missing} // what is missing shows at the object's end
				if len(issues) != 2 || issues[0].Path != want[0] || issues[1].Path != want[1] || issues[1].Message != "is required" {
					t.Errorf("without %s, %s = %s: %v", missing, wrong, b, issues)
				}
			}
		}
	}
	if count < 800 {
		t.Errorf("only %d pairs", count)
	}
}

func TestWrongCaseNamesTheRightOne(t *testing.T) {
	_, issues := decodeWire(strings.Replace(object(nil), `"replyTo"`, `"replyto"`, 1))
	want := []Issue{{"replyto", `is spelled "replyTo" in the schema`}}
	if diff := cmp.Diff(want, issues); diff != "" {
		t.Error(diff)
	}
}

func TestDepth(t *testing.T) {
	nested := func(n int) string {
		raw := object(nil)
		for range n {
			raw = object(map[string]string{"parent": raw})
		}
		return raw
	}
	if _, issues := decodeWire(nested(50)); issues != nil {
		t.Errorf("50 levels: %v", issues)
	}
	_, issues := decodeWire(nested(70))
	if len(issues) == 0 || !strings.HasSuffix(issues[len(issues)-1].Message, "nested too deeply") {
		t.Errorf("70 levels: %v", issues)
	}
	for _, i := range issues {
		if len(i.Path) > maxPath {
			t.Errorf("path of %d bytes", len(i.Path))
		}
	}
}

func TestIssuesAreBounded(t *testing.T) {
	key := strings.Repeat("k", 1<<12)
	var scores []string
	for i := range 1000 {
		scores = append(scores, fmt.Sprintf(`"%s%d":"x"`, key, i))
	}
	_, issues := decodeWire(object(map[string]string{"scores": "{" + strings.Join(scores, ",") + "}"}))
	if len(issues) != MaxIssues {
		t.Errorf("%d issues", len(issues))
	}
	for _, i := range issues {
		if len(i.Path) > maxPath+8 {
			t.Fatalf("path of %d bytes", len(i.Path))
		}
	}
}

func TestMalformed(t *testing.T) {
	raw := object(nil)
	for i := range len(raw) {
		if _, issues := decodeWire(raw[:i]); len(issues) == 0 || issues[len(issues)-1].Message != "is not well-formed JSON" {
			t.Fatalf("%q: %v", raw[:i], issues)
		}
	}
	var v post
	for _, data := range []string{"", "{", "{}}", object(nil) + "1", "\xff", `{"room":"` + "\xff" + `"}`, `{"a":01}`, `nul`} {
		if err := v.UnmarshalJSON([]byte(data)); err == nil {
			t.Errorf("%q: no error", data)
		}
	}
}

// TestManyFields looks names up through the map and keeps more than 64 apart.
func TestManyFields(t *testing.T) {
	var names, members []string
	for i := range 150 {
		names = append(names, "f"+strconv.Itoa(i))
		members = append(members, fmt.Sprintf(`"f%d":%d`, i, i))
	}
	fields := Required(names[:100]...).Optional(names[100:]...)
	decode := func(raw string) (sum int64, issues []Issue) {
		d := newDecoder([]byte(raw), nil)
		defer d.release()
		o := d.Object(fields)
		for o.Next() {
			field := o.Field
			var n int64
			d.Int(&n)
			if field != "f"+strconv.FormatInt(n, 10) {
				t.Errorf("%s = %d", field, n)
			}
			sum += n
		}
		return sum, d.issues
	}
	slices.Reverse(members)
	if sum, issues := decode("{" + strings.Join(members, ",") + "}"); sum != 149*150/2 || issues != nil {
		t.Error(sum, issues)
	}
	if _, issues := decode("{" + strings.Join(append(members[:100:100], members[99]), ",") + "}"); len(issues) != MaxIssues {
		t.Error(issues)
	}
}

// TestDecodedIsDetached changes the frame afterwards: only attachments may show it.
func TestDecodedIsDetached(t *testing.T) {
	raw := []byte(object(map[string]string{"text": `"plain"`}))
	d := newDecoder(raw, [][]byte{attachment})
	var got post
	decodePost(d, &got)
	issues := d.issues
	d.release()
	if issues != nil {
		t.Fatal(issues)
	}
	for i := range raw {
		raw[i] = 'x'
	}
	if got.Text != "plain" || got.From.Name != "Ada" || string(got.Extra) != `{"x":[1]}` || got.Scores["ann"] != 1 {
		t.Errorf("%+v", got)
	}
}

// TestBytesHaveNoSlack appends to decoded bytes: what follows them in the packet
// stays as it is.
func TestBytesHaveNoSlack(t *testing.T) {
	packet := []byte{1, 2, 3, 4}
	d := newDecoder([]byte(`{"_placeholder":true,"num":0}`), [][]byte{packet[:2]})
	defer d.release()
	var got []byte
	d.Bytes(&got)
	if got = append(got, 9); d.issues != nil || packet[2] != 3 || len(got) != 3 {
		t.Errorf("%v, %v, %v", got, packet, d.issues)
	}
}
