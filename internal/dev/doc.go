// SPDX-License-Identifier: Apache-2.0

// Package dev runs the programs of a project while somebody works on it: it builds a Go
// server and starts it again, keeps a page's server running, and ends each of them
// together with all that it has started. It is what sockgen dev needs of the system.
package dev
