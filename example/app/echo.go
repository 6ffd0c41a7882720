// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"
	"log"

	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// An echo serves the main namespace: it answers each message to its sender.
type echo struct{}

var _ chat.MainHandler = echo{}

func (echo) Connect(_ context.Context, s *chat.MainSocket) error {
	log.Printf("Connected: %s", s.ID())
	return nil
}

func (echo) ClientMessage(_ context.Context, _ *chat.MainSocket, message string) (serverMessage string, err error) {
	log.Printf("Message from client: %s", shown(message))
	return "Server received: " + message, nil
}

// shown makes what a client says fit for a line of the log: short, and quoted where it has
// line breaks or anything else that a terminal would obey.
func shown(text string) string {
	quoted := fmt.Sprintf("%.200q", text)
	if quoted == `"`+text+`"` {
		return text
	}
	return quoted
}

func (echo) Disconnect(_ context.Context, s *chat.MainSocket, reason socketio.DisconnectReason) {
	log.Printf("Disconnected: %s (%s)", s.ID(), reason)
}
