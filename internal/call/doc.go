// SPDX-License-Identifier: Apache-2.0

// Package call is a Socket.IO client that knows events from a schema alone: it checks
// what it sends and what it gets, and it tells a person, or a script, what happens. It
// is what sockgen call does.
package call
