// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

// An Error prints what a log needs, and marshals to what the peer sees.
func TestErrorsInLogsAndJSON(t *testing.T) {
	invalid := (&PayloadError{Issues: []Issue{{"text", "is missing"}, {"at", "is no timestamp"}}}).shown()
	internal := newInternal(errors.New("disk full"))
	id := internal.Data.(Internal).ID
	declared := NewErrorWith("not_member", "join first", "lobby", func(e Encoder, room *string) {
		e.Open()
		e.Key(`,"room":`).String(*room)
		e.Close()
	})
	for _, tt := range []struct {
		err         *Error
		text, bytes string
	}{
		{invalid, "invalid_payload: the payload does not fit the schema: text: is missing; at: is no timestamp",
			`{"code":"invalid_payload","message":"the payload does not fit the schema","data":{"issues":[{"path":"text","message":"is missing"},{"path":"at","message":"is no timestamp"}]}}`},
		{internal, "internal: internal error (id " + id + "): disk full", `{"code":"internal","message":"internal error","data":{"id":"` + id + `"}}`},
		{errRateLimited(1500 * time.Microsecond), "rate_limited: too many of these events: slow down",
			`{"code":"rate_limited","message":"too many of these events: slow down","data":{"retryAfterMs":2}}`},
		{declared.Because(errors.New("kicked")), "not_member: join first: kicked", `{"code":"not_member","message":"join first","data":{"room":"lobby"}}`},
		{NewError("bare", ""), "bare", `{"code":"bare","message":""}`},
		{nil, "typed: a nil *Error in an error", "null"},
	} {
		if got := tt.err.Error(); got != tt.text {
			t.Errorf("%s, want %s", got, tt.text)
		}
		if got, err := json.Marshal(tt.err); err != nil || string(got) != tt.bytes {
			t.Errorf("%s, %v; want %s", got, err, tt.bytes)
		}
	}
}
