package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestATakenPortIsSaid(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	err = run(context.Background(), taken.Addr().String(), time.Second)
	if err == nil || !strings.Contains(err.Error(), "choose another address with -addr") {
		t.Errorf("error %v", err)
	}
}

// goleak sees to it that nothing goes on after run has returned.
func TestTheServerEndsWithItsContext(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer stop()
	if err := run(ctx, "127.0.0.1:0", minTick); err != nil {
		t.Error(err)
	}
}

func TestThePageTrustsNothingBut(t *testing.T) {
	answer := httptest.NewRecorder()
	page().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("status %d", answer.Code)
	}
	if policy := answer.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'self';") {
		t.Errorf("Content-Security-Policy %q", policy)
	}
	if body := answer.Body.String(); !strings.Contains(body, "<html") && !strings.Contains(body, "make live") {
		t.Errorf("neither the page nor how to build it: %.80q", body)
	}
}
