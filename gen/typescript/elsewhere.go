// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// isElsewhere tells whether a declaration has a module that it shares with those of other
// documents. This one has it under the same name.
func isElsewhere(d *ir.Decl) bool { return d.Module != nil && d.Module.TypeScript }

// hasValue tells whether a declaration is a value, too: the object of an enum, the
// function of a brand.
func hasValue(d *ir.Decl) bool { return d.Kind == ir.Enum || d.Kind == ir.Alias && d.Brand }

// elsewhere imports the declarations that other modules have, and exports them again.
func (m *module) elsewhere(doc *ir.Document) {
	modules := []*ir.Module{}
	named := map[*ir.Module][]*ir.Decl{}
	for _, d := range visibleDecls(doc) {
		if !isElsewhere(d) {
			continue
		}
		if named[d.Module] == nil {
			modules = append(modules, d.Module)
		}
		named[d.Module] = append(named[d.Module], d)
	}
	if len(modules) > 0 && len(doc.Namespaces) == 0 {
		m.gap()
	}
	var exports []layout
	for _, from := range modules {
		imports, again := m.reexport(from, named[from])
		m.print(imports)
		exports = append(exports, again)
	}
	for _, again := range exports {
		m.gap()
		m.print(again)
	}
}

// reexport returns the import of what one module has, and the export.
func (m *module) reexport(from *ir.Module, decls []*ir.Decl) (imported, exported layout) {
	values := slices.ContainsFunc(decls, hasValue)
	var imports, exports []string
	add := func(d *ir.Decl, ident, what string) {
		local, mark := localName(ident), ""
		m.claim(local, what)
		if values && !hasValue(d) {
			mark = "type "
		}
		imports = append(imports, mark+renamed(ident, local))
		exports = append(exports, mark+renamed(local, ident))
	}
	for _, d := range decls {
		what := "the type " + quote(d.Origin)
		add(d, d.Ident, what)
		if m.inputs[d] != nil {
			add(&ir.Decl{}, d.InputIdent(), what)
		}
	}
	mark := " "
	if !values {
		mark = " type "
	}
	imported = sequence{text("import" + mark), specifiers(imports), text(" from " + quote("./"+from.Name+m.extension) + ";")}
	return imported, sequence{text("export" + mark), specifiers(exports), text(";")}
}

// renamed returns a name of an import or an export, which is another one here.
func renamed(name, as string) string {
	if name == as {
		return name
	}
	return name + " as " + as
}

// specifiers returns the braces of an import or an export with the names in order.
func specifiers(names []string) layout {
	slices.SortFunc(names, func(a, b string) int {
		return strings.Compare(strings.ToLower(strings.TrimPrefix(a, "type ")), strings.ToLower(strings.TrimPrefix(b, "type ")))
	})
	if len(names) == 1 { // prettier leaves a single one where it is
		return text("{ " + names[0] + " }")
	}
	var list []layout
	for _, name := range names {
		list = append(list, text(name))
	}
	return groupOf(text("{"), indented{sequence{space, join(sequence{text(","), space}, list), ifBroken{text(","), text("")}}}, space, text("}"))
}
