// SPDX-License-Identifier: Apache-2.0

package compat_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sockgen/sockgen/gen/compat"
	"github.com/sockgen/sockgen/gen/ir"
)

// Structs that refer to each other in a long chain, the last one to the first,
// are told apart one by one; that takes time in proportion to their number.
func TestLongChain(t *testing.T) {
	chain := func(n int) *ir.Document {
		doc := &ir.Document{}
		for i := range n {
			doc.Decls = append(doc.Decls, &ir.Decl{Ident: fmt.Sprint("S", i), Kind: ir.Struct})
		}
		for i, d := range doc.Decls {
			d.Fields = []*ir.Field{{Wire: "next", Optional: true, Type: &ir.Type{Kind: ir.RefType, Ref: doc.Decls[(i+1)%n]}}}
		}
		last := doc.Decls[n-1]
		last.Fields = append(last.Fields, &ir.Field{Wire: "last", Type: &ir.Type{Scalar: ir.Bool}})
		doc.Namespaces = []*ir.Namespace{{Path: "/", Client: []*ir.Event{{Wire: "a", Payload: &ir.Type{Kind: ir.RefType, Ref: doc.Decls[0]}}}}}
		return doc
	}
	compare := func(n int) time.Duration {
		began := time.Now()
		a, b := compat.Models(chain(n))[0], compat.Models(chain(n + 1))[0]
		if a.Fingerprint() == b.Fingerprint() {
			t.Error("chains of different lengths have one fingerprint")
		}
		if changes := compat.Compare(a, b); len(changes) == 0 {
			t.Error("no change is reported")
		}
		return time.Since(began)
	}
	// Five times the length may take 15 times as long, not 25. A busy machine stretches
	// one of the two, but not again and again.
	var short, long time.Duration
	for range 5 {
		if short, long = compare(2_000), compare(10_000); long <= 15*short {
			return
		}
	}
	t.Errorf("chains of 2,000 took %v, those of 10,000 %v", short, long)
}

func BenchmarkFingerprint(b *testing.B) {
	ns := &ir.Namespace{Path: "/"}
	for i := range 1000 {
		d := &ir.Decl{Ident: fmt.Sprint("S", i), Kind: ir.Struct}
		for j := range 5 {
			d.Fields = append(d.Fields, &ir.Field{Wire: fmt.Sprint("f", j), Type: &ir.Type{Scalar: ir.String}})
		}
		ns.Client = append(ns.Client, &ir.Event{Wire: fmt.Sprint("e", i), Payload: &ir.Type{Kind: ir.RefType, Ref: d}})
	}
	doc := &ir.Document{Namespaces: []*ir.Namespace{ns}}
	for b.Loop() {
		compat.Stamp(doc, nil)
	}
}
