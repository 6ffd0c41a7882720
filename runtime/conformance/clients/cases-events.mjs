// SPDX-License-Identifier: Apache-2.0

// Events, acknowledgements and binary data.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ack, collect, next, patience, until } from "./client.mjs";
import { within } from "./server.mjs";

const bytes = (length, seed = 0) =>
  Buffer.from({ length }, () => 0).map((_, i) => (i * 31 + seed) & 255);

const values = [
  1,
  -1.5e300,
  "2",
  "",
  'line\nseparator\u2028 \u0000 "quoted" 🫖 \x1e',
  true,
  null,
  [],
  {},
  [{ deep: [[{ er: ["x", null, 0] }]] }],
  { _placeholder: false, num: 0 },
];

export const events = [
  {
    name: "events carry any number of arguments both ways",
    async run(client) {
      const socket = await client.connect();
      for (const args of [[], [1], values]) {
        const back = next(socket, "message-back");
        socket.emit("message", ...args);
        assert.deepEqual(await back, args);
      }
      const back = next(socket, "message-back");
      socket.send("sent", undefined);
      assert.deepEqual(await back, ["sent", null]);
    },
  },
  {
    name: "events stay in order and are heard by onAny",
    async run(client) {
      const socket = await client.connect();
      const seen = [];
      socket.onAny((name, ...args) => {
        if (name !== "auth") seen.push([name, ...args]);
      });
      for (let i = 0; i < 200; i++) {
        socket.emit(i % 2 ? "message" : "emitback", i);
      }
      await until(() => seen.length === 200, "200 events");
      assert.deepEqual(
        seen,
        Array.from({ length: 200 }, (_, i) => [
          i % 2 ? "message-back" : "back",
          i,
        ]),
      );
    },
  },
  {
    name: "the server acknowledges, each event with its own answer",
    async run(client) {
      const socket = await client.connect();
      assert.deepEqual(await ack(socket, "message-with-ack"), []);
      assert.deepEqual(
        await ack(socket, "message-with-ack", ...values),
        values,
      );
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, i) => ack(socket, "ack", i, `#${i}`)),
      );
      assert.deepEqual(
        answers,
        answers.map((_, i) => [i, `#${i}`]),
      );
    },
  },
  {
    name: "the client acknowledges, and the server stops waiting",
    async run(client) {
      const socket = await client.connect();
      socket.on("question", (wait, ...args) => {
        const answer = args.pop();
        if (args[0] !== "silence") answer(...args, "answered");
      });
      assert.deepEqual(await ack(socket, "ask", 9000), ["answered"]);
      assert.deepEqual(await ack(socket, "ask", 9000, ...values), [
        ...values,
        "answered",
      ]);
      assert.deepEqual(await ack(socket, "ask", 50, "silence"), [
        { failed: "timeout" },
      ]);
    },
  },
  {
    name: "timeout() ends the wait for an ack",
    since: 4.4,
    async run(client) {
      const socket = await client.connect();
      const emit = (ms, ...args) =>
        new Promise((resolve) => {
          socket.timeout(ms).emit(...args, (...answer) => resolve(answer));
        });
      const [error] = await emit(50, "never");
      assert.equal(error.message, "operation has timed out");
      assert.deepEqual(await emit(9000, "ack", 1, 2), [null, 1, 2]);
    },
  },
  {
    name: "emitWithAck() resolves and rejects",
    since: 4.6,
    async run(client) {
      const socket = await client.connect();
      assert.equal(await socket.emitWithAck("ack", "one"), "one");
      assert.equal(await socket.timeout(9000).emitWithAck("ack", 2), 2);
      await assert.rejects(
        socket.timeout(50).emitWithAck("never"),
        /operation has timed out/,
      );
    },
  },
  {
    name: "acks that are owed fail when the connection breaks",
    since: 4.8,
    async run(client) {
      const proxy = await client.proxy();
      const socket = await client.connect("/", { url: proxy.url });
      const owed = socket.timeout(60_000).emitWithAck("never");
      const failed = assert.rejects(owed, /socket has been disconnected/);
      await ack(socket, "ack");
      proxy.down();
      await failed;
    },
  },
  {
    name: "retries repeat an event until it is acknowledged, in order",
    since: 4.6,
    async run(client) {
      const emit = (socket, ...args) =>
        new Promise((resolve) => {
          socket.emit(...args, (...answer) => resolve(answer));
        });
      const options = { retries: 20, ackTimeout: 300 };
      const socket = await client.connect("/", options);
      const [first, second, last] = await Promise.all([
        emit(socket, "second-attempt"),
        emit(socket, "second-attempt"),
        emit(socket, "ack", "last"),
      ]);
      // On a busy machine an answer may be late, and asked for again.
      for (const [error, attempts] of [first, second]) {
        assert.equal(error, null);
        assert.equal(attempts % 2, 0);
      }
      assert.ok(first[1] >= 2 && second[1] > first[1], "in order");
      assert.deepEqual(last, [null, "last"]);

      const silent = await client.connect("/", { retries: 2, ackTimeout: 50 });
      const [error] = await emit(silent, "never");
      assert.equal(error.message, "operation has timed out");
    },
  },
  {
    name: "retries reach the server over a new connection",
    since: 4.6,
    async run(client) {
      const proxy = await client.proxy();
      const socket = await client.connect("/", {
        url: proxy.url,
        retries: 50,
        ackTimeout: 200,
      });
      const acked = [];
      const all = new Promise((resolve) => {
        for (let i = 0; i < 20; i++) {
          socket.emit("ack", i, (error, n) => {
            acked.push(error ?? n);
            if (acked.length === 5) {
              proxy.down();
              socket.once("disconnect", () => proxy.up());
            }
            if (acked.length === 20) resolve();
          });
        }
      });
      await within(all, "20 acks", patience);
      assert.deepEqual(acked, [...Array(20).keys()]);
    },
  },
  {
    name: "binary values go both ways, nested, empty and in acks",
    async run(client) {
      const socket = await client.connect();
      const args = [
        bytes(3),
        { list: [bytes(1, 9), "text", { deep: bytes(300, 7) }] },
        Buffer.alloc(0),
        "last",
      ];
      const back = next(socket, "message-back");
      socket.emit("message", ...args);
      assert.deepEqual(await back, args);
      assert.deepEqual(await ack(socket, "message-with-ack", ...args), args);
      socket.on("question", (wait, ...list) => list.pop()(...list));
      assert.deepEqual(await ack(socket, "ask", 9000, ...args), args);
    },
  },
  {
    name: "ArrayBuffer and typed arrays arrive, ten values in one event",
    async run(client) {
      const socket = await client.connect("/custom");
      const data = bytes(16);
      const buffer = data.buffer.slice(
        data.byteOffset,
        data.byteOffset + data.length,
      );
      const kinds = [buffer, new Uint8Array(buffer, 4, 8), ...Array(8)].fill(
        data,
        2,
      );
      const answer = await ack(socket, "message-with-ack", kinds);
      assert.deepEqual(answer, [
        [data, data.subarray(4, 12), ...Array(8).fill(data)],
      ]);
    },
  },
  {
    name: "binary values survive base64 on every transport",
    async run(client) {
      const socket = await client.connect("/", { forceBase64: true });
      for (const length of [1, 2, 3, 1000]) {
        const data = bytes(length);
        assert.deepEqual(await ack(socket, "ack", data), [data]);
      }
    },
  },
  {
    name: "binary events and text events stay in order",
    async run(client) {
      const socket = await client.connect();
      const seen = collect(socket, "message-back");
      for (let i = 0; i < 100; i++) {
        socket.emit("message", i, i % 3 ? "text" : bytes(i + 1, i));
      }
      await until(() => seen.length === 100, "100 events");
      assert.deepEqual(
        seen,
        seen.map((_, i) => [i, i % 3 ? "text" : bytes(i + 1, i)]),
      );
    },
  },
  {
    name: "volatile events arrive when they can, in order, and harm no others",
    async run(client) {
      const socket = await client.connect();
      const ticks = collect(socket, "tick");
      await until(async () => {
        await ack(socket, "volatile", 5);
        return ticks.length > 0;
      }, "a volatile event from the server");
      const back = collect(socket, "message-back");
      await until(async () => {
        socket.volatile.emit("message", back.length);
        await sleep(20);
        return back.length > 0;
      }, "a volatile event to the server");
      ticks.length = 0;
      assert.deepEqual(await ack(socket, "volatile", 100), []);
      const numbers = ticks.map(([n]) => n);
      assert.deepEqual(
        numbers,
        [...new Set(numbers)].sort((a, b) => a - b),
      );
      assert.deepEqual(await ack(socket, "ack", 1), [1]);
    },
  },
  {
    name: "a broadcast to a room reaches its other members alone",
    async run(client) {
      const sockets = [];
      for (let i = 0; i < 4; i++) sockets.push(await client.connect());
      const room = `room of ${sockets[0].id}`;
      const seen = sockets.map((socket) => collect(socket, "shouted"));
      for (const socket of sockets.slice(0, 3)) {
        assert.deepEqual(await ack(socket, "shout", room), []);
      }
      const args = [room, "text", { data: bytes(40) }];
      sockets[0].emit("shout", ...args);
      await until(
        () => seen[1].length > 0 && seen[2].length > 0,
        "two broadcasts",
      );
      for (const socket of sockets) await ack(socket, "ack");
      assert.deepEqual(seen, [[], [args], [args], []]);
    },
  },
];
