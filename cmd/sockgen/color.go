// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"

	"github.com/sockgen/sockgen/gen/diag"
)

// colors returns how diagnostics are coloured on stderr.
func (a *app) colors() diag.Colors {
	if isTerminal(a.stderr) && wantsColors(os.Getenv) {
		return diag.ANSI
	}
	return diag.NoColors
}

// wantsColors tells whether the environment leaves colours on: see no-color.org.
func wantsColors(env func(string) string) bool {
	return env("NO_COLOR") == "" && env("TERM") != "dumb" && env("TERM") != ""
}

// isTerminal tells whether somebody may be looking at w.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
