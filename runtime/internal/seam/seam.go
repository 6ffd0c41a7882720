// SPDX-License-Identifier: Apache-2.0

// Package seam joins packages of the runtime behind the backs of its users. What only
// generated code needs, by way of package typed, is no exported method: the package
// that has it offers it here by name, and the one that needs it takes it.
//
// Both happen while packages are initialized, one after the other, and those that take
// import those that offer. So a name that nobody offers, or one of another type, ends
// every program and every test at its start.
package seam

import "fmt"

var offers = map[string]any{} // changed by init functions alone

// Offer makes f, a function, known by a name that begins with its package's.
func Offer(name string, f any) {
	if _, twice := offers[name]; twice {
		panic(fmt.Sprintf("seam: %s is offered twice", name))
	}
	offers[name] = f
}

// Take returns what is offered by that name. Its type must be F.
func Take[F any](name string) F {
	f, ok := offers[name].(F)
	if !ok {
		panic(fmt.Sprintf("seam: %s is %T, and wanted as %T", name, offers[name], f))
	}
	return f
}
