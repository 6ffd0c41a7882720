// SPDX-License-Identifier: Apache-2.0

package seam

// An UnsendableAuth is the error of an auth that breaks its schema. Unlike other errors it
// ends the attempt to connect: asking for the auth again would give the same.
type UnsendableAuth struct{ Err error }

func (e *UnsendableAuth) Error() string { return e.Err.Error() }
func (e *UnsendableAuth) Unwrap() error { return e.Err }
