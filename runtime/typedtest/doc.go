// SPDX-License-Identifier: Apache-2.0

// Package typedtest runs a server and its clients in memory, for tests. There is no port
// and no network. Under testing/synctest, both sides have fake time. Generated packages
// such as chattest add typed clients.
//
//	s := typedtest.New(t, func(srv *socketio.Server) { chat.MountChat(srv, handler) })
//	ada := chatclient.NewChatClient(s.Manager(), typedclient.Static(chat.ChatAuth{Name: "Ada"}))
//	err := ada.Connect(t.Context())
package typedtest
