// SPDX-License-Identifier: Apache-2.0

package counts

import (
	"fmt"
	"os"
	"testing"
)

// Variable names the environment variable that names the file to which Print
// appends. Without it, counts are in the log of their test alone.
const Variable = "SOCKGEN_COUNTS"

// Print tells what a test has tried, in one line without its end: to the log of
// the test, and to the file that Variable names. Calls may overlap, in one process
// and in several.
func Print(t testing.TB, format string, args ...any) {
	t.Helper()
	line := fmt.Sprintf(format, args...)
	t.Log(line)
	name := os.Getenv(Variable)
	if name == "" || t.Failed() {
		return
	}
	// Each line is one write at the end of the file, so that lines of packages whose
	// tests run side by side do not mix.
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		t.Fatalf("counts: %v", err)
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		t.Errorf("counts: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Errorf("counts: %v", err)
	}
}

// Number writes n as people read it: 10,000.
func Number[N ~int | ~int32 | ~int64 | ~uint64](n N) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
