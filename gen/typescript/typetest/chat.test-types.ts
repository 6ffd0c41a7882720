// SPDX-License-Identifier: Apache-2.0

// What the module of two namespaces accepts and refuses. Nothing here runs.

import {
  type Bytes,
  type ChatAuth,
  type ChatClientToServer,
  type ChatConnectFailure,
  type ChatMessageSendAck,
  type ChatMessageSendError,
  type ChatRoomLeaveError,
  type ChatServerToClient,
  type ChatSocket,
  type CommonFailure,
  type ConnectFailure,
  connectChat,
  connectMain,
  type Done,
  type MainConnectFailure,
  type MainSocket,
  type Message,
  type NameTaken,
  type NotMember,
  on,
  onError,
  type Reply,
  request,
  type ServerFailure,
} from "../testdata/chat";
import type { ChatMock } from "../testdata/chat.mock";
import { type Equal, holds } from "./equal";
import type { Socket } from "socket.io-client";

const chat = connectChat("", { auth: { name: "ann" } });
const main = connectMain("http://localhost:3000", {
  transports: ["websocket"],
});

export function sockets(): void {
  holds<Equal<typeof chat, ChatSocket>>();
  holds<Equal<ChatSocket, Socket<ChatServerToClient, ChatClientToServer>>>();
  holds<Equal<typeof main, MainSocket>>();
  connectMain("");
}

export function auth(fetched: Promise<ChatAuth>): void {
  connectChat("", { auth: () => ({ name: "ann" }), reconnection: false });
  connectChat("", { auth: async () => ({ name: "ann", key: "k" }) });
  connectChat("", { auth: () => fetched });
  // @ts-expect-error the namespace demands credentials
  connectChat("");
  // @ts-expect-error likewise
  connectChat("", {});
  // @ts-expect-error the name is missing
  connectChat("", { auth: { key: "k" } });
  // @ts-expect-error no such field
  connectChat("", { auth: { name: "ann", nmae: "ann" } });
  // @ts-expect-error the function finds the wrong thing
  connectChat("", { auth: async () => "ann" });
  connectChat("", { auth: { name: "ann", key: undefined } });
  // @ts-expect-error the namespace takes no credentials
  connectMain("", { auth: { name: "ann" } });
}

/** What refuses a connection is known by the namespace. */
export function refused(): void {
  on(chat, "connect_error", ({ data }) => {
    holds<Equal<typeof data, ChatConnectFailure | undefined>>();
    if (data?.code === "name_taken") holds<Equal<typeof data, NameTaken>>();
  });
  on(main, "connect_error", ({ data }) => {
    holds<Equal<typeof data, MainConnectFailure | undefined>>();
    // @ts-expect-error only /chat refuses a name
    if (data?.code === "name_taken") return;
  });
  holds<Equal<ConnectFailure, MainConnectFailure | ChatConnectFailure>>();
  holds<Equal<MockChatFailure, ChatConnectFailure>>();
}

type MockChatFailure = Parameters<ChatMock["server"]["refuse"]>[0];

export function listening(): void {
  const stop = on(chat, "message:posted", (message) => {
    holds<Equal<typeof message, Message>>();
    // @ts-expect-error payloads are read-only
    message.text = "";
  });
  holds<Equal<typeof stop, () => void>>();
  on(chat, "image:posted", ({ data }) => holds<Equal<typeof data, Bytes>>());
  on(main, "serverMessage", (m) => holds<Equal<typeof m, string>>());
  on(chat, "announce", () => undefined);
  on(chat, "connect", () => undefined);
  on(chat, "disconnect", (reason) => reason === "io server disconnect");
  on(chat, "connect_error", ({ message, data }) => {
    holds<Equal<typeof message, string>>();
    if (data?.code === "name_taken") {
      holds<Equal<typeof data.data.name, string>>();
    }
    return data?.code === "schema_mismatch";
  });
  // @ts-expect-error no such event
  on(chat, "message:post", () => undefined);
  // @ts-expect-error an event of the other namespace
  on(main, "message:posted", () => undefined);
  // @ts-expect-error an event that the client emits
  on(chat, "message:send", () => undefined);
  // @ts-expect-error the payload is no number
  on(main, "serverMessage", (message: number) => message);
}

export function refusals(): void {
  onError(chat, (refusal) => {
    holds<Equal<typeof refusal.event, "typing">>();
    if (refusal.code === "not_member") {
      holds<Equal<typeof refusal.data.room, string>>();
    }
    // @ts-expect-error only this side decides that
    return refusal.code === "timeout";
  });
  onError(main, (refusal) => {
    holds<Equal<typeof refusal.event, "clientMessage">>();
    if (refusal.code === "internal") {
      holds<Equal<typeof refusal.data.id, string>>();
    }
    // @ts-expect-error no event of this namespace answers that
    return refusal.code === "not_member";
  });
}

export async function requests(signal: AbortSignal): Promise<void> {
  const sent = await request(chat, "message:send", { room: "a", text: "b" });
  holds<Equal<typeof sent, Reply<ChatMessageSendAck, ChatMessageSendError>>>();
  if (sent.ok) {
    holds<Equal<typeof sent.value, ChatMessageSendAck>>();
    // @ts-expect-error there is no error then
    void sent.error;
  } else {
    holds<Equal<typeof sent.error, NotMember | CommonFailure>>();
    switch (sent.error.code) {
      case "not_member":
        holds<Equal<typeof sent.error.data.room, string>>();
        break;
      case "invalid_payload":
        holds<Equal<(typeof sent.error.data.issues)[number]["path"], string>>();
        break;
      case "internal":
        holds<Equal<typeof sent.error.data.id, string>>();
        break;
      case "unknown_event":
      case "rate_limited":
      case "timeout":
      case "disconnected":
      case "aborted":
        // @ts-expect-error these carry no data
        void sent.error.data;
        break;
      default:
        holds<Equal<typeof sent.error, never>>();
    }
  }
  const left = await request(chat, "room:leave", { room: "a" }, { signal });
  holds<Equal<typeof left, Done<ChatRoomLeaveError>>>();
  // @ts-expect-error an ack without a value has none
  if (left.ok) void left.value;

  await request(chat, "room:join", { room: "a" }, { timeout: 50, signal });
  // @ts-expect-error the payload is missing
  await request(chat, "message:send");
  // @ts-expect-error a field is missing
  await request(chat, "message:send", { room: "a" });
  // @ts-expect-error a field has the wrong type
  await request(chat, "message:send", { room: "a", text: 1 });
  // @ts-expect-error nothing acknowledges it
  await request(chat, "typing", { room: "a", typing: true });
  // @ts-expect-error nothing in the namespace is acknowledged
  await request(main, "clientMessage", "hello");
  // @ts-expect-error an event of the other namespace
  await request(main, "message:send", { room: "a", text: "b" });
  // @ts-expect-error no such setting
  await request(chat, "room:leave", { room: "a" }, { retries: 1 });
}

// The official methods know the events too.
export async function official(): Promise<void> {
  main.emit("clientMessage", "hello");
  chat.emit("typing", { room: "a", typing: true });
  chat.emit("message:send", { room: "a", text: "b" }, (reply) =>
    holds<
      Equal<typeof reply, Reply<ChatMessageSendAck, ChatMessageSendError>>
    >(),
  );
  const payload = { room: "a", text: "b" };
  const reply = await chat.emitWithAck("message:send", payload);
  holds<Equal<typeof reply, Reply<ChatMessageSendAck, ChatMessageSendError>>>();
  // @ts-expect-error the payload is no number
  main.emit("clientMessage", 1);
  // @ts-expect-error an event that the server emits
  main.emit("serverMessage", "hello");
}

// Generic code can be written over replies, as over any discriminated union.
export function unwrap<T, E extends { readonly message: string }>(
  reply: Reply<T, E>,
): T {
  if (reply.ok) return reply.value;
  throw new Error(reply.error.message);
}

// An error of the schema takes part in the unions of its events alone.
holds<Equal<Extract<ServerFailure, { code: "not_member" }>, never>>();
