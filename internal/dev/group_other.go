// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package dev

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// ownGroup does nothing where there are no groups.
func ownGroup() *syscall.SysProcAttr { return nil }

// endGroup ends a program and what it has started.
func endGroup(pid int, _ bool) {
	if exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(pid)).Run() == nil {
		return
	}
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill() // it may have ended
	}
}
