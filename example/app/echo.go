// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
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
	log.Printf("Message from client: %s", message)
	return "Server received: " + message, nil
}

func (echo) Disconnect(_ context.Context, s *chat.MainSocket, reason socketio.DisconnectReason) {
	log.Printf("Disconnected: %s (%s)", s.ID(), reason)
}
