// SPDX-License-Identifier: Apache-2.0

// Positional arguments, parameters and timeouts on the wire, and the offsets of
// connection state recovery, from the official server and from ours.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { io as dial, type Socket as Official } from "socket.io-client";
import {
  type BoardSocket,
  connectBoard,
  connectLegacy,
  connectMatch,
  fingerprintMatch,
  MessageID,
  on,
  request,
  RoomID,
  SeatNumber,
} from "../testdata/language";
import * as match from "../testdata/match";
import { connected, serve, until } from "./harness";

const auth = { token: "t" };

async function board(t: TestContext, recovery = false) {
  const { io, url } = await serve(
    t,
    recovery ? { connectionStateRecovery: {} } : {},
  );
  const server = io.of("/board");
  const socket = connectBoard(url, { auth, forceNew: true });
  await connected(t, socket);
  return { server, socket };
}

/** Notes all that a listener gets, the values of its parameters too. */
function note(socket: BoardSocket): unknown[][] {
  const heard: unknown[][] = [];
  on(socket, "tick", (...args) => heard.push(args));
  on(socket, "said", (payload, extra = "none") => heard.push([payload, extra]));
  on(socket, "cursor:moved", (...args) => heard.push(args));
  on(socket, "label", (text, color = "none") => heard.push([text, color]));
  return heard;
}

test("listeners do not get the offsets of connection state recovery", async (t) => {
  const { server, socket } = await board(t, true);
  const raw: unknown[][] = [];
  socket.onAny((...args: unknown[]) => raw.push(args));
  const heard = note(socket);
  server.emit("tick");
  server.emit("said", "hello");
  server.emit("cursor:moved", 1, 2);
  server.emit("label", "x");
  server.emit("label", "y", "red");
  server.emit("label", "z", null); // as our server writes it where offsets follow
  await until("all is heard", () => heard.length === 6);
  // One call that is volatile has no offset, whatever its last argument looks like;
  // the last two are what servers append that keep events in Redis and in MongoDB.
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  for (const text of [
    ...["hello", "message", "PerfectX", "a.1", "abcdef0123456789"],
    ...[`${Date.now()}-0`, `${seconds}0123456789abcdef`],
  ]) {
    const before = heard.length;
    const free = () =>
      [...server.sockets.values()].every((s) => s.conn.transport.writable);
    await until("nothing is on its way", free); // else it would be dropped
    server.volatile.emit("label", "v", text);
    await until("one more is heard", () => heard.length > before);
  }
  assert.deepEqual(heard, [
    [],
    ["hello", "none"],
    [1, 2],
    ["x", "none"],
    ["y", "red"],
    ["z", "none"],
    ["v", "hello"],
    ["v", "message"],
    ["v", "PerfectX"],
    ["v", "a.1"],
    ["v", "abcdef0123456789"],
    ["v", "none"],
    ["v", "none"],
  ]);
  assert.equal(raw[0]?.length, 2, "the server sent no offset");
});

test("without recovery nothing is lost", async (t) => {
  const { server, socket } = await board(t);
  const heard = note(socket);
  server.emit("label", "x");
  server.emit("label", "y", "red");
  server.emit("said", "hello", "from a newer server");
  await until("all is heard", () => heard.length === 3);
  assert.deepEqual(heard, [
    ["x", "none"],
    ["y", "red"],
    ["hello", "none"],
  ]);
});

test("an ack is the last declared parameter, whatever is absent", async (t) => {
  const { server, socket } = await board(t, true);
  on(socket, "confirm", (question, hint, ack) =>
    ack(question === "q" && (hint ?? "none") !== "surplus"),
  );
  const ask = (...args: unknown[]): Promise<unknown[]> =>
    server.timeout(1000).emitWithAck("confirm", ...args);
  assert.deepEqual(await ask("q"), [true]);
  assert.deepEqual(await ask("q", "h"), [true]);
  assert.deepEqual(await ask("q", "h", "surplus"), [true]);
});

/** Starts the conformance server, which sends what clients ask for. */
async function startOurs(t: TestContext): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "sockgen-server-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const program = path.join(folder, "server");
  execFileSync("go", ["build", "-o", program, "./runtime/conformance/server"]);
  const server = spawn(program, [
    "-addr",
    "127.0.0.1:0",
    "-recovery",
    "-clients",
  ]);
  t.after(async () => {
    server.kill("SIGTERM");
    await once(server, "exit");
  });
  const lines = createInterface({ input: server.stdout });
  const [line] = (await once(lines, "line")) as [string];
  return line.replace("listening on ", "http://");
}

test("our server's offsets stay away from listeners, too", async (t) => {
  const url = await startOurs(t);
  const socket: Official = dial(url, { forceNew: true });
  await connected(t, socket);
  const raw: unknown[][] = [];
  socket.onAny((...args: unknown[]) => raw.push(args));
  const heard: unknown[][] = [];
  // The server's event under the name of one whose payload is declared.
  const typed = socket as unknown as match.Socket;
  on2(typed, "numbered", (payload, extra = "none") =>
    heard.push([payload, extra]),
  );
  socket.emit("flood", 3);
  await until("events are heard", () => heard.length > 0);
  assert.equal(raw[0]?.length, 3, "the server sent no offset");
  assert.equal(heard[0]?.[1], "none");
});

test("request puts the ack behind all arguments", async (t) => {
  const { server, socket } = await board(t);
  const seen: unknown[][] = [];
  server.on("connection", () => undefined);
  for (const s of server.sockets.values()) {
    s.on("save", (...args: unknown[]) => {
      const ack = args.pop() as (reply: unknown) => void;
      seen.push(args);
      ack({ ok: true, value: "room" });
    });
  }
  const timeout = t.mock.method(socket, "timeout");
  await request(socket, "save", "a", "away");
  await request(socket, "save", "a", "away", "note", 4);
  await request(socket, "save", "a", "away", undefined, 4, { timeout: 77 });
  assert.deepEqual(seen, [
    ["a", "away", null, null],
    ["a", "away", "note", 4],
    ["a", "away", null, 4],
  ]);
  const given = timeout.mock.calls.map((call) => call.arguments[0]);
  assert.deepEqual(given, [120_000, 120_000, 77], "the schema's timeout");
});

test("parameters are escaped and events keep their namespace", async (t) => {
  const { io, url } = await serve(t);
  const names: string[] = [];
  const auths: unknown[] = [];
  io.of(/^\/match\//).on("connection", (s) => {
    names.push(s.nsp.name);
    auths.push(s.handshake.auth);
    s.onAny((_event, _payload, ack) => ack({ ok: true }));
    s.emit("tick", 7, "surplus");
  });
  const params = {
    match: RoomID("a/b?c#d,e f%é🙂"),
    seat: SeatNumber(-1),
    state: "online",
  };
  const socket = connectMatch(url, params, { forceNew: true });
  const heard: unknown[][] = [];
  on(socket, "tick", (payload, extra = "none") => heard.push([payload, extra]));
  await connected(t, socket);
  await until("a tick is heard", () => heard.length === 1);
  assert.deepEqual(names, [
    "/match/a%2Fb%3Fc%23d%2Ce%20f%25%C3%A9%F0%9F%99%82--1/online",
  ]);
  assert.deepEqual(auths, [{ $sockgen: fingerprintMatch }]);
  assert.deepEqual(heard, [[7, "none"]]);
  const timeout = t.mock.method(socket, "timeout");
  assert.ok((await request(socket, "save", { n: 1 })).ok);
  assert.deepEqual(timeout.mock.calls[0]?.arguments, [5000]);

  const legacy = connectLegacy(url, { forceNew: true });
  on(legacy, "tick", (payload, extra = "none") => heard.push([payload, extra]));
  await connected(t, legacy);
  await until("its tick is heard", () => heard.length === 2);
  assert.deepEqual(auths[1], {});
});

test("a brand is its value", () => {
  assert.equal(MessageID("12"), "12");
});

/** The official methods through on of another module, whatever the event. */
function on2(
  socket: match.Socket,
  event: string,
  listener: (payload: unknown, extra?: unknown) => void,
): void {
  match.on(socket, event as "score", listener);
}
