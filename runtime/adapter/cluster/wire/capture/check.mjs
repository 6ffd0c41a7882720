// SPDX-License-Identifier: Apache-2.0

// Compares what was captured now with what is committed.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const msgpack = createRequire(import.meta.url)("notepack.io");

/** Throws unless `now` is what `committed` is, but for what differs on each run. */
export function check(now, committed) {
  assert.deepEqual(now.of, committed.of, "versions: capture the vectors anew");
  assert.equal(now.vectors.length, committed.vectors.length);
  for (const [i, vector] of now.vectors.entries()) {
    const { flavour, name } = vector;
    assert.deepEqual(
      masked(vector, idsOf(now, flavour)),
      masked(committed.vectors[i], idsOf(committed, flavour)),
      `${flavour}: ${name}`,
    );
  }
}

/** The ids of a flavour's servers and of its client. */
function idsOf({ vectors }, flavour) {
  const last = vectors.find(
    (v) => v.flavour === flavour && v.name === "subscriptions",
  );
  return last ? [...last.uids, last.id] : [];
}

/** The vector with stars for what differs on each run. */
function masked(vector, ids) {
  const mask = (key, value) => {
    if (["uid", "requestId", "pid"].includes(key)) return "*";
    if (key === "handshake") return Object.keys(value);
    if (typeof value === "string")
      return ids.reduce((text, id) => text.replaceAll(id, "*"), value);
    return value;
  };
  const { text, base64, fields, ...rest } = vector;
  const read = {};
  if (fields) {
    const data = fields.indexOf("data") + 1;
    read.keys = fields.filter((_, i) => i % 2 === 0);
    read.payload = decode(Buffer.from(fields[data]));
    read.fields = fields.filter(
      (_, i) => i !== data && fields[i - 1] !== "uid",
    );
  } else if (text ?? base64) {
    const bytes = Buffer.from(text ?? base64, text ? "utf8" : "base64");
    read.payload = decode(bytes);
    const varies = JSON.stringify(read.payload).includes('"handshake"');
    read.length = varies ? "*" : bytes.length;
  }
  // A broadcast of the classic form begins with its sender.
  if (Array.isArray(read.payload)) read.payload[0] = "*";
  return JSON.parse(JSON.stringify({ ...rest, ...read }, mask));
}

/** Decodes JSON, MessagePack, or base64 of it. */
function decode(bytes) {
  if (bytes[0] === 0x7b) return JSON.parse(bytes);
  const text = bytes.toString("latin1");
  if (/^[A-Za-z0-9+/]{8,}=*$/.test(text))
    return msgpack.decode(Buffer.from(text, "base64"));
  return msgpack.decode(bytes);
}
