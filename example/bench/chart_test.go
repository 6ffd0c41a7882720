// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// docs/performance.svg and the short table on top of the page are those of the page's
// last run.
func TestChartIsThatOfTheLastRun(t *testing.T) {
	page, err := os.ReadFile(filepath.FromSlash("../../docs/performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := os.ReadFile(filepath.FromSlash("../../docs/performance.svg"))
	if err != nil {
		t.Fatal(err)
	}
	_, lastRun, _ := strings.Cut(string(page), "## The last run")
	figures, err := readFigures(strings.NewReader(lastRun))
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := drawChart(&want, figures); err != nil {
		t.Fatal(err)
	}
	if want.String() != string(drawn) {
		t.Error("the picture is another one; run: go run ./example/bench chart <docs/performance.md >docs/performance.svg")
	}
	for _, row := range chartRows {
		if want := summaryRow(row, figures[row.mode]); !strings.Contains(string(page), want) {
			t.Errorf("the page lacks the row %s", want)
		}
	}
	wellFormed(t, &want)
}

func wellFormed(t *testing.T, r io.Reader) {
	t.Helper()
	for d := xml.NewDecoder(r); ; {
		switch _, err := d.Token(); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			t.Fatal(err)
		}
	}
}

func TestChartNeedsEveryMode(t *testing.T) {
	const page = "| echo-16 | ours | 2.01 µs | 1.88–2.28 | 0.24 | 0.17 | 647,637 |\n"
	if _, err := readFigures(strings.NewReader(page)); err == nil || !strings.Contains(err.Error(), "for echo-1") {
		t.Errorf("a page with one mode: %v", err)
	}
}
