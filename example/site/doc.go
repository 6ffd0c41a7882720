// SPDX-License-Identifier: Apache-2.0

// Package site is what the three examples share: it serves a page that the program
// embeds, compressed and with an ETag, and runs the server until it is told to end.
//
// The folder also holds what the pages share in front: their build, the tokens of
// their style sheets, and small helpers in TypeScript.
package site
