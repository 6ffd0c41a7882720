// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"log"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/sockgen/sockgen/generated/live"
	"github.com/sockgen/sockgen/runtime/typed"
)

const (
	maxSamples   = 60  // kept for each service
	maxLog       = 40  // lines kept for each service
	maxIncidents = 100 // open at a time
	maxResolved  = 20  // kept of those that are over
)

// errTooMany refuses one more incident.
var errTooMany = errors.New("there are too many open incidents: resolve one first")

// told is the context of all emits: whoever changed the board may be gone before
// everybody has heard of it.
var told = context.Background()

// An audience hears what happens on the board.
type audience interface {
	EmitMetrics(ctx context.Context, p live.Metrics) error
	EmitStatusChanged(ctx context.Context, p live.StatusChanged) error
	EmitIncidentOpened(ctx context.Context, p live.IncidentInput) error
	EmitIncidentAcknowledged(ctx context.Context, p live.IncidentInput) error
	EmitIncidentResolved(ctx context.Context, p live.IncidentResolved) error
	EmitLogAppended(ctx context.Context, p live.LogAppended) error
	EmitViewers(ctx context.Context, viewers uint32) error
}

// A board is the state that every dashboard shows. Emitting only queues, so the
// board emits under its lock: dashboards hear of changes in their order.
type board struct {
	to audience

	mu        sync.Mutex // guards what follows
	random    *rand.Rand
	services  []*service        // as they are shown; the slice itself never changes
	incidents []live.Incident   // the open ones, oldest first
	resolved  []live.Resolution // the last ones, oldest first
	viewers   uint32            // dashboards that are connected
	last      live.IncidentID   // the newest one's
}

// newBoard returns a board whose services have a minute behind them.
func newBoard(to audience, seed uint64) *board {
	b := &board{to: to, random: rand.New(rand.NewPCG(seed, seed)), services: newServices()}
	now := time.Now()
	for age := maxSamples; age > 0; age-- {
		for _, s := range b.services {
			s.step(b.random, now.Add(-time.Duration(age)*time.Second))
		}
	}
	return b
}

// snapshot returns everything that is on the board.
func (b *board) snapshot() live.BoardAck {
	b.mu.Lock()
	defer b.mu.Unlock()
	ack := live.BoardAck{Incidents: slices.Clone(b.incidents), Resolved: slices.Clone(b.resolved), Viewers: b.viewers}
	for _, s := range b.services {
		shown := s.Service
		shown.Samples = slices.Clone(s.Samples)
		ack.Services = append(ack.Services, shown)
	}
	return ack
}

// look counts a dashboard that comes, 1, or goes, -1.
func (b *board) look(change int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.viewers = uint32(int(b.viewers) + change)
	warn("viewers", b.to.EmitViewers(told, b.viewers))
}

// has tells whether there is such a service.
func (b *board) has(id live.ServiceID) bool { return b.service(id) != nil }

// service returns a service, or nil. The caller holds mu to look into it.
func (b *board) service(id live.ServiceID) *service {
	for _, s := range b.services {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// watch calls join and returns the service's log up to that moment.
func (b *board) watch(id live.ServiceID, join func() error) ([]live.Line, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.service(id)
	if s == nil {
		return nil, noSuchService(id)
	}
	return slices.Clone(s.log), join()
}

// open puts an incident on the board.
func (b *board) open(report live.Report) (live.Incident, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.service(report.Service)
	if s == nil {
		return live.Incident{}, noSuchService(report.Service)
	}
	if len(b.incidents) == maxIncidents {
		return live.Incident{}, errTooMany
	}
	b.last++
	incident := live.Incident{ID: b.last, Report: report, Opened: time.Now()}
	b.incidents = append(b.incidents, incident)
	warn("incident:opened", b.to.EmitIncidentOpened(told, incident.AsInput()))
	b.settleLocked(s)
	return incident, nil
}

// acknowledge notes who works on an incident.
func (b *board) acknowledge(id live.IncidentID, by live.Operator) (live.Incident, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.indexLocked(id)
	if i < 0 {
		return live.Incident{}, live.NoSuchIncident
	}
	incident := &b.incidents[i]
	if earlier, ok := incident.Acknowledged.Get(); ok {
		return live.Incident{}, live.AlreadyAcknowledged(earlier)
	}
	incident.Acknowledged = typed.Some(live.Acknowledgement{By: by, At: time.Now()})
	warn("incident:acknowledged", b.to.EmitIncidentAcknowledged(told, incident.AsInput()))
	return *incident, nil
}

// resolve takes an incident off the board.
func (b *board) resolve(id live.IncidentID) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.indexLocked(id)
	if i < 0 {
		return live.NoSuchIncident
	}
	over := live.Resolution{Incident: b.incidents[i], At: time.Now()}
	s := b.service(over.Incident.Report.Service)
	b.incidents = slices.Delete(b.incidents, i, i+1)
	b.resolved = keep(append(b.resolved, over), maxResolved)
	warn("incident:resolved", b.to.EmitIncidentResolved(told, live.IncidentResolved{Incident: id, At: over.At}))
	b.settleLocked(s)
	return nil
}

func (b *board) indexLocked(id live.IncidentID) int {
	return slices.IndexFunc(b.incidents, func(i live.Incident) bool { return i.ID == id })
}

// settleLocked gives the service the status of its worst open incident.
func (b *board) settleLocked(s *service) {
	s.troubles = nil
	for _, incident := range b.incidents {
		if incident.Report.Service == s.ID {
			s.troubles = append(s.troubles, incident.Report.Detail)
		}
	}
	if status := worst(s.troubles); status != s.Status {
		s.Status = status
		warn("status:changed", b.to.EmitStatusChanged(told, live.StatusChanged{Service: s.ID, Status: status}))
	}
}

// run pushes metrics each interval, until ctx ends.
func (b *board) run(ctx context.Context, interval time.Duration) {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		select {
		case now := <-ticks.C:
			b.tick(now)
		case <-ctx.Done():
			return
		}
	}
}

// tick lets the services work for a moment, and tells everybody.
func (b *board) tick(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	metrics := live.Metrics{At: now, Samples: map[string]live.Sample{}}
	for _, s := range b.services {
		sample, lines := s.step(b.random, now)
		metrics.Samples[string(s.ID)] = sample
		for _, line := range lines {
			warn("log:appended", b.to.EmitLogAppended(told, live.LogAppended{Service: s.ID, Line: line}))
		}
	}
	warn("metrics", b.to.EmitMetrics(told, metrics))
}

// warn logs what kept an event from being sent.
func warn(event string, err error) {
	if err != nil {
		log.Printf("%s was not sent: %v", event, err)
	}
}

func noSuchService(id live.ServiceID) error {
	return live.NoSuchService(live.NoSuchServiceData{Service: id})
}
