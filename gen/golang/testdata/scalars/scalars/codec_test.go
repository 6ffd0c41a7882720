package scalars

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/typed"
)

var every = Every{
	Bool: true, Int: 1000, Int32: 5, Uint32: math.MaxUint32, Int64: math.MinInt64, Uint64: math.MaxUint64, Float32: 0.5, Float64: -1.5,
	String: "a\"`z", Bytes: []byte{0, 255}, Timestamp: time.UnixMilli(1767323045678).UTC(), Duration: time.Minute,
	UUID: "123e4567-e89b-12d3-a456-426614174000", Any: json.RawMessage(`[null]`),
}

var forms = Forms{
	Plain: "ada", Narrower: "bob", Deep: []map[string][]Inner{{"k": {{Name: "x"}}}}, Words: []string{"w"},
	Times: map[string]typed.Null[time.Time]{"never": {}, "then": typed.NotNull(time.UnixMilli(5).UTC())},
}

func TestJSON(t *testing.T) {
	full := forms // with what forms leaves out
	full.Optional, full.Nullable = typed.Some[Size](7), typed.NotNull("n")
	full.Both = typed.Some(typed.NotNull(Inner{Name: "i"}))
	full.List, full.Map, full.Bytes, full.Any = []int64{}, map[string]string{}, []byte{}, json.RawMessage(`null`)
	full.NullableList = typed.NotNull([]typed.Null[float64]{{}, typed.NotNull(0.5)})
	full.BothList = typed.Some(typed.NotNull([]Inner{{Name: "l"}}))
	nulls := forms
	nulls.Both, nulls.BothList = typed.Some(typed.Null[Inner]{}), typed.Some(typed.Null[[]Inner]{})

	leaf := Node{Children: []Node{}}
	tree := Node{Parent: &leaf, Left: &leaf, Right: typed.Some(&leaf), Children: []Node{leaf, leaf}, Named: map[string]Node{"a": leaf}}
	halfNull := Node{Right: typed.Some[*Node](nil), Children: []Node{}}

	roundTrip(t, every, `{"bool":true,"int":1000,"int32":5,"uint32":4294967295,"int64":"-9223372036854775808","uint64":"18446744073709551615","float32":0.5,"float64":-1.5,`+
		`"string":"a\"`+"`"+`z","bytes":"AP8=","timestamp":"2026-01-02T03:04:05.678Z","duration":60000,"uuid":"123e4567-e89b-12d3-a456-426614174000","any":[null]}`)
	roundTrip(t, forms, `{"plain":"ada","narrower":"bob","nullable":null,"nullableList":null,"deep":[{"k":[{"name":"x"}]}],"words":["w"],"times":{"never":null,"then":"1970-01-01T00:00:00.005Z"}}`)
	roundTrip(t, full, `{"plain":"ada","narrower":"bob","optional":7,"nullable":"n","both":{"name":"i"},"list":[],"map":{},"bytes":"","any":null,"nullableList":[null,0.5],"bothList":[{"name":"l"}],`+
		`"deep":[{"k":[{"name":"x"}]}],"words":["w"],"times":{"never":null,"then":"1970-01-01T00:00:00.005Z"}}`)
	roundTrip(t, nulls, `{"plain":"ada","narrower":"bob","nullable":null,"both":null,"nullableList":null,"bothList":null,"deep":[{"k":[{"name":"x"}]}],"words":["w"],"times":{"never":null,"then":"1970-01-01T00:00:00.005Z"}}`)
	roundTrip(t, tree, `{"parent":{"parent":null,"children":[]},"left":{"parent":null,"children":[]},"right":{"parent":null,"children":[]},"children":[{"parent":null,"children":[]},{"parent":null,"children":[]}],"named":{"a":{"parent":null,"children":[]}}}`)
	roundTrip(t, halfNull, `{"parent":null,"right":null,"children":[]}`)
	roundTrip(t, Empty{}, `{}`)
}

func roundTrip[T any](t *testing.T, v T, want string) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil || string(data) != want {
		t.Errorf("%s, %v; want\n%s", data, err, want)
		return
	}
	var again T
	if err := json.Unmarshal(data, &again); err != nil {
		t.Error(err)
	}
	if !reflect.DeepEqual(v, again) {
		t.Errorf("%+v, want %+v", again, v)
	}
}

// TestConstraints breaks each constraint of the schema once.
func TestConstraints(t *testing.T) {
	tests := []struct {
		into    json.Unmarshaler
		payload string
		want    []typed.Issue
	}{
		{&Every{}, `{"bool":1,"int":-11,"int32":6,"uint32":-1,"int64":"x","uint64":"0","float32":0.75,"float64":-1.75,"string":"123456789","bytes":"","timestamp":"","duration":99,"uuid":"","any":{}}`, []typed.Issue{
			{Path: "bool", Message: "expected boolean, got number"},
			{Path: "int", Message: "must be from -10 to 1000"},
			{Path: "int32", Message: "must be at most 5"},
			{Path: "uint32", Message: "must be an integer from 0 to 4294967295"},
			{Path: "int64", Message: "must be a 64-bit integer in decimal digits"},
			{Path: "uint64", Message: "must be at least 1"},
			{Path: "float32", Message: "must be from 0 to 0.5"},
			{Path: "float64", Message: "must be from -1.5 to 1e+06"},
			{Path: "string", Message: "must have at most 8 characters, has 9"},
			{Path: "string", Message: "must match ^[a-z\"`]*$"},
			{Path: "bytes", Message: "must have 1 to 1024 bytes, has 0"},
			{Path: "timestamp", Message: `must be a timestamp such as "2006-01-02T15:04:05.000Z"`},
			{Path: "duration", Message: "must be from 100 to 60000"},
			{Path: "uuid", Message: `must be a UUID such as "123e4567-e89b-12d3-a456-426614174000"`},
		}},
		{&Forms{}, `{"plain":"","narrower":"a b c","optional":0,"nullable":null,"nullableList":[null,true],"deep":[{"k":[]},{},{},{}],"words":[""],"times":{"x":0}}`, []typed.Issue{
			{Path: "plain", Message: "must have 1 to 32 characters, has 0"},
			{Path: "plain", Message: `must match ^\w+$`},
			{Path: "narrower", Message: "must have 2 to 4 characters, has 5"},
			{Path: "narrower", Message: `must match ^\w+$`},
			{Path: "optional", Message: "must be at least 1"},
			{Path: "nullableList[1]", Message: "expected number, got boolean"},
			{Path: `deep[0]["k"]`, Message: "must have at least 1 element, has 0"},
			{Path: "deep", Message: "must have at most 3 elements, has 4"},
			{Path: "words[0]", Message: "must have 1 to 10 characters, has 0"},
			{Path: "words[0]", Message: `must match ^\w+$`},
			{Path: `times["x"]`, Message: "expected timestamp, got number"},
		}},
		{&Node{}, `{"Parent":null,"left":null,"right":null,"children":[{"parent":null}]}`, []typed.Issue{
			{Path: "Parent", Message: `is spelled "parent" in the schema`},
			{Path: "left", Message: "expected object, got null"},
			{Path: "children[0].children", Message: "is required"},
		}},
		{&Empty{}, `[]`, []typed.Issue{{Message: "expected object, got array"}}},
	}
	for _, tt := range tests {
		err := tt.into.UnmarshalJSON([]byte(tt.payload))
		var e *typed.PayloadError
		if !errors.As(err, &e) || !slices.Equal(e.Issues, tt.want) {
			t.Errorf("%s:\n%v, want\n%v", tt.payload, err, &typed.PayloadError{Issues: tt.want})
		}
	}
}

// A value that holds itself is an error, in whatever way, and soon: it does not end the
// process, nor goes on along each of several ways.
func TestValuesThatHoldThemselves(t *testing.T) {
	for name, tie := range map[string]func(n *Node){
		"pointer":       func(n *Node) { n.Parent = n },
		"two pointers":  func(n *Node) { n.Parent, n.Left = n, n },
		"null":          func(n *Node) { n.Right = typed.Some(n) },
		"three of them": func(n *Node) { n.Parent, n.Left, n.Right = n, n, typed.Some(n) },
		"list":          func(n *Node) { n.Children = make([]Node, 2); n.Children[0], n.Children[1] = *n, *n },
		"map":           func(n *Node) { n.Named = map[string]Node{}; n.Named["a"], n.Named["b"] = *n, *n },
		"by another":    func(n *Node) { n.Parent = &Node{Left: &Node{Parent: n}} },
	} {
		t.Run(name, func(t *testing.T) {
			var n Node
			tie(&n)
			if _, err := json.Marshal(n); !errors.Is(err, typed.ErrTooDeep) {
				t.Errorf("%v, want %v", err, typed.ErrTooDeep)
			}
		})
	}
}

// What is deep and ends is written.
func TestDeepValues(t *testing.T) {
	n := &Node{}
	for range 900 {
		n = &Node{Left: n}
	}
	if _, err := json.Marshal(n); err != nil {
		t.Error(err)
	}
	for range 200 {
		n = &Node{Left: n}
	}
	if _, err := json.Marshal(n); !errors.Is(err, typed.ErrTooDeep) {
		t.Errorf("1,100 nodes: %v, want %v", err, typed.ErrTooDeep)
	}
}
