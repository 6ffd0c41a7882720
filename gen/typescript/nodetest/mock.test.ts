// SPDX-License-Identifier: Apache-2.0

// The mock behaves as a real connection does, for the same front end.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  type ChatSocket,
  connectChat,
  on,
  onError,
  request,
} from "../testdata/chat";
import { mockChat } from "../testdata/chat.mock";
import { mockBoard, mockMatch } from "../testdata/language.mock";
import * as language from "../testdata/language";
import { connected, serve, sleep, until } from "./harness";

const hello = { room: "a", text: "hello" };
const at = "2026-01-02T03:04:05.678Z";

/** A front end: what it sees of a server that answers as `real` does. */
async function frontEnd(socket: ChatSocket): Promise<unknown[]> {
  const seen: unknown[] = [];
  on(socket, "connect", () => seen.push("connect"));
  on(socket, "disconnect", (reason) => seen.push(reason));
  const stop = on(socket, "announce", (payload) => seen.push(payload));
  onError(socket, (refusal) => seen.push(refusal.code));
  socket.emit("typing", { room: "b", typing: true }); // before it is connected
  seen.push(await request(socket, "message:send", hello));
  seen.push(await request(socket, "room:leave", { room: "a" }));
  await until("the announcement is heard", () => seen.length >= 5);
  stop();
  const late = await request(
    socket,
    "whisper",
    { to: "b", text: "x" },
    { timeout: 30 },
  );
  seen.push(late.ok || late.error.code);
  const gone = await request(socket, "room:join", { room: "end" });
  seen.push(gone.ok || gone.error.code, socket.connected, socket.active);
  return seen;
}

async function real(t: TestContext): Promise<unknown[]> {
  const { io, url } = await serve(t);
  io.of("/chat").on("connection", (s) => {
    s.on("typing", () =>
      s.emit("$error", {
        event: "typing",
        code: "internal",
        message: "",
        data: { id: "" },
      }),
    );
    s.on("message:send", (payload, ack) =>
      ack({ ok: true, value: { id: payload.text.length, at } }),
    );
    s.on("room:leave", ({ room }, ack) => {
      ack({
        ok: false,
        error: { code: "not_member", message: "", data: { room } },
      });
      s.emit("announce", { text: "hi", at });
    });
    s.on("room:join", () => s.disconnect());
  });
  const socket = connectChat(url, {
    auth: { name: "ann" },
    forceNew: true,
    reconnection: false,
  });
  t.after(() => socket.disconnect());
  return frontEnd(socket);
}

async function scripted(): Promise<unknown[]> {
  const { socket, server } = mockChat();
  server.on("typing", () =>
    server.emit("$error", {
      event: "typing",
      code: "internal",
      message: "",
      data: { id: "" },
    }),
  );
  server.on("message:send", (payload, ack) =>
    ack({ ok: true, value: { id: payload.text.length, at } }),
  );
  server.on("room:leave", ({ room }, ack) => {
    ack({
      ok: false,
      error: { code: "not_member", message: "", data: { room } },
    });
    server.emit("announce", { text: "hi", at });
  });
  server.on("room:join", () => server.disconnect());
  return frontEnd(socket);
}

test("a front end sees the same of a mock as of a server", async (t) => {
  const seen = await scripted();
  assert.deepEqual(seen, await real(t));
  assert.equal(seen[0], "connect");
  assert.deepEqual(seen.slice(-5), [
    "timeout",
    "io server disconnect",
    "disconnected",
    false,
    false,
  ]);
});

test("values cross as JSON and binary data do", async () => {
  const { socket, server } = mockChat();
  await connected({ after: () => undefined } as unknown as TestContext, socket);
  const data = Uint8Array.of(1, 2);
  const payload = {
    room: "a",
    mime: "image/png",
    data,
    alt: "",
    extra: undefined,
  };
  server.on("image:send", (received, ack) => {
    assert.notEqual(received, payload);
    assert.deepEqual(Object.keys(received), ["room", "mime", "data", "alt"]);
    assert.deepEqual(received.data, data);
    ack({ ok: true });
  });
  assert.deepEqual(await request(socket, "image:send", payload), { ok: true });
  assert.deepEqual(
    server.received.map(({ event }) => event),
    ["image:send"],
  );
  const circle = { room: "a", text: 1n } as unknown as typeof hello;
  const reply = await request(socket, "message:send", circle);
  assert.ok(!reply.ok && reply.error.code === "invalid_payload");
});

test("a mock that is told so waits, and is refused", async () => {
  const { socket, server } = mockChat({ autoConnect: false });
  await sleep(5);
  assert.ok(!socket.connected && socket.active);
  const told: unknown[] = [];
  on(socket, "connect_error", ({ data }) => told.push(data?.code));
  server.refuse({ code: "name_taken", message: "", data: { name: "ann" } });
  assert.deepEqual(told, ["name_taken"]);
  assert.ok(!socket.active);
  const reply = await request(socket, "message:send", hello);
  assert.ok(!reply.ok && reply.error.code === "disconnected");
  socket.connect();
  await until("it is connected", () => socket.connected);
  server.disconnect("transport close");
  assert.ok(!socket.connected && socket.active);
  server.accept();
  assert.ok(socket.connected);
});

test("positional arguments and acks of the client", async () => {
  const { socket, server } = mockBoard();
  language.on(socket, "confirm", (question, hint, ack) =>
    ack(question === "q" && hint == null),
  );
  await until("it is connected", () => socket.connected);
  const answer = await new Promise((resolve) => {
    server.emit("confirm", "q", undefined, resolve);
  });
  assert.equal(answer, true);
  server.on("save", (name, state, note, size, ack) => {
    assert.deepEqual([state, note, size], ["away", null, null]);
    ack({ ok: true, value: language.RoomID(name) });
  });
  const saved = await language.request(socket, "save", "a", "away");
  assert.deepEqual(saved, { ok: true, value: "a" });
  // @ts-expect-error the mock is as exact as the socket
  server.emit("said", 1);

  const match = mockMatch();
  const heard: unknown[] = [];
  language.on(match.socket, "tick", (n) => heard.push(n));
  await until("it is connected", () => match.socket.connected);
  match.server.emit("tick", 7);
  await until("the tick is heard", () => heard.length === 1);
  assert.deepEqual(heard, [7]);
});

test("the official methods work, too", async () => {
  const { socket, server } = mockChat();
  const heard: unknown[] = [];
  socket.volatile.emit("typing", { room: "a", typing: true }); // lost
  socket.once("announce", ({ text }) => heard.push(text));
  socket.onAny((event: string) => heard.push(event));
  await until("it is connected", () => socket.connected);
  for (const text of ["a", "b"]) server.emit("announce", { text, at });
  await until("both have come", () => heard.length === 3);
  assert.deepEqual(heard, ["announce", "a", "announce"]);
  server.on("message:send", (_payload, ack) =>
    ack({ ok: true, value: { id: 1, at } }),
  );
  const reply = await socket.emitWithAck("message:send", hello);
  assert.ok(reply.ok);
  assert.equal(server.received.length, 1);
  await assert.rejects(
    socket.timeout(5).emitWithAck("room:leave", { room: "a" }),
    /timed out/,
  );
  socket.offAny().disconnect();
  assert.equal(socket.id, undefined);
});

test("listeners of every event, in both directions", async () => {
  const { socket, server } = mockChat();
  const heard: unknown[] = [];
  const last = (event: string): unknown => heard.push("last " + event);
  socket.onAny(last);
  socket.prependAny((event: string) => heard.push("first " + event));
  socket.onAnyOutgoing((event: string) => heard.push("out " + event));
  socket.prependAnyOutgoing((event: string) => heard.push("before " + event));
  socket.emit("typing", { room: "a", typing: true });
  socket.on("announce", () => heard.push("announce"));
  await until("it is connected", () => socket.connected);
  server.emit("announce", { text: "a", at });
  await until("it is heard", () => heard.length === 5);
  assert.deepEqual(heard.splice(0), [
    "before typing",
    "out typing",
    "first announce",
    "last announce",
    "announce",
  ]);
  assert.equal(socket.listenersAny().length, 2);
  assert.equal(socket.listenersAnyOutgoing().length, 2);
  socket.offAny(last).offAnyOutgoing().removeAllListeners("announce");
  server.emit("announce", { text: "b", at });
  await until("the first is left", () => heard.length === 1);
  assert.throws(() => socket.io, /no connection beneath/);
});
