// SPDX-License-Identifier: Apache-2.0

package dynamic

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// Namespace returns the namespace of a document that a name is one of: "/chat", or
// "/match/7" for /match/{match}. It is nil when there is none; an error says that a
// parameter is none of its type.
func Namespace(doc *ir.Document, name string) (*ir.Namespace, error) {
	for _, ns := range doc.Namespaces {
		if ns.Parts == nil && ns.Path == name {
			return ns, nil
		}
	}
	for _, ns := range doc.Namespaces {
		if ns.Parts == nil {
			continue
		}
		if values := pathPattern(ns).FindStringSubmatch(name); values != nil {
			return ns, checkParams(ns, values[1:])
		}
	}
	return nil, nil
}

// pathPattern matches the names of a namespace with parameters.
func pathPattern(ns *ir.Namespace) *regexp.Regexp {
	var b strings.Builder
	for _, part := range ns.Parts {
		if part.Type == nil {
			b.WriteString(regexp.QuoteMeta(part.Text))
		} else {
			b.WriteString("(.+?)")
		}
	}
	return compiled("^" + b.String() + "$")
}

// checkParams checks the parameters of a namespace's path, which are text on the wire.
func checkParams(ns *ir.Namespace, values []string) error {
	i := 0
	for _, part := range ns.Parts {
		if part.Type == nil {
			continue
		}
		switch _, issues, err := (Checker{}).Type(part.Type, asJSON(part.Type, values[i])); {
		case err != nil:
			return fmt.Errorf("%q is no %s of %s", values[i], part.Wire, ns.Path)
		case len(issues) > 0:
			return fmt.Errorf("%q is no %s of %s: it %s", values[i], part.Wire, ns.Path, issues[0].Message)
		}
		i++
	}
	return nil
}

// asJSON writes the text of a parameter as its type travels elsewhere.
func asJSON(t *ir.Type, text string) json.RawMessage {
	of := resolve(t)
	if of.Ref != nil && of.Ref.Integers() {
		return json.RawMessage(text)
	}
	if of.Kind == ir.ScalarType {
		switch of.Scalar {
		case ir.Bool, ir.Int, ir.Int32, ir.Uint32:
			return json.RawMessage(text)
		}
	}
	quoted, _ := json.Marshal(text) // strings always marshal
	return quoted
}
