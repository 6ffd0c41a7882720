// SPDX-License-Identifier: Apache-2.0

// Package memnet is a network in memory for tests: a [Listener] whose connections
// are buffered pipes with deadlines. All of its waiting is visible to
// testing/synctest, so that servers on it run on fake time.
package memnet
