// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// A report is what run has found. It is also the format of -json.
type report struct {
	Machine         machine  `json:"machine"`
	Date            string   `json:"date"`
	Rounds          int      `json:"rounds"`
	Seconds         float64  `json:"seconds"`                   // counted in each round
	MostConnections int      `json:"mostConnections,omitempty"` // when modes were cut down
	Results         []result `json:"results"`
	Goals           []goal   `json:"goals,omitempty"`
	Failures        []string `json:"failures,omitempty"`
}

// A machine is where a report comes from.
type machine struct {
	Processors int    `json:"processors"`
	Model      string `json:"model,omitempty"`
	Kernel     string `json:"kernel,omitempty"`
	Go         string `json:"go"`
	Node       string `json:"node,omitempty"`
}

// A result is what one server did in one mode.
type result struct {
	Mode    string  `json:"mode"`
	Server  string  `json:"server"`
	Unit    string  `json:"unit"`
	Main    figure  `json:"main"`   // the figure that the table shows first
	Median  figures `json:"median"` // of the rounds, each figure by itself
	Least   figures `json:"least"`
	Most    figures `json:"most"`
	Samples int     `json:"samples"` // rounds that did not fail
}

func thisMachine() machine {
	m := machine{Processors: runtime.NumCPU(), Go: runtime.Version()}
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
				m.Model = strings.TrimSpace(value)
				break
			}
		}
	}
	if data, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(data))
	}
	if out, err := exec.Command("node", "--version").Output(); err == nil {
		m.Node = strings.TrimSpace(string(out))
	}
	return m
}

// summarize takes the medians of the rounds.
func summarize(m mode, server string, rounds []figures) result {
	r := result{Mode: m.name, Server: server, Unit: m.unit, Main: m.main, Samples: len(rounds), Median: figures{}, Least: figures{}, Most: figures{}}
	for name := range rounds[0] {
		var values []float64
		for _, found := range rounds {
			values = append(values, found[name])
		}
		slices.Sort(values)
		r.Least[name], r.Most[name] = values[0], values[len(values)-1]
		r.Median[name] = (values[(len(values)-1)/2] + values[len(values)/2]) / 2
	}
	return r
}

// median returns a figure of a server in a mode, if it was measured.
func (r *report) median(mode, server string, f figure) (float64, bool) {
	for _, found := range r.Results {
		if found.Mode == mode && found.Server == server {
			value, ok := found.Median[f]
			return value, ok
		}
	}
	return 0, false
}

// unitOf tells what a mode's main figure is measured in.
func unitOf(f figure) string {
	switch f {
	case cpuTime:
		return "µs"
	case idleMemory:
		return "KiB"
	default:
		return "ms"
	}
}

func (m mode) show(value float64) string { return short(value) + " " + unitOf(m.main) }

// short shows three digits that count.
func short(v float64) string {
	switch {
	case v >= 1000:
		text := fmt.Sprintf("%.0f", v)
		for i := len(text) - 3; i > 0; i -= 3 {
			text = text[:i] + "," + text[i:]
		}
		return text
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// write prints the report as Markdown that is aligned for terminals.
func (r *report) write(w io.Writer) error {
	rounds := "medians of " + fmt.Sprint(r.Rounds) + " rounds"
	if r.Rounds == 1 {
		rounds = "one round"
	}
	if _, err := fmt.Fprintf(w, "%s, %d processors (%s), Linux %s, %s, Node %s; %s of %s s\n\n",
		r.Date, r.Machine.Processors, r.Machine.Model, r.Machine.Kernel, r.Machine.Go, r.Machine.Node, rounds, short(r.Seconds)); err != nil {
		return err
	}
	if err := writeTable(w, r.table()); err != nil {
		return err
	}
	if len(r.Goals) > 0 {
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
		if err := writeTable(w, r.goalTable()); err != nil {
			return err
		}
	}
	for _, failure := range r.Failures {
		if _, err := fmt.Fprintln(w, "\nfailed:", failure); err != nil {
			return err
		}
	}
	return nil
}

// table has a row for each mode and server.
func (r *report) table() [][]string {
	bases := []string{theFloor, official}
	if slices.ContainsFunc(r.Results, func(found result) bool { return found.Server == earlier }) {
		bases = append(bases, earlier)
	}
	heading := []string{"mode", "server", "figure", "least–most"}
	for _, base := range bases {
		heading = append(heading, "× "+base)
	}
	rows := [][]string{append(heading, "per second", "p50 ms", "p99 ms", "allocs", "bytes", "RSS MiB", "besides")}
	for _, found := range r.Results {
		cell := func(f figure) string {
			if value, ok := found.Median[f]; ok {
				return short(value)
			}
			return ""
		}
		ratio := func(server string) string {
			base, ok := r.median(found.Mode, server, found.Main)
			if !ok || base <= 0 || server == found.Server {
				return ""
			}
			return fmt.Sprintf("%.2f", found.Median[found.Main]/base)
		}
		besides := ""
		if dirty, ok := found.Median[idleGarbage]; ok {
			besides = short(dirty) + " KiB before a collection"
			if n, ok := found.Median[goroutines]; ok {
				besides += fmt.Sprintf(", %.2f goroutines", n)
			}
		}
		row := []string{
			found.Mode, found.Server, cell(found.Main) + " " + unitOf(found.Main),
			short(found.Least[found.Main]) + "–" + short(found.Most[found.Main]),
		}
		for _, base := range bases {
			row = append(row, ratio(base))
		}
		rows = append(rows, append(row,
			cell(perSecond), cell(latency50), cell(latency99), cell(allocations), cell(allocated), cell(residentSize), besides))
	}
	return rows
}

// writeTable prints rows, the first of which is the heading.
func writeTable(w io.Writer, rows [][]string) error {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			fmt.Fprintf(&b, "| %s%s ", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))))
		}
		b.WriteString("|\n")
		if n == 0 {
			for _, width := range widths {
				b.WriteString("|" + strings.Repeat("-", width+2))
			}
			b.WriteString("|\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
