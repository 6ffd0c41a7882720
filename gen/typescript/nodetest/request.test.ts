// SPDX-License-Identifier: Apache-2.0

// What request resolves with, whatever the server and the connection do.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test, type TestContext } from "node:test";
import type { Namespace } from "socket.io";
import {
  type ChatClientToServer,
  type ChatServerToClient,
  type ChatSocket,
  connectChat,
  on,
  request,
} from "../testdata/chat";
import { connect, request as ask, type Socket } from "../testdata/kinds";
import { connected, serve, sleep, until } from "./harness";

type Chat = Namespace<ChatClientToServer, ChatServerToClient>;

const options = { auth: { name: "ann" }, forceNew: true };
const hello = { room: "a", text: "hello" };

async function chat(t: TestContext): Promise<[ChatSocket, Chat]> {
  const { io, url } = await serve(t);
  const namespace: Chat = io.of("/chat");
  return [await connected(t, connectChat(url, options)), namespace];
}

/** Answers every event of /kinds with the given ack arguments. */
async function kinds(t: TestContext, ...answer: unknown[]): Promise<Socket> {
  const { io, url } = await serve(t);
  io.of("/kinds").on("connection", (s) => {
    s.onAny((_event, ...args: unknown[]) => {
      const ack = args.at(-1);
      if (typeof ack === "function") ack(...answer);
    });
  });
  return connected(t, connect(url, { auth: { token: "t" }, forceNew: true }));
}

/** Replaces the listeners of a namespace's next and present sockets. */
function onMessage(
  namespace: Chat,
  listener: ChatClientToServer["message:send"],
): void {
  for (const s of namespace.sockets.values()) s.on("message:send", listener);
}

test("a reply arrives as the server sent it", async (t) => {
  const [socket, server] = await chat(t);
  const value = { id: 1, at: "2026-01-02T03:04:05.678Z" };
  onMessage(server, (payload, ack) => {
    assert.deepEqual(payload, hello);
    ack({ ok: true, value });
  });
  const reply = await request(socket, "message:send", hello);
  assert.deepEqual(reply, { ok: true, value });
});

test("a declared failure narrows to its data", async (t) => {
  const [socket, server] = await chat(t);
  onMessage(server, ({ room }, ack) => {
    const message = "join the room first";
    ack({ ok: false, error: { code: "not_member", message, data: { room } } });
  });
  const reply = await request(socket, "message:send", hello);
  assert.ok(!reply.ok && reply.error.code === "not_member");
  assert.equal(reply.error.data.room, "a");
});

test("an event without payload carries the ack alone", async (t) => {
  const { io, url } = await serve(t);
  const lengths: number[] = [];
  io.of("/kinds").on("connection", (s) => {
    s.on("pong", (...args) => {
      lengths.push(args.length);
      args[0]({ ok: true });
    });
  });
  const socket = connect(url, { auth: { token: "t" }, forceNew: true });
  await connected(t, socket);
  assert.deepEqual(await ask(socket, "pong"), { ok: true });
  const late = await ask(socket, "pong", undefined, { timeout: 1000 });
  assert.deepEqual(late, { ok: true });
  assert.deepEqual(lengths, [1, 1]);
});

test("plain acks are wrapped, whatever they hold", async (t) => {
  for (const value of [7, null, "", { ok: false }, { ok: true, value: 1 }]) {
    const socket = await kinds(t, value);
    const reply = await ask(socket, "legacy:get", "key");
    assert.deepEqual(reply, { ok: true, value });
  }
  const socket = await kinds(t);
  const reply = await ask(socket, "legacy:done");
  assert.deepEqual(reply, { ok: true, value: undefined });
});

test("an answer that is no reply is an internal failure", async (t) => {
  const strange = [
    undefined,
    null,
    5,
    "ok",
    [],
    {},
    { ok: 1 },
    { ok: false },
    { ok: false, error: null },
    { ok: false, error: "not_member" },
    { ok: false, error: { code: 7 } },
    JSON.parse('{"__proto__":{"ok":true}}'),
  ];
  for (const answer of strange) {
    const reply = await ask(await kinds(t, answer), "list");
    assert.ok(!reply.ok, JSON.stringify(answer));
    assert.equal(reply.error.code, "internal", JSON.stringify(answer));
  }
});

test("no answer in time is a timeout, and a late one is ignored", async (t) => {
  const [socket, server] = await chat(t);
  let answer: (() => void) | undefined;
  onMessage(server, (_payload, ack) => {
    answer = () => ack({ ok: true, value: { id: 1, at: "" } });
  });
  const begun = Date.now();
  const reply = await request(socket, "message:send", hello, { timeout: 60 });
  assert.ok(Date.now() - begun >= 55);
  assert.ok(!reply.ok && reply.error.code === "timeout");
  answer?.();
  await sleep(30);
  assert.ok(!reply.ok && socket.connected);
});

test("the timeout is ten seconds unless said otherwise", async (t) => {
  const [socket, server] = await chat(t);
  onMessage(server, (_payload, ack) =>
    ack({ ok: true, value: { id: 1, at: "" } }),
  );
  const timeout = t.mock.method(socket, "timeout");
  await request(socket, "message:send", hello);
  await request(socket, "message:send", hello, {});
  await request(socket, "message:send", hello, { timeout: 5000 });
  const given = timeout.mock.calls.map((call) => call.arguments[0]);
  assert.deepEqual(given, [10_000, 10_000, 5000]);
});

test("a connection that ends meanwhile is disconnected", async (t) => {
  const [socket, server] = await chat(t);
  onMessage(server, () => server.disconnectSockets());
  const reply = await request(socket, "message:send", hello);
  assert.ok(!reply.ok && reply.error.code === "disconnected");

  // The server ended it, so the socket will not connect by itself.
  const begun = Date.now();
  const next = await request(socket, "message:send", hello);
  assert.ok(!next.ok && next.error.code === "disconnected");
  assert.ok(Date.now() - begun < 1000);
  assert.equal(socket.sendBuffer.length, 0);
});

test("a request made while connecting waits for the connection", async (t) => {
  const { io, url } = await serve(t);
  io.of("/chat").on("connection", (s) => {
    s.on("message:send", (_payload, ack) => ack({ ok: true, value: 1 }));
  });
  const socket = connectChat(url, options);
  t.after(() => socket.disconnect());
  assert.ok(!socket.connected);
  assert.ok((await request(socket, "message:send", hello)).ok);
});

test("without a server requests end in time and leave nothing", async (t) => {
  const socket = connectChat("http://127.0.0.1:1", options);
  t.after(() => socket.disconnect());
  const replies = await Promise.all(
    Array.from({ length: 1001 }, () =>
      request(socket, "message:send", hello, { timeout: 50 }),
    ),
  );
  for (const reply of replies) {
    assert.ok(!reply.ok && reply.error.code === "disconnected");
  }
  assert.equal(socket.sendBuffer.length, 0);
});

test("at most 1,000 events wait for a connection", async (t) => {
  const socket = connectChat("http://127.0.0.1:1", options);
  t.after(() => socket.disconnect());
  for (let i = 0; i < 1000; i++) {
    socket.emit("typing", { room: "a", typing: true });
  }
  const begun = Date.now();
  const reply = await request(socket, "message:send", hello);
  assert.ok(!reply.ok && reply.error.code === "disconnected");
  assert.ok(Date.now() - begun < 1000);
  assert.equal(socket.sendBuffer.length, 1000);
});

test("an abort ends the wait, before and during it", async (t) => {
  const [socket, server] = await chat(t);
  let received = 0;
  onMessage(server, () => received++);

  const controller = new AbortController();
  const { signal } = controller;
  const pending = request(socket, "message:send", hello, { signal });
  await until("the server has the event", () => received === 1);
  controller.abort();
  const reply = await pending;
  assert.ok(!reply.ok && reply.error.code === "aborted");

  const late = await request(socket, "message:send", hello, { signal });
  assert.ok(!late.ok && late.error.code === "aborted");
  await sleep(30);
  assert.equal(received, 1, "what was aborted before it began was sent");
});

test("a signal that outlives its requests collects no listeners", async (t) => {
  const [socket, server] = await chat(t);
  const value = { id: 1, at: "" };
  let silent = false;
  onMessage(server, (_payload, ack) => silent || ack({ ok: true, value }));
  const { signal } = new AbortController();
  for (let i = 0; i < 5; i++) {
    await request(socket, "message:send", hello, { signal });
  }
  silent = true;
  await request(socket, "message:send", hello, { signal, timeout: 20 });
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("what JSON cannot express is refused, and harms nothing", async (t) => {
  const socket = await kinds(t, { ok: true, value: 1 });
  const circle: { self?: unknown } = {};
  circle.self = circle;
  for (const payload of [circle, { big: 10n }]) {
    const reply = await ask(socket, "raw", payload);
    assert.ok(!reply.ok && reply.error.code === "invalid_payload");
    assert.equal(reply.error.data.issues[0]?.path, "");
  }
  // A flag left behind would put an error before the value.
  const first = await new Promise((resolve) => {
    socket.emit("legacy:get", "key", resolve);
  });
  assert.deepEqual(first, { ok: true, value: 1 });
});

test("thousands of requests in flight find their own answers", async (t) => {
  const [socket, server] = await chat(t);
  onMessage(server, ({ replyTo = 0 }, ack) => {
    const answer = (): void =>
      ack({ ok: true, value: { id: replyTo, at: "" } });
    if (replyTo % 3 === 0) setTimeout(answer, replyTo % 20);
    else answer();
  });
  const ids = Array.from({ length: 2000 }, (_, i) => i);
  const replies = await Promise.all(
    ids.map((replyTo) =>
      request(socket, "message:send", { ...hello, replyTo }),
    ),
  );
  assert.deepEqual(
    replies.map((reply) => reply.ok && reply.value.id),
    ids,
  );
});

test("listeners of the official socket see requests too", async (t) => {
  const [socket, server] = await chat(t);
  onMessage(server, (_payload, ack) =>
    ack({ ok: true, value: { id: 1, at: "" } }),
  );
  const seen: unknown[] = [];
  socket.onAnyOutgoing((event) => seen.push(event));
  const stop = on(socket, "announce", () => undefined);
  await request(socket, "message:send", hello);
  stop();
  assert.deepEqual(seen, ["message:send"]);
});
