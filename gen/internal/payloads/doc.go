// SPDX-License-Identifier: Apache-2.0

// Command payloads draws what the test of agreement sends, from a schema and a
// seed: a line of JSON for each payload. It writes sound ones for the events that
// have a twin named ":back", and broken ones for all events of clients.
//
//	go run ./gen/internal/payloads -schema runtime/conformance/agreement/events.yaml -sound 10000 -broken 1000
package main
