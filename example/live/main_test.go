// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// goleak sees to it that nothing goes on after run has returned.
func TestTheServerEndsWithItsContext(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer stop()
	if err := run(ctx, "127.0.0.1:0", minTick); err != nil {
		t.Error(err)
	}
}

func TestThePageTrustsNothingBut(t *testing.T) {
	front, err := page()
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
	if body := answer.Body.String(); !strings.Contains(body, "<html") && !strings.Contains(body, "make live") {
		t.Errorf("neither the page nor how to build it: %.80q", body)
	}
}
