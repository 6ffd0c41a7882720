// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"strings"
	"unicode/utf8"
)

// Suggest returns the candidate that word most likely stands for, or "" when
// none is near. Ties go to the earlier candidate.
func Suggest(word string, candidates []string) string {
	const longest = 64 // nobody mistypes more, and the distance is quadratic
	if word == "" || len(word) > longest {
		return ""
	}
	length := utf8.RuneCountInString(word)
	best, bestDistance := "", max(1, length/3)+1
	for _, c := range candidates {
		if c == word || len(c) > longest {
			continue
		}
		if diff := utf8.RuneCountInString(c) - length; diff >= bestDistance || -diff >= bestDistance {
			continue // each rune too many is a deletion at least
		}
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance returns how many insertions, deletions, substitutions and swaps of
// neighbours turn a into b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, next := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		next[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			next[j] = min(last[j]+1, next[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, last, next = last, next, before
	}
	return last[len(t)]
}
