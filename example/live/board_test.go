// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/generated/live"
)

// A listener is an audience that remembers.
type listener struct {
	mu      sync.Mutex // guards what follows
	metrics []live.Metrics
	lines   int
	changes []string
}

func (l *listener) EmitMetrics(_ context.Context, p live.Metrics) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.metrics = append(l.metrics, p)
	return nil
}

func (l *listener) EmitLogAppended(context.Context, live.LogAppended) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines++
	return nil
}

func (l *listener) changed(format string, args ...any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changes = append(l.changes, fmt.Sprintf(format, args...))
	return nil
}

func (l *listener) EmitStatusChanged(_ context.Context, p live.StatusChanged) error {
	return l.changed("%s: %s", p.Service, p.Status)
}

func (l *listener) EmitIncidentOpened(_ context.Context, p live.IncidentInput) error {
	return l.changed("opened %d", p.ID)
}

func (l *listener) EmitIncidentAcknowledged(_ context.Context, p live.IncidentInput) error {
	return l.changed("acknowledged %d", p.ID)
}

func (l *listener) EmitIncidentResolved(_ context.Context, p live.IncidentResolved) error {
	return l.changed("resolved %d", p.Incident)
}

func (l *listener) EmitViewers(_ context.Context, viewers uint32) error {
	return l.changed("%d look on", viewers)
}

func (l *listener) heard() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.changes)
}

func report(service live.ServiceID, detail live.Detail) live.Report {
	return live.Report{Service: service, Title: "t", Detail: detail}
}

func mustOpen(t *testing.T, b *board, r live.Report) live.Incident {
	t.Helper()
	incident, err := b.open(r)
	if err != nil {
		t.Fatal(err)
	}
	return incident
}

func TestTheTickerPushesUntilItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &listener{}
		b := newBoard(to, 1)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		began := time.Now()
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			b.run(ctx, time.Second)
		}()
		time.Sleep(100*time.Second + time.Millisecond)
		stop()
		<-stopped
		time.Sleep(time.Minute)
		if len(to.metrics) != 100 {
			t.Fatalf("%d pushes in 100 seconds", len(to.metrics))
		}
		for i, m := range to.metrics {
			if want := began.Add(time.Duration(i+1) * time.Second); !m.At.Equal(want) {
				t.Errorf("push %d is of %v, want %v", i, m.At, want)
			}
			if len(m.Samples) != len(b.services) {
				t.Errorf("push %d has %d services, want %d", i, len(m.Samples), len(b.services))
			}
		}
		if to.lines == 0 {
			t.Error("no line was logged")
		}
		shown := b.snapshot()
		for _, s := range shown.Services {
			if last := to.metrics[99].Samples[string(s.ID)]; len(s.Samples) != maxSamples || s.Samples[maxSamples-1] != last {
				t.Errorf("%s: %d samples, the last %v, want %d, %v", s.ID, len(s.Samples), s.Samples[len(s.Samples)-1], maxSamples, last)
			}
			if lines, err := b.watch(s.ID, func() error { return nil }); err != nil || len(lines) == 0 || len(lines) > maxLog {
				t.Errorf("%s: %d lines, %v", s.ID, len(lines), err)
			}
		}
	})
}

func TestAServiceHasTheStatusOfItsWorstIncident(t *testing.T) {
	to := &listener{}
	b := newBoard(to, 1)
	maintenance := mustOpen(t, b, report("search", live.Maintenance{Minutes: 5}))
	outage := mustOpen(t, b, report("search", live.Outage{Impact: live.ImpactMinor}))
	degraded := mustOpen(t, b, report("search", live.Degraded{Symptom: live.SymptomSlow, Percent: 50}))
	for _, id := range []live.IncidentID{outage.ID, degraded.ID, maintenance.ID} {
		if err := b.resolve(id); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"opened 1", "search: maintenance", "opened 2", "search: outage", "opened 3",
		"resolved 2", "search: degraded", "resolved 3", "search: maintenance", "resolved 1", "search: operational",
	}
	if got := to.heard(); !slices.Equal(got, want) {
		t.Errorf("heard %q\nwant  %q", got, want)
	}
}

func TestAnIncidentIsAcknowledgedOnce(t *testing.T) {
	to := &listener{}
	b := newBoard(to, 1)
	id := mustOpen(t, b, report("search", live.Maintenance{})).ID
	first, err := b.acknowledge(id, "Ada")
	if by, ok := first.Acknowledged.Get(); err != nil || !ok || by.By != "Ada" {
		t.Fatalf("acknowledged %+v, %v", first, err)
	}
	if _, err := b.acknowledge(id, "Bob"); !errors.Is(err, live.CodeAlreadyAcknowledged) {
		t.Errorf("error %v, want already_acknowledged", err)
	}
	if shown := b.snapshot().Incidents; len(shown) != 1 || shown[0].Acknowledged != first.Acknowledged {
		t.Errorf("the board shows %+v", shown)
	}
	if err := b.resolve(id); err != nil {
		t.Fatal(err)
	}
	if _, err := b.acknowledge(id, "Bob"); !errors.Is(err, live.CodeNoSuchIncident) {
		t.Errorf("error %v, want no_such_incident", err)
	}
	if err := b.resolve(id); !errors.Is(err, live.CodeNoSuchIncident) {
		t.Errorf("error %v, want no_such_incident", err)
	}
	if want := []string{"opened 1", "search: maintenance", "acknowledged 1", "resolved 1", "search: operational"}; !slices.Equal(to.heard(), want) {
		t.Errorf("heard %q, want %q", to.heard(), want)
	}
}

func TestOpenIncidentsAreBounded(t *testing.T) {
	b := newBoard(&listener{}, 1)
	for range maxIncidents {
		mustOpen(t, b, report("search", live.Outage{}))
	}
	if _, err := b.open(report("search", live.Outage{})); !errors.Is(err, errTooMany) {
		t.Errorf("error %v, want errTooMany", err)
	}
	if err := b.resolve(1); err != nil {
		t.Fatal(err)
	}
	if id := mustOpen(t, b, report("search", live.Outage{})).ID; id != maxIncidents+1 {
		t.Errorf("the next is %d: ids are used twice", id)
	}
}

func TestNobodyWatchesWhatIsNotThere(t *testing.T) {
	b := newBoard(&listener{}, 1)
	_, err := b.watch("attic", func() error { t.Error("joined"); return nil })
	if !errors.Is(err, live.CodeNoSuchService) {
		t.Errorf("error %v, want no_such_service", err)
	}
}

// What is made up fits the schema, whatever goes wrong at once.
func TestFiguresFitTheSchema(t *testing.T) {
	b := newBoard(&listener{}, 7)
	for _, s := range b.services {
		for range 4 {
			mustOpen(t, b, report(s.ID, live.Outage{Impact: live.ImpactCritical}))
			mustOpen(t, b, report(s.ID, live.Degraded{Symptom: live.SymptomFailing, Percent: 100}))
			mustOpen(t, b, report(s.ID, live.Degraded{Symptom: live.SymptomSlow, Percent: 100}))
		}
	}
	for range 200 {
		b.tick(time.Now())
	}
	for _, s := range b.snapshot().Services {
		text, err := s.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := new(live.Service).UnmarshalJSON(text); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
	}
}

func TestWhatWasResolvedIsRemembered(t *testing.T) {
	b := newBoard(&listener{}, 1)
	for range maxResolved + 3 {
		incident := mustOpen(t, b, report("search", live.Outage{}))
		if err := b.resolve(incident.ID); err != nil {
			t.Fatal(err)
		}
	}
	resolved := b.snapshot().Resolved
	if len(resolved) != maxResolved || resolved[0].Incident.ID != 4 || resolved[maxResolved-1].Incident.ID != maxResolved+3 {
		t.Errorf("%d are remembered, from %d", len(resolved), resolved[0].Incident.ID)
	}
	if over := resolved[0]; over.At.Before(over.Incident.Opened) {
		t.Errorf("opened at %v, resolved at %v", over.Incident.Opened, over.At)
	}
}

func TestDashboardsAreCounted(t *testing.T) {
	to := &listener{}
	b := newBoard(to, 1)
	b.look(1)
	b.look(1)
	b.look(-1)
	if want := []string{"1 look on", "2 look on", "1 look on"}; !slices.Equal(to.heard(), want) {
		t.Errorf("heard %q, want %q", to.heard(), want)
	}
	if n := b.snapshot().Viewers; n != 1 {
		t.Errorf("%d viewers, want 1", n)
	}
}
