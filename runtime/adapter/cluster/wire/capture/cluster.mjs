// SPDX-License-Identifier: Apache-2.0

// Two official servers with an official adapter, one of which has a client.
import { createRequire } from "node:module";
import http from "node:http";
import { once } from "node:events";

const require = createRequire(import.meta.url);

// Ids come from random bytes. A counter in their place gives the same ids again. It is
// set before anything takes the function.
const crypto = require("node:crypto");
let counter = 0;
crypto.randomBytes = (size) => {
  counter++;
  return Buffer.from(
    Array.from({ length: size }, (_, i) => (counter * (i + 7) * 37) & 255),
  );
};

// Adapters do not wait for their last commands.
process.on("unhandledRejection", (error) => {
  if (!/Disconnects|Closed/.test(error?.constructor?.name)) throw error;
});

/** Begins to count ids anew, so that they are the same whatever came before. */
export function restartIds() {
  counter = 0;
}

const { Server } = require("socket.io");
const { io: connect } = require("socket.io-client");
const { createClient } = require("redis");
const { openTap } = await import("./redis.mjs");

const published = ["PUBLISH", "SPUBLISH", "XADD", "SET"];
const listened = ["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"];

/** What is said on the taps, in order. */
class Record {
  commands = [];
  #waiting;

  note(from, parts) {
    const [name, ...rest] = parts;
    const verb = name.toString().toUpperCase();
    if (published.includes(verb) || listened.includes(verb)) {
      this.commands.push({ from, verb, parts: rest });
      this.#waiting?.();
    }
  }

  /** Waits for `count` publications and takes them. */
  async take(count, verbs = published) {
    const deadline = Date.now() + 30_000;
    const ours = () => this.commands.filter((c) => verbs.includes(c.verb));
    while (ours().length < count) {
      if (Date.now() > deadline)
        throw new Error(`${ours().length} of ${count} publications came`);
      await Promise.race([
        new Promise((resolve) => (this.#waiting = resolve)),
        new Promise((resolve) => setTimeout(resolve, 500)),
      ]);
    }
    const taken = ours();
    this.commands = this.commands.filter((c) => !verbs.includes(c.verb));
    return taken;
  }
}

/** Opens clients of Redis behind one tap. */
async function openClients(redis, name, record, count) {
  const tap = await openTap(redis, name, (parts) => record.note(name, parts));
  const clients = [];
  for (let i = 0; i < count; i++) {
    const client = createClient({ socket: { path: tap.socket } });
    client.on("error", () => {}); // at the end
    await client.connect();
    clients.push(client);
  }
  return {
    clients,
    close() {
      for (const client of clients) client.destroy();
      tap.close();
    },
  };
}

async function openServer(redis, name, record, makeAdapter, options) {
  const { clients, close } = await openClients(redis, name, record, 2);
  const web = http.createServer();
  const io = new Server(web, { ...options, adapter: makeAdapter(...clients) });
  for (const nsp of ["/", "/chat"]) io.of(nsp);
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  return {
    io,
    url: `http://127.0.0.1:${web.address().port}`,
    async close() {
      await io.close();
      close();
    },
  };
}

/**
 * Opens two servers, a and b, and a client of b that is in the room "r1" and answers
 * "ask" with its argument.
 */
export async function openCluster(redis, makeAdapter, options = {}) {
  restartIds();
  const record = new Record();
  const a = await openServer(redis, "a", record, makeAdapter, options);
  const b = await openServer(redis, "b", record, makeAdapter, options);
  let socket;
  for (const nsp of ["/", "/chat"]) {
    b.io.of(nsp).on("connection", (one) => {
      if (nsp === "/") socket = one;
      one.join("r1");
    });
  }
  b.io.on("asked", (argument, answer) => answer(argument));
  b.io.on("silent", (answer) => answer());
  const client = connect(b.url, { transports: ["websocket"], auth: { k: 1 } });
  client.on("ask", (argument, answer) => answer(argument));
  client.on("silent", (answer) => answer());
  await once(client, "connect");
  await seen(a.io);
  return {
    a: a.io,
    b: b.io,
    record,
    client,
    socket: () => socket,
    async close() {
      client.disconnect();
      await a.close();
      await b.close();
    },
  };
}

/** Waits until Redis knows both servers. */
async function seen(io) {
  for (const nsp of ["/", "/chat"]) {
    while ((await io.of(nsp).adapter.serverCount()) < 2)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Opens a client of Redis for an emitter. */
export async function openPublisher(redis) {
  restartIds();
  const record = new Record();
  const { clients, close } = await openClients(redis, "a", record, 1);
  return { client: clients[0], record, close };
}
