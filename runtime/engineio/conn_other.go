// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package engineio

// canReadRaw is false where descriptors are not read like files.
const canReadRaw = false

func readRaw(uintptr, []byte) (n int, again bool, err error) { panic("engineio: unreachable") }

func writeOnce(uintptr, []byte) (n int, again bool, err error) { panic("engineio: unreachable") }

func isErrno(error) bool { return false } // the net package wraps them
