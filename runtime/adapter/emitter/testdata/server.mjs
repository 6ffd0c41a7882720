// Official servers with the official adapters, for the tests of the emitter: one for each
// kind, each with two clients, of which "in" is in the room "r1" and "out" is not. It
// prints a line for each event that a client or a server hears. The end of standard input
// ends it.
import { createServer } from "node:http";
import { once } from "node:events";
import {
  createAdapter as createClassic,
  createShardedAdapter,
} from "@socket.io/redis-adapter";
import { createAdapter as createStreams } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";

const [path] = process.argv.slice(2);

async function open() {
  const client = createClient({ socket: { path } });
  client.on("error", () => {});
  await client.connect();
  return client;
}

const hex = (value) => {
  if (Buffer.isBuffer(value)) return { bin: value.toString("hex") };
  if (Array.isArray(value)) return value.map(hex);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, hex(v)]));
};
const print = (...values) => console.log(JSON.stringify(hex(values)));

async function serve(kind, adapter) {
  const http = createServer();
  const io = new Server(http, { adapter });
  const ids = {};
  for (const nsp of ["/", "/chat"]) {
    io.of(nsp).on("connection", (socket) => {
      const { name } = socket.handshake.auth;
      if (name === "in") socket.join("r1");
      if (nsp === "/") ids[name] = socket.id;
      socket.emit("hello");
    });
    io.of(nsp).on("told", (...args) => print(kind, "server", nsp, ...args));
  }
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  for (const name of ["in", "out"]) {
    for (const nsp of ["/", "/chat"]) {
      const url = `http://127.0.0.1:${http.address().port}${nsp}`;
      const client = connect(url, {
        transports: ["websocket"],
        reconnection: false,
        forceNew: true,
        auth: { name },
      });
      await once(client, "hello");
      client.onAny((...args) => print(kind, name, nsp, ...args));
      client.on("disconnect", (reason) => print(kind, name, nsp, reason));
    }
  }
  // Adapters subscribe in their own time.
  for (const nsp of ["/", "/chat"])
    await until(async () => (await io.of(nsp).adapter.serverCount()) > 0);
  return ids;
}

async function until(reached) {
  while (!(await reached()))
    await new Promise((resolve) => setTimeout(resolve, 20));
}

const publisher = await open();
const kinds = {
  // Each has channels of its own: the first one fails on what the last one publishes.
  Classic: createClassic(publisher, await open(), { key: "classic" }),
  Sharded: createShardedAdapter(publisher, await open(), {
    channelPrefix: "sharded",
  }),
  Streams: createStreams(publisher, {
    channelPrefix: "streams",
    streamName: "stream",
    blockTimeInMs: 60_000,
  }),
};
const ids = {};
for (const [kind, adapter] of Object.entries(kinds))
  ids[kind] = await serve(kind, adapter);
const ask = (...command) => publisher.sendCommand(command);
await until(async () => {
  const [, count] = await ask("PUBSUB", "SHARDNUMSUB", "sharded#/#r1#");
  return count > 0;
});
// What is added to a stream before somebody waits for it is not read.
await until(async () => / cmd=xread /.test(await ask("CLIENT", "LIST")));
console.log(JSON.stringify(ids));

process.stdin.on("end", () => process.exit(0)).resume();
