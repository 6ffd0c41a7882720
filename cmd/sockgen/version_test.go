// SPDX-License-Identifier: Apache-2.0

package main

import (
	"regexp"
	"runtime/debug"
	"testing"
)

func TestVersion(t *testing.T) {
	setting := func(pairs ...string) (list []debug.BuildSetting) {
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return list
	}
	const speaks = `\nschema language 1, Engine\.IO 4, Socket\.IO 5\n`
	for _, test := range []struct {
		name string
		info debug.BuildInfo
		want string
	}{
		{"a release", debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, `^sockgen v1\.2\.3` + speaks + `go\S+ for \w+/\w+\n$`},
		{"a build that knows nothing", debug.BuildInfo{}, `^sockgen \(devel\)` + speaks + `go\S+ for \w+/\w+\n$`},
		{"a checkout", debug.BuildInfo{Settings: setting("vcs.revision", "0123456789abcdef", "vcs.time", "2026-11-30T13:00:00Z", "vcs.modified", "false")},
			`for \w+/\w+, from commit 0123456789ab of 2026-11-30\n$`},
		{"a checkout with changes", debug.BuildInfo{Settings: setting("vcs.revision", "0123", "vcs.modified", "true")},
			`, from commit 0123, with changes\n$`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := version(&test.info); !regexp.MustCompile(test.want).MatchString(got) {
				t.Errorf("version printed\n%s\nwant what matches %s", got, test.want)
			}
		})
	}
}
