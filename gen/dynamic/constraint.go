// SPDX-License-Identifier: Apache-2.0

package dynamic

import (
	"fmt"
	"math/big"
	"regexp"
	"sync"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/ir"
)

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
	least, most := ir.LengthOf(constraints)
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
	least, most := ir.RangeOf(constraints)
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
