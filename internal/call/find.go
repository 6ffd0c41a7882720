// SPDX-License-Identifier: Apache-2.0

package call

import (
	"fmt"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/dynamic"
	"github.com/sockgen/sockgen/gen/ir"
)

// find returns the namespace that a name is one of.
func find(doc *ir.Document, name string) (*ir.Namespace, error) {
	ns, err := dynamic.Namespace(doc, name)
	if err != nil {
		return nil, refused("%v", err)
	}
	if ns != nil {
		return ns, nil
	}
	var paths []string
	for _, ns := range doc.Namespaces {
		paths = append(paths, ns.Path)
	}
	return nil, refused("the schema has no namespace %s%s; it has %s", name, meant(name, paths), strings.Join(paths, ", "))
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
