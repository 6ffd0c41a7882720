// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/sockgen/sockgen/generated/live"
	"github.com/sockgen/sockgen/runtime/typed"
)

const (
	maxReport     = 16 << 10         // bytes of a report
	reportTimeout = 10 * time.Second // to receive one
)

// A problem is what the API answers when it refuses: in the words of the events,
// code, message and data.
type problem struct {
	Code    typed.Code `json:"code"`
	Message string     `json:"message"`
	Data    any        `json:"data,omitempty"`
}

// incidents takes reports at POST /api/incidents and puts them on the board.
func incidents(b *board) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			answer(w, http.StatusMethodNotAllowed, problem{Code: "method_not_allowed", Message: "POST a report"})
			return
		}
		// Forms of other sites cannot send this type, so they open no incidents.
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			answer(w, http.StatusUnsupportedMediaType, problem{Code: "not_json", Message: "send a report as application/json"})
			return
		}
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(reportTimeout)) // recorders have none
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReport))
		if err != nil {
			refuse(w, err)
			return
		}
		var report live.Report
		if err := report.UnmarshalJSON(body); err != nil {
			refuse(w, err)
			return
		}
		incident, err := b.open(report)
		if err != nil {
			refuse(w, err)
			return
		}
		answer(w, http.StatusCreated, incident)
	})
}

// refuse answers with what is wrong with a report.
func refuse(w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	switch e := typed.AsError(err); {
	case errors.As(err, &large):
		answer(w, http.StatusRequestEntityTooLarge, problem{Code: "too_large", Message: "a report has at most 16 KiB"})
	case errors.Is(err, errTooMany):
		answer(w, http.StatusConflict, problem{Code: "too_many_incidents", Message: err.Error()})
	case errors.Is(err, typed.ErrMalformedJSON):
		answer(w, http.StatusBadRequest, problem{e.Code, e.Message, e.Data})
	case e.Code != typed.CodeInternal:
		answer(w, http.StatusUnprocessableEntity, problem{e.Code, e.Message, e.Data})
	default: // the body did not come
		answer(w, http.StatusBadRequest, problem{Code: "bad_request", Message: err.Error()})
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a client that has gone needs no answer
}
