package schema

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
)

// A fault is a syntax error with the place where the author can mend it.
type fault struct {
	code     diag.Code
	line     int
	column   int
	width    int
	message  string
	repaired string // the text with the fault blanked out, to read on; "" to stop
}

var lineOf = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// locate turns an error of YAML's parser into a fault.
func locate(text string, err error) fault {
	m := lineOf.FindStringSubmatch(err.Error())
	line := 1
	if m != nil && m[1] != "" {
		line, _ = strconv.Atoi(m[1])
	}
	return fault{code: diag.YAMLSyntax, line: line, column: 1, width: 1, message: strings.TrimPrefix(err.Error(), "yaml: ")}
}
