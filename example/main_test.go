// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/example/page"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheFirstOriginFlagReplacesTheDefault(t *testing.T) {
	list := originList{origins: []string{"http://localhost:8081"}}
	for _, origin := range []string{"https://a.example", "https://b.example"} {
		if err := list.Set(origin); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"https://a.example", "https://b.example"}; !slices.Equal(list.origins, want) {
		t.Errorf("origins %q, want %q", list.origins, want)
	}
}

func TestAWrongOriginIsSaid(t *testing.T) {
	err := run(context.Background(), "127.0.0.1:0", []string{"localhost"}, strings.NewReader(""))
	if err == nil || !strings.Contains(err.Error(), `"localhost" is not an origin`) {
		t.Errorf("error %v", err)
	}
}

func TestExitStatusOfWrongFlags(t *testing.T) {
	program := filepath.Join(t.TempDir(), "example")
	if output, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, args := range [][]string{{"-bogus"}, {"surplus"}, {"-addr"}} {
		var stderr bytes.Buffer
		command := exec.Command(program, args...)
		command.Stderr = &stderr
		_ = command.Run() // the status is looked at below
		if status := command.ProcessState.ExitCode(); status != 2 {
			t.Errorf("%q: exit status %d, want 2", args, status)
		}
		if !strings.Contains(stderr.String(), "Usage of example:") {
			t.Errorf("%q: no usage in %q", args, stderr.String())
		}
	}
}

func TestThePageTrustsNothingBut(t *testing.T) {
	front, err := page.Handler()
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	front.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("status %d", answer.Code)
	}
	if policy := answer.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'self';") {
		t.Errorf("Content-Security-Policy %q", policy)
	}
	body := answer.Body.String()
	if _, err := os.Stat("page/dist/index.html"); err == nil {
		if !strings.Contains(body, "<html") {
			t.Errorf("the built page is not served: %.80q", body)
		}
	} else if !strings.Contains(body, "make demo") {
		t.Errorf("an unbuilt page does not say how to build it: %.80q", body)
	}
}
