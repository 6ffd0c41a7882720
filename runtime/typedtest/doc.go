// Package typedtest runs a server and its clients in memory, for tests: there is no
// port, no network and nothing to wait for, and a test under testing/synctest has
// fake time on both sides. Generated packages such as chattest add typed clients.
//
//	s := typedtest.New(t, func(srv *socketio.Server) { chat.MountChat(srv, handler) })
//	ada := chat.NewChatClient(s.Manager(), typedclient.Static(chat.ChatAuth{Name: "Ada"}))
//	err := ada.Connect(t.Context())
package typedtest
