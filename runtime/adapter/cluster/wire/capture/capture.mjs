// SPDX-License-Identifier: Apache-2.0

// Captures what the official adapters publish for every operation of the API.
//
//   node capture.mjs            writes ../testdata/vectors.json
//   node capture.mjs --check    fails when they publish something else than is there
//
// It starts two official servers on a redis-server of its own, does one operation after
// the other, and notes the commands that reach Redis, byte by byte. What differs from
// run to run (times, ports, ids of stream entries) is masked when it checks.
import { readFile, writeFile } from "node:fs/promises";
import { isUtf8 } from "node:buffer";
import { createRequire } from "node:module";
import { printCount } from "../../../../../example/testing/counts.mjs";
import { check } from "./check.mjs";
import { startRedis } from "./redis.mjs";
import { openCluster, openPublisher } from "./cluster.mjs";
import {
  binaryRequests,
  broadcasts,
  bytes,
  requests,
  utilities,
} from "./operations.mjs";

const require = createRequire(import.meta.url);
const {
  createAdapter: createClassic,
  createShardedAdapter,
} = require("@socket.io/redis-adapter");
const {
  createAdapter: createStreams,
} = require("@socket.io/redis-streams-adapter");
const { Emitter } = require("@socket.io/redis-emitter");

const file = new URL("../testdata/vectors.json", import.meta.url);
const version = (name) => require(`${name}/package.json`).version;

/** Collects the vectors of one flavour. */
class Book {
  vectors = [];

  constructor(flavour, record) {
    this.flavour = flavour;
    this.record = record;
  }

  /** Does one operation and notes what it publishes, with the meanings in order. */
  async op(name, act, ...meanings) {
    const done = Promise.resolve(act()).catch((e) => e);
    const commands = await this.record.take(meanings.length);
    await done;
    for (const [i, { from, verb, parts }] of commands.entries()) {
      this.vectors.push({
        flavour: this.flavour,
        name,
        from,
        verb,
        ...payload(verb, parts),
        meaning: this.#meaning(meanings[i]),
      });
    }
  }

  /** Where @msgpack/msgpack is used, undefined arrives as null. */
  #meaning(meaning) {
    const answers = ["Answer", "ServerSideAnswer"].includes(meaning.kind);
    if (!answers || meaning.args.length > 0) return meaning;
    return this.flavour.startsWith("streams")
      ? { ...meaning, args: [null] }
      : meaning;
  }

  /** Fails when there was more than was taken. */
  async end() {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const extra = await this.record.take(0);
    if (extra.length > 0)
      throw new Error(
        `${this.flavour}: unexpected ${extra[0].verb} ${extra[0].parts}`,
      );
  }
}

/** The channel or key, and the bytes or the fields. */
function payload(verb, parts) {
  const text = parts.map(String);
  if (verb === "XADD") {
    const at = text.indexOf("*");
    return {
      channel: text[0],
      trim: text.slice(1, at),
      fields: text.slice(at + 1),
    };
  }
  const binary = !isUtf8(parts[1]) || parts[1].some((byte) => byte < 32);
  return {
    channel: text[0],
    ...(binary ? { base64: parts[1].toString("base64") } : { text: text[1] }),
  };
}

async function servers(book, cluster) {
  const { a } = cluster;
  for (const [name, act, meaning] of broadcasts)
    await book.op(name, () => act(a), meaning);
  for (const [name, act, meaning] of utilities)
    await book.op(name, () => act(a), meaning);
  for (const [name, act, ...meanings] of requests)
    await book.op(name, () => act(a), ...meanings);
  await book.op(
    "event of a socket",
    () => cluster.socket().to("r1").emit("e"),
    {
      kind: "Broadcast",
      name: "e",
      args: [],
      options: { rooms: ["r1"], except: ["$id"] },
    },
  );
  await book.op("local", () => a.local.emit("e"));
  cluster.socket().data = { user: "é", n: [1, 2] };
  await book.op(
    "fetch data",
    () => a.fetchSockets(),
    { kind: "Fetch", options: { all: true }, request: true },
    { kind: "Sockets", sockets: 1, data: { user: "é", n: [1, 2] } },
  );
}

async function withBinary(book, cluster) {
  for (const [name, act, ...meanings] of binaryRequests)
    await book.op(name, () => act(cluster.a), ...meanings);
  cluster.socket().data = { avatar: bytes };
  await book.op(
    "fetch binary data",
    () => cluster.a.fetchSockets(),
    { kind: "Fetch", options: { all: true }, request: true },
    { kind: "Sockets", sockets: 1, data: { avatar: bytes.toString("base64") } },
  );
}

/** Requests of older versions, which this version answers and no longer sends. */
async function older(book, cluster) {
  const { a } = cluster;
  const pub = a.of("/").adapter.pubClient;
  const send = (request) =>
    pub.publish("socket.io-request#/#", JSON.stringify(request));
  const id = cluster.socket().id;
  await book.op(
    "all rooms",
    () => a.of("/").adapter.allRooms(),
    { kind: "AllRooms", request: true },
    { kind: "Rooms", rooms: ["$id", "r1"] },
  );
  await book.op(
    "ids, as of old",
    () => send({ requestId: "old1", type: 0, rooms: ["r1"] }),
    { kind: "SocketIDs", rooms: ["r1"], request: true },
    { kind: "IDs", ids: ["$id"] },
    { kind: "Sockets", sockets: 0 },
  );
  await book.op(
    "join one, as of old",
    () => send({ type: 2, requestId: "old2", sid: id, room: "z" }),
    { kind: "JoinOne", id: "$id", room: "z", request: true },
    { kind: "Done" },
  );
  await book.op(
    "leave one, as of old",
    () => send({ type: 3, requestId: "old3", sid: id, room: "z" }),
    { kind: "LeaveOne", id: "$id", room: "z", request: true },
    { kind: "Done" },
  );
  await book.op(
    "disconnect one, as of old",
    () => send({ type: 4, requestId: "old4", sid: id, close: true }),
    { kind: "DisconnectOne", id: "$id", close: true, request: true },
    { kind: "Done" },
  );
}

/** Runs f with two servers, and returns its vectors and what the servers listen to. */
async function cluster(redis, flavour, makeAdapter, f, options) {
  const cluster = await openCluster(redis, makeAdapter, options);
  const book = new Book(flavour, cluster.record);
  try {
    await f(book, cluster);
    await book.end();
    const listened = ["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"];
    const commands = await cluster.record.take(0, listened);
    book.vectors.push({
      flavour,
      name: "subscriptions",
      uids: [cluster.a, cluster.b].map((io) => io.of("/").adapter.uid),
      id: cluster.socket().id,
      subscriptions: commands
        .map(({ from, verb, parts }) =>
          [from, verb, ...parts.map(String)].join(" "),
        )
        .filter((line) => line.includes("#/#"))
        .sort(),
    });
  } finally {
    await cluster.close();
  }
  return book.vectors;
}

async function emitter(redis) {
  const { client, record, close } = await openPublisher(redis);
  const book = new Book("emitter", record);
  const io = new Emitter(client);
  for (const [name, act, meaning] of [...broadcasts, ...utilities])
    await book.op(name, () => act(io), meaning);
  await book.end();
  close();
  return book.vectors;
}

async function recovered(book, cluster) {
  const { client } = cluster;
  cluster.socket().data = { name: "é", n: 1 };
  const ended = new Promise((resolve) =>
    cluster.socket().on("disconnect", resolve),
  );
  await book.op(
    "session",
    async () => {
      client.io.engine.close();
      await ended;
    },
    { kind: "Session", rooms: ["$id", "r1"], data: { name: "é", n: 1 } },
  );
}

async function capture(redis) {
  const few = async (book, { a }) => {
    for (const [name, act, meaning] of broadcasts.slice(2, 5))
      await book.op(name, () => act(a), meaning);
    for (const [name, act, ...meanings] of requests.slice(0, 5))
      await book.op(name, () => act(a), ...meanings);
  };
  const classic = (opts) => (pub, sub) => createClassic(pub, sub, opts);
  const sharded = (opts) => (pub, sub) => createShardedAdapter(pub, sub, opts);
  const streams = (opts) => (pub) =>
    createStreams(pub, { blockTimeInMs: 100, ...opts });
  const recovery = { connectionStateRecovery: {} };
  const groups = [
    await cluster(redis, "classic", classic(), async (book, cluster) => {
      await servers(book, cluster);
      await older(book, cluster);
    }),
    await cluster(
      redis,
      "classic, key app, specific responses",
      classic({ key: "app", publishOnSpecificResponseChannel: true }),
      few,
    ),
    await cluster(redis, "sharded", sharded(), async (book, cluster) => {
      await servers(book, cluster);
      await withBinary(book, cluster);
    }),
    await cluster(
      redis,
      "sharded, static",
      sharded({ subscriptionMode: "static" }),
      few,
    ),
    await cluster(
      redis,
      "sharded, dynamic-private, prefix app",
      sharded({ subscriptionMode: "dynamic-private", channelPrefix: "app" }),
      few,
    ),
    await cluster(
      redis,
      "streams",
      streams(),
      async (book, cluster) => {
        await servers(book, cluster);
        await withBinary(book, cluster);
        await recovered(book, cluster);
      },
      recovery,
    ),
    await cluster(
      redis,
      "streams, four of them, prefix app",
      streams({ streamCount: 4, streamName: "app", channelPrefix: "app" }),
      few,
    ),
    await emitter(redis),
  ];
  return groups.flat();
}

async function main() {
  const redis = await startRedis();
  let vectors;
  try {
    vectors = await capture(redis);
  } finally {
    await redis.stop();
  }
  const names = [
    "socket.io",
    "socket.io-adapter",
    "@socket.io/redis-adapter",
    "@socket.io/redis-streams-adapter",
    "@socket.io/redis-emitter",
  ];
  const of = Object.fromEntries(names.map((name) => [name, version(name)]));
  const lines = vectors.map((vector) => JSON.stringify(vector));
  const text = `{"of":${JSON.stringify(of)},"vectors":[\n${lines.join(",\n")}\n]}\n`;
  if (!process.argv.includes("--check")) {
    await writeFile(file, text);
    console.log(`official adapters: ${vectors.length} vectors written`);
    return;
  }
  check(JSON.parse(text), JSON.parse(await readFile(file)));
  const line = `official adapters: ${vectors.length} vectors are what they publish`;
  printCount(undefined, line);
  console.log(line);
}

await main();
process.exit(0);
