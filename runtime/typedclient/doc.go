// SPDX-License-Identifier: Apache-2.0

// Package typedclient is what generated Go clients have in common: it joins package
// client, the connection, to package typed, the schema.
//
//	ada, err := chatclient.DialChat(ctx, "http://localhost:3000", chat.ChatAuth{Name: "Ada"})
//	defer ada.Close(ctx)
//	stop := ada.OnMessagePosted(func(ctx context.Context, m chat.Message) { … })
//	ack, err := ada.MessageSend(ctx, chat.ChatMessageSend{Room: "tea", Text: "Hello"})
//
// Dial makes a connection of its own. To add listeners before the first event can
// come, to ask for fresh credentials on each connect, or to share one connection
// between several namespaces, make the client on a [client.Manager] and connect it:
//
//	m, err := client.New("http://localhost:3000", client.Config{})
//	defer m.Close(ctx)
//	ada := chatclient.NewChatClient(m, func(ctx context.Context) (chat.ChatAuth, error) { … })
//	ada.OnWhispered(…)
//	err = ada.Connect(ctx)
//
// # Errors
//
// A refusal of the server is a [*typed.Error]. errors.Is(err, chat.CodeNotMember) compares
// its code, and typed.ErrorData[chat.NotMemberData](err) returns its data. If your own
// handler returns such an error, its client sees the code; wrap the error with %v to hide
// it. An answer that does not fit the schema is a [*typed.PayloadError]. The code is
// typed.CodeTimeout when the answer did not come in time, and typed.CodeDisconnected when
// the connection ended first.
//
// Order, concurrency and reconnection are those of package client.
package typedclient
