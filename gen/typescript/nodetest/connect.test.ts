// SPDX-License-Identifier: Apache-2.0

// Connecting, credentials, listening and refusals.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ChatAuth,
  connectChat,
  connectMain,
  fingerprintChat,
  fingerprintMain,
  on,
  onError,
} from "../testdata/chat";
import { connect, on as listen, request } from "../testdata/kinds";
import { connected, serve, sleep, until } from "./harness";

const ann = { name: "ann" };

test("both namespaces share one connection", async (t) => {
  const { io, url } = await serve(t);
  io.of("/chat");
  const main = await connected(t, connectMain(url));
  const chat = await connected(t, connectChat(`${url}/`, { auth: ann }));
  assert.equal(main.io, chat.io);
  assert.equal(io.engine.clientsCount, 1);
  assert.equal(io.of("/chat").sockets.size, 1);
});

test("credentials may be given or found", async (t) => {
  const { io, url } = await serve(t);
  const seen: unknown[] = [];
  io.of("/chat").use((socket, next) => {
    seen.push(socket.handshake.auth);
    next();
  });
  const ways: (ChatAuth | (() => ChatAuth | Promise<ChatAuth>))[] = [
    { name: "given" },
    () => ({ name: "found" }),
    async () => ({ name: "fetched", key: "k" }),
  ];
  for (const auth of ways) {
    await connected(t, connectChat(url, { auth, forceNew: true }));
  }
  const $sockgen = fingerprintChat;
  assert.deepEqual(seen, [
    { name: "given", $sockgen },
    { name: "found", $sockgen },
    { name: "fetched", key: "k", $sockgen },
  ]);
});

test("every connection tells the fingerprint of its namespace", async (t) => {
  const { io, url } = await serve(t);
  const seen: unknown[] = [];
  io.use((socket, next) => {
    seen.push(socket.handshake.auth);
    next();
  });
  const opts = { forceNew: true, reconnectionDelay: 5 };
  const socket = await connected(t, connectMain(url, opts));
  socket.io.engine.close();
  await until("it has reconnected", () => seen.length === 2);
  const told = { $sockgen: fingerprintMain };
  assert.deepEqual(seen, [told, told]);
  assert.notEqual(fingerprintMain, fingerprintChat);
});

test("credentials are found again for every connection", async (t) => {
  const { io, url } = await serve(t);
  const seen: unknown[] = [];
  io.of("/chat").use((socket, next) => {
    seen.push(socket.handshake.auth["name"]);
    next();
  });
  let n = 0;
  const auth = (): ChatAuth => ({ name: `ann${++n}` });
  const opts = { auth, forceNew: true, reconnectionDelay: 5 };
  const socket = await connected(t, connectChat(url, opts));
  socket.io.engine.close();
  await until("it has reconnected", () => seen.length === 2);
  assert.deepEqual(seen, ["ann1", "ann2"]);
});

test("credentials that cannot be found refuse the connection", async (t) => {
  const { io, url } = await serve(t);
  io.of("/chat");
  const failing = [
    () => {
      throw new Error("no token");
    },
    () => Promise.reject(new Error("no token")),
  ];
  for (const auth of failing) {
    const socket = connectChat(url, { auth, forceNew: true });
    const error = await new Promise<Error>((resolve) =>
      on(socket, "connect_error", resolve),
    );
    assert.equal(error.message, "no token");
    assert.ok(!socket.active && !socket.connected);
  }
});

test("credentials that come late are not sent", async (t) => {
  const { io, url } = await serve(t);
  const seen: unknown[] = [];
  io.of("/chat").use((socket, next) => {
    seen.push(socket.handshake.auth["name"]);
    next();
  });
  const pending: ((credentials: ChatAuth) => void)[] = [];
  const auth = (): Promise<ChatAuth> =>
    new Promise((resolve) => pending.push(resolve));
  const asked = (n: number): Promise<void> =>
    until(`it asks for credentials ${n} times`, () => pending.length === n);
  const answer = async (n: number): Promise<void> => {
    pending[n - 1]?.({ name: `answer ${n}` });
    await sleep(30);
  };
  // Another socket holds the connection when this one leaves it.
  const opts = { reconnectionDelay: 5, query: { test: "late" } };
  const main = await connected(t, connectMain(url, opts));
  const socket = connectChat(url, { ...opts, auth });
  t.after(() => socket.disconnect());
  assert.equal(socket.io, main.io);

  await asked(1);
  socket.io.once("reconnect_attempt", () => void answer(1));
  socket.io.engine.close(); // the answer comes before the next connection
  await asked(2);
  socket.io.engine.close(); // the answer comes after it
  await asked(3);
  await answer(2);
  socket.disconnect(); // the answer comes when nobody wants it
  await answer(3);
  socket.connect();
  await asked(4);
  socket.disconnect().connect(); // the answer comes after the next question
  await asked(5);
  await answer(4);
  assert.deepEqual(seen, []);
  await answer(5);
  await until("it is connected", () => socket.connected);
  assert.deepEqual(seen, ["answer 5"]);
});

test("a connection that the server refuses tells why", async (t) => {
  const { io, url } = await serve(t);
  io.of("/chat").use((_socket, next) => {
    const message = "somebody here already has that name";
    const data = { code: "name_taken", message, data: { name: "ann" } };
    next(Object.assign(new Error(message), { data }));
  });
  const socket = connectChat(url, { auth: ann, forceNew: true });
  const name = await new Promise((resolve) =>
    on(socket, "connect_error", ({ data }) => {
      resolve(data?.code === "name_taken" && data.data.name);
    }),
  );
  assert.equal(name, "ann");
});

test("on returns what removes that listener, and no other", async (t) => {
  const { io, url } = await serve(t);
  const socket = await connected(t, connectMain(url, { forceNew: true }));
  const heard: string[] = [];
  const stop = on(socket, "serverMessage", (m) => heard.push(`a ${m}`));
  on(socket, "serverMessage", (m) => heard.push(`b ${m}`));
  io.emit("serverMessage", "1");
  await until("both have heard", () => heard.length === 2);
  stop();
  stop();
  io.emit("serverMessage", "2");
  await until("one has heard", () => heard.length === 3);
  assert.deepEqual(heard, ["a 1", "b 1", "b 2"]);
  assert.equal(socket.listeners("serverMessage").length, 1);
});

test("on hears the socket's own events", async (t) => {
  const { io, url } = await serve(t);
  const socket = connectMain(url, { forceNew: true });
  const heard: string[] = [];
  const stop = on(socket, "connect", () => heard.push("connect"));
  on(socket, "disconnect", (reason) => heard.push(reason));
  await connected(t, socket);
  stop();
  io.disconnectSockets();
  await until("it is disconnected", () => !socket.connected);
  assert.deepEqual(heard, ["connect", "io server disconnect"]);
  assert.equal(socket.listeners("connect").length, 0);
});

test("onError hears refusals, until it is stopped", async (t) => {
  const { io, url } = await serve(t);
  io.of("/chat").on("connection", (s) => {
    s.on("typing", ({ room }) => {
      const failure = { code: "not_member", message: "join", data: { room } };
      s.emit("$error", { event: "typing", ...failure });
    });
  });
  const opts = { auth: ann, forceNew: true };
  const socket = await connected(t, connectChat(url, opts));
  const rooms: string[] = [];
  const stop = onError(socket, (refusal) => {
    if (refusal.code === "not_member") rooms.push(refusal.data.room);
  });
  socket.emit("typing", { room: "a", typing: true });
  await until("the refusal is heard", () => rooms.length === 1);
  stop();
  assert.deepEqual(rooms, ["a"]);
  assert.equal(socket.listeners("$error").length, 0);
});

test("an ack of ours is a bare value", async (t) => {
  const { io, url } = await serve(t);
  const server = io.of("/kinds");
  const auth = { token: "t" };
  const socket = await connected(t, connect(url, { auth, forceNew: true }));
  listen(socket, "confirm", (questions, ack) => ack(questions["a"] ?? false));
  const answers = await server
    .timeout(1000)
    .emitWithAck("confirm", { a: true });
  assert.deepEqual(answers, [true]);
});

test("names of JavaScript's own properties are names like others", async (t) => {
  const { io, url } = await serve(t);
  const before = Object.getOwnPropertyNames(Object.prototype);
  const special = JSON.parse(
    '{"__proto__":7,"constructor":"c","hasOwnProperty":true}',
  );
  io.of("/kinds").on("connection", (s) => {
    s.on("__proto__", (value, ack) => ack({ ok: true, value }));
    s.on("constructor", (ack) => ack({ ok: true }));
  });
  const auth = { token: "t" };
  const socket = await connected(t, connect(url, { auth, forceNew: true }));
  const reply = await request(socket, "__proto__", special);
  assert.ok(reply.ok);
  assert.deepEqual(Object.keys(reply.value), Object.keys(special));
  assert.equal(reply.value["__proto__"], 7);
  assert.deepEqual(await request(socket, "constructor"), { ok: true });

  const heard: unknown[] = [];
  const stop = listen(socket, "toString", (payload) => heard.push(payload));
  io.of("/kinds").emit("toString", special);
  await until("toString is heard", () => heard.length === 1);
  stop();
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before);
  assert.equal(Object.getPrototypeOf({}), Object.prototype);
});

test("bytes and 64-bit numbers arrive as they were sent", async (t) => {
  const { io, url } = await serve(t);
  io.of("/kinds").on("connection", (s) => {
    s.on("raw", (value, ack) => ack({ ok: true, value }));
    s.on("count", (_payload, ack) =>
      ack({ ok: true, value: "18446744073709551615" }),
    );
  });
  const auth = { token: "t" };
  const socket = await connected(t, connect(url, { auth, forceNew: true }));
  const bytes = Uint8Array.of(1, 2, 255);
  const reply = await request(socket, "raw", { deep: [bytes] });
  assert.ok(reply.ok);
  assert.deepEqual(reply.value, { deep: [Buffer.from(bytes)] });
  const count = await request(socket, "count", []);
  assert.ok(count.ok);
  assert.equal(BigInt(count.value), 2n ** 64n - 1n);
});
