// SPDX-License-Identifier: Apache-2.0

//go:build unix

package dev

import "syscall"

// ownGroup has a program begin a group of processes. A Ctrl-C at the terminal is then
// sockgen's alone, which ends the group in order.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// endGroup asks all of a group to end, or ends them.
func endGroup(pid int, atOnce bool) {
	signal := syscall.SIGTERM
	if atOnce {
		signal = syscall.SIGKILL
	}
	_ = syscall.Kill(-pid, signal) // they may have ended
}
