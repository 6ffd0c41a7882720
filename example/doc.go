// SPDX-License-Identifier: Apache-2.0

// Example is a chat whose events are declared once, in events.yaml: rooms,
// members, typing, whispers and pictures in the namespace /chat, and in / the
// echo that the project grew from.
//
//	go run ./example -addr :3000 -origin http://localhost:8081
//
// It serves its page at / and Socket.IO at /socket.io/. A line typed into its
// terminal is announced to everybody.
package main
