// SPDX-License-Identifier: Apache-2.0

// Package routers holds the tests of a Server as one route among others: of
// net/http's ServeMux, chi, gin and echo, at the top and below a prefix, with the
// middleware that most applications of each have.
//
// It is a module of its own, so that nobody who uses the runtime gets these routers.
// Its tests run in its folder, since "./..." from above does not find them:
//
//	cd runtime/conformance/routers && go test -race ./...
package routers
