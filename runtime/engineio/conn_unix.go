// SPDX-License-Identifier: Apache-2.0

//go:build unix

package engineio

import (
	"errors"
	"io"
	"syscall"
)

const canReadRaw = true

// readRaw reads once from a non-blocking descriptor. again means that there is
// nothing to read yet.
func readRaw(fd uintptr, p []byte) (n int, again bool, err error) {
	for {
		n, err = syscall.Read(int(fd), p)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return 0, true, nil
		case err != nil:
			return 0, false, err
		case n == 0:
			return 0, false, io.EOF
		}
		return n, false, nil
	}
}

// writeOnce writes as much of p as the kernel takes at once. again means that it
// took nothing.
func writeOnce(fd uintptr, p []byte) (n int, again bool, err error) {
	for {
		n, err = syscall.Write(int(fd), p)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return 0, true, nil
		case err != nil:
			return 0, false, err
		}
		return n, false, nil
	}
}

// isErrno reports whether err came from the kernel.
func isErrno(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno)
}
