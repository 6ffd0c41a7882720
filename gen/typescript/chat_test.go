// SPDX-License-Identifier: Apache-2.0

package typescript

import "github.com/sockgen/sockgen/gen/ir"

// chatParts are what the events of the chat have in common.
type chatParts struct {
	builder
	room, name, line, member, message *ir.Type
	taken, stranger, nobody           *ir.Error
	typingChanged                     *ir.Event
}

// chatDocument is the repository's events.yaml.
func chatDocument() *ir.Document {
	b := builder{&ir.Document{
		Name: "chat", Version: "0.1.0", Source: "events.yaml",
		Doc: "The chat of the example, and the echo that it grew from.",
	}}
	c := &chatParts{builder: b, typingChanged: &ir.Event{Wire: "typing:changed", Ident: "TypingChanged"}}
	c.types()
	b.doc.Namespaces = []*ir.Namespace{c.main(), {
		Path: "/chat", Prefix: "Chat", Fingerprint: "m1-4kq2bbbyzq6a", Doc: "Rooms, their members and what they say to each other.",
		Auth: b.structure("ChatAuth", "auth of /chat", "", field("name", c.name),
			optional(documented("key", scalar(ir.String), "A secret of the page's own: whoever returns with it takes over the name."))),
		ConnectErrors: []*ir.Error{c.taken},
		Client:        c.client(),
		Server:        c.server(),
	}}
	return b.doc
}

func (c *chatParts) types() {
	str, num := scalar(ir.String), scalar(ir.Int)
	c.room = c.add(stringAlias("RoomID", "The name of a room, as people type it."))
	c.name = c.add(stringAlias("Name", "What a member is called."))
	c.line = c.add(stringAlias("Text", "What a member says, in plain text."))
	c.member = c.structure("Member", "Member", "Somebody who is connected.",
		documented("id", str, "The id of the member's socket."), field("name", c.name))
	c.message = c.structure("Message", "Message", "One line of a room's history.",
		documented("id", num, "Counts up within a room."), field("room", c.room), field("from", c.member), field("text", c.line),
		field("at", scalar(ir.Timestamp)), optional(documented("replyTo", num, "The id of the message that this one answers.")))
	c.taken = c.failure("name_taken", "NameTaken", "somebody here already has that name",
		c.structure("NameTakenData", "name_taken data", "", field("name", c.name)))
	c.stranger = c.failure("not_member", "NotMember", "join the room first",
		c.structure("NotMemberData", "not_member data", "", field("room", c.room)))
	c.nobody = c.failure("no_such_member", "NoSuchMember", "nobody here has that id", nil)
}

func (c *chatParts) main() *ir.Namespace {
	serverMessage := &ir.Event{Wire: "serverMessage", Ident: "ServerMessage", Payload: scalar(ir.String)}
	return &ir.Namespace{
		Path: "/", Prefix: "Main", Fingerprint: "m1-r6suh6o5nbzk", Doc: "The scenario that this project grew from.",
		Client: []*ir.Event{{
			Wire: "clientMessage", Ident: "ClientMessage", Payload: scalar(ir.String),
			Result: &ir.Result{Event: serverMessage, To: ir.ResultSender},
		}},
		Server: []*ir.Event{serverMessage},
	}
}

func (c *chatParts) client() []*ir.Event {
	str, num := scalar(ir.String), scalar(ir.Int)
	return []*ir.Event{
		{
			Wire: "room:join", Ident: "RoomJoin", Doc: "Enters a room. The others in it are told.",
			Payload: c.structure("ChatRoomJoin", "room:join", "", field("room", c.room),
				optional(documented("history", num, "How many past messages to send; 50 when absent."))),
			Ack: &ir.Ack{Type: c.structure("ChatRoomJoinAck", "room:join ack", "",
				documented("members", list(c.member), "Everybody in the room, the newcomer included."),
				documented("history", list(c.message), "Past messages, oldest first."))},
		},
		{
			Wire: "room:leave", Ident: "RoomLeave", Doc: "Leaves a room. The others in it are told.",
			Payload: c.structure("ChatRoomLeave", "room:leave", "", field("room", c.room)),
			Ack:     &ir.Ack{}, Errors: []*ir.Error{c.stranger},
		},
		{
			Wire: "message:send", Ident: "MessageSend",
			Doc: "Posts a message to everybody in a room that the sender has joined.",
			Payload: c.structure("ChatMessageSend", "message:send", "",
				field("room", c.room), field("text", c.line), optional(field("replyTo", num))),
			Ack:    &ir.Ack{Type: c.structure("ChatMessageSendAck", "message:send ack", "", field("id", num), field("at", scalar(ir.Timestamp)))},
			Errors: []*ir.Error{c.stranger},
		},
		{
			Wire: "image:send", Ident: "ImageSend", Doc: "Posts a picture, which no history keeps.",
			Payload: c.structure("ChatImageSend", "image:send", "",
				field("room", c.room), field("mime", str), field("data", scalar(ir.Bytes)),
				documented("alt", str, "Describes the picture to those who cannot see it.")),
			Ack: &ir.Ack{}, Errors: []*ir.Error{c.stranger},
		},
		{
			Wire: "typing", Ident: "Typing",
			Doc:     "Tells the others in a room that the sender has begun or stopped to type.",
			Payload: c.structure("ChatTyping", "typing", "", field("room", c.room), field("typing", scalar(ir.Bool))),
			Result:  &ir.Result{Event: c.typingChanged, To: ir.ResultOthersInRoom}, Errors: []*ir.Error{c.stranger},
		},
		{
			Wire: "whisper", Ident: "Whisper", Doc: "Says something to one member alone.",
			Payload: c.structure("ChatWhisper", "whisper", "", field("to", str), field("text", c.line)),
			Ack:     &ir.Ack{}, Errors: []*ir.Error{c.nobody},
		},
	}
}

func (c *chatParts) server() []*ir.Event {
	str, at := scalar(ir.String), scalar(ir.Timestamp)
	return []*ir.Event{
		{Wire: "message:posted", Ident: "MessagePosted", Payload: c.message},
		{
			Wire: "image:posted", Ident: "ImagePosted",
			Payload: c.structure("ChatImagePosted", "image:posted", "",
				field("room", c.room), field("from", c.member), field("mime", str), field("data", scalar(ir.Bytes)),
				field("alt", str), field("at", at)),
		},
		{Wire: "member:joined", Ident: "MemberJoined", Payload: c.structure("ChatMemberJoined", "member:joined", "", field("room", c.room), field("member", c.member))},
		{Wire: "member:left", Ident: "MemberLeft", Payload: c.structure("ChatMemberLeft", "member:left", "", field("room", c.room), field("member", c.member))},
		c.typing(),
		{
			Wire: "announce", Ident: "Announce", Doc: "Tells everybody something that concerns the whole service.",
			Payload: c.structure("ChatAnnounce", "announce", "", field("text", c.line), field("at", at)),
		},
		{
			Wire: "whispered", Ident: "Whispered", Doc: "Brings what one member said to this one alone.",
			Payload: c.structure("ChatWhispered", "whispered", "", field("from", c.member), field("text", c.line), field("at", at)),
		},
	}
}

// typing completes the event that another one has referred to.
func (c *chatParts) typing() *ir.Event {
	c.typingChanged.Payload = c.structure("ChatTypingChanged", "typing:changed", "",
		field("room", c.room), field("member", c.member), field("typing", scalar(ir.Bool)))
	return c.typingChanged
}
