// SPDX-License-Identifier: Apache-2.0

// Who reads and obeys is never thrown out, however much is sent at once.
//
// The same cases may be played against the official server:
//
//   CONFORMANCE_SERVER=$PWD/runtime/conformance/clients/official-server.mjs \
//     CASES=flow: npm run test:clients -- 4.0 4.8
import assert from "node:assert/strict";
import { ack, collect, connected, until } from "./client.mjs";

const repeated = (n, size) => Array.from({ length: n }, () => size);

const bursts = {
  "1,500 events of 10 bytes": repeated(1500, 10),
  "100 events of 20 KB": repeated(100, 20_000),
  "5 MB and tiny events": [5_000_000, ...repeated(50, 1)],
};

const greetings = {
  history: repeated(2000, 100),
  snapshot: [1_200_000],
};

/**
 * Starts a server whose deadlines do not mind that this process, with many cases at
 * once, is busy for seconds.
 */
const patient = (client) => client.server(0, "-patient");

/** Opens a socket that fails the case when it is disconnected. */
function lasting(client, namespace, { url }) {
  const socket = client.open(namespace, { url, reconnection: false });
  const lost = new Promise((_, reject) => {
    socket.once("disconnect", (reason) => {
      reject(new Error(`disconnected: ${reason}`));
    });
  });
  lost.catch(() => {}); // in the end the client disconnects in any case
  return { socket, lost };
}

function check(seen, sizes) {
  assert.equal(seen.length, sizes.length);
  for (const [i, [number, text]] of seen.entries()) {
    assert.equal(number, i);
    assert.equal(text.length, sizes[i]);
  }
}

export const flow = [
  ...Object.entries(bursts).map(([name, sizes]) => ({
    name: `flow: ${name} emitted in one handler arrive`,
    async run(client) {
      const { socket, lost } = lasting(client, "/flow", await patient(client));
      const seen = collect(socket, "numbered");
      await connected(socket);
      await Promise.race([ack(socket, "burst", sizes), lost]);
      check(seen, sizes);
      await Promise.race([ack(socket, "burst", []), lost]);
    },
  })),
  ...Object.entries(greetings).map(([name, sizes]) => ({
    name: `flow: a ${name} emitted while connecting arrives, for 5 clients`,
    async run(client) {
      const server = await patient(client);
      const one = async () => {
        const { socket, lost } = lasting(client, `/flow/${name}`, server);
        const seen = collect(socket, "numbered");
        await connected(socket);
        const all = until(() => seen.length >= 2 * sizes.length, name);
        await Promise.race([all, lost]);
        check(seen.slice(0, sizes.length), sizes);
        check(seen.slice(sizes.length), sizes);
      };
      await Promise.all(Array.from({ length: 5 }, one));
    },
  })),
  {
    name: "flow: 60,000 small events sent at once are handled in order",
    async run(client) {
      const { socket, lost } = lasting(client, "/", await patient(client));
      await connected(socket);
      const events = 60_000;
      for (let i = 0; i < events; i++) socket.emit("i", i);
      const [tally] = await Promise.race([ack(socket, "numbered:end"), lost]);
      assert.deepEqual(tally, { events, disorder: 0 });
    },
  },
  {
    name: "flow: 300 events, each of which is asked back, are answered",
    async run(client) {
      const { socket, lost } = lasting(client, "/flow", await patient(client));
      socket.on("question", (n, answer) => answer(n + 1));
      await connected(socket);
      const numbers = Array.from({ length: 300 }, (_, i) => i);
      const answers = numbers.map((n) => ack(socket, "back", n));
      const got = await Promise.race([Promise.all(answers), lost]);
      assert.deepEqual(
        got,
        numbers.map((n) => [n + 1]),
      );
    },
  },
];
