// SPDX-License-Identifier: Apache-2.0

// Package ir holds a schema document as it is meant: every reference resolved,
// every default filled in, every identifier final. The emitters only print it.
//
// A document is plain data. Package check builds it and nothing changes it
// afterwards; a choice between two ways to write a thing is a method here, so
// that a table can test it without rendering a file.
package ir
