// SPDX-License-Identifier: Apache-2.0

package compat_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen/compat"
)

func mustParse(t testing.TB, data []byte) *compat.Lock {
	t.Helper()
	lock, err := compat.ParseLock(data)
	if err != nil {
		t.Fatal(err)
	}
	return lock
}

func text(t testing.TB, lock *compat.Lock) []byte {
	t.Helper()
	data, err := lock.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A lock reads as what was written, in the same bytes, and knows what it has.
func TestLockRoundTrip(t *testing.T) {
	lock := mustParse(t, nil)
	if added := lock.Add(models(t, base)); len(added) != 2 {
		t.Fatalf("added %d models of 2", len(added))
	}
	data := text(t, lock)
	again := mustParse(t, data)
	if added := again.Add(models(t, strings.ReplaceAll(base, "A room.", "Another."))); len(added) != 0 {
		t.Errorf("added %d models that were there", len(added))
	}
	if diff := cmp.Diff(string(data), string(text(t, again))); diff != "" {
		t.Errorf("(-first +second)\n%s", diff)
	}
	if diff := cmp.Diff(models(t, base)[1:], again.Released("/chat/{}")); diff != "" {
		t.Errorf("what was read differs from what was made (-made +read)\n%s", diff)
	}
}

// The file is for people: one fact a line, and two branches add in two places.
func TestLockText(t *testing.T) {
	lock := mustParse(t, nil)
	lock.Add(models(t, "info: { name: x, version: 1.2.0 }\ntypes: { M: { struct: { text: { type: string, length: 1.. } } } }\nnamespaces: { /: { client: { a: { payload: M, ack: none } } } }\n"))
	want := `{
  "sockgen": 1,
  "models": {
    "/": {
      "m1-fco45vox2gzr": {
        "version": "1.2.0",
        "client": {
          "a": {
            "args": [
              {
                "ref": "M"
              }
            ],
            "ack": {}
          }
        },
        "types": {
          "M": {
            "kind": "struct",
            "fields": {
              "text": {
                "scalar": "string",
                "length": "1.."
              }
            }
          }
        }
      }
    }
  }
}
`
	if diff := cmp.Diff(want, string(text(t, lock))); diff != "" {
		t.Errorf("a change here makes every lock file stale, and a change of the fingerprint every client a stranger\n(-want +got)\n%s", diff)
	}
}

// Ancestors are the locked models whose clients still fit.
func TestAncestors(t *testing.T) {
	version := func(fields string) string {
		return "info: { name: x }\nnamespaces: { /: { client: { a: { payload: { " + fields + " } } } } }\n"
	}
	fingerprint := func(fields string) string { return models(t, version(fields))[0].Fingerprint() }
	lock := mustParse(t, nil)
	for _, fields := range []string{"x: int", "x: int, y: optional int", "x: int, y: bool", "z: int"} {
		lock.Add(models(t, version(fields)))
	}
	doc := mustCheck(t, version("x: int, y: optional int"))
	compat.Stamp(doc, lock)
	ns := doc.Namespaces[0]
	if want := fingerprint("x: int, y: optional int"); ns.Fingerprint != want {
		t.Errorf("fingerprint %s, want %s", ns.Fingerprint, want)
	}
	if want := []string{fingerprint("x: int")}; !slices.Equal(ns.Ancestors, want) {
		t.Errorf("ancestors %s, want %s", ns.Ancestors, want)
	}
	compat.Stamp(doc, nil)
	if ns.Ancestors != nil {
		t.Errorf("ancestors %s without a lock", ns.Ancestors)
	}
}

// A lock file that is no longer what sockgen wrote is refused with a reason, and
// with the line where there is one.
func TestLockRefused(t *testing.T) {
	lock := mustParse(t, nil)
	lock.Add(models(t, base))
	good := string(text(t, lock))
	model := func(s string) string { return `{"sockgen":1,"models":{"/":{"m1-x":` + s + `}}}` }
	for _, test := range []struct{ name, data, want string }{
		{"no JSON", "sockgen: 1\n", "line 1: invalid character 's'"},
		{"half of it", good[:len(good)/2], "it ends too early"},
		{"more of it", good + "{}", "something follows the models"},
		{"conflict", strings.Replace(good, "  \"models\"", "<<<<<<< HEAD\n  \"models\"", 1), "line 3: a merge has left its markers: keep the models of both sides"},
		{"another version", strings.Replace(good, `"sockgen": 1`, `"sockgen": 2`, 1), "it is of version 2, and this sockgen reads version 1"},
		{"no version", `{}`, "it is of version 0"},
		{"a list", `[]`, "line 1: json: cannot unmarshal array"},
		{"an unknown key", `{"sockgen":1,"extra":1}`, `unknown field "extra"`},
		{"edited", strings.Replace(good, `"1..32"`, `"1..64"`, 1), "so that somebody has changed it: take the file from version control again"},
		{"null as a model", model("null"), `model "m1-x" of "/": there is nothing in it`},
		{"an empty model", model("{}"), "its fingerprint is m1-"},
		{"null as a type", model(`{"types":{"A":null}}`), `type "A" has nothing in it`},
		{"null as a field", model(`{"types":{"A":{"kind":"struct","fields":{"x":null}}}}`), `has nothing in field "x"`},
		{"null as an event", model(`{"client":{"a":null}}`), `event "a" has nothing in it`},
		{"null as an argument", model(`{"client":{"a":{"args":[null]}}}`), "an argument with nothing in it"},
		{"null as a parameter", model(`{"params":[null]}`), "has a type with nothing in it"},
		{"an unknown kind", model(`{"types":{"A":{"kind":"class"}}}`), `unknown kind "class"`},
		{"an unknown scalar", model(`{"params":[{"scalar":"text"}]}`), `unknown scalar "text"`},
		{"two forms", model(`{"params":[{"scalar":"int","ref":"A"}]}`), "not one of scalar, list, map and ref"},
		{"a missing type", model(`{"auth":{"ref":"A"}}`), `refers to type "A", which is not there`},
		{"a missing type of an error", model(`{"errors":{"e":{"ref":"A"}}}`), `refers to type "A", which is not there`},
		{"a missing type of an ack", model(`{"server":{"a":{"ack":{"type":{"ref":"A"}}}}}`), `refers to type "A", which is not there`},
		{"a missing error", model(`{"client":{"a":{"errors":["e"]}}}`), `error "e" is not among its errors`},
		{"a missing connect error", model(`{"connectErrors":["e"]}`), `error "e" is not among its errors`},
		{"a variant that is no struct", model(`{"types":{"A":{"kind":"union","of":{"a":"A"}}}}`), "which is no struct"},
		{"an alias of itself", model(`{"types":{"A":{"kind":"alias","alias":{"ref":"A"}}}}`), "is an alias of something other than a list or a map"},
		{"an alias of nothing", model(`{"types":{"A":{"kind":"alias"}}}`), "is an alias of something other than a list or a map"},
		{"a wild span", model(`{"params":[{"scalar":"int","range":"1e999999999.."}]}`), "has a span other than"},
		{"a span of many digits", model(`{"params":[{"scalar":"int","range":"` + strings.Repeat("9", 500) + `.."}]}`), "has a span other than"},
		{"a span without dots", model(`{"params":[{"scalar":"int","range":"1"}]}`), "has a span other than"},
		{"lists without end", model(`{"params":[` + strings.Repeat(`{"list":`, 70) + `{"scalar":"int"}` + strings.Repeat("}", 70) + `]}`), "nests more than 64 lists and maps"},
		{"depth", strings.Repeat("[", 100_000), "line 1:"},
		{"size", strings.Repeat(" ", 33<<20) + "x", "it is larger than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			lock, err := compat.ParseLock([]byte(test.data))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if lock != nil {
				t.Error("a lock in spite of the error")
			}
		})
	}
}

// An alias that holds itself cannot be written today; a file that has one is read.
func TestLockRecursiveAlias(t *testing.T) {
	const form = `{"sockgen":1,"models":{"/":{"FP":{"client":{"a":{"args":[{"ref":"T"}]}},"types":{"T":{"kind":"alias","alias":{"list":{"ref":"T"}}}}}}}}`
	_, err := compat.ParseLock([]byte(form))
	if err == nil {
		t.Fatal("no error for a wrong fingerprint")
	}
	fingerprint, _, _ := strings.Cut(err.Error()[strings.Index(err.Error(), "m1-"):], ",")
	lock := mustParse(t, []byte(strings.Replace(form, "FP", fingerprint, 1)))
	any := models(t, "info: { name: x }\nnamespaces: { /: { client: { a: any } } }\n")[0]
	if got := compat.Compare(lock.Released("/")[0], any); worst(got) != "safe" {
		t.Errorf("changes:\n%s", lines(got))
	}
	if got := compat.Compare(lock.Released("/")[0], lock.Released("/")[0]); len(got) != 0 {
		t.Errorf("it differs from itself:\n%s", lines(got))
	}
}

// Whatever the bytes: an error, or a lock that writes what it reads.
func FuzzParseLock(f *testing.F) {
	lock := mustParse(f, nil)
	lock.Add(models(f, base))
	data := text(f, lock)
	f.Add(data)
	f.Add([]byte(`{"sockgen":1,"models":{"/":{"m1-x":{"types":{"A":{"kind":"alias","alias":{"list":{"ref":"A"}}}}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		lock, err := compat.ParseLock(data)
		if err != nil {
			return
		}
		once := text(t, lock)
		if twice := text(t, mustParse(t, once)); !bytes.Equal(once, twice) {
			t.Errorf("written %q, then %q", once, twice)
		}
	})
}
