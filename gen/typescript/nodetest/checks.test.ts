// SPDX-License-Identifier: Apache-2.0

// With a check, nothing is emitted that the server would refuse.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { type ChatSocket, connectChat, request } from "../testdata/chat";
import { mockChat } from "../testdata/chat.mock";
import { checkSentChat, SendError } from "../testdata/chat.schemas";
import * as language from "../testdata/language";
import {
  checkSentBoard,
  SendError as BoardError,
} from "../testdata/language.schemas";
import { connected, serve, until } from "./harness";

const good = { room: "a", text: "hello" };
const bad = { ...good, replyTo: 0.5 };
const value = { id: 1, at: "2026-01-02T03:04:05.678Z" };

/** A checked socket of an official server, and of the mock; both answer. */
async function sockets(t: TestContext): Promise<[ChatSocket, string[]][]> {
  const { io, url } = await serve(t);
  const real: string[] = [];
  io.of("/chat").on("connection", (s) => {
    s.on("message:send", (_payload, ack) => ack({ ok: true, value }));
    s.onAny((event: string) => real.push(event));
  });
  const options = { auth: { name: "ann" }, forceNew: true };
  const socket = connectChat(url, { ...options, check: checkSentChat });
  const mock = mockChat({ check: checkSentChat });
  const mocked: string[] = [];
  mock.socket.onAnyOutgoing((event: string) => mocked.push(event));
  mock.server.on("message:send", (_payload, ack) => {
    ack({ ok: true, value });
  });
  return [
    [await connected(t, socket), real],
    [mock.socket, mocked],
  ];
}

test("emit throws what is wrong, and where; request resolves with it", async (t) => {
  for (const [socket, sent] of await sockets(t)) {
    const issues = [{ path: "replyTo", message: "must be a whole number" }];
    const fails = (emit: () => unknown): void => {
      assert.throws(emit, (error) => {
        assert.ok(error instanceof SendError);
        assert.equal(error.event, "message:send");
        assert.deepEqual(error.issues, issues);
        assert.match(
          error.message,
          /^"message:send" does not fit: replyTo: must/,
        );
        return true;
      });
    };
    const ack = (): void => undefined;
    fails(() => socket.emit("message:send", bad, ack));
    fails(() => socket.volatile.emit("message:send", bad, ack));
    fails(() => socket.timeout(50).emit("message:send", bad, ack));
    await assert.rejects(socket.emitWithAck("message:send", bad), SendError);

    const reply = await request(socket, "message:send", bad);
    assert.ok(!reply.ok && reply.error.code === "invalid_payload");
    assert.deepEqual(reply.error.data.issues, issues);

    // What fits is sent, and nothing is left of what has failed.
    const answer = await new Promise((resolve) => {
      socket.emit("message:send", good, resolve);
    });
    assert.deepEqual(answer, { ok: true, value });
    assert.deepEqual(await request(socket, "message:send", good), answer);
    socket.emit("typing", { room: "a", typing: true });
    await until("all have arrived", () => sent.length === 3);
    assert.deepEqual(sent, ["message:send", "message:send", "typing"]);
  }
});

test("several arguments, unknown fields and paths", async (t) => {
  const { url } = await serve(t);
  const auth = { token: "t" };
  const options = { auth, forceNew: true, check: checkSentBoard };
  const socket = language.connectBoard(url, options);
  t.after(() => socket.disconnect());
  const paths = (event: string, ...args: unknown[]): string[] => {
    const untyped = socket as unknown as {
      emit(event: string, ...args: unknown[]): void;
    };
    try {
      untyped.emit(event, ...args);
      return [];
    } catch (error) {
      assert.ok(error instanceof BoardError, String(error));
      return error.issues.map(({ path }) => path);
    }
  };
  const ack = (): void => undefined;
  assert.deepEqual(paths("cursor:move", 1, 2), []);
  assert.deepEqual(paths("cursor:move", 1, "2"), ["args[1]"]);
  assert.deepEqual(paths("cursor:move"), ["args[0]", "args[1]"]);
  assert.deepEqual(paths("save", "n", "away", null, undefined, ack), []);
  assert.deepEqual(paths("save", "n", "away", 7, undefined, ack), ["args[2]"]);
  assert.deepEqual(paths("one", null, ack), []);
  assert.deepEqual(paths("one", 1, ack), ["args[0]"]);
  assert.deepEqual(paths("ping", ack), []);
  assert.deepEqual(paths("no such event", {}), []);
  assert.deepEqual(paths("ask", { kind: "none" }, ack), [], "an unknown kind");
  const text = { kind: "text", body: "x", "odd one": 1 };
  assert.deepEqual(paths("ask", text, ack), ['["odd one"]']);
});
