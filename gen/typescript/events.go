// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"github.com/sockgen/sockgen/gen/ir"
)

// hasPlainAck reports whether an ack of the event is a bare value, for which
// request needs to know the event.
func hasPlainAck(e *ir.Event) bool { return e.Ack != nil && e.Ack.Plain }

// hasReply reports whether the event is answered by a reply that may be a
// failure. Every other event is refused by "$error".
func hasReply(e *ir.Event) bool { return e.Ack != nil && !e.Ack.Plain }

// errorIdent names the failures of a client event that has a reply.
func errorIdent(ns *ir.Namespace, e *ir.Event) string {
	return ns.Prefix + e.Ident + "Error"
}

// refusalsIdent names the failures of the client events that have no reply.
func refusalsIdent(ns *ir.Namespace) string { return ns.Prefix + "Refusals" }

// failures returns the types of the errors that the event may answer: its own,
// those of every event of the namespace, and what can happen to any event.
func failures(ns *ir.Namespace, e *ir.Event, common text) []layout {
	var types []layout
	for _, declared := range ns.Failures(e) {
		types = append(types, text(localName(declared.Ident)))
	}
	return append(types, common)
}

// clientListener returns the type of a client event: how a listener of the
// official server would receive it.
func (m *module) clientListener(ns *ir.Namespace, e *ir.Event) layout {
	list := arguments(e, m.inputs.Of(e.Payload), m.inputs.Fields(e.Arguments()))
	switch {
	case hasReply(e):
		list = append(list, parameter{name: "ack", typ: listener(parameter{name: "reply", typ: reply(ns, e)})})
	case hasPlainAck(e) && e.Ack.Type == nil:
		list = append(list, parameter{name: "ack", typ: text("PlainAck<void>")})
	case hasPlainAck(e):
		list = append(list, parameter{name: "ack", typ: genericOf("PlainAck", e.Ack.Type)})
	}
	return listener(list...)
}

// reply returns what acknowledges a client event.
func reply(ns *ir.Namespace, e *ir.Event) layout {
	failure := localName(errorIdent(ns, e))
	if e.Ack.Type == nil {
		return text("Done<" + failure + ">")
	}
	return generic("Reply", typeLayout(e.Ack.Type, typeArgument), text(failure))
}

// serverListener returns the type of the client's listener for a server event.
// Its ack is a bare value.
func (m *module) serverListener(e *ir.Event) layout {
	list := arguments(e, e.Payload, receivedFields(e.Arguments()))
	switch {
	case e.Ack == nil:
	case e.Ack.Type == nil:
		list = append(list, parameter{name: "ack", typ: listener()})
	default:
		list = append(list, parameter{name: "ack", typ: listener(valueParameter("value", m.inputs.Of(e.Ack.Type)))})
	}
	return listener(list...)
}
