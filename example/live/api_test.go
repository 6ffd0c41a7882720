// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/generated/live"
)

// post sends a body to the API of a board.
func post(b *board, method, kind, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "/api/incidents", strings.NewReader(body))
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	answer := httptest.NewRecorder()
	incidents(b).ServeHTTP(answer, request)
	return answer
}

func TestAReportOpensAnIncident(t *testing.T) {
	to := &listener{}
	b := newBoard(to, 1)
	answer := post(b, "POST", "application/json; charset=utf-8", `{"service":"checkout","title":"Cards are declined","detail":{"kind":"outage"}}`)
	if answer.Code != http.StatusCreated {
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	var opened live.Incident
	if err := json.Unmarshal(answer.Body.Bytes(), &opened); err != nil {
		t.Fatal(err)
	}
	// The schema's default has been filled in.
	if opened.Report.Detail.(live.Outage).Impact != live.ImpactMajor {
		t.Errorf("opened %+v", opened)
	}
	if shown := b.snapshot().Incidents; len(shown) != 1 || shown[0].Report.Title != "Cards are declined" {
		t.Errorf("the board shows %+v", shown)
	}
	if want := []string{"opened 1", "checkout: outage"}; !slices.Equal(to.heard(), want) {
		t.Errorf("heard %q, want %q", to.heard(), want)
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	const sound = `{"service":"checkout","title":"t","detail":{"kind":"outage"}}`
	for _, c := range []struct {
		name, method, kind, body string
		status                   int
		code                     string
		paths                    []string
	}{
		{"another method", "GET", "", "", 405, "method_not_allowed", nil},
		{"a put", "PUT", "application/json", sound, 405, "method_not_allowed", nil},
		{"a form", "POST", "application/x-www-form-urlencoded", "service=checkout", 415, "not_json", nil},
		{"no type", "POST", "", sound, 415, "not_json", nil},
		{"a broken type", "POST", "application/json;;", sound, 415, "not_json", nil},
		{"too large", "POST", "application/json", sound + strings.Repeat(" ", maxReport), 413, "too_large", nil},
		{"empty", "POST", "application/json", "", 400, "invalid_payload", []string{""}},
		{"cut off", "POST", "application/json", sound[:20], 400, "invalid_payload", []string{""}},
		{"two", "POST", "application/json", sound + sound, 400, "invalid_payload", []string{""}},
		{"not UTF-8", "POST", "application/json", "\"\xff\"", 400, "invalid_payload", []string{""}},
		{"null", "POST", "application/json", "null", 422, "invalid_payload", []string{""}},
		{"nothing in it", "POST", "application/json", "{}", 422, "invalid_payload", []string{"service", "title", "detail"}},
		{
			"everything wrong", "POST", "application/json",
			`{"service":"No Spaces","title":"","note":7,"detail":{"kind":"outage","impact":"huge","regions":["a","a"]}}`,
			422, "invalid_payload",
			[]string{"service", "title", "note", "detail.impact", "detail.regions[1]"},
		},
		{"an unknown kind", "POST", "application/json", `{"service":"checkout","title":"t","detail":{"kind":"meteor"}}`, 422, "invalid_payload", []string{"detail.kind"}},
		{"out of range", "POST", "application/json", `{"service":"checkout","title":"t","detail":{"kind":"degraded","percent":101}}`, 422, "invalid_payload", []string{"detail.percent"}},
		{"no such service", "POST", "application/json", `{"service":"attic","title":"t","detail":{"kind":"outage"}}`, 422, "no_such_service", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			to := &listener{}
			answer := post(newBoard(to, 1), c.method, c.kind, c.body)
			var refusal struct {
				Code, Message string
				Data          struct {
					Issues  []struct{ Path string }
					Service string
				}
			}
			if err := json.Unmarshal(answer.Body.Bytes(), &refusal); err != nil {
				t.Fatalf("%v: %s", err, answer.Body)
			}
			if answer.Code != c.status || refusal.Code != c.code || refusal.Message == "" {
				t.Errorf("status %d, %+v, want %d, %s", answer.Code, refusal, c.status, c.code)
			}
			var paths []string
			for _, issue := range refusal.Data.Issues {
				paths = append(paths, issue.Path)
			}
			if !slices.Equal(paths, c.paths) {
				t.Errorf("issues of %q, want %q", paths, c.paths)
			}
			if c.code == "no_such_service" && refusal.Data.Service != "attic" {
				t.Errorf("data %+v", refusal.Data)
			}
			if c.status == 405 && answer.Header().Get("Allow") != "POST" {
				t.Errorf("Allow %q", answer.Header().Get("Allow"))
			}
			if len(to.heard()) > 0 {
				t.Errorf("heard %q", to.heard())
			}
		})
	}
}

func TestOneIncidentTooManyIsAConflict(t *testing.T) {
	b := newBoard(&listener{}, 1)
	for range maxIncidents {
		mustOpen(t, b, report("search", live.Outage{}))
	}
	answer := post(b, "POST", "application/json", `{"service":"checkout","title":"t","detail":{"kind":"outage"}}`)
	if answer.Code != http.StatusConflict {
		t.Errorf("status %d: %s", answer.Code, answer.Body)
	}
}
