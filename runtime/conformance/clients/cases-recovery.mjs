// SPDX-License-Identifier: Apache-2.0

// Connection state recovery, which clients take part in from 4.6 on. A server that
// offers it ends every event without ack with the event's offset.
import assert from "node:assert/strict";
import { ack, collect, next, reconnected, until } from "./client.mjs";

const since = 4.6;

/** What was heard, without the offsets, each of which must be a string. */
function events(seen) {
  return seen.map((args) => {
    assert.equal(typeof args.at(-1), "string");
    return args.slice(0, -1);
  });
}

export const recovery = [
  {
    name: "recovery: a client that comes back gets what it missed, in order",
    since,
    async run(client) {
      const server = await client.server(0, "-recovery");
      const proxy = await client.proxy(server.port);
      const socket = client.open("/", { url: proxy.url });
      // The auth event gives the client an offset to continue from.
      await next(socket, "auth");
      const { id } = socket;
      assert.equal(socket.recovered, false);
      assert.deepEqual(await ack(socket, "shout", "room"), []);
      const seen = collect(socket, "shouted");
      const speaker = await client.connect("/", { url: server.url });
      const ended = await client.watch(id, server.url);

      speaker.emit("shout", "room", "before");
      await until(() => seen.length === 1, "an event before the break");
      for (let round = 1; round <= 2; round++) {
        const lost = next(socket, "disconnect");
        proxy.down();
        await lost;
        if (round === 1) await ended();
        const data = Buffer.from([round, 2, 3]);
        speaker.emit("shout", "room", `missed ${String(round)}`);
        speaker.emit("shout", "elsewhere", "not for this client");
        speaker.emit("shout", "room", { data });
        await ack(speaker, "ack");
        proxy.up();
        await reconnected(socket);
        assert.equal(socket.recovered, true);
        assert.equal(socket.id, id);
        await until(() => seen.length >= 3 * round, "what was missed");
        speaker.emit("shout", "room", `live ${String(round)}`);
        await until(() => seen.length > 3 * round, "an event after it");
        assert.deepEqual(events(seen.slice(-3)), [
          ["room", `missed ${String(round)}`],
          ["room", { data }],
          ["room", `live ${String(round)}`],
        ]);
        assert.equal(seen.length, 1 + 3 * round);
      }
      assert.deepEqual(await ack(socket, "message-with-ack", 1), [1]);
    },
  },
  {
    name: "recovery: a client that left, or whose server is new, begins anew",
    since,
    async run(client) {
      const server = await client.server(0, "-recovery");
      const socket = client.open("/", { url: server.url });
      await next(socket, "auth");
      const left = socket.id;
      socket.disconnect();
      const auth = next(socket, "auth");
      socket.connect();
      await auth;
      assert.equal(socket.recovered, false);
      assert.notEqual(socket.id, left);

      const lost = next(socket, "disconnect");
      const { id } = socket;
      await server.kill();
      await lost;
      await client.server(server.port, "-recovery");
      await reconnected(socket);
      assert.equal(socket.recovered, false);
      assert.notEqual(socket.id, id);
      assert.deepEqual(await ack(socket, "message-with-ack", 1), [1]);
    },
  },
];
