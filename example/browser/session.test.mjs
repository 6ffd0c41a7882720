// A session of the page on a socket of our making: what the network could do
// to it, in the order that we choose.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const bundled = await esbuild.build({
  entryPoints: [fileURLToPath(new URL("../page/session.ts", import.meta.url))],
  bundle: true,
  format: "esm",
  write: false,
  plugins: [
    {
      name: "a generated module of our making",
      setup(build) {
        build.onLoad({ filter: /generated\/ts\/chat\.ts$/ }, () => ({
          contents: `
            export const connectChat = (url, options) => globalThis.wire.connect(options);
            export const request = (socket, ...args) => globalThis.wire.request(...args);
            export const on = (socket, event, listener) => globalThis.wire.on(event, listener);
          `,
        }));
      },
    },
  ],
});
const source = Buffer.from(bundled.outputFiles[0].contents).toString("base64");
const { Session } = await import(`data:text/javascript;base64,${source}`);

const members = [];
const entered = { ok: true, value: { members, history: [] } };

/** The far end of the session's socket. */
class Wire {
  requests = [];
  #listeners = new Map();

  connect(options) {
    this.options = options;
    this.socket = {
      id: undefined,
      connected: false,
      active: false,
      connect: () => (this.socket.active = true),
      disconnect: () => {
        this.socket.active = false;
        this.#drop();
      },
      io: {
        engine: { transport: { name: "polling" }, once() {} },
        on: this.on.bind(this),
      },
    };
    return this.socket;
  }

  on(event, listener) {
    this.#listeners.set(event, listener);
  }

  request(event, payload) {
    return new Promise((answer) => {
      this.requests.push({ event, payload, answer });
    });
  }

  accept(id) {
    Object.assign(this.socket, { id, connected: true });
    this.#listeners.get("connect")();
  }

  refuse(data) {
    this.socket.active = false;
    this.#listeners.get("connect_error")({ data });
  }

  /** The connection ends; the socket goes on trying unless the server ended it. */
  lose({ byServer = false } = {}) {
    if (byServer) this.socket.active = false;
    this.#drop();
  }

  async answer(reply) {
    this.requests.shift().answer(reply);
    await new Promise((resolve) => setImmediate(resolve));
  }

  #drop() {
    if (!this.socket.connected) return;
    Object.assign(this.socket, { id: undefined, connected: false });
    this.#listeners.get("disconnect")();
  }
}

let wire;
let session;
let heard; // what the session told the page, in order

beforeEach(() => {
  wire = globalThis.wire = new Wire();
  heard = [];
  session = new Session("", {
    state: ({ kind, retrying, transport }) =>
      heard.push(
        [kind, transport, retrying === false && "for good"]
          .filter(Boolean)
          .join(" "),
      ),
    joined: (room, _, again) =>
      heard.push(`${again ? "rejoined" : "joined"} ${room}`),
    refused: ({ code }) => heard.push(`refused ${code}`),
  });
});

const arrive = (room, what) =>
  session.inRoom(room, () => heard.push(`${room}: ${what}`));

async function enter() {
  session.enter("Ada", "lobby");
  wire.accept("a1");
  await wire.answer(entered);
  heard.length = 0;
}

test("it connects with the name and a secret, then joins", async () => {
  session.enter("Ada", "lobby");
  const auth = wire.options.auth();
  assert.equal(auth.name, "Ada");
  assert.match(auth.key, /^[0-9a-f]{32}$/);
  wire.accept("a1");
  assert.deepEqual(wire.requests[0].payload, { room: "lobby" });
  assert.equal(session.present, false);
  await wire.answer(entered);
  assert.equal(session.present, true);
  assert.deepEqual(heard, ["connecting", "connected polling", "joined lobby"]);
});

test("what overtakes the answer to joining is shown after it", async () => {
  session.enter("Ada", "lobby");
  wire.accept("a1");
  heard.length = 0;
  arrive("lobby", "early");
  arrive("another", "not ours");
  await wire.answer(entered);
  arrive("lobby", "later");
  assert.deepEqual(heard, ["joined lobby", "lobby: early", "lobby: later"]);
});

test("no more is kept while joining than the log shows", async () => {
  session.enter("Ada", "lobby");
  wire.accept("a1");
  heard.length = 0;
  for (let n = 1; n <= 510; n++) arrive("lobby", n);
  await wire.answer(entered);
  assert.equal(heard.length, 501);
  assert.equal(heard[1], "lobby: 11");
  assert.equal(heard[500], "lobby: 510");
});

test("after a reconnect it joins again and remembers who it was", async () => {
  await enter();
  wire.lose();
  assert.equal(session.present, false);
  wire.accept("a2");
  assert.deepEqual(wire.requests[0].payload, { room: "lobby", history: 100 });
  await wire.answer(entered);
  assert.deepEqual(heard, ["offline", "connected polling", "rejoined lobby"]);
  assert.ok(session.isSelf("a1") && session.isSelf("a2"));
  assert.ok(!session.isSelf("b1"));
});

test("an answer from before a reconnect is not taken for one from after it", async () => {
  session.enter("Ada", "lobby");
  wire.accept("a1");
  wire.lose();
  wire.accept("a2");
  heard.length = 0;
  await wire.answer(entered);
  assert.equal(session.present, false);
  await wire.answer(entered);
  assert.deepEqual(heard, ["joined lobby"]);
});

test("a connection that the server ended returns only when asked to", async () => {
  await enter();
  wire.lose({ byServer: true });
  assert.deepEqual(heard, ["offline for good"]);
  session.connectAgain();
  wire.accept("a2");
  await wire.answer(entered);
  assert.deepEqual(heard.slice(1), [
    "connecting",
    "connected polling",
    "rejoined lobby",
  ]);
});

test("a refusal ends the session, an unreachable server does not", async () => {
  session.enter("Ada", "lobby");
  wire.socket.active = true;
  heard.length = 0;
  wire.refuse({ code: "name_taken", message: "taken" });
  assert.deepEqual(heard, ["idle", "refused name_taken"]);

  session.enter("Ada", "no such room");
  wire.accept("a1");
  heard.length = 0;
  await wire.answer({ ok: false, error: { code: "invalid_payload" } });
  assert.deepEqual(heard, ["idle", "refused invalid_payload"]);
  assert.equal(session.present, false);
});

test("it joins once more when the answer to a rejoin does not come", async () => {
  await enter();
  wire.lose();
  wire.accept("a2");
  await wire.answer({ ok: false, error: { code: "timeout" } });
  assert.equal(wire.requests.length, 1);
  await wire.answer(entered);
  assert.equal(heard.at(-1), "rejoined lobby");
});

test("it leaves a room only once the next one has let it in", async () => {
  await enter();
  const refused = session.move("full");
  await wire.answer({ ok: false, error: { code: "full", message: "full" } });
  assert.equal((await refused).code, "full");
  assert.equal(session.room, "lobby");

  const moved = session.move("garden");
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
  wire.lose();
  wire.accept("a2");
  await wire.answer(entered);
  assert.equal((await moved).code, "disconnected");
  assert.equal(session.room, "lobby");
});

test("leaving is told to the server, and nothing comes after it", async () => {
  await enter();
  const left = session.leave();
  assert.equal(wire.requests[0].event, "room:leave");
  await wire.answer({ ok: true });
  await left;
  assert.deepEqual(heard, ["idle"]);
  assert.equal(wire.socket.connected, false);
});
