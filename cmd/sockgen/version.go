// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version describes this build in three lines: the release, what it speaks, and what it
// was built from and for. Somebody who reports a fault copies them.
func version(info *debug.BuildInfo) string {
	release := "(devel)"
	if info.Main.Version != "" {
		release = info.Main.Version
	}
	built := fmt.Sprintf("%s for %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if commit := commitOf(info); commit != "" {
		built += ", from " + commit
	}
	return fmt.Sprintf("sockgen %s\nschema language 1, Engine.IO 4, Socket.IO 5\n%s\n", release, built)
}

// commitOf returns the commit of a build from a checkout, "" for any other.
func commitOf(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	if revision == "" {
		return ""
	}
	commit := "commit " + revision[:min(len(revision), 12)]
	if day, _, ok := strings.Cut(settings["vcs.time"], "T"); ok {
		commit += " of " + day
	}
	if settings["vcs.modified"] == "true" {
		commit += ", with changes"
	}
	return commit
}
