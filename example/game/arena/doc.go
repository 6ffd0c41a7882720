// SPDX-License-Identifier: Apache-2.0

// Package arena is the game without a network: a floor of cells, the socks that
// knit it, the moth that eats holes into it, and the yarn that helps.
//
// An Arena advances one tick per call of Step and depends on nothing but its
// seed and the calls made before: the same seed and calls give the same bytes.
package arena
