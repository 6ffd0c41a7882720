// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"fmt"
	"strings"
	"time"

	"github.com/sockgen/sockgen/gen/ir"
)

// resultAudiences say to whom the right side of a -> b goes.
var resultAudiences = map[ir.ResultAudience]string{
	ir.ResultSender:            "the sender",
	ir.ResultOthersInRoom:      "the others in the room",
	ir.ResultAllInRoom:         "everybody in the room",
	ir.ResultOthersInNamespace: "the others in the namespace",
	ir.ResultNamespace:         "everybody in the namespace",
}

// clientDoc returns the documentation of a client event.
func clientDoc(e *ir.Event) string {
	parts := []string{e.Doc, payloadFacts(e)}
	if e.Result != nil {
		parts = append(parts, "The server emits "+quote(e.Result.Event.Wire)+" to "+resultAudiences[e.Result.To]+" in return.")
	}
	if e.Volatile {
		parts = append(parts, "It may be lost: socket.volatile.emit drops it where it cannot be sent at once.")
	}
	if e.Rate != nil {
		parts = append(parts, `The server takes `+rateText(e.Rate)+`, and refuses more as "rate_limited".`)
	}
	if e.Timeout > 0 {
		parts = append(parts, "A request waits "+durationText(e.Timeout)+" for the reply unless told otherwise.")
	}
	if e.Strict {
		parts = append(parts, "The server refuses fields that it does not know.")
	}
	return joinDoc(parts)
}

// serverDoc returns the documentation of a server event.
func serverDoc(e *ir.Event) string {
	parts := []string{e.Doc, payloadFacts(e)}
	if e.Volatile || e.Slow == ir.SlowDrop || e.Slow == ir.SlowLatest {
		parts = append(parts, "It may be lost on its way to a client that does not keep up.")
	}
	if e.Ack != nil && e.Timeout > 0 {
		parts = append(parts, "The server waits "+durationText(e.Timeout)+" for the ack.")
	}
	return joinDoc(parts)
}

// payloadFacts says what the schema has of a payload that has no name for it.
func payloadFacts(e *ir.Event) string {
	if e.Payload == nil || e.Payload.Facts() == "" {
		return ""
	}
	return "The payload: " + e.Payload.Facts()
}

// withFacts returns documentation together with what the schema has of the type.
func withFacts(doc string, t *ir.Type) string { return ir.Sentences(doc, t.Facts()) }

// joinDoc makes a paragraph of each part that is not empty.
func joinDoc(parts []string) string {
	var all []string
	for _, p := range parts {
		if p != "" {
			all = append(all, p)
		}
	}
	return strings.Join(all, "\n\n")
}

// rateText says a rate in words.
func rateText(r *ir.Rate) string {
	switch r.Per {
	case time.Second:
		return fmt.Sprintf("%d in a second", r.Count)
	case time.Minute:
		return fmt.Sprintf("%d in a minute", r.Count)
	case time.Hour:
		return fmt.Sprintf("%d in an hour", r.Count)
	default:
		return fmt.Sprintf("%d in %s", r.Count, durationText(r.Per))
	}
}

// durationText says a duration in the largest unit that it is a whole number of.
func durationText(d time.Duration) string {
	switch {
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d%time.Second == 0:
		return fmt.Sprintf("%d s", d/time.Second)
	default:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	}
}
