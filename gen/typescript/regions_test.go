// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"strings"
	"testing"
)

const helpersOfTest = `import { a } from "./module";

// #region document names
const example = a;
// #endregion

// #region one
function one(): number {
  // #region table
  return table.get("one") ?? 1;
  // #else
  // // Nothing differs.
  // return 1;
  // #endregion
}
// #endregion

// #region two
const two = "#";
// #endregion
`

// A module gets the regions that it needs, and in place of examples what its
// document has.
func TestRegions(t *testing.T) {
	helpers, err := parseRegions(helpersOfTest)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name            string
		one, two, table bool
		want            string
	}{
		{"all", true, true, true, "import { a } from \"./chat.js\";\n\nmine\n\nfunction one(): number {\n  return table.get(\"one\") ?? 1;\n}\n\nconst two = \"#\";\n"},
		{"without a table", true, true, false, "import { a } from \"./chat.js\";\n\nmine\n\nfunction one(): number {\n  // Nothing differs.\n  return 1;\n}\n\nconst two = \"#\";\n"},
		{"without the first", false, true, false, "import { a } from \"./chat.js\";\n\nmine\n\nconst two = \"#\";\n"},
	}
	for _, tt := range tests {
		m := &module{}
		m.fill(helpers, filling{
			beside:   `"./chat.js"`,
			keep:     map[string]bool{"one": tt.one, "two": tt.two, "table": tt.table},
			document: map[string]func(){"names": func() { m.line("mine") }},
		})
		if got := m.out.String(); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
	if !helpers.has("two") || helpers.has("table") || helpers.has("names") {
		t.Error("the regions are not one and two")
	}
	if got := helpers.named("one").text(); !strings.Contains(got, "table.get") {
		t.Errorf("the text of one is %q", got)
	}
}

func TestParseRegionsRefuses(t *testing.T) {
	for source, want := range map[string]string{
		"// #region one\n":                       "the region one has no end",
		"a\n// #endregion\n":                     "line 2:",
		"// #else\n":                             "line 1:",
		"// #region\n// #endregion\n":            "line 1:",
		"// #regoin one\n// #endregion\n":        "line 1:",
		"// #region a\n// #region b\n// #else\n": "the region b has no end",
	} {
		if _, err := parseRegions(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", source, err, want)
		}
	}
}
