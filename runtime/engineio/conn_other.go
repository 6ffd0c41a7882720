//go:build !unix

package engineio

import "syscall"

// canReadRaw is false where descriptors are not read like files.
const canReadRaw = false

func readRaw(uintptr, []byte) (n int, again bool, err error) { panic("engineio: unreachable") }

func writeRaw(syscall.RawConn, []byte) (int, error) { return 0, nil }

func isErrno(error) bool { return false } // the net package wraps them
