package conformance

import (
	"slices"
	"testing"
)

// checks are all cases but those of the vectors.
func checks() []check {
	return slices.Concat(vectorChecks())
}

func TestRules(t *testing.T) {
	for _, c := range checks() {
		t.Run(c.rule+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t)
		})
	}
}
