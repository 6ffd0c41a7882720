// SPDX-License-Identifier: Apache-2.0

// Game is Sock Turf: up to eight players knit one floor, each in a colour, while
// a moth eats holes. Its events are declared in events.yaml beside this file.
//
//	go run ./example/game -addr :3001
//
// Every match is a namespace of its own, /match/{match}. Positions travel as
// volatile binary events, 20 times a second; changes to the floor do not get lost.
package main
