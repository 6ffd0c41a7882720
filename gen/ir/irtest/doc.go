// SPDX-License-Identifier: Apache-2.0

// Package irtest makes payloads of a document's types for tests: sound ones, with
// the extremes of every scalar, and broken ones, each with the path of the issue
// that it must raise.
//
// A test of the codecs, of a running server or of a client draws payloads from a
// [Source], sends them, and compares: a sound payload comes back as its Echo, a
// broken one is refused with its Path.
package irtest
