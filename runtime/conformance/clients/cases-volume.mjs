// SPDX-License-Identifier: Apache-2.0

// Large messages and many of them.
import assert from "node:assert/strict";
import {
  setImmediate as turn,
  setTimeout as sleep,
} from "node:timers/promises";
import {
  ack,
  collect,
  connected,
  next,
  reconnected,
  upgraded,
} from "./client.mjs";

const limit = 1_000_000; // bytes of one message that the server accepts
const flood = 10_000; // events each way

// The text that makes the first acknowledged event of a socket this long on the wire.
const filler = (length) => "x".repeat(length - '420["ack",""]'.length);

export const volume = [
  {
    name: "messages as long as the limit go both ways",
    async run(client) {
      const socket = await client.connect();
      // A pong may share the request with the message, and counts.
      const length = client.mode === "polling" ? limit - 10 : limit;
      const text = filler(length);
      assert.ok((await ack(socket, "ack", text))[0] === text);
      // Base64 makes four bytes of three.
      const data = Buffer.alloc(client.mode === "polling" ? 700_000 : limit, 7);
      const [back] = await ack(socket, "message-with-ack", { data });
      assert.ok(data.equals(back.data));
      assert.equal(socket.connected, true);
    },
  },
  {
    name: "a message beyond the limit ends the connection, another follows",
    async run(client) {
      const socket = await client.connect();
      const ended = await client.watch(socket.id);
      const heard = next(socket, "disconnect");
      let answered = false;
      socket.emit("ack", filler(limit + 1), () => (answered = true));
      const [reason] = await heard;
      if (client.mode === "polling") {
        // The request is answered 413, whereupon the client says farewell.
        assert.equal(reason, "transport error");
        assert.equal(await ended(), "transport close");
      } else {
        assert.match(reason, /^transport (close|error)$/);
        assert.equal(await ended(), "transport error");
      }
      await reconnected(socket);
      assert.deepEqual(await ack(socket, "message-with-ack", 1), [1]);
      assert.equal(answered, false);
    },
  },
  {
    name: "10,000 events each way stay in order, an upgrade in their midst",
    async run(client) {
      const socket = client.open();
      const upgrading =
        client.mode === "upgrade"
          ? next(socket.io, "open").then(() => upgraded(socket))
          : Promise.resolve();
      const seen = collect(socket, "numbered");
      await connected(socket);
      const lost = new Promise((_, reject) => {
        socket.once("disconnect", (reason) => {
          reject(new Error(`disconnected: ${reason}`));
        });
      });
      lost.catch(() => {}); // in the end the client disconnects in any case
      const flooded = ack(socket, "flood", flood);
      for (let i = 0; i < flood; i++) {
        if (i % 250 === 0) await (i % 1000 === 0 ? sleep(1) : turn());
        // The last events wait, so that some follow the upgrade in any case.
        if (i === flood - 250) await upgrading;
        socket.emit("numbered", i);
      }
      const tallied = ack(socket, "numbered:end");
      const [[tally]] = await Promise.race([
        Promise.all([tallied, flooded]),
        lost,
      ]);
      assert.deepEqual(tally, { events: flood, disorder: 0 });
      assert.equal(seen.length, flood);
      for (const [i, args] of seen.entries()) assert.deepEqual(args, [i]);
    },
  },
];
