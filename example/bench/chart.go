// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"html"
	"io"
	"os"
	"strconv"
	"strings"
)

// A chartRow is one comparison of the chart and of the short table of docs/performance.md.
type chartRow struct{ mode, label string }

var chartRows = []chartRow{
	{"echo-1", "Echo, 1 in flight"},
	{"echo-16", "Echo, 16 in flight"},
	{"order-16", "Typed event of 350 bytes"},
	{"ack-16", "Event with an ack"},
	{"broadcast-1000", "Broadcast to 1,000, each delivery"},
	{"polling", "Echo by long-polling"},
	{"connect", "Connecting"},
	{"idle-5000", "Memory of an idle connection"},
}

// A series is a server of the chart, with its colour.
type series struct{ server, label, colour string }

var chartSeries = []series{
	{ours, "sockgen", "#0969da"},
	{theFloor, "hand-written Go", "#8c959f"},
	{official, "Node.js", "#bf8700"},
}

func chartCommand(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("chart", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: bench chart <docs/performance.md >docs/performance.svg\n\ndraws the table that run has printed")
	}
	if err := parse(flags, args); err != nil {
		return err
	}
	figures, err := readFigures(os.Stdin)
	if err != nil {
		return err
	}
	return drawChart(os.Stdout, figures)
}

// readFigures finds the rows that run printed in a page: what each server took, by mode,
// as it is written there ("13.2 µs").
func readFigures(page io.Reader) (map[string]map[string]string, error) {
	found := map[string]map[string]string{}
	lines := bufio.NewScanner(page)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "|")
		if len(cells) < 8 {
			continue
		}
		mode, server, figure := strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3])
		if _, ok := amount(figure); !ok {
			continue
		}
		if found[mode] == nil {
			found[mode] = map[string]string{}
		}
		found[mode][server] = figure
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	for _, row := range chartRows {
		if found[row.mode][ours] == "" {
			return nil, fmt.Errorf("the page has no figure of ours for %s", row.mode)
		}
	}
	return found, nil
}

// amount returns the number of a figure such as "1,153 µs".
func amount(figure string) (float64, bool) {
	number, unit, ok := strings.Cut(figure, " ")
	value, err := strconv.ParseFloat(strings.ReplaceAll(number, ",", ""), 64)
	return value, ok && err == nil && (unit == "µs" || unit == "KiB")
}

// summaryRow is a row of the short table.
func summaryRow(row chartRow, figures map[string]string) string {
	cells := []string{row.label}
	for _, s := range chartSeries {
		figure := figures[s.server]
		if figure == "" {
			figure = "–"
		}
		cells = append(cells, figure)
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

const (
	chartWidth  = 760
	chartLabels = 250 // to the left of the bars
	chartBars   = chartWidth - chartLabels - 90
	chartBar    = 14
	chartGap    = 14
	chartTop    = 44
)

// drawChart draws bars. Those of a row have one scale, in which the longest is whole.
func drawChart(w io.Writer, figures map[string]map[string]string) error {
	group := len(chartSeries)*chartBar + chartGap
	height := chartTop + len(chartRows)*group
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" aria-labelledby="title">
<title id="title">What a message costs with sockgen, with a hand-written Go server and with Node.js; shorter is better</title>
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.panel { fill: #ffffff; stroke: #d0d7de }
.small { font-size: 11px }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .panel { fill: #0d1117; stroke: #30363d } }
</style>
<rect class="panel" x="0.5" y="0.5" width="%d" height="%d" rx="6"/>
`, chartWidth, height, chartWidth-1, height-1)
	x := chartLabels
	for _, s := range chartSeries {
		fmt.Fprintf(&b, "<rect x=\"%d\" y=\"15\" width=\"12\" height=\"12\" fill=\"%s\"/><text x=\"%d\" y=\"26\">%s</text>\n", x, s.colour, x+18, s.label)
		x += 150
	}
	for i, row := range chartRows {
		y := chartTop + i*group
		fmt.Fprintf(&b, "<text x=\"16\" y=\"%d\">%s</text>\n", y+chartBar*len(chartSeries)/2+5, html.EscapeString(row.label))
		drawBars(&b, y, figures[row.mode])
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func drawBars(b *strings.Builder, y int, figures map[string]string) {
	longest := 0.0
	for _, s := range chartSeries {
		value, _ := amount(figures[s.server])
		longest = max(longest, value)
	}
	for i, s := range chartSeries {
		value, measured := amount(figures[s.server])
		width, text := int(value/longest*chartBars+0.5), figures[s.server]
		if !measured {
			text = "not offered"
		}
		fmt.Fprintf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/><text class=\"small\" x=\"%d\" y=\"%d\">%s</text>\n",
			chartLabels, y+i*chartBar, width, chartBar-2, s.colour, chartLabels+width+6, y+i*chartBar+10, text)
	}
}
