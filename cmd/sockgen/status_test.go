package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The exit status tells a wrong schema from a tool that could not work.
func TestExitStatus(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"good.yaml":  "sockgen: 1\ninfo: { name: chat }\nnamespaces: { /: { server: { tick: string } } }\n",
		"wrong.yaml": "sockgen: 2\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		args []string
		want int
	}{
		{nil, 2},
		{[]string{"help"}, 0},
		{[]string{"version"}, 0},
		{[]string{"version", "x"}, 2},
		{[]string{"lint"}, 2},
		{[]string{"generate", "-nothing"}, 2},
		{[]string{"generate", "-schema", "absent.yaml"}, 2},
		{[]string{"generate", "-schema", "wrong.yaml"}, 1},
		{[]string{"generate", "-schema", "wrong.yaml", "-check"}, 1},
		{[]string{"generate", "-schema", "good.yaml", "-check"}, 1},
		{[]string{"generate", "-schema", "good.yaml", "-out", "good.yaml"}, 2},
		{[]string{"generate", "-schema", "good.yaml"}, 0},
		{[]string{"generate", "-schema", "good.yaml", "-check"}, 0},
	} {
		var stdout, stderr bytes.Buffer
		if got := run(test.args, &stdout, &stderr); got != test.want {
			t.Errorf("sockgen %q: status %d, want %d\n%s%s", test.args, got, test.want, &stdout, &stderr)
		}
	}
	if _, err := os.Stat(filepath.Join("generated", "chat", "chat.go")); err != nil {
		t.Error(err)
	}
}
