// SPDX-License-Identifier: Apache-2.0

// Package counts lets tests tell how much they have tried. "make test" prints what
// they told beneath "== Counts", for tests that pass say nothing else there.
package counts
