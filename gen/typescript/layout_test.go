// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"strings"
	"testing"
)

// word returns a text of n columns.
func word(n int) text { return text(strings.Repeat("x", n)) }

func TestPrintLayout(t *testing.T) {
	inner := groupOf(text("["), indented{sequence{softLine, word(10)}}, softLine, text("]"))
	id := &groupID{}
	gap := groupOf(indented{space})
	gap.id = id
	tests := []struct {
		name   string
		layout layout
		want   string
	}{
		{"text", text("a b"), "a b"},
		{"nothing", sequence{}, ""},
		{"flat group", groupOf(text("a"), space, text("b"), softLine, text("c")), "a bc"},
		{"group of exactly the width", groupOf(word(40), space, word(39)), string(word(40)) + " " + string(word(39))},
		{"group one too wide", groupOf(word(40), space, word(40)), string(word(40)) + "\n" + string(word(40))},
		{"what follows the group counts", sequence{groupOf(word(40), softLine, word(40)), text(";")}, string(word(40)) + "\n" + string(word(40)) + ";"},
		{"what follows a break does not", sequence{groupOf(word(40), softLine, word(40)), hardLine, text(";")}, string(word(80)) + "\n;"},
		{"hard line breaks its groups", groupOf(text("a"), space, groupOf(text("b"), hardLine, text("c"))), "a\nb\nc"},
		{"outer breaks before inner", groupOf(word(75), space, inner), string(word(75)) + "\n[xxxxxxxxxx]"},
		{"inner breaks too", groupOf(text("a"), indented{sequence{space, word(72), inner}}), "a\n  " + string(word(72)) + "[\n    xxxxxxxxxx\n  ]"},
		{"state of the group around", sequence{
			groupOf(ifBroken{text("broken"), text("flat")}),
			groupOf(hardLine, ifBroken{text("broken"), text("flat")}),
		}, "flat\nbroken"},
		{"trailing space goes", groupOf(text("a "), hardLine, text("b")), "a\nb"},
		{"overlong text stays", groupOf(word(90)), string(word(90))},
		{"outside a group lines break", sequence{text("a"), space, text("b")}, "a\nb"},
		{"indented behind a broken group", groupOf(text("="), gap, indentedIfBroken{sequence{word(79), hardLine, text("y")}, id}), "=\n  " + string(word(79)) + "\n  y"},
		{"not indented behind a flat one", groupOf(text("="), gap, indentedIfBroken{sequence{text("x"), hardLine, text("y")}, id}), "= x\ny"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := printLayout(tt.layout); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
