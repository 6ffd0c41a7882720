// The codecs of the official adapters, for the test that compares with them. First it
// prints random values: what JSON.stringify makes of each, and its bytes by both codecs.
// Then it decodes each line of standard input with both and prints what that is, as JSON.
import { createRequire } from "node:module";
import readline from "node:readline";

const require = createRequire(import.meta.url);
const notepack = require("notepack.io");
const msgpack = require("@msgpack/msgpack");

let seed = 1;
const random = (n) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
};
const pick = (list) => list[random(list.length)];

function number() {
  const sign = random(2) ? 1 : -1;
  switch (random(4)) {
    case 0:
      return sign * random(2 ** pick([4, 6, 8, 9, 16, 17, 32, 33]));
    case 1:
      return sign * (2 ** random(53) + random(3) - 1);
    case 2:
      return (sign * random(1e9)) / 10 ** random(30);
  }
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setUint32(0, random(2 ** 32));
  bytes.setUint32(4, random(2 ** 32));
  const any = bytes.getFloat64(0);
  // notepack.io spoils integers from 2^64 on.
  return Math.abs(any) < 2 ** 64 || Number.isNaN(any) ? any : any / 1.7e308;
}

function string() {
  const parts = [
    "a",
    "é",
    "€",
    "😀",
    '"',
    "\\",
    "\n",
    "\u0001",
    "\u2028",
    "\x7f",
  ];
  return Array.from({ length: random(pick([4, 40, 400])) }, () =>
    pick(parts),
  ).join("");
}

function value(depth) {
  switch (random(depth > 5 ? 6 : 8)) {
    case 0:
      return pick([null, true, false]);
    case 1:
    case 2:
      return number();
    case 3:
      return string();
    case 4:
      return new Date(random(2 ** 32) * 1000 * pick([1, -1, 7]) + random(1000));
    case 5:
      return Buffer.from(string());
    case 6:
      return Array.from({ length: random(pick([4, 20])) }, () =>
        value(depth + 1),
      );
  }
  const entries = Array.from({ length: random(pick([4, 20])) }, (_, i) => [
    `k${i}${[...string()].slice(0, 20).join("")}`,
    value(depth + 1),
  ]);
  return Object.fromEntries(entries);
}

// What is binary is base64 in plain JSON.
function plain(v) {
  if (v instanceof Uint8Array) return Buffer.from(v).toString("base64");
  if (v instanceof ArrayBuffer) return Buffer.from(v).toString("base64");
  if (Array.isArray(v)) return v.map(plain);
  if (v === null || typeof v !== "object" || v instanceof Date) return v;
  return Object.fromEntries(Object.entries(v).map(([k, v]) => [k, plain(v)]));
}

const text = (v) => JSON.stringify(plain(v)) ?? "null";
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

for (let i = 0; i < Number(process.argv[2]); i++) {
  const v = value(0);
  const both = [notepack.encode(v), msgpack.encode(v)].map(base64);
  console.log(JSON.stringify([text(v), ...both]));
}
for await (const line of readline.createInterface({ input: process.stdin })) {
  const bytes = Buffer.from(line, "base64");
  const decoded = [notepack.decode, msgpack.decode].map((decode) => {
    try {
      return text(decode(bytes));
    } catch {
      return "";
    }
  });
  console.log(JSON.stringify(decoded));
}
