// An official server with an official adapter, and one official client of it. Each line
// on standard input is a command {id, op, …}; each line on standard output is its result
// {id, result} or {id, error}, or what the client or a listener heard: {heard}.
import http from "node:http";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import { createClient } from "redis";
import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { Emitter } from "@socket.io/redis-emitter";

const options = JSON.parse(process.argv[2]);
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

/** An event as text, with binary values as placeholders and hexadecimal digits. */
function canonical(event, args) {
  const blobs = [];
  const walk = (v) => {
    if (v instanceof Uint8Array || v instanceof ArrayBuffer) {
      blobs.push(Buffer.from(v).toString("hex"));
      return { _placeholder: true, num: blobs.length - 1 };
    }
    if (Array.isArray(v)) return v.map(walk);
    if (v && typeof v === "object")
      return Object.fromEntries(
        Object.entries(v).map(([k, w]) => [k, walk(w)]),
      );
    return v;
  };
  return [event, JSON.stringify(args.map(walk)), ...blobs].join(" ");
}

const pub = createClient({ url: options.redis });
const sub = pub.duplicate();
await Promise.all([pub.connect(), sub.connect()]);
const server = http.createServer();

function adapter() {
  if (options.streams)
    return createStreamsAdapter(pub, {
      streamName: options.prefix,
      channelPrefix: options.prefix,
      sessionKeyPrefix: options.prefix + " session:",
      useShardedPubSub: options.sharded,
    });
  if (options.sharded)
    return createShardedAdapter(pub, sub, {
      channelPrefix: options.prefix,
      subscriptionMode: options.mode,
    });
  return createAdapter(pub, sub, {
    key: options.prefix,
    publishOnSpecificResponseChannel: options.specific,
    requestsTimeout: 5000,
  });
}

const io = new Server(server, {
  adapter: adapter(),
  connectionStateRecovery: options.streams ? {} : undefined,
});
const chat = io.of("/chat");
chat.on("connection", (socket) => {
  if (!socket.recovered) socket.data = { node: "node" };
  socket.join(["red", "room node"]);
  socket.on("joined", (ack) => ack());
});
chat.on("news", (...args) => say({ heard: canonical("news", args) }));
chat.on("question", (...args) => {
  const ack = args.pop();
  say({ heard: canonical("question", args) });
  ack("node");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const client = connect(`http://127.0.0.1:${server.address().port}/chat`, {
  transports: ["websocket"],
});
client.onAny((event, ...args) => {
  const ack = typeof args.at(-1) === "function" ? args.pop() : undefined;
  if (options.streams && !ack && /^\d+-\d+$/.test(args.at(-1))) args.pop(); // the offset
  say({ heard: canonical(event, args) });
  ack?.(event === "ask blob" ? Buffer.from("node") : "node");
});
client.on("disconnect", () => say({ heard: "disconnect" }));
await once(client, "connect");
await client.emitWithAck("joined");

const emitter = new Emitter(pub, { key: options.prefix }).of("/chat");

function target(from, { rooms = [], except = [] }) {
  if (rooms.length) from = from.to(rooms);
  return except.length ? from.except(except) : from;
}

const decode = (args = []) =>
  args.map((v) => (v?.hex !== undefined ? Buffer.from(v.hex, "hex") : v));

const operations = {
  id: () => client.id,
  count: () => chat.adapter.serverCount(),
  emit: (c) => void target(chat, c).emit(c.event, ...decode(c.args)),
  volatile: (c) =>
    void target(chat.volatile.compress(false), c).emit(
      c.event,
      ...decode(c.args),
    ),
  ask: async (c) =>
    (
      await target(chat, c)
        .timeout(5000)
        .emitWithAck(c.event, ...decode(c.args))
    ).map((v) => (typeof v === "string" ? v : Buffer.from(v).toString())),
  join: (c) => void target(chat, c).socketsJoin(c.names),
  leave: (c) => void target(chat, c).socketsLeave(c.names),
  disconnect: (c) => void target(chat, c).disconnectSockets(),
  fetch: async (c) =>
    (await target(chat, c).fetchSockets()).map(
      (s) =>
        `${s.id} ${s.data.node} ${[...s.rooms].sort()} ${s.handshake.query.EIO}`,
    ),
  tell: (c) => void chat.serverSideEmit(c.event, ...decode(c.args)),
  question: (c) => chat.serverSideEmitWithAck(c.event, ...decode(c.args)),
  reconnect: async () => {
    const back = once(client, "connect");
    client.connect();
    await back;
    await client.emitWithAck("joined");
    return client.id;
  },
  "emitter emit": (c) =>
    void target(emitter, c).emit(c.event, ...decode(c.args)),
  "emitter join": (c) => void target(emitter, c).socketsJoin(c.names),
  "emitter leave": (c) => void target(emitter, c).socketsLeave(c.names),
  "emitter tell": (c) =>
    void emitter.serverSideEmit(c.event, ...decode(c.args)),
};

say({ id: 0, result: server.address().port });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  Promise.resolve()
    .then(() => operations[command.op](command))
    .then(
      (result) => say({ id: command.id, result: result ?? null }),
      (error) => say({ id: command.id, error: String(error) }),
    );
}
process.exit(0);
