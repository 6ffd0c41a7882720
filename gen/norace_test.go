// SPDX-License-Identifier: Apache-2.0

//go:build !race

package gen_test

// raceDetector tells that no step costs more than it has to.
const raceDetector = false
