// SPDX-License-Identifier: Apache-2.0

// What is done, and what each message of it means. The test of the vectors compares the
// meaning with what the Go package reads.

/** Values of every kind that can travel, and how they arrive, as JSON. */
const sent = [
  ...[0, 1, -1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296],
  ...[-32, -33, -128, -129, -32768, -32769, -2147483648, -2147483649],
  ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  ...[0.1, -1.5, 1e-7, 5e-324, 123456789.125],
  ...[true, false, null, "", "é €😀", '"\\\b\f\n\r\t\u0001\u2028'],
  "x".repeat(31),
  ...["x".repeat(32), "x".repeat(300)],
  ...[[], {}, [[1], [[]]], { a: { b: [{ c: null }] } }],
  Array.from({ length: 20 }, (_, i) => i),
  Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i])),
];
const dated = [new Date(1_700_000_000_123), new Date(0), new Date(-1)];
const large = Array.from({ length: 300 }, (_, i) => i & 1);
const bytes = Buffer.from([1, 2, 255]);
const bin = (b) => ({ bin: Buffer.from(b).toString("hex") });
const mixed = {
  now: [bytes, { more: new Uint8Array([7]), n: 300 }, "text"],
  arrives: [bin(bytes), { more: bin([7]), n: 300 }, "text"],
};

const all = { all: true };
const room = (...rooms) => ({ rooms });
const broadcast = (name, args, options, more) => ({
  kind: "Broadcast",
  name,
  args,
  options,
  ...more,
});
const asked = (meaning) => ({ ...meaning, request: true });

/** Broadcasts that are the same for servers and emitters. */
export const broadcasts = [
  [
    "plain",
    (io) => io.emit("e", 1, "x", { a: null, b: 1.5, c: true }),
    broadcast("e", [1, "x", { a: null, b: 1.5, c: true }], all),
  ],
  ["no arguments", (io) => io.emit("e"), broadcast("e", [], all)],
  [
    "one room",
    (io) => io.to("r1").emit("e", "room"),
    broadcast("e", ["room"], room("r1")),
  ],
  [
    "one room of another namespace",
    (io) => io.of("/chat").to("r1").emit("e"),
    broadcast("e", [], room("r1"), { nsp: "/chat" }),
  ],
  [
    "a private room",
    (io) => io.to("abcdefghij0123456789").emit("e"),
    broadcast("e", [], room("abcdefghij0123456789")),
  ],
  [
    "two rooms, but not two",
    (io) => io.to(["r1", "r2"]).except(["x", "y"]).emit("e"),
    broadcast("e", [], { ...room("r1", "r2"), except: ["x", "y"] }),
  ],
  [
    "strange rooms",
    (io) => io.to(["a#b", "é", '"\\', "*"]).emit("e"),
    broadcast("e", [], room("a#b", "é", '"\\', "*")),
  ],
  [
    "all but a room",
    (io) => io.except("x").emit("e"),
    broadcast("e", [], { ...all, except: ["x"] }),
  ],
  [
    "volatile",
    (io) => io.volatile.emit("e"),
    broadcast("e", [], { ...all, volatile: true }),
  ],
  [
    "compress false",
    (io) => io.compress(false).emit("e"),
    broadcast("e", [], { ...all, uncompressed: true }),
  ],
  [
    "compress true",
    (io) => io.compress(true).emit("e"),
    broadcast("e", [], all),
  ],
  [
    "both flags",
    (io) => io.volatile.compress(false).emit("e"),
    broadcast("e", [], { ...all, volatile: true, uncompressed: true }),
  ],
  [
    "values",
    (io) => io.emit("values", ...sent),
    broadcast("values", sent, all),
  ],
  [
    "many values",
    (io) => io.emit("values", large),
    broadcast("values", [large], all),
  ],
  [
    "dates",
    (io) => io.emit("e", ...dated),
    broadcast(
      "e",
      dated.map((d) => d.toJSON()),
      all,
    ),
  ],
  [
    "undefined",
    (io) => io.emit("e", undefined, [undefined]),
    broadcast("e", [null, [null]], all),
  ],
  [
    "binary",
    (io) => io.emit("e", ...mixed.now),
    broadcast("e", mixed.arrives, all),
  ],
  [
    "binary and a date",
    (io) => io.emit("e", bytes, dated[0]),
    broadcast("e", [bin(bytes), dated[0].toJSON()], all),
  ],
  [
    "binary of all sizes",
    (io) => io.emit("e", Buffer.alloc(0), Buffer.alloc(256, 1)),
    broadcast("e", [bin([]), bin(Buffer.alloc(256, 1))], all),
  ],
  [
    "binary to one room",
    (io) => io.to("r1").emit("e", bytes),
    broadcast("e", [bin(bytes)], room("r1")),
  ],
];

/** What is done to sockets, the same for servers and emitters. */
export const utilities = [
  [
    "join",
    (io) => io.in("none").socketsJoin(["x", "y"]),
    { kind: "Join", options: room("none"), rooms: ["x", "y"] },
  ],
  [
    "join of all but a room",
    (io) => io.except("r1").socketsJoin("x"),
    { kind: "Join", options: { ...all, except: ["r1"] }, rooms: ["x"] },
  ],
  [
    "leave",
    (io) => io.in("none").socketsLeave("x"),
    { kind: "Leave", options: room("none"), rooms: ["x"] },
  ],
  [
    "disconnect",
    (io) => io.in("none").disconnectSockets(),
    { kind: "Disconnect", options: room("none"), close: false },
  ],
  [
    "disconnect and close",
    (io) => io.in("none").disconnectSockets(true),
    { kind: "Disconnect", options: room("none"), close: true },
  ],
  [
    "server-side emit",
    (io) => io.serverSideEmit("told", 1, { a: [true] }),
    { kind: "ServerSide", name: "told", args: [1, { a: [true] }] },
  ],
];

const count = (n) => ({ kind: "ClientCount", count: n });
const answer = (...args) => ({ kind: "Answer", args });
const timed = (ms) => ({ ...all, timeout: ms });

/** What needs answers: the request and the responses. */
export const requests = [
  [
    "ask all",
    (io) => io.timeout(1500).emitWithAck("ask", { a: 1 }),
    asked(broadcast("ask", [{ a: 1 }], timed(1500))),
    count(1),
    answer({ a: 1 }),
  ],
  [
    "ask with binary",
    (io) => io.timeout(1500).emitWithAck("ask", bytes),
    asked(broadcast("ask", [bin(bytes)], timed(1500))),
    count(1),
    answer(bin(bytes)),
  ],
  [
    "ask without an answer's argument",
    (io) => io.timeout(1500).emitWithAck("silent"),
    asked(broadcast("silent", [], timed(1500))),
    count(1),
    answer(),
  ],
  [
    "ask nobody",
    (io) => io.to("none").timeout(50).emitWithAck("ask"),
    asked(broadcast("ask", [], { ...room("none"), timeout: 50 })),
    count(0),
  ],
  [
    "fetch",
    (io) => io.in("r1").fetchSockets(),
    asked({ kind: "Fetch", options: room("r1") }),
    { kind: "Sockets", sockets: 1, data: {} },
  ],
  [
    "fetch nobody",
    (io) => io.in("none").fetchSockets(),
    asked({ kind: "Fetch", options: room("none") }),
    { kind: "Sockets", sockets: 0 },
  ],
  [
    "server-side ask",
    (io) => io.serverSideEmitWithAck("asked", [1, null]),
    asked({ kind: "ServerSide", name: "asked", args: [[1, null]] }),
    { kind: "ServerSideAnswer", args: [[1, null]] },
  ],
  [
    "server-side ask without an answer's argument",
    (io) => io.serverSideEmitWithAck("silent"),
    asked({ kind: "ServerSide", name: "silent", args: [] }),
    { kind: "ServerSideAnswer", args: [] },
  ],
];

/** What @socket.io/redis-adapter turns into objects of JSON between servers. */
export const binaryRequests = [
  [
    "server-side emit with binary",
    (io) => io.serverSideEmit("told", bytes),
    { kind: "ServerSide", name: "told", args: [bin(bytes)] },
  ],
  [
    "server-side ask with binary",
    (io) => io.serverSideEmitWithAck("asked", bytes),
    asked({ kind: "ServerSide", name: "asked", args: [bin(bytes)] }),
    { kind: "ServerSideAnswer", args: [bin(bytes)] },
  ],
];

export { bytes, bin };
