// SPDX-License-Identifier: Apache-2.0

package golang

// A tidier prints the tokens of a declaration.
type tidier struct {
	tokens []lexeme
	out    []byte
	depth  int  // of indentation
	ok     bool // the declaration is of a form that is known
}

// match finds partners of brackets and what these are.
func (t *tidier) match() {
	t.ok = true
	var open []int
	awaited := []bool{false} // at each depth of brackets, whether the next brace begins a block
	declared := t.tokens[0].text == "func"
	for i := range t.tokens {
		x := &t.tokens[i]
		switch x.text {
		case "func", "if", "else", "for", "switch":
			if x.kind == keyword {
				awaited[len(awaited)-1] = true
			}
		case ",":
			if len(open) > 0 && !x.newline {
				t.tokens[open[len(open)-1]].args++
			} else if len(open) > 0 && i+1 < len(t.tokens) && !isCloser(t.tokens[i+1].text) {
				t.tokens[open[len(open)-1]].args++
			}
		case "(", "[", "{":
			if x.text == "(" {
				x.sig = t.isSignature(i, declared && len(open) == 0)
			} else if x.text == "{" {
				x.block = awaited[len(awaited)-1]
				awaited[len(awaited)-1] = false
			}
			open, awaited = append(open, i), append(awaited, false)
		case ")", "]", "}":
			if len(open) == 0 {
				t.ok = false
				return
			}
			from := open[len(open)-1]
			open, awaited = open[:len(open)-1], awaited[:len(awaited)-1]
			x.partner, x.sig, x.block = from, t.tokens[from].sig, t.tokens[from].block
			t.tokens[from].partner = i
			t.pairs(from)
		}
	}
	t.ok = t.ok && len(open) == 0
}

func isCloser(text string) bool { return text == ")" || text == "]" || text == "}" }

// isSignature tells whether the parenthesis at i begins parameters or results. In a
// function's declaration it may belong to the receiver.
func (t *tidier) isSignature(i int, top bool) bool {
	before := t.tokens[i-1]
	switch {
	case before.text == "func" && before.kind == keyword:
		return true
	case before.text == ")" && before.sig:
		return i < 3 || !top || t.tokens[i-1].partner != 1 // behind a receiver there is a name
	}
	if !top || before.kind != word {
		return false
	}
	two := t.tokens[i-2] // func name(, or func (receiver) name(
	return two.text == "func" || two.text == ")" && two.partner == 1 && i-2 > 1
}

// pairs gives up where gofmt would align values behind their keys.
func (t *tidier) pairs(from int) {
	open := t.tokens[from]
	if open.text != "{" || open.block || !open.newline {
		return
	}
	aligned := 0
	for i := from + 1; i < open.partner; i++ {
		x := t.tokens[i]
		if t.tokens[i-1].newline && t.hasKey(i, open.partner) && t.fits(i, open.partner) {
			aligned++
		}
		if x.partner > i {
			i = x.partner
		}
	}
	if aligned > 1 {
		t.ok = false
	}
}

// hasKey tells whether the element that begins at i is a key with its value.
func (t *tidier) hasKey(i, end int) bool {
	for ; i < end && t.tokens[i].text != ","; i++ {
		if t.tokens[i].text == ":" {
			return true
		}
		if to := t.tokens[i].partner; to > i {
			i = to
		}
	}
	return false
}

// fits tells whether the element that begins at i ends on its line.
func (t *tidier) fits(i, end int) bool {
	for ; i < end && t.tokens[i].text != ","; i++ {
		if t.tokens[i].newline {
			return false
		}
		if to := t.tokens[i].partner; to > i {
			for ; i < to; i++ {
				if t.tokens[i].newline {
					return false
				}
			}
		}
	}
	return true
}

// print prints all tokens.
func (t *tidier) print() {
	begins := true // a line
	for i := 0; i < len(t.tokens) && t.ok; i++ {
		x := t.tokens[i]
		if isCloser(x.text) && t.tokens[x.partner].newline {
			t.depth--
		}
		switch {
		case begins:
			t.indent(x)
		case t.spaced(i):
			t.out = append(t.out, ' ')
		}
		t.out = append(t.out, x.text...)
		if x.text == "{" && x.block && !x.newline {
			i = t.shortBlock(i)
			x = t.tokens[i]
		}
		if begins = x.newline; begins {
			t.out = append(t.out, '\n')
			if x.partner > i {
				t.depth++
			}
		}
	}
	if begins {
		t.out = t.out[:len(t.out)-1]
	}
}

// indent begins a line with the lexeme x.
func (t *tidier) indent(x lexeme) {
	depth := t.depth
	if x.kind == keyword && (x.text == "case" || x.text == "default") {
		depth--
	}
	for range depth {
		t.out = append(t.out, '\t')
	}
}

// longestOneLiner is how many characters a function may have for gofmt to leave it on one
// line.
const longestOneLiner = 100

// shortBlock prints the block behind the brace at i, which begins and ends on one line,
// and returns where it ends.
func (t *tidier) shortBlock(i int) int {
	end := t.tokens[i].partner
	start := i // of the function or statement that the block belongs to
	for start > 0 && !(t.tokens[start].kind == keyword && (t.tokens[start].text == "func" || t.tokens[start].text == "for")) {
		start--
	}
	header, body := tidier{tokens: t.tokens, ok: true}, tidier{tokens: t.tokens, ok: true}
	header.line(start, i)
	body.line(i+1, end)
	size := len(header.out) + len(body.out)
	if start == 0 {
		size++ // gofmt counts a declaration from the space before it
	}
	long := !header.ok || !body.ok || size > longestOneLiner
	switch {
	case end == i+1 && (long || t.tokens[start].text == "for"):
		t.out = append(t.out, '\n')
		t.indent(t.tokens[end])
		t.out = append(t.out, '}')
		return end
	case end == i+1:
		t.out = append(t.out, '}')
		return end
	case long || t.tokens[start].text != "func" || start == 0:
		t.ok = false // it would take several lines
		return end
	}
	t.out = append(append(append(t.out, ' '), body.out...), " }"...)
	return end
}

// line prints the tokens from:to, which stand on one line.
func (t *tidier) line(from, to int) {
	for i := from; i < to && t.ok; i++ {
		x := t.tokens[i]
		if x.newline || x.text == "{" && x.block {
			t.ok = false
			return
		}
		if i > from && t.spaced(i) {
			t.out = append(t.out, ' ')
		}
		t.out = append(t.out, x.text...)
	}
}

// spaced tells whether a space stands before the lexeme at i, which begins no line.
func (t *tidier) spaced(i int) bool {
	before, x := t.tokens[i-1], t.tokens[i]
	switch before.text {
	case "(", "[", ".", "...":
		return false
	case ",", ";":
		return !isCloser(x.text)
	case "{":
		return false // of a literal
	}
	switch x.text {
	case ",", ";", ")", "]", ".", ":":
		return false
	case "...":
		return t.tokens[i+1].text != ")"
	case "}":
		return false
	case "{":
		return x.block || before.kind == operator && !t.isUnary(i-1)
	case "(":
		return t.spacedParenthesis(i)
	case "[":
		return t.spacedBracket(i)
	}
	switch {
	case before.kind == operator:
		return !t.isUnary(i-1) && t.isLoose(i-1)
	case before.text == "]" && t.isTypePrefix(i-1):
		return false
	case x.kind == operator && t.isUnary(i):
		return true
	case x.kind == operator:
		return t.isLoose(i)
	}
	return true
}

// isTypePrefix tells whether the bracket at i ends what stands before a type of elements:
// [] or map[string].
func (t *tidier) isTypePrefix(i int) bool {
	from := t.tokens[i].partner
	return from == i-1 || from > 0 && t.tokens[from-1].text == "map"
}

// spacedParenthesis is spaced for an opening parenthesis.
func (t *tidier) spacedParenthesis(i int) bool {
	before := t.tokens[i-1]
	switch {
	case before.text == "func":
		return i == 1 // a receiver
	case before.text == ")":
		return before.sig
	case before.kind == operator:
		return !t.isUnary(i-1) && t.isLoose(i-1)
	case before.text == ":":
		return true
	}
	return before.kind == keyword
}

// spacedBracket is spaced for an opening bracket.
func (t *tidier) spacedBracket(i int) bool {
	before := t.tokens[i-1]
	switch {
	case before.kind == operator:
		return !t.isUnary(i - 1)
	case before.text == "map" || before.text == "]":
		return false
	case before.kind == keyword || before.text == ":":
		return true
	}
	slice := t.tokens[i+1].text == "]"
	return slice && (before.kind == word || before.sig)
}

// isUnary tells whether the operator at i has no operand on its left.
func (t *tidier) isUnary(i int) bool {
	switch t.tokens[i].text {
	case "!":
		return true
	case "*", "&", "-", "+":
	default:
		return false
	}
	if i == 0 || t.tokens[i-1].newline {
		return true
	}
	before := t.tokens[i-1]
	switch before.kind {
	case keyword, operator:
		return true
	case mark:
		return before.text != ")" && before.text != "}" || before.sig
	}
	c := before.text[0]
	// A pointer's type stands behind a name; what is multiplied is a number.
	return t.tokens[i].text == "*" && (c < '0' || c > '9')
}

// isLoose tells whether the binary operator at i has spaces around it. Those that bind
// more have none within several arguments.
func (t *tidier) isLoose(i int) bool {
	switch t.tokens[i].text {
	case "*", "+", "-":
	default:
		return true
	}
	for j := i - 1; j >= 0; j-- {
		x := t.tokens[j]
		switch {
		case x.partner >= 0 && x.partner < j:
			j = x.partner
		case x.partner > i && x.text == "(" && t.severalArguments(j):
			return false
		case x.partner > i && x.text == "[":
			return false
		case x.partner > i && x.text == "{":
			return true
		}
	}
	return true
}

// severalArguments tells whether the call at i has more than one argument, or one of those
// behind it in a chain.
func (t *tidier) severalArguments(i int) bool {
	for {
		if t.tokens[i].args > 0 {
			return true
		}
		end := t.tokens[i].partner
		if end+3 >= len(t.tokens) || t.tokens[end+1].text != "." || t.tokens[end+3].text != "(" {
			return false
		}
		i = end + 3
	}
}
