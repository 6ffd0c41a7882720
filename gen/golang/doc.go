// SPDX-License-Identifier: Apache-2.0

// Package golang renders a document as Go: a package with the document's types
// and errors and, for each namespace, the Handler that an application
// implements, the Socket that its methods get, and the audiences that events are
// emitted to. What encodes and decodes is in a file of its own.
//
// The output calls package runtime/typed for everything that is the same in
// every document. It depends on the document alone: no date, no version, no
// order of a map.
//
// The schema's texts reach three places: comments, string literals and
// identifiers. Comments go through type comment, literals through jennifer's Lit
// or rawLit, and identifiers are checked before anything is rendered, so that no
// text can end the place that it stands in.
package golang
