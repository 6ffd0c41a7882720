// SPDX-License-Identifier: Apache-2.0

package dynamic

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/ir"
)

// lengthOf returns the narrowest length that the constraints leave.
func lengthOf(constraints []ir.Constraint) (least, most int) {
	most = math.MaxInt
	for _, c := range constraints {
		if c.Length == nil {
			continue
		}
		if n, err := strconv.Atoi(c.Length.Min); err == nil {
			least = max(least, n)
		}
		if n, err := strconv.Atoi(c.Length.Max); err == nil {
			most = min(most, n)
		}
	}
	return least, most
}

// rangeOf returns the narrowest range that the constraints leave, nil where it is open.
func rangeOf(constraints []ir.Constraint) (least, most *big.Rat) {
	for _, c := range constraints {
		if c.Range == nil {
			continue
		}
		if n, ok := new(big.Rat).SetString(c.Range.Min); ok && (least == nil || n.Cmp(least) > 0) {
			least = n
		}
		if n, ok := new(big.Rat).SetString(c.Range.Max); ok && (most == nil || n.Cmp(most) < 0) {
			most = n
		}
	}
	return least, most
}

func isUnique(constraints []ir.Constraint) bool {
	for _, c := range constraints {
		if c.Unique {
			return true
		}
	}
	return false
}

// patterns are the compiled patterns of all schemas, by text. There are as many as
// the schemas have.
var patterns sync.Map

func compiled(pattern string) *regexp.Regexp {
	if re, ok := patterns.Load(pattern); ok {
		return re.(*regexp.Regexp)
	}
	re := regexp.MustCompile(pattern) // checked with the schema
	patterns.Store(pattern, re)
	return re
}

// lengthIssue says what is wrong with how many parts there are, "" if nothing.
func lengthIssue(constraints []ir.Constraint, size int, one, many string) string {
	least, most := lengthOf(constraints)
	if size >= least && size <= most {
		return ""
	}
	return fmt.Sprintf("must have %s, has %d", span(least, most, one, many), size)
}

// textIssues says what is wrong with a string.
func textIssues(constraints []ir.Constraint, s string) (issues []string) {
	if issue := lengthIssue(constraints, utf8.RuneCountInString(s), "character", "characters"); issue != "" {
		issues = append(issues, issue)
	}
	for _, c := range constraints {
		if c.Pattern != "" && !compiled(c.Pattern).MatchString(s) {
			issues = append(issues, "must match "+c.Pattern)
		}
	}
	return issues
}

// rangeIssue says what is wrong with a number, "" if nothing.
func rangeIssue(constraints []ir.Constraint, v *big.Rat, numeral func(*big.Rat) string) string {
	least, most := rangeOf(constraints)
	low, high := least != nil && v.Cmp(least) < 0, most != nil && v.Cmp(most) > 0
	switch {
	case !low && !high:
		return ""
	case least != nil && most != nil:
		return "must be from " + numeral(least) + " to " + numeral(most)
	case low:
		return "must be at least " + numeral(least)
	}
	return "must be at most " + numeral(most)
}
