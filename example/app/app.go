// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/sockgen/sockgen/example/page"
	"github.com/sockgen/sockgen/example/site"
	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A Config says how the chat is served.
type Config struct {
	Addr   string          // host:port to listen on
	Server socketio.Config // of the Socket.IO server
	Lobby  Lobby           // what the chat remembers; nil keeps it in memory
	Input  io.Reader       // each line of it is announced to everybody
}

// Run serves the chat until ctx ends.
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.Server.Validate(); err != nil {
		return err
	}
	if cfg.Lobby == nil {
		cfg.Lobby = NewLobby()
	}
	io := socketio.NewServer(cfg.Server)
	chat.MountMain(io, echo{})
	chatting := newChatServer(io, cfg.Lobby)
	chat.MountChat(io, chatting)

	if k, ok := cfg.Lobby.(Keeper); ok {
		kept, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			k.Keep(kept, chatting.gone)
		}()
		defer func() {
			stop()
			<-done
		}()
	}

	front, err := page.Handler()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("/", front)
	return site.Server{Addr: cfg.Addr, Handler: mux, Goodbye: io.Shutdown, Greet: func(url string) {
		fmt.Printf("The chat is at %s\nType a line to announce it to everybody; Ctrl-C ends.\n", url)
		// The terminal's reader has no owner: nothing can interrupt a read from it.
		go announceLines(ctx, chatting, cfg.Input)
	}}.Run(ctx)
}

// announceLines announces each line of input to everybody, until it ends.
func announceLines(ctx context.Context, c *chatServer, input io.Reader) {
	for lines := bufio.NewScanner(input); lines.Scan(); {
		if text := strings.TrimSpace(lines.Text()); text != "" {
			report("announce", c.announce(ctx, text))
		}
	}
}
