// SPDX-License-Identifier: Apache-2.0

package main

import "fmt"

// A goal is something that a report has to show.
type goal struct {
	Name     string  `json:"name"`
	AtMost   float64 `json:"atMost"`
	Unit     string  `json:"unit"`
	Measured float64 `json:"measured"`
	Verdict  verdict `json:"verdict"`
}

type verdict string

const (
	met         verdict = "met"
	missed      verdict = "missed"
	notMeasured verdict = "not measured"
)

// A value names a figure of a server in a mode.
type value struct {
	mode, server string
	figure       figure
}

// goals has what ours is to reach: a figure, or the ratio of two.
var goals = []struct {
	name   string
	atMost float64
	of     value
	over   value // the zero value when of itself is the figure
	unit   string
}{
	{"echo, 1 in flight", 1.0, value{"echo-1", ours, cpuTime}, value{"echo-1", theFloor, cpuTime}, "× floor"},
	{"echo, 16 in flight", 0.25, value{"echo-16", ours, cpuTime}, value{"echo-16", theFloor, cpuTime}, "× floor"},
	{"typed event of 350 bytes, 16 in flight", 0.4, value{"order-16", ours, cpuTime}, value{"order-16", theFloor, cpuTime}, "× floor"},
	{"broadcast to 1,000, per delivery", 0.7, value{"broadcast-1000", ours, cpuTime}, value{"broadcast-1000", theFloor, cpuTime}, "× floor"},
	{"polling echo", 0.5, value{"polling", ours, cpuTime}, value{"polling", official, cpuTime}, "× node"},
	{"connect", 300, value{"connect", ours, cpuTime}, value{}, "µs"},
	{"idle connection, 5,000", 9, value{"idle-5000", ours, idleMemory}, value{}, "KiB"},
	{"idle connection, 15,000", 9, value{"idle-15000", ours, idleMemory}, value{}, "KiB"},
	{"goroutines of an idle connection", 1.005, value{"idle-15000", ours, goroutines}, value{}, ""}, // the server's own are few
	{"allocations for an echo", 4, value{"echo-1", ours, allocations}, value{}, ""},
	{"growth of an echo, 100 to 1,000 connections", 1.3, value{"echo-1000", ours, cpuTime}, value{"echo-1", ours, cpuTime}, "×"},
	{"growth of an echo, 100 to 15,000 connections", 1.3, value{"echo-15000", ours, cpuTime}, value{"echo-1", ours, cpuTime}, "×"},
	{"growth of a delivery, 100 to 10,000 connections", 1.3, value{"broadcast-10000", ours, cpuTime}, value{"broadcast-100", ours, cpuTime}, "×"},
	{"growth of an idle connection, 5,000 to 15,000", 1.05, value{"idle-15000", ours, idleMemory}, value{"idle-5000", ours, idleMemory}, "×"},
	{"p99 under a storm of broadcasts", 3, value{"latency-storm", ours, latency99}, value{"latency-quiet", ours, latency99}, "× quiet"},
	{"p99 beside a neighbour that never reads", 3, value{"latency-stuck", ours, latency99}, value{"latency-quiet", ours, latency99}, "× quiet"},
}

// judge compares the report with the goals, of which a short run knows nothing.
func (r *report) judge() {
	if r.MostConnections > 0 {
		return
	}
	for _, g := range goals {
		found := goal{Name: g.name, AtMost: g.atMost, Unit: g.unit, Verdict: notMeasured}
		measured, ok := r.median(g.of.mode, g.of.server, g.of.figure)
		if g.over != (value{}) {
			base, known := r.median(g.over.mode, g.over.server, g.over.figure)
			ok = ok && known && base > 0
			if ok {
				measured /= base
			}
		}
		switch {
		case !ok:
		case measured <= g.atMost:
			found.Measured, found.Verdict = measured, met
		default:
			found.Measured, found.Verdict = measured, missed
		}
		r.Goals = append(r.Goals, found)
	}
}

func (r *report) goalTable() [][]string {
	rows := [][]string{{"goal", "at most", "measured", ""}}
	for _, g := range r.Goals {
		measured := ""
		if g.Verdict != notMeasured {
			measured = fmt.Sprintf("%.3g", g.Measured)
		}
		rows = append(rows, []string{g.Name, fmt.Sprint(g.AtMost) + " " + g.Unit, measured, string(g.Verdict)})
	}
	return rows
}
