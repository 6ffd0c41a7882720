// SPDX-License-Identifier: Apache-2.0

// Package adaptertest is the behaviour that every adapter shares, as tests.
//
//	func TestMine(t *testing.T) {
//		adaptertest.Run(t, adaptertest.Engine{Network: func(t *testing.T) adapter.Factory {
//			return mine.New(startBroker(t))
//		}})
//	}
package adaptertest
