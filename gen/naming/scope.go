// SPDX-License-Identifier: Apache-2.0

package naming

// A Scope holds the names of one place where each may stand once: a file, a
// struct, a method set. T says whose a name is, for the diagnostic. The zero
// value is empty and ready; calls must not overlap.
type Scope[T any] struct {
	owners map[string]T
}

// Claim takes name for owner. When somebody has it already, Claim changes
// nothing and returns that owner and false.
func (s *Scope[T]) Claim(name string, owner T) (holder T, ok bool) {
	if first, taken := s.owners[name]; taken {
		return first, false
	}
	if s.owners == nil {
		s.owners = map[string]T{}
	}
	s.owners[name] = owner
	return owner, true
}

// Owner returns whose name is.
func (s *Scope[T]) Owner(name string) (owner T, ok bool) {
	owner, ok = s.owners[name]
	return owner, ok
}
