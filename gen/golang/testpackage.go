// SPDX-License-Identifier: Apache-2.0

package golang

import "github.com/dave/jennifer/jen"

// testPackage renders the package for tests.
func (g *generator) testPackage(f *jen.File) {
	g.testServer(f)
	for _, ns := range g.doc.Namespaces {
		n := &namespace{generator: g, ns: ns, f: f}
		n.testDial()
		n.testHandler()
	}
}

func (g *generator) testServer(f *jen.File) {
	f.Comment("// A Server serves in memory until its test ends.")
	f.Type().Id("Server").Struct(jen.Op("*").Qual(typedtestPath, "Server"))
	f.Line()
	f.Comment("// New serves what mount registers until t ends. It works under testing/synctest.")
	f.Func().Id("New").Params(
		jen.Id("t").Qual("testing", "TB"),
		jen.Id("mount").Func().Params(jen.Id("srv").Op("*").Qual(socketioPath, "Server")),
	).Op("*").Id("Server").Block(
		jen.Id("t").Dot("Helper").Call(),
		jen.Return(jen.Op("&").Id("Server").Values(jen.Qual(typedtestPath, "New").Call(jen.Id("t"), jen.Id("mount")))),
	)
	f.Line()
}

// testDial renders the method of Server that connects a client.
func (n *namespace) testDial() {
	name := "Dial" + n.ns.Prefix
	n.f.Comment("// " + name + " connects a client of " + oneLine(n.ns.Path) + ", over a connection of its own that ends with the test.")
	n.f.Comment("// The test fails when the client is refused.")
	params, args := []jen.Code{}, []jen.Code{jen.Id("s").Dot("Manager").Call()}
	if n.hasParams() {
		params = append(params, jen.Id("params").Add(n.id("Params")))
		args = append(args, jen.Id("params"))
	}
	if n.ns.Auth != nil {
		params = append(params, jen.Id("auth").Add(n.sent(n.ns.Auth)))
		args = append(args, jen.Qual(clientPath, "Static").Call(jen.Id("auth")))
	}
	params = append(params, jen.Id("opts").Op("...").Qual(clientPath, "Option"))
	args = append(args, jen.Id("opts").Op("..."))
	build := jen.Qual(n.clientPath(), "New"+n.ns.Prefix+"Client").Call(args...)
	n.f.Func().Params(jen.Id("s").Op("*").Id("Server")).Id(name).Params(params...).Op("*").Qual(n.clientPath(), n.ns.Prefix+"Client").BlockFunc(func(b *jen.Group) {
		if n.hasParams() {
			b.List(jen.Id("c"), jen.Err()).Op(":=").Add(build)
			b.Id("s").Dot("Check").Call(jen.Err())
		} else {
			b.Id("c").Op(":=").Add(build)
		}
		b.Id("s").Dot("Connect").Call(jen.Id("c"))
		b.Return(jen.Id("c"))
	})
	n.f.Line()
}

// A stub is a method of a Handler as a test package shows it.
type stub struct {
	name   string
	params []jen.Code // types
	names  []string   // of params
	result *jen.Statement
}

// signature returns the stub's parameters with their names and its result.
func (s stub) signature() *jen.Statement {
	var params []jen.Code
	for i, t := range s.params {
		params = append(params, jen.Id(s.names[i]).Add(t))
	}
	return jen.Params(params...).Add(s.result)
}

// stubs returns the methods of the namespace's Handler.
func (n *namespace) stubs() []stub {
	context, socket := jen.Qual("context", "Context"), jen.Op("*").Add(n.id("Socket"))
	connect := stub{"Connect", []jen.Code{context, socket}, []string{"ctx", "s"}, jen.Error()}
	if n.ns.Auth != nil {
		connect.params, connect.names = append(connect.params, n.typ(n.ns.Auth)), append(connect.names, "auth")
	}
	if n.ns.Data != nil {
		connect.result = jen.Params(n.typ(n.ns.Data), jen.Error())
	}
	all := []stub{connect, {
		"Disconnect", []jen.Code{context, socket, jen.Qual(socketioPath, "DisconnectReason")}, []string{"ctx", "s", "reason"}, jen.Null(),
	}}
	for _, e := range n.ns.Client {
		m := n.method(e)
		s := stub{e.Ident, []jen.Code{context, socket}, []string{"ctx", "s"}, m.resultList()}
		if m.payload != nil {
			s.params, s.names = append(s.params, m.payload), append(s.names, "p")
		}
		all = append(all, s)
	}
	for _, e := range n.ns.Cluster {
		s := stub{"Cluster" + e.Ident, []jen.Code{context}, []string{"ctx"}, jen.Error()}
		if n.hasParams() {
			s.params, s.names = append(s.params, n.id("Params")), append(s.names, "params")
		}
		if e.Payload != nil {
			s.params, s.names = append(s.params, n.typ(e.Payload)), append(s.names, "p")
		}
		all = append(all, s)
	}
	return all
}

// testHandler renders the Handler that is made of functions.
func (n *namespace) testHandler() {
	funcs, adapter, stubs := n.ns.Prefix+"Funcs", "handlerOf"+n.ns.Prefix+"Namespace", n.stubs()
	n.f.Comment("// " + funcs + " are the methods of a handler of " + oneLine(n.ns.Path) + ". A nil one does what that of Unimplemented" + n.ns.Prefix + " does.")
	n.f.Type().Id(funcs).StructFunc(func(s *jen.Group) {
		for _, stub := range stubs {
			s.Id(stub.name).Func().Add(stub.signature())
		}
	})
	n.f.Line()
	n.f.Comment("// New" + n.ns.Prefix + "Handler returns a handler that calls f.")
	n.f.Func().Id("New" + n.ns.Prefix + "Handler").Params(jen.Id("f").Id(funcs)).Add(n.id("Handler")).Block(
		jen.Return(jen.Id(adapter).Values(jen.Id("f"))))
	n.f.Line()
	n.f.Type().Id(adapter).Struct(jen.Id("f").Id(funcs))
	n.f.Line()
	for _, stub := range stubs {
		var args []jen.Code
		for _, name := range stub.names {
			args = append(args, jen.Id(name))
		}
		call := func(of *jen.Statement) *jen.Statement {
			if stub.name == "Disconnect" {
				return of.Dot(stub.name).Call(args...)
			}
			return jen.Return(of.Dot(stub.name).Call(args...))
		}
		f := jen.Id("h").Dot("f")
		n.f.Func().Params(jen.Id("h").Id(adapter)).Id(stub.name).Add(stub.signature()).BlockFunc(func(b *jen.Group) {
			otherwise := call(n.named("Unimplemented" + n.ns.Prefix).Values())
			if stub.name == "Disconnect" {
				b.If(f.Clone().Dot(stub.name).Op("!=").Nil()).Block(call(f.Clone()))
				return
			}
			b.If(f.Clone().Dot(stub.name).Op("==").Nil()).Block(otherwise)
			b.Add(call(f.Clone()))
		})
		n.f.Line()
	}
}
