// SPDX-License-Identifier: Apache-2.0

package msgpack

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/sockgen/sockgen/internal/counts"
)

// codecs is a process with notepack.io and @msgpack/msgpack.
type codecs struct {
	t     *testing.T
	lines *bufio.Reader
	stdin io.Writer
}

func startCodecs(t *testing.T, values int) *codecs {
	t.Helper()
	cmd := exec.Command("node", "testdata/codecs.mjs", strconv.Itoa(values))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: this test needs Node, and npm ci in the project's root", err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	})
	return &codecs{t, bufio.NewReader(stdout), stdin}
}

// next reads a line of strings.
func (c *codecs) next() (list []string) {
	c.t.Helper()
	line, err := c.lines.ReadBytes('\n')
	if err != nil {
		c.t.Fatalf("%v: run npm ci in the project's root", err)
	}
	if err := json.Unmarshal(line, &list); err != nil {
		c.t.Fatal(err)
	}
	return list
}

// decode returns what both make of data, "" for an error.
func (c *codecs) decode(data []byte) []string {
	c.t.Helper()
	if _, err := io.WriteString(c.stdin, base64.StdEncoding.EncodeToString(data)+"\n"); err != nil {
		c.t.Fatal(err)
	}
	return c.next()
}

// equivalent reports whether two texts are the same to JavaScript, which sorts keys that
// are numbers and keeps the last of two.
func equivalent(t *testing.T, a, b []byte) bool {
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return reflect.DeepEqual(x, y)
}

// What the official codecs write is read as what JSON.stringify prints, and what is
// written here they read as that.
func TestAgreesWithOfficialCodecs(t *testing.T) {
	const values, forged = 1500, 10_000
	c := startCodecs(t, values)
	var all [][]byte
	for range values {
		line := c.next()
		want := []byte(line[0])
		for i, name := range []string{"notepack.io", "@msgpack/msgpack"} {
			data, err := base64.StdEncoding.DecodeString(line[1+i])
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, data)
			// Of integers beyond 2^53, JavaScript prints zeros for the last digits.
			if got, err := ToPlainJSON(data, lim); err != nil || !bytes.Equal(unsigned0(got), want) && !equivalent(t, got, want) {
				t.Fatalf("%s: %x is another value (%v) at\n%s, want\n%s", name, data, err, after(got, want), after(want, got))
			}
		}
	}
	for i := 0; i < len(all); i += 7 {
		text, binaries, err := ToJSON(all[i], lim)
		if err != nil {
			t.Fatal(err)
		}
		data, err := AppendJSON(nil, text, binaries)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		plain, err := ToPlainJSON(data, lim)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range c.decode(data) {
			if !equivalent(t, []byte(got), plain) {
				t.Fatalf("%s is sent as %x, which is %s", text, data, got)
			}
		}
	}
	agreed := forgeAgainst(c, all, forged)
	counts.Print(t, "MessagePack: %s values of the official codecs read alike, and %s of %s forged ones that are still values", counts.Number(2*values), counts.Number(agreed), counts.Number(forged))
}

// after returns what a has from where it differs from b on, or a little of it.
func after(a, b []byte) []byte {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return a[max(0, at-10):min(len(a), at+60)]
}

// unsigned0 returns text with 0 for -0, as JavaScript prints it. Strings of the test have
// neither.
func unsigned0(text []byte) []byte {
	for _, end := range []string{",", "]", "}"} {
		for _, begin := range []string{",", "[", ":"} {
			text = bytes.ReplaceAll(text, []byte(begin+"-0"+end), []byte(begin+"0"+end))
		}
	}
	if string(text) == "-0" {
		return []byte("0")
	}
	return text
}

// forgeAgainst changes values, and returns how many of them are still values: those are to
// one of the codecs at least what they are here.
func forgeAgainst(c *codecs, all [][]byte, n int) (agreed int) {
	random := rand.New(rand.NewPCG(1, 2))
	for range n {
		data := slices.Clone(all[random.IntN(len(all))])
		if len(data) > 400 {
			continue
		}
		for range 1 + random.IntN(3) {
			data[random.IntN(len(data))] = byte(random.Uint32())
		}
		text, err := ToPlainJSON(data, lim)
		if err != nil || bytes.Contains(text, []byte("__proto__")) {
			continue
		}
		decoded := c.decode(data)
		if !slices.ContainsFunc(decoded, func(other string) bool { return other != "" && equivalent(c.t, []byte(other), text) }) {
			c.t.Fatalf("%x is\n%s, to the official codecs\n%q", data, text, decoded)
		}
		agreed++
	}
	return agreed
}
