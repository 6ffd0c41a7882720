// SPDX-License-Identifier: Apache-2.0

package ir

import (
	"slices"
	"testing"
)

func TestBuiltInCodes(t *testing.T) {
	for _, test := range []struct {
		from CodeOrigin
		data CodeData
		want []string
	}{
		{FromServer, IssuesData, []string{"invalid_payload"}},
		{FromServer, NoData, []string{"unknown_event"}},
		{FromServer, WaitData, []string{"rate_limited"}},
		{FromServer, LogData, []string{"internal"}},
		{FromClient, NoData, []string{"timeout", "disconnected", "aborted"}},
		{FromConnecting, NoData, []string{"schema_mismatch"}},
		{FromClient, LogData, nil},
	} {
		got := CodesOf(test.from, test.data)
		if !slices.Equal(got, test.want) {
			t.Errorf("CodesOf(%d, %d) = %q, want %q", test.from, test.data, got, test.want)
		}
		for _, code := range got {
			if !IsBuiltInCode(code) {
				t.Errorf("%s is not built in", code)
			}
		}
	}
	if IsBuiltInCode("not_member") || IsBuiltInCode("") {
		t.Error("codes of schemas are built in")
	}
}
