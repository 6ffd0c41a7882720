// SPDX-License-Identifier: Apache-2.0

//go:build race

package golang

// raceDetector tells that every step costs ten times as much.
const raceDetector = true
