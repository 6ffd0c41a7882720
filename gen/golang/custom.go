// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"math/big"
	"regexp"
	"strings"
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// customType returns the type of somebody else's package that d stands for.
func (g *generator) customType(d *ir.Decl) *jen.Statement {
	if base(d.Of).Kind != ir.ScalarType || base(d.Of).Scalar == ir.Bytes || d.Of.IsNullable() || d.Brand {
		g.fail("%s: only a scalar other than bytes can be a Go type", d.Ident)
	}
	if !importPath.MatchString(d.Go.Package) || !goName.MatchString(d.Go.Name) {
		g.fail("%s: %q.%q is no exported Go type", d.Ident, d.Go.Package, d.Go.Name)
	}
	return jen.Qual(d.Go.Package, d.Go.Name)
}

// What customType lets into generated code.
var (
	importPath = regexp.MustCompile(`^[A-Za-z0-9_~+.-]+(/[A-Za-z0-9_~+.-]+)*$`)
	goName     = regexp.MustCompile(`^[A-Z][A-Za-z0-9_]*$`)
)

// findImports names the packages of the document's custom types. Nobody knows what
// their package clauses say, so that each gets a name of ours.
func (g *generator) findImports() {
	g.custom, g.modules = map[string]string{}, map[string]bool{}
	for _, d := range g.doc.Decls {
		if isElsewhere(d) && g.custom[d.Module.GoPath] == "" {
			g.custom[d.Module.GoPath] = g.importName(d.Module.Name)
			g.modules[d.Module.GoPath] = true
		}
		if d.Go == nil || importNames[d.Go.Package] != "" || g.custom[d.Go.Package] != "" {
			continue
		}
		g.custom[d.Go.Package] = g.importName(packageName(d.Go.Package))
	}
}

// nameImports tells f what to call the packages that it may import.
func (g *generator) nameImports(f *jen.File) {
	f.ImportNames(importNames)
	for _, i := range g.beside {
		if i.name == i.called {
			f.ImportName(i.path, i.name)
		} else {
			f.ImportAlias(i.path, i.called)
		}
	}
	for path, name := range g.custom {
		host, _, _ := strings.Cut(path, "/")
		known := g.modules[path] || !strings.Contains(host, ".") // ours, or of the standard library
		if known && (path == name || strings.HasSuffix(path, "/"+name)) {
			f.ImportName(path, name)
		} else {
			f.ImportAlias(path, name)
		}
	}
}

var (
	majorVersion = regexp.MustCompile(`^v[0-9]+$`)
	notInName    = regexp.MustCompile(`[^a-z0-9]+`)
)

// packageName guesses what a package is called by the last part of its path that
// is no version.
func packageName(path string) string {
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 && majorVersion.MatchString(last) {
		last = parts[len(parts)-2]
	}
	last, _, _ = strings.Cut(last, ".") // gopkg.in/yaml.v3
	name := strings.TrimLeft(notInName.ReplaceAllString(strings.ToLower(last), ""), "0123456789")
	if name == "" {
		return "pkg"
	}
	return name
}

// customCodec renders how a Go type of the application's own is decoded and
// encoded, and what it must be on the wire.
func (g *generator) customCodec(f *jen.File, d *ir.Decl) {
	form := "JSON"
	if d.GoText() {
		form = "Text"
	}
	decode, encode := g.used["decode"+d.Ident], g.used["encode"+d.Ident]
	if !decode && !encode {
		return
	}
	wire := "wireOf" + d.Ident
	f.Func().Id(wire).Params(decoderParam(), jen.Id("v").Op("*").Add(g.bare(base(d.Of)))).
		Block(g.decodeBare(place{expr: "v", pointer: true}, d.Of)...)
	f.Line()
	if decode {
		f.Func().Id("decode"+d.Ident).Params(decoderParam(), jen.Id("v").Op("*").Add(g.named(d.Ident))).Block(
			jen.Qual(typedPath, "Decode"+form).Call(jen.Id("d"), jen.Id("v"), jen.Id(wire)))
		f.Line()
	}
	if encode {
		f.Func().Id("encode"+d.Ident).Params(encoderParam(), jen.Id("v").Op("*").Add(g.named(d.Ident))).Block(
			jen.Qual(typedPath, "Encode"+form).Call(jen.Id("e"), jen.Op("*").Id("v"), jen.Id(wire)))
		f.Line()
	}
}

// defaultValue returns what stands in for an absent field of owner, other than
// null.
func (g *generator) defaultValue(owner *ir.Decl, f *ir.Field) *jen.Statement {
	value := g.literal(f.Type, f.Default)
	if value == nil {
		g.fail("%s.%s: %q cannot be its default", owner.Ident, f.Wire, f.Default.Text)
		return jen.Nil()
	}
	return value
}

// literal returns a default of a t as Go writes it, or nil.
func (g *generator) literal(t *ir.Type, l *ir.Literal) *jen.Statement {
	value := jen.Qual(typedPath, "Null").Index(g.bare(t)).Values()
	if !l.Null {
		value = g.bareLiteral(t, l)
	}
	if value == nil || l.Null || !t.IsNullable() {
		return value
	}
	return jen.Qual(typedPath, "NotNull").Index(g.bare(t)).Call(value)
}

// listLiteral returns a default of a t, a list, as Go writes it, or nil.
func (g *generator) listLiteral(t *ir.Type, l *ir.Literal) *jen.Statement {
	b := base(t)
	if b.Kind != ir.ListType {
		return nil
	}
	elems := []jen.Code{}
	for _, e := range l.List {
		value := g.literal(b.Elem, e)
		if value == nil {
			return nil
		}
		elems = append(elems, value)
	}
	return g.bare(t).Values(elems...)
}

// bareLiteral is literal for what is not null.
func (g *generator) bareLiteral(t *ir.Type, l *ir.Literal) *jen.Statement {
	if l.List != nil {
		return g.listLiteral(t, l)
	}
	if d := coded(t); d != nil {
		if d.Kind != ir.Enum || l.Enum == nil {
			return nil
		}
		return g.named(l.Enum.Ident)
	}
	b := base(t)
	if b.Kind != ir.ScalarType {
		return nil
	}
	typed := func(s *jen.Statement) *jen.Statement { // s has a type already
		if isBranded(t) {
			return g.bare(t).Call(s)
		}
		return s
	}
	switch b.Scalar {
	case ir.Bool:
		if l.Text == "true" || l.Text == "false" {
			return jen.Id(l.Text)
		}
	case ir.String:
		return rawLit(l.Text)
	case ir.UUID:
		return jen.Lit(strings.ToLower(l.Text))
	case ir.Duration:
		if n, ok := numeral(l.Text, ir.Int); ok {
			return typed(n.Op("*").Qual("time", "Millisecond"))
		}
	case ir.Timestamp:
		if t, err := time.Parse(time.RFC3339, l.Text); err == nil {
			return typed(date(t.UTC()))
		}
	case ir.Int, ir.Int32, ir.Uint32, ir.Int64, ir.Uint64, ir.Float32, ir.Float64:
		if n, ok := numeral(l.Text, b.Scalar); ok {
			return n
		}
	}
	return nil
}

// date returns the call that makes t.
func date(t time.Time) *jen.Statement {
	return jen.Qual("time", "Date").Call(
		jen.Lit(t.Year()), jen.Qual("time", t.Month().String()), jen.Lit(t.Day()),
		jen.Lit(t.Hour()), jen.Lit(t.Minute()), jen.Lit(t.Second()), jen.Op(big.NewInt(int64(t.Nanosecond())).String()),
		jen.Qual("time", "UTC"))
}
