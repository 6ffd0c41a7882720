package call

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/dynamic"
	"github.com/sockgen/sockgen/gen/ir"
)

// find returns the namespace that a name is one of.
func find(doc *ir.Document, name string) (*ir.Namespace, error) {
	var paths []string
	for _, ns := range doc.Namespaces {
		if ns.Path == name {
			return ns, nil
		}
		paths = append(paths, ns.Path)
	}
	for _, ns := range doc.Namespaces {
		if ns.Parts == nil {
			continue
		}
		values := pathPattern(ns).FindStringSubmatch(name)
		if values == nil {
			continue
		}
		return ns, checkParams(ns, values[1:])
	}
	return nil, refused("the schema has no namespace %s%s; it has %s", name, meant(name, paths), strings.Join(paths, ", "))
}

// pathPattern matches the names of a namespace with parameters.
func pathPattern(ns *ir.Namespace) *regexp.Regexp {
	var b strings.Builder
	for _, part := range ns.Parts {
		if part.Type == nil {
			b.WriteString(regexp.QuoteMeta(part.Text))
		} else {
			b.WriteString("([^/]+)")
		}
	}
	return regexp.MustCompile("^" + b.String() + "$")
}

// checkParams checks the parameters of a namespace's path, which are text on the wire.
func checkParams(ns *ir.Namespace, values []string) error {
	i := 0
	for _, part := range ns.Parts {
		if part.Type == nil {
			continue
		}
		_, issues, err := dynamic.Checker{}.Type(part.Type, asJSON(part.Type, values[i]))
		if err != nil || len(issues) > 0 {
			return refused("%s is none of %s: %s %v", values[i], ns.Path, part.Wire, problem(issues, err))
		}
		i++
	}
	return nil
}

// asJSON writes the text of a parameter as its type travels elsewhere.
func asJSON(t *ir.Type, text string) json.RawMessage {
	for t.Kind == ir.RefType && t.Ref.Kind == ir.Alias {
		t = t.Ref.Of
	}
	switch t.Scalar {
	case ir.Bool, ir.Int, ir.Int32, ir.Uint32:
		if t.Kind == ir.ScalarType {
			return json.RawMessage(text)
		}
	}
	quoted, _ := json.Marshal(text) // strings always marshal
	return quoted
}

func problem(issues []dynamic.Issue, err error) string {
	if err != nil {
		return err.Error()
	}
	return issues[0].Message
}

// event returns an event that a client may emit.
func (c *Caller) event(name string) (*ir.Event, error) {
	var names []string
	for _, e := range c.ns.Client {
		if e.Wire == name {
			return e, nil
		}
		names = append(names, e.Wire)
	}
	for _, e := range c.ns.Server {
		if e.Wire == name {
			return nil, refused("%s is an event of the server; a client of %s emits %s", name, c.ns.Path, list(names))
		}
	}
	return nil, refused("%s has no event %q%s; it has %s", c.ns.Path, name, meant(name, names), list(names))
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// meant says what somebody may have meant.
func meant(word string, of []string) string {
	if s := diag.Suggest(word, of); s != "" {
		return fmt.Sprintf(" (did you mean %s?)", s)
	}
	return ""
}
