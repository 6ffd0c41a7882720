// SPDX-License-Identifier: Apache-2.0

// Where timestamps are dates: dates go out and come in, wherever they are, and the
// wire has texts all the same.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  connectDay,
  type Dated,
  type DatedInput,
  type DaySocket,
  on,
  onError,
  request,
  Stamp,
} from "../testdata/dates";
import { mockDay } from "../testdata/dates.mock";
import {
  checkSentDay,
  DatedSchema,
  DaysSchema,
} from "../testdata/dates.schemas";
import { connected, serve, until } from "./harness";

const text = "2026-01-02T03:04:05.678Z";
const at = new Date(text);
const day = new Date("2026-02-03T00:00:00.000Z");

/** One form on the wire and here; every part is another one. */
const wire = {
  at: text,
  stamp: text,
  moment: null,
  days: [text, day.toISOString()],
  grid: [[text], null, []],
  byName: { a: { b: text }, toString: {} },
  leaf: { n: 1 },
  twin: { at: text, leaf: { n: 2 }, note: text },
  nodes: [
    { kind: "leaf", n: 3, at: text },
    { kind: "dated", at: text },
    { kind: "new", at: text },
  ],
  maybe: null,
  since: text,
};

const here = {
  ...wire,
  at,
  stamp: at,
  days: [at, day],
  grid: [[at], null, []],
  byName: { a: { b: at }, toString: {} },
  // What the schema does not have stays a text.
  twin: { at, leaf: { n: 2 }, note: text },
  nodes: [
    { kind: "leaf", n: 3, at: text },
    { kind: "dated", at },
    { kind: "new", at: text },
  ],
  since: at,
};

const sent: DatedInput = {
  at,
  stamp: Stamp(at),
  moment: at,
  days: [at, day],
  grid: [[at], null],
  byName: { a: { b: at } },
  leaf: { n: 1 },
};

async function pair(t: TestContext, recovery = false) {
  const { io, url } = await serve(
    t,
    recovery ? { connectionStateRecovery: {} } : {},
  );
  const server = io.of(`/days/${encodeURIComponent(day.toISOString())}`);
  const options = { auth: { issued: at }, forceNew: true, check: checkSentDay };
  const socket: DaySocket = connectDay(url, { day }, options);
  t.after(() => socket.disconnect());
  return { server, socket };
}

test("events bring dates, however they are heard", async (t) => {
  for (const recovery of [false, true]) {
    const { server, socket } = await pair(t, recovery);
    const auths: unknown[] = [];
    server.use((s, next) => {
      auths.push((s.handshake.auth as { issued: unknown }).issued);
      next();
    });
    await connected(t, socket);
    assert.deepEqual(auths, [text]);
    const heard: unknown[][] = [];
    on(socket, "saved", (payload) => heard.push([payload]));
    on(socket, "planned", (...args) => heard.push(args));
    on(socket, "tick", (payload) => heard.push([payload]));
    socket.on("tick", (payload) => heard.push([payload]));
    socket.onAny((event, ...args) => {
      if (event === "tick") heard.push([args[0]]);
    });
    on(socket, "ask", (payload, ack) => {
      heard.push([payload]);
      ack(day);
    });
    on(socket, "plain", (payload) => heard.push([payload]));
    server.emit("saved", wire);
    server.emit("planned", 1, text);
    server.emit("planned", 1, text, text);
    server.emit("tick", text);
    server.emit("plain", text as unknown as number); // no timestamp
    const answers = await server.timeout(5000).emitWithAck("ask", null);
    assert.deepEqual(answers, [day.toISOString()]);
    await until("all is heard", () => heard.length === 8);
    const tick = [at];
    assert.deepEqual(heard, [
      [here],
      [1, at],
      [1, at, at],
      ...[tick, tick, tick],
      [text],
      [null],
    ]);
  }
});

test("replies, failures and refusals bring dates", async (t) => {
  const { server, socket } = await pair(t);
  const received: unknown[] = [];
  let fails = false;
  server.on("connection", (s) => {
    s.on("save", (payload, ack) => {
      received.push(payload);
      const failure = { code: "too_late", message: "x", data: { since: text } };
      if (fails) ack({ ok: false, error: failure });
      else ack({ ok: true, value: { kind: "dated", ...wire } });
    });
    s.on("plan", (_n, when, _until, ack) => ack({ ok: true, value: [when] }));
    s.on("now", (ack) => ack(text));
    s.on("poke", () => {
      const data = { since: text };
      s.emit("$error", { event: "poke", code: "too_late", message: "x", data });
    });
  });
  await connected(t, socket);
  const saved = await request(socket, "save", sent);
  assert.deepEqual(saved, { ok: true, value: { kind: "dated", ...here } });
  assert.deepEqual(received, [JSON.parse(JSON.stringify(sent))]);
  const planned = await request(socket, "plan", 1, day, undefined);
  assert.deepEqual(planned, { ok: true, value: [day] });
  assert.deepEqual(await request(socket, "now"), { ok: true, value: at });
  assert.deepEqual(await socket.emitWithAck("now"), at);
  assert.deepEqual(await socket.timeout(5000).emitWithAck("now"), at);

  fails = true;
  const failed = await request(socket, "save", sent);
  assert.ok(!failed.ok && failed.error.code === "too_late");
  assert.deepEqual(failed.error.data.since, at);
  const refused = new Promise((resolve) => onError(socket, resolve));
  socket.emit("poke", at);
  const data = { since: at };
  const refusal = { event: "poke", code: "too_late", message: "x", data };
  assert.deepEqual(await refused, refusal);
});

test("a refused connection tells dates", async (t) => {
  const { server, socket } = await pair(t);
  server.use((_s, next) => {
    const data = { code: "closed", message: "closed", data: text };
    next(Object.assign(new Error("closed"), { data }));
  });
  const error = await new Promise<{ data?: { data?: unknown } }>((resolve) => {
    on(socket, "connect_error", (e) => {
      resolve(e as { data?: { data?: unknown } });
    });
  });
  assert.deepEqual(error.data?.data, at);
});

test("the mock has dates on both sides", async () => {
  const { socket, server } = mockDay({ check: checkSentDay });
  const received: unknown[] = [];
  server.on("plan", (_n, when, _until, ack) => {
    received.push(when);
    ack({ ok: true, value: [when] });
  });
  const heard = new Promise((resolve) => on(socket, "tick", resolve));
  await new Promise<void>((resolve) => on(socket, "connect", resolve));
  server.emit("tick", at);
  assert.deepEqual(await heard, at);
  const reply = await request(socket, "plan", 1, day, undefined);
  assert.deepEqual(reply, { ok: true, value: [day] });
  assert.deepEqual(received, [day]);
});

test("validators take dates, and put them in for defaults", () => {
  const validate = DatedSchema["~standard"].validate;
  const result = validate(sent);
  assert.ok(result.issues === undefined);
  const value: Dated = result.value;
  assert.deepEqual(value.since, new Date("2026-01-02T03:04:05.000Z"));
  const paths = (broken: object): string[] =>
    (validate({ ...sent, ...broken }).issues ?? []).map((i) =>
      i.path.join("."),
    );
  assert.deepEqual(paths({ at: text }), ["at"]);
  assert.deepEqual(paths({ at: new Date(NaN) }), ["at"]);
  assert.deepEqual(paths({ at: new Date(8.64e15) }), ["at"]);
  assert.deepEqual(paths({ at: new Date(-1e14) }), ["at"]);
  assert.deepEqual(paths({ grid: [[1]] }), ["grid.0.0"]);
  const twice = DaysSchema["~standard"].validate([at, day, new Date(text)]);
  assert.deepEqual(
    twice.issues?.map((i) => i.path),
    [[2]],
  );
});
