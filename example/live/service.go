// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sockgen/sockgen/generated/live"
)

// minTick keeps the simulated services from taking the machine.
const minTick = 10 * time.Millisecond

// A service is one whose figures are made up: they wander about what is usual, and
// suffer from the incidents that are open.
type service struct {
	live.Service
	log      []live.Line   // the last ones, oldest first
	troubles []live.Detail // of its open incidents

	requests float64       // usually in a second
	latency  time.Duration // usually
	paths    []string      // what is asked of it
	drift    float64       // where requests wander, about 1
}

func newServices() []*service {
	usual := func(id live.ServiceID, name string, requests float64, latency time.Duration, paths ...string) *service {
		return &service{
			Service:  live.Service{ID: id, Name: name, Status: live.StatusOperational},
			requests: requests, latency: latency, paths: paths, drift: 1,
		}
	}
	return []*service{
		usual("storefront", "Storefront", 840, 48*time.Millisecond, "GET /", "GET /socks/argyle", "GET /sale"),
		usual("checkout", "Checkout", 62, 130*time.Millisecond, "POST /orders", "PUT /basket", "POST /vouchers"),
		usual("payments", "Payments", 41, 310*time.Millisecond, "POST /charges", "POST /refunds", "GET /charges/7f3"),
		usual("search", "Search", 290, 75*time.Millisecond, "GET /?q=wool", "GET /?q=knee", "GET /suggest?q=st"),
		usual("accounts", "Accounts", 118, 64*time.Millisecond, "POST /sessions", "GET /me", "PATCH /me"),
		usual("shipping", "Shipping", 23, 180*time.Millisecond, "POST /labels", "GET /parcels/19c", "GET /rates"),
	}
}

// worst returns the status that open incidents give to a service.
func worst(troubles []live.Detail) live.Status {
	status, rank := live.StatusOperational, 0
	for _, trouble := range troubles {
		switch trouble.(type) {
		case live.Maintenance:
			if rank < 1 {
				status, rank = live.StatusMaintenance, 1
			}
		case live.Degraded:
			if rank < 2 {
				status, rank = live.StatusDegraded, 2
			}
		case live.Outage:
			status, rank = live.StatusOutage, 3
		}
	}
	return status
}

// step makes up what the service does at a moment.
func (s *service) step(random *rand.Rand, now time.Time) (live.Sample, []live.Line) {
	s.drift = min(1.35, max(0.65, s.drift+random.NormFloat64()*0.035-(s.drift-1)*0.06))
	requests := s.requests * s.drift * (1 + random.NormFloat64()*0.03)
	slowness := math.Exp(random.NormFloat64() * 0.12)
	failing := 0.002 + random.Float64()*0.004
	for _, trouble := range s.troubles {
		switch t := trouble.(type) {
		case live.Outage:
			requests, slowness, failing = requests*0.12, slowness*9, 0.9+random.Float64()*0.1
		case live.Degraded:
			share := float64(t.Percent) / 100
			if t.Symptom == live.SymptomFailing {
				failing = max(failing, share*(0.2+random.Float64()*0.15))
			} else {
				slowness *= 1 + 3*share
			}
		case live.Maintenance:
			requests *= 0.5
		}
	}
	sample := live.Sample{
		At:       now,
		Requests: math.Round(max(0, requests)),
		Latency:  time.Duration(float64(s.latency) * min(slowness, 40)).Round(time.Millisecond),
		Errors:   math.Round(min(failing, 1)*1000) / 1000,
	}
	s.Samples = keep(append(s.Samples, sample), maxSamples)
	var lines []live.Line
	if random.Float64() < 0.6 {
		lines = append(lines, s.line(random, sample))
		s.log = keep(append(s.log, lines...), maxLog)
	}
	return sample, lines
}

// line makes up what a request of the sample left in the log.
func (s *service) line(random *rand.Rand, sample live.Sample) live.Line {
	path := s.paths[random.IntN(len(s.paths))]
	line := live.Line{At: sample.At, Level: live.LevelInfo, Text: fmt.Sprintf("%s 200 in %v", path, sample.Latency)}
	switch {
	case random.Float64() < sample.Errors:
		line.Level, line.Text = live.LevelError, fmt.Sprintf("%s 503 in %v", path, sample.Latency)
	case sample.Latency > 2*s.latency:
		line.Level, line.Text = live.LevelWarning, line.Text+", which is slow"
	}
	return line
}

// keep takes the oldest away where there are more than n.
func keep[T any](list []T, n int) []T {
	return slices.Delete(list, 0, max(0, len(list)-n))
}
