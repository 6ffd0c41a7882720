// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// options are the flags of run.
type options struct {
	rounds  int
	pace    pace
	modes   *regexp.Regexp
	servers []string
	reuse   bool   // one process of each server for everything
	before  string // another build of this program, to compare with; empty means none
	json    string // a file; empty means none
	program string // what is run as server and as load generator
}

func runCommand(ctx context.Context, args []string) error {
	o, err := runOptions(args)
	if err != nil {
		return err
	}
	r, err := run(ctx, o, os.Stderr)
	if err != nil {
		return err
	}
	if err := r.write(os.Stdout); err != nil {
		return err
	}
	if o.json != "" {
		data, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.json, append(data, '\n'), 0o666); err != nil {
			return err
		}
	}
	if n := len(r.Failures); n > 0 {
		return fmt.Errorf("%d measurements failed", n)
	}
	return nil
}

func runOptions(args []string) (o options, err error) {
	flags := flag.NewFlagSet("bench run", flag.ContinueOnError)
	flags.IntVar(&o.rounds, "rounds", 3, "measure this often, the servers in turn; the table has the medians")
	flags.DurationVar(&o.pace.warmup, "warmup", 500*time.Millisecond, "drive a server this long before the counting begins")
	flags.DurationVar(&o.pace.duration, "duration", 3*time.Second, "count this long in each round")
	modes := flags.String("modes", "", "measure the modes that match this `regexp` only")
	servers := flags.String("servers", "ours,floor,node", "measure these `servers`")
	flags.StringVar(&o.before, "before", "", "measure the server of this `program`, too: bench as it was built from an earlier commit")
	flags.StringVar(&o.json, "json", "", "write the results to this `file`, too")
	short := flags.Bool("short", false, "see whether it works: one short round, 20 connections, one process of each server")
	if err := parse(flags, args); err != nil {
		return o, err
	}
	if o.modes, err = regexp.Compile(*modes); err != nil {
		return o, fmt.Errorf("-modes: %w", err)
	}
	o.servers = strings.Split(*servers, ",")
	for _, name := range o.servers {
		if !slices.ContainsFunc(contenders, func(c contender) bool { return c.name == name }) {
			return o, fmt.Errorf("-servers: no server %q; there are ours, floor and node", name)
		}
	}
	if *short {
		o.rounds, o.reuse = 1, true
		o.pace = pace{warmup: 20 * time.Millisecond, duration: 60 * time.Millisecond, most: 20}
	}
	if o.rounds < 1 || o.pace.duration <= 0 || o.pace.warmup < 0 {
		return o, errors.New("-rounds and -duration are positive, -warmup is not negative")
	}
	o.program, err = os.Executable()
	return o, err
}

// run measures. It writes to progress what it is doing.
func run(ctx context.Context, o options, progress io.Writer) (*report, error) {
	b := &bencher{options: o, progress: progress, running: map[string]*process{}}
	defer b.stopAll()
	r := &report{
		Machine: thisMachine(), Date: time.Now().UTC().Format(time.RFC3339),
		Rounds: o.rounds, Seconds: o.pace.duration.Seconds(), MostConnections: o.pace.most,
	}
	for _, c := range contenders {
		if !slices.Contains(o.servers, c.name) {
			continue
		}
		if _, err := c.command(ctx, o.program); errors.Is(err, errNoNode) {
			fmt.Fprintf(progress, "%s is left out: %v\n", c.name, err)
			continue
		} else if err != nil {
			return nil, err
		}
		b.contenders = append(b.contenders, c)
	}
	if o.before != "" {
		b.contenders = append(b.contenders, before(o.before))
	}
	for _, m := range modes {
		if o.modes.MatchString(m.name) {
			b.measure(ctx, r, m)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if len(r.Results) == 0 && len(r.Failures) == 0 {
		return nil, fmt.Errorf("no mode matches %q; bench help lists them", o.modes)
	}
	r.judge()
	return r, nil
}

// A bencher goes through modes, rounds and servers.
type bencher struct {
	options
	contenders []contender
	progress   io.Writer
	running    map[string]*process // those that are used again
}

// measure adds what one mode yields. The servers take turns within a round, so that
// what else the machine does hits them alike.
func (b *bencher) measure(ctx context.Context, r *report, m mode) {
	rounds := map[string][]figures{}
	for round := range b.rounds {
		for _, c := range b.contenders {
			if m.noFloor && c.name == theFloor {
				continue
			}
			found, err := b.once(ctx, c, m)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				r.Failures = append(r.Failures, fmt.Sprintf("%s, %s, round %d: %v", m.name, c.name, round+1, err))
				fmt.Fprintf(b.progress, "%-16s round %d  %-5s  failed: %v\n", m.name, round+1, c.name, err)
				continue
			}
			fmt.Fprintf(b.progress, "%-16s round %d  %-5s  %s\n", m.name, round+1, c.name, m.show(found[m.main]))
			rounds[c.name] = append(rounds[c.name], found)
		}
	}
	for _, c := range b.contenders {
		if found := rounds[c.name]; len(found) > 0 {
			r.Results = append(r.Results, summarize(m, c.name, found))
		}
	}
}

// once measures one server once.
func (b *bencher) once(ctx context.Context, c contender, m mode) (figures, error) {
	p := b.running[c.name]
	if p == nil {
		var err error
		if p, err = c.start(ctx, b.program); err != nil {
			return nil, err
		}
		if b.reuse {
			b.running[c.name] = p
		} else {
			defer p.stop()
		}
	}
	return p.load(ctx, b.program, m, b.pace)
}

func (b *bencher) stopAll() {
	for _, p := range b.running {
		p.stop()
	}
}
