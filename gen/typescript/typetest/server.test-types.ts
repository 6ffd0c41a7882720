// SPDX-License-Identifier: Apache-2.0

// The maps fit an official server, so that a team can move event by event.

import type { ChatClientToServer, ChatServerToClient } from "../testdata/chat";
import type { ClientToServer, ServerToClient } from "../testdata/kinds";
import { Server } from "socket.io";

export function chat(): void {
  const io = new Server<ChatClientToServer, ChatServerToClient>();
  io.on("connection", (socket) => {
    socket.on("message:send", ({ room, text }, ack) => {
      const at = new Date().toISOString();
      const from = { id: socket.id, name: "ann" };
      io.to(room).emit("message:posted", { id: 1, room, from, text, at });
      ack({ ok: true, value: { id: 1, at } });
      const data = { room };
      ack({ ok: false, error: { code: "not_member", message: "", data } });
      // @ts-expect-error the event does not answer that
      ack({ ok: false, error: { code: "name_taken", message: "", data } });
      // @ts-expect-error the id is missing
      ack({ ok: true, value: { at } });
    });
    socket.on("room:leave", (_room, ack) => ack({ ok: true }));
    socket.on("typing", () => {
      const data = { id: "7f" };
      const failure = { code: "internal", message: "", data } as const;
      socket.emit("$error", { event: "typing", ...failure });
    });
    // @ts-expect-error no such event
    socket.emit("message:post", "hello");
    // @ts-expect-error no such payload
    socket.emit("announce", "hello");
  });
}

export async function kinds(): Promise<void> {
  const io = new Server<ClientToServer, ServerToClient>();
  io.on("connection", (socket) => {
    socket.on("legacy:get", (key, ack) => ack(key.length));
    socket.on("list", (ack) => ack({ ok: true, value: [] }));
    socket.on("index", (_payload, ack) =>
      ack({ ok: true, value: { a: Buffer.from("a"), b: null } }),
    );
  });
  const answers = await io.timeout(50).emitWithAck("confirm", { a: true });
  const first: boolean | undefined = answers[0];
  void first;
}
