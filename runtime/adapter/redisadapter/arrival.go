// SPDX-License-Identifier: Apache-2.0

package redisadapter

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// This file is how the publisher of a stream finds out, after a connection broke, which of
// its commands Redis has done. It does them in order, so of the entries that one publisher
// sends at once the stream has the first ones.

// An outcome is what became of a command.
type outcome uint8

const (
	absent  outcome = iota // Redis has not had it
	arrived                // it was done
	unknown                // nobody can tell any more
)

// errUnknown says so.
var errUnknown = errors.New("redisadapter: the connection broke, and the stream does not tell what had arrived")

// places are the ends of streams.
type places map[string]string

// An arrival tells what has arrived.
type arrival interface {
	// places returns where the streams that a list is for end at most, before it is sent.
	places(list []parcel) places
	// confirmed notes the id of an entry that has arrived.
	confirmed(stream, id string)
	// outcomes tells what became of those of a list that are open. The others are absent.
	outcomes(ctx context.Context, list []parcel, open []bool, before places) ([]outcome, error)
}

// arrivals is the arrival of a streamBus. The publisher's goroutine has it for itself.
type arrivals struct {
	bus    *streamBus
	newest places // that this publisher knows of
}

func (a *arrivals) places(list []parcel) places {
	before := places{}
	for _, one := range list {
		if one.entry == nil || before[one.channel] != "" {
			continue
		}
		place := a.bus.readers[one.channel].place()
		if own := a.newest[one.channel]; place == "" || own != "" && wire.CompareOffsets(own, place) > 0 {
			place = own
		}
		before[one.channel] = place
	}
	return before
}

func (a *arrivals) confirmed(stream, id string) { a.newest[stream] = id }

func (a *arrivals) outcomes(ctx context.Context, list []parcel, open []bool, before places) ([]outcome, error) {
	result := make([]outcome, len(list))
	for stream, from := range before {
		var mine []int
		for i, one := range list {
			if open[i] && one.entry != nil && one.channel == stream {
				mine = append(mine, i)
			}
		}
		if len(mine) == 0 {
			continue
		}
		count, known, err := a.count(ctx, stream, from, func(n int) []string { return list[mine[n]].entry }, len(mine))
		if err != nil {
			return nil, err
		}
		for n, i := range mine {
			switch {
			case !known:
				result[i] = unknown
			case n < count:
				result[i] = arrived
			}
		}
	}
	return result, nil // a session that is set twice is the same
}

// count returns how many of some entries a stream has after a place, in their order. known
// is false when it does not have that place any more.
func (a *arrivals) count(ctx context.Context, stream, from string, entry func(n int) []string, most int) (count int, known bool, err error) {
	if from == "" {
		return 0, false, nil
	}
	if known, err = a.bus.readers[stream].has(ctx, from); err != nil || !known {
		return 0, false, err
	}
	for {
		list, err := a.bus.rdb.XRangeN(ctx, stream, "("+from, "+", pageSize).Result()
		if err != nil {
			return 0, false, err
		}
		for _, x := range list {
			if from = x.ID; count < most && same(x, entry(count)) {
				count++
			}
		}
		if len(list) < pageSize || count == most {
			return count, true, nil
		}
	}
}

// same reports whether an entry has the fields.
func same(x redis.XMessage, fields []string) bool {
	if len(x.Values) != len(fields)/2 {
		return false
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if value, _ := x.Values[fields[i]].(string); value != fields[i+1] {
			return false
		}
	}
	return true
}
