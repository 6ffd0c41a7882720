// SPDX-License-Identifier: Apache-2.0

// A session of the page on the generated mock of its socket: what the network could
// do to it, in the order that we choose.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { load } from "./load.mjs";

globalThis.addEventListener ??= () => undefined; // of a window, which we have not
const { Session } = await load("page/session.ts");
const { mockChat } = await load("../generated/ts/chat.mock.ts");

const ada = { id: "ada", name: "Ada" };
const entered = { ok: true, value: { members: [ada], history: [] } };

/** The server's side of the session's socket. */
class Wire {
  requests = []; // that have not been answered
  #mock = mockChat({ autoConnect: false });

  constructor() {
    const { server, socket } = this.#mock;
    // The mock has no connection beneath it, which the page shows the kind of.
    const io = {
      engine: { transport: { name: "polling" }, once() {} },
      on() {},
    };
    Object.defineProperty(socket, "io", { value: io });
    for (const event of ["room:join", "room:leave"]) {
      server.on(event, (payload, answer) => {
        this.requests.push({ event, payload, answer });
      });
    }
  }

  get socket() {
    return this.#mock.socket;
  }

  dial = (_, options) => {
    this.options = options;
    return this.socket;
  };

  async accept() {
    this.#mock.server.accept();
    await turn();
  }

  async refuse(failure) {
    this.#mock.server.refuse(failure);
    await turn();
  }

  /** The connection ends; the socket goes on trying unless the server ended it. */
  async lose(reason = "transport close") {
    this.#mock.server.disconnect(reason);
    await turn();
  }

  async answer(reply) {
    this.requests.shift().answer(reply);
    await turn();
  }
}

let wire;
let session;
let heard; // what the session told the page, in order

beforeEach(() => {
  wire = new Wire();
  heard = [];
  const listeners = {
    state: ({ kind, retrying, transport }) =>
      heard.push(
        [kind, transport, retrying === false && "for good"]
          .filter(Boolean)
          .join(" "),
      ),
    joined: (room, _, again) =>
      heard.push(`${again ? "rejoined" : "joined"} ${room}`),
    refused: ({ code }) => heard.push(`refused ${code}`),
  };
  session = new Session("", listeners, wire.dial);
});

const arrive = (room, what) =>
  session.inRoom(room, () => heard.push(`${room}: ${what}`));

async function enter() {
  session.enter("Ada", "lobby");
  await wire.accept();
  await wire.answer(entered);
  heard.length = 0;
}

test("it connects with the name and a secret, then joins", async () => {
  session.enter("Ada", "lobby");
  const auth = wire.options.auth();
  assert.equal(auth.name, "Ada");
  assert.match(auth.key, /^[0-9a-f]{32}$/);
  await wire.accept();
  assert.deepEqual(wire.requests[0].payload, { room: "lobby" });
  assert.equal(session.present, false);
  await wire.answer(entered);
  assert.equal(session.present, true);
  assert.deepEqual(heard, ["connecting", "connected polling", "joined lobby"]);
});

test("what overtakes the answer to joining is shown after it", async () => {
  session.enter("Ada", "lobby");
  await wire.accept();
  heard.length = 0;
  arrive("lobby", "early");
  arrive("another", "not ours");
  await wire.answer(entered);
  arrive("lobby", "later");
  assert.deepEqual(heard, ["joined lobby", "lobby: early", "lobby: later"]);
});

test("no more is kept while joining than the log shows", async () => {
  session.enter("Ada", "lobby");
  await wire.accept();
  heard.length = 0;
  for (let n = 1; n <= 510; n++) arrive("lobby", n);
  await wire.answer(entered);
  assert.equal(heard.length, 501);
  assert.equal(heard[1], "lobby: 11");
  assert.equal(heard[500], "lobby: 510");
});

test("after a reconnect it joins again and remembers who it was", async () => {
  await enter();
  await wire.lose();
  assert.equal(session.present, false);
  await wire.accept();
  assert.deepEqual(wire.requests[0].payload, { room: "lobby", history: 100 });
  await wire.answer(entered);
  assert.deepEqual(heard, ["offline", "connected polling", "rejoined lobby"]);
  assert.ok(session.isSelf("ada"));
  assert.ok(!session.isSelf("bob"));
});

test("an answer from before a reconnect is not taken for one from after it", async () => {
  session.enter("Ada", "lobby");
  await wire.accept();
  await wire.lose();
  await wire.accept();
  heard.length = 0;
  await wire.answer(entered); // to the first request
  assert.equal(session.present, false);
  await wire.answer(entered);
  assert.deepEqual(heard, ["joined lobby"]);
});

test("a connection that the server ended returns only when asked to", async () => {
  await enter();
  await wire.lose("io server disconnect");
  assert.deepEqual(heard, ["offline for good"]);
  session.connectAgain();
  await wire.accept();
  await wire.answer(entered);
  assert.deepEqual(heard.slice(1), [
    "connecting",
    "connected polling",
    "rejoined lobby",
  ]);
});

test("a refusal ends the session, an unreachable server does not", async () => {
  session.enter("Ada", "lobby");
  heard.length = 0;
  await wire.refuse({ code: "name_taken", message: "taken" });
  assert.deepEqual(heard, ["idle", "refused name_taken"]);

  session.enter("Ada", "no such room");
  await wire.accept();
  heard.length = 0;
  await wire.answer({ ok: false, error: { code: "invalid_payload" } });
  assert.deepEqual(heard, ["idle", "refused invalid_payload"]);
  assert.equal(session.present, false);
});

test("it joins once more when the answer to a rejoin does not come", async () => {
  await enter();
  await wire.lose();
  await wire.accept();
  await wire.answer({ ok: false, error: { code: "timeout" } });
  assert.equal(wire.requests.length, 1);
  await wire.answer(entered);
  assert.equal(heard.at(-1), "rejoined lobby");
});

test("it leaves a room only once the next one has let it in", async () => {
  await enter();
  const refused = session.move("full");
  await turn();
  await wire.answer({ ok: false, error: { code: "full", message: "full" } });
  assert.equal((await refused).code, "full");
  assert.equal(session.room, "lobby");

  const moved = session.move("garden");
  await turn();
  assert.equal(session.room, "lobby");
  arrive("garden", "early");
  await wire.answer(entered);
  assert.deepEqual(heard, ["joined garden", "garden: early"]);
  assert.equal(wire.requests[0].event, "room:leave");
  assert.deepEqual(wire.requests[0].payload, { room: "lobby" });
  await wire.answer({ ok: true });
  assert.equal(await moved, null);
});

test("a move that a reconnect interrupts is reported", async () => {
  await enter();
  const moved = session.move("garden");
  await turn();
  await wire.lose();
  await wire.accept();
  await wire.answer(entered); // to what was asked before
  assert.equal((await moved).code, "disconnected");
  assert.equal(session.room, "lobby");
});

test("leaving is told to the server, and nothing comes after it", async () => {
  await enter();
  const left = session.leave();
  await turn();
  assert.equal(wire.requests[0].event, "room:leave");
  await wire.answer({ ok: true });
  await left;
  assert.deepEqual(heard, ["idle"]);
  assert.equal(wire.socket.connected, false);
});
