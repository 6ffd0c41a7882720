// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"strconv"
	"strings"
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// largeEnough is the size from which generated code says how large an event may be: no
// server has a MaxPayload below it.
const largeEnough = 64 << 10

// eventValue returns what package typed must know of a client event beside its
// types.
func (n *namespace) eventValue(e *ir.Event) *jen.Statement {
	fields := []jen.Code{jen.Id("Name").Op(":").Lit(e.Wire)}
	add := func(name string, value *jen.Statement) { fields = append(fields, jen.Id(name).Op(":").Add(value)) }
	if e.Ack != nil && e.Ack.Plain {
		add("Ack", jen.Qual(typedPath, "Plain"))
	}
	if e.Ack != nil && e.Ack.Type != nil {
		add("Acked", jen.True())
	}
	if e.Result != nil {
		add("Emits", jen.True())
	}
	var codes []jen.Code
	for _, err := range n.ns.Failures(e) {
		codes = append(codes, jen.Id("Code"+err.Ident))
	}
	if len(codes) > 0 {
		add("Errors", jen.Index().Qual(typedPath, "Code").Values(codes...))
	}
	if e.Timeout > 0 {
		add("Timeout", duration(e.Timeout))
	}
	if e.Rate != nil {
		add("Rate", jen.Qual(typedPath, "Rate").Values(
			jen.Id("Count").Op(":").Lit(e.Rate.Count), jen.Id("Per").Op(":").Add(duration(e.Rate.Per))))
	}
	if n := e.Largest(); n > largeEnough {
		add("Largest", jen.Lit(n))
	}
	if len(e.Annotations) > 0 {
		var pairs []jen.Code
		for _, a := range e.Annotations {
			pairs = append(pairs, jen.Lit(a.Key).Op(":").Lit(a.Value))
		}
		add("Annotations", jen.Map(jen.String()).String().Values(pairs...))
	}
	value := jen.Qual(typedPath, "Event")
	if len(fields) <= 3 {
		return value.Values(fields...)
	}
	return value.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, fields...)
}

// withPolicies returns to, an emitter, as e asks for it.
func withPolicies(to *jen.Statement, e *ir.Event) *jen.Statement {
	if e.Volatile {
		to = to.Dot("Volatile").Call()
	}
	if policy := slowPolicies[e.Slow]; policy != "" {
		to = to.Dot("Slow").Call(jen.Qual(socketioPath, policy))
	}
	return to
}

var slowPolicies = map[ir.SlowPolicy]string{ir.SlowDrop: "SlowDrop", ir.SlowLatest: "SlowLatest", ir.SlowClose: "SlowClose"}

// clientPolicies adds to the comment of a handler's method what the runtime sees
// to.
func (c *comment) clientPolicies(e *ir.Event) *comment {
	if e.Rate != nil {
		who := "A socket"
		if e.Rate.By != nil {
			who = "All sockets together that have the same " + e.Rate.By.Ident + " in their Data"
		}
		c.add(who + " may emit it " + times(e.Rate.Count) + " in each " + period(e.Rate.Per) + "; beyond that it is answered typed.CodeRateLimited.")
	}
	if e.Timeout > 0 {
		c.add("ctx ends after " + period(e.Timeout) + "; an error because of that is answered typed.CodeTimeout.")
	}
	return c
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}

// period writes d as a reader would say it: "second", "10 seconds", "1.5s".
func period(d time.Duration) string {
	for _, u := range units {
		switch {
		case d == u.d:
			return u.name
		case d%u.d == 0:
			return strconv.FormatInt(int64(d/u.d), 10) + " " + u.name + "s"
		}
	}
	return d.String()
}

// units are those of durations, the longest first.
var units = []struct {
	d    time.Duration
	name string
}{
	{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}, {time.Millisecond, "millisecond"}, {time.Microsecond, "microsecond"},
}

// duration returns d as Go writes it: 10 * time.Second.
func duration(d time.Duration) *jen.Statement {
	for _, u := range units {
		unit := jen.Qual("time", strings.ToUpper(u.name[:1])+u.name[1:])
		switch {
		case d == u.d:
			return unit
		case d%u.d == 0:
			return jen.Lit(int(d / u.d)).Op("*").Add(unit)
		}
	}
	return jen.Qual("time", "Duration").Call(jen.Lit(int(d)))
}

// serverPolicies adds to the comment of a method that emits e what may become of
// it.
func (c *comment) serverPolicies(e *ir.Event) *comment {
	switch {
	case e.Slow == ir.SlowLatest:
		c.add("For a socket that does not keep up it takes the place of the one that still waits.")
	case e.Volatile:
		c.add("It may be lost where it cannot be written at once.")
	case e.Slow == ir.SlowDrop:
		c.add("A socket that does not keep up misses it.")
	case e.Slow == ir.SlowClose:
		c.add("A socket that does not keep up loses its connection.")
	}
	if e.Ack != nil && e.Timeout > 0 {
		c.add("An ack may take " + period(e.Timeout) + ".")
	}
	return c
}
