// SPDX-License-Identifier: Apache-2.0

package ir

import "strings"

// Facts returns what documentation says of a type beyond its name, in sentences: the
// unit or form of a scalar, and its constraints. It is for languages whose values are what
// travels.
func (t *Type) Facts() string { return t.facts(scalarFacts) }

// FactsInGo is Facts for Go, whose types say what a timestamp and a duration are.
func (t *Type) FactsInGo() string { return t.facts(goFacts) }

func (t *Type) facts(ofScalars map[Scalar]string) string {
	var facts []string
	say := func(fact string) {
		if fact != "" {
			facts = append(facts, fact+".")
		}
	}
	if t.Kind == ScalarType {
		say(ofScalars[t.Scalar])
	}
	say(spanFact(t.Constraint.Length, "", t.counted()))
	say(spanFact(t.Constraint.Range, "from ", ""))
	if t.Constraint.Pattern != "" {
		say("Matches " + t.Constraint.Pattern)
	}
	if t.Constraint.Unique {
		say("None twice")
	}
	if t.Elem != nil {
		if each := t.Elem.facts(ofScalars); each != "" {
			facts = append(facts, "Each: "+strings.ToLower(each[:1])+each[1:])
		}
	}
	return strings.Join(facts, " ")
}

var scalarFacts = map[Scalar]string{
	Timestamp: "RFC 3339, in UTC with milliseconds",
	Duration:  "In milliseconds",
	UUID:      "A UUID",
}

var goFacts = map[Scalar]string{
	Timestamp: "Travels as RFC 3339, in UTC with milliseconds",
	Duration:  "Travels in milliseconds",
	UUID:      "A UUID",
}

// Sentences puts more behind documentation, whose last sentence may have no end.
func Sentences(doc, more string) string {
	doc = strings.TrimRight(doc, " \n\t")
	switch {
	case more == "":
		return doc
	case doc == "":
		return more
	case strings.ContainsAny(doc[len(doc)-1:], ".!?:)"):
		return doc + " " + more
	default:
		return doc + ". " + more
	}
}

// counted returns what the length of a type counts.
func (t *Type) counted() string {
	switch {
	case t.Kind == ListType:
		return "element"
	case t.Kind == MapType:
		return "entry"
	case t.Scalar == Bytes:
		return "byte"
	default:
		return "character"
	}
}

// spanFact says a span of things that are counted, or of numbers when there is no
// word for one. Before stands in front of two ends.
func spanFact(s *Span, before, one string) string {
	switch {
	case s == nil || s.Min == "" && s.Max == "":
		return ""
	case s.Max == "" && s.Min == "0" && one != "":
		return ""
	case s.Max == "":
		return "At least " + count(s.Min, one)
	case s.Min == "" || s.Min == "0" && one != "":
		return "At most " + count(s.Max, one)
	case s.Min == s.Max:
		return "Exactly " + count(s.Max, one)
	}
	fact := before + s.Min + " to " + count(s.Max, one)
	return strings.ToUpper(fact[:1]) + fact[1:]
}

// count returns so many things, or the number alone.
func count(number, one string) string {
	switch {
	case one == "":
		return number
	case number == "1":
		return number + " " + one
	case one == "entry":
		return number + " entries"
	}
	return number + " " + one + "s"
}
