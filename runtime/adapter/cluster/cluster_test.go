// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/clustertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// engines are the ways in which nodes find each other.
var engines = map[string]func() *clustertest.Network{
	"heartbeats": func() *clustertest.Network { return &clustertest.Network{} },
	"counted":    func() *clustertest.Network { return &clustertest.Network{Counts: true} },
	"kept":       func() *clustertest.Network { return &clustertest.Network{Keeps: true} },
}

func TestSuite(t *testing.T) {
	for name, network := range engines {
		t.Run(name, func(t *testing.T) {
			adaptertest.Run(t, adaptertest.Engine{
				Network: func(*testing.T) adapter.Factory { return network().Factory() },
				Bubble:  true,
			})
		})
	}
	t.Run("kept, for clients that come back", func(t *testing.T) {
		adaptertest.Run(t, adaptertest.Engine{
			Network:  func(*testing.T) adapter.Factory { return engines["kept"]().Factory() },
			Bubble:   true,
			Recovery: time.Minute,
		})
	})
}
