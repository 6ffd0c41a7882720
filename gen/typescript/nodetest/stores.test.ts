// SPDX-License-Identifier: Apache-2.0

// Svelte's stores without a page: who subscribes, and what that opens and closes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChatMock, mockChat } from "../testdata/chat.mock";
import { connectionStore, requestStore } from "../testdata/chat.stores";
import { until } from "./harness";

const good = { room: "a", text: "hello" };
const value = { id: 1, at: "2026-01-02T03:04:05.678Z" };

/** A store whose sockets are mocks, and those that it has opened. */
function stores() {
  const mocks: ChatMock[] = [];
  const connection = connectionStore(() => {
    const mock = mockChat();
    mock.server.on("message:send", (payload, ack) => {
      if (payload.text !== "") ack({ ok: true, value });
    });
    mocks.push(mock);
    return mock.socket;
  });
  return { mocks, connection, send: requestStore(connection, "message:send") };
}

test("a request sends though nobody subscribes, and then lets the socket go", async () => {
  const { mocks, send } = stores();
  for (const n of [1, 2]) {
    const reply = await send.send(good);
    assert.deepEqual(reply, { ok: true, value });
    assert.equal(mocks.length, n);
    assert.equal(mocks[n - 1]?.socket.active, false, "the socket is open");
  }
});

test("requests at a time share the socket, and with those who subscribe", async () => {
  const { mocks, connection, send } = stores();
  const both = await Promise.all([send.send(good), send.send(good)]);
  assert.ok(both.every((reply) => reply.ok));
  assert.equal(mocks.length, 1);
  assert.equal(mocks[0]?.socket.active, false);

  const seen: unknown[] = [];
  const stop = send.subscribe(({ pending, reply }) => {
    seen.push(pending ? "pending" : reply);
  });
  const ok = { ok: true, value };
  assert.deepEqual(await send.send(good), ok);
  assert.equal(mocks.length, 2);
  assert.equal(mocks[1]?.socket.active, true);
  assert.deepEqual(seen.slice(-2), ["pending", ok]);

  // Who leaves while a request is under way does not tear it.
  const last = send.send(good);
  stop();
  assert.deepEqual(await last, ok);
  assert.equal(mocks[1]?.socket.active, false);
  let status = "";
  connection.subscribe((now) => (status = now.status))();
  assert.equal(status, "connecting");
});

test("a socket that is refused ends the request", async () => {
  const { mocks, send } = stores();
  const pending = send.send({ ...good, text: "" });
  await until("it is sent", () => mocks[0]?.server.received.length === 1);
  mocks[0]?.server.disconnect();
  const reply = await pending;
  assert.ok(!reply.ok && reply.error.code === "disconnected");
});
