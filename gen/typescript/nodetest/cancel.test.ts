// SPDX-License-Identifier: Apache-2.0

// Requests that are given up: the server learns of it where it wants to, by $cancel.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Packet } from "socket.io-parser";
import { type ChatSocket, connectChat, request } from "../testdata/chat";
import { connected, serve, sleep, until } from "./harness";

const options = { auth: { name: "ann" }, forceNew: true };
const hello = { room: "a", text: "hello" };

/**
 * Connects to a server that never answers, and collects what it receives. Its reply
 * to CONNECT has the given $cancel, if any.
 */
async function silent(
  t: TestContext,
  offer?: unknown,
  more: { retries?: number; ackTimeout?: number } = {},
): Promise<[ChatSocket, unknown[][]]> {
  const { io, url } = await serve(t);
  const received: unknown[][] = [];
  io.of("/chat").use((s, next) => {
    const replier = s as unknown as { packet: (packet: Packet) => void };
    const send = replier.packet.bind(s);
    replier.packet = (packet) => {
      if (offer !== undefined && "sid" in Object(packet.data)) {
        packet.data = { ...(packet.data as object), $cancel: offer };
      }
      send(packet);
    };
    s.onAny((...args: unknown[]) => {
      received.push(args.filter((arg) => typeof arg !== "function"));
    });
    next();
  });
  const socket = connectChat(url, { ...options, ...more });
  return [await connected(t, socket), received];
}

test("an abort and a timeout are told by the id of the ack", async (t) => {
  const [socket, received] = await silent(t, true);
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = request(socket, "message:send", hello);
  const pending = request(socket, "message:send", hello, { signal });
  await until("the server has both", () => received.length === 2);
  controller.abort();
  assert.equal((await pending).ok, false);
  await request(socket, "message:send", hello, { timeout: 20 });
  await until("the server has all", () => received.length === 5);
  const sent = ["message:send", hello];
  const want = [sent, sent, ["$cancel", 1], sent, ["$cancel", 2]];
  assert.deepEqual(received, want);
  socket.disconnect();
  const reply = await waiting;
  assert.ok(!reply.ok && reply.error.code === "disconnected");
});

test("what is aborted before it is sent is not sent", async (t) => {
  const [socket, received] = await silent(t, true);
  socket.disconnect().connect();
  const controller = new AbortController();
  const { signal } = controller;
  socket.emit("typing", { room: "a", typing: true });
  const pending = request(socket, "message:send", hello, { signal });
  socket.emit("typing", { room: "a", typing: false });
  controller.abort();
  assert.equal((await pending).ok, false);
  await until("the server has the rest", () => received.length === 2);
  await sleep(30);
  assert.deepEqual(
    received.map(([name]) => name),
    ["typing", "typing"],
  );
});

test("a server that does not offer it hears nothing", async (t) => {
  for (const offer of [undefined, false, 1, "true", null]) {
    const [socket, received] = await silent(t, offer);
    const signal = AbortSignal.timeout(20);
    await request(socket, "message:send", hello, { signal });
    await request(socket, "message:send", hello, { timeout: 20 });
    socket.emit("typing", { room: "a", typing: true });
    await until("the server has all", () => received.length >= 3);
    assert.ok(!received.some(([name]) => name === "$cancel"), String(offer));
  }
});

test("what is sent with retries is not taken back", async (t) => {
  const [socket, received] = await silent(t, true, { retries: 3 });
  const signal = AbortSignal.timeout(20);
  const reply = await request(socket, "message:send", hello, { signal });
  assert.ok(!reply.ok && reply.error.code === "aborted");
  await sleep(30);
  assert.deepEqual(received, [["message:send", hello]]);
});

test("an answer that comes nevertheless is dropped", async (t) => {
  const { io, url } = await serve(t);
  const answers: (() => void)[] = [];
  io.of("/chat").on("connection", (s) => {
    s.on("message:send", (_payload, ack) => {
      answers.push(() => ack({ ok: true, value: { id: 1, at: "" } }));
    });
  });
  const socket = await connected(t, connectChat(url, options));
  const signal = AbortSignal.timeout(20);
  const reply = await request(socket, "message:send", hello, { signal });
  for (const answer of answers) answer();
  assert.equal(
    (await request(socket, "message:send", hello, { timeout: 30 })).ok,
    false,
  );
  assert.ok(!reply.ok && reply.error.code === "aborted" && socket.connected);
});
