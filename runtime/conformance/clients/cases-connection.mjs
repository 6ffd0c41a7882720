// SPDX-License-Identifier: Apache-2.0

// Connecting, leaving, losing the connection and finding it again.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ack,
  collect,
  connected,
  next,
  reconnected,
  until,
  upgraded,
} from "./client.mjs";

const socketID = /^[A-Za-z0-9_-]{20}$/;
const broken = /^transport (close|error)$/;

export const connection = [
  // It takes longest, so it begins first.
  {
    name: "heartbeats keep an idle connection, and end one that is frozen",
    async run(client) {
      const proxy = await client.proxy();
      const socket = await client.connect("/", { url: proxy.url });
      let pings = 0;
      socket.io.engine.on("packet", ({ type }) => {
        if (type === "ping") pings++;
      });
      const ended = await client.watch(socket.id);
      await until(() => pings >= 2, "two pings");
      assert.equal(socket.connected, true);
      const heard = next(socket, "disconnect");
      proxy.freeze();
      assert.equal((await heard)[0], "ping timeout");
      // The server's own time may end a little later; it may hear of the cut first.
      proxy.thaw();
      assert.match(await ended(), /^(ping timeout|transport (close|error))$/);
      await reconnected(socket);
      assert.deepEqual(await ack(socket, "message-with-ack", 1), [1]);
    },
  },
  {
    name: "connects with an id of its own, over the transport asked for",
    async run(client) {
      const [one, two] = [await client.connect(), await client.connect()];
      for (const socket of [one, two]) assert.match(socket.id, socketID);
      assert.notEqual(one.id, two.id);
      assert.notEqual(one.id, one.io.engine.id);
      const wanted = client.mode === "polling" ? "polling" : "websocket";
      assert.equal(one.io.engine.transport.name, wanted);
      await until(async () => {
        const [known] = await ack(one, "handshake");
        return known.transport === wanted;
      }, `a server that knows of ${wanted}`);
    },
  },
  {
    name: "query and headers of the handshake reach the application",
    async run(client) {
      const socket = await client.connect("/", {
        query: { colour: "bleu & vert" },
        extraHeaders: { "X-Colour": "red" },
      });
      const [{ query, header }] = await ack(socket, "handshake");
      assert.deepEqual([query, header], ["bleu & vert", "red"]);
    },
  },
  {
    name: "auth is given as an object, as a function or not at all",
    async run(client) {
      const token = { token: "tëst", nested: { list: [1, null] } };
      for (const [auth, seen] of [
        [undefined, {}],
        [token, token],
        [(give) => give(token), token],
      ]) {
        const socket = client.open("/", { auth });
        assert.deepEqual(await next(socket, "auth"), [seen]);
        socket.disconnect();
      }
    },
  },
  {
    name: "joins another namespace",
    async run(client) {
      const socket = client.open("/custom", { auth: { a: 1 } });
      assert.deepEqual(await next(socket, "auth"), [{ a: 1 }]);
      assert.deepEqual(await ack(socket, "message-with-ack", 1), [1]);
    },
  },
  {
    name: "an unknown namespace is refused, others on the connection go on",
    async run(client) {
      const main = await client.connect();
      const random = main.io.socket("/random");
      client.after(() => random.disconnect());
      const [error] = await next(random, "connect_error");
      assert.equal(error.message, "Invalid namespace");
      assert.deepEqual(await ack(main, "message-with-ack", 1), [1]);
    },
  },
  {
    name: "a refusal has its message and its data, and is not tried again",
    async run(client) {
      for (const [namespace, message, data] of [
        ["/rej", "not authorized", { content: "Please retry later" }],
        ["/rej2", "nope", undefined],
      ]) {
        const socket = client.open(namespace);
        const errors = collect(socket, "connect_error");
        await until(() => errors.length > 0, "connect_error");
        await sleep(150); // several times the delay of a reconnection
        assert.equal(errors.length, 1);
        const [[error]] = errors;
        assert.equal(error.message, message);
        assert.deepEqual(error.data, data);
        assert.equal(socket.connected, false);
      }
    },
  },
  {
    name: "many sockets share one connection",
    async run(client) {
      const main = await client.connect();
      const names = Array.from({ length: 20 }, (_, i) => `/many/${String(i)}`);
      const sockets = names.map((name) => main.io.socket(name));
      client.after(() => {
        for (const socket of sockets) socket.disconnect();
      });
      await Promise.all(sockets.map((socket) => connected(socket)));
      assert.equal(new Set(sockets.map(({ id }) => id)).size, 20);
      for (const socket of sockets) assert.equal(socket.io, main.io);
      const answers = await Promise.all(
        sockets.map((socket, i) => ack(socket, "message-with-ack", i)),
      );
      assert.deepEqual(answers.flat(), [...names.keys()]);

      const engine = main.io.engine.id;
      sockets[0].disconnect();
      main.disconnect();
      assert.deepEqual(await ack(sockets[1], "message-with-ack", "x"), ["x"]);
      sockets[0].connect();
      await connected(sockets[0]);
      assert.equal(sockets[0].io.engine.id, engine);
    },
  },
  {
    name: "disconnect() ends the socket on both sides, connect() begins anew",
    async run(client) {
      const socket = await client.connect();
      const { id } = socket;
      const ended = await client.watch(id);
      const heard = next(socket, "disconnect");
      socket.disconnect();
      assert.equal((await heard)[0], "io client disconnect");
      assert.equal(await ended(), "client namespace disconnect");
      socket.connect();
      await connected(socket);
      assert.match(socket.id, socketID);
      assert.notEqual(socket.id, id);
      assert.deepEqual(await ack(socket, "message-with-ack", 1), [1]);
    },
  },
  {
    name: "the client closes the connection and opens another",
    async run(client) {
      const socket = await client.connect();
      const ended = await client.watch(socket.id);
      const heard = next(socket, "disconnect");
      socket.io.engine.close();
      assert.equal((await heard)[0], "forced close");
      assert.equal(await ended(), "transport close");
      await reconnected(socket);
      assert.deepEqual(await ack(socket, "message-with-ack", 1), [1]);
    },
  },
  {
    name: "the server ends a socket, its connection serves the others",
    async run(client) {
      const main = await client.connect();
      const custom = main.io.socket("/custom");
      client.after(() => custom.disconnect());
      await connected(custom);
      const ended = await client.watch(main.id);
      const heard = next(main, "disconnect");
      main.emit("bye");
      assert.equal((await heard)[0], "io server disconnect");
      assert.equal(await ended(), "server namespace disconnect");
      assert.deepEqual(await ack(custom, "message-with-ack", 1), [1]);
      await sleep(150);
      assert.equal(main.connected, false);
      main.connect();
      await connected(main);
    },
  },
  {
    name: "the server ends a socket and its connection",
    async run(client) {
      const main = await client.connect();
      const custom = main.io.socket("/custom");
      client.after(() => custom.disconnect());
      await connected(custom);
      const ended = await client.watch(main.id);
      const both = [next(main, "disconnect"), next(custom, "disconnect")];
      const closed = next(main.io, "close");
      main.emit("byebye");
      for (const [reason] of await Promise.all(both)) {
        assert.equal(reason, "io server disconnect");
      }
      assert.equal(await ended(), "server namespace disconnect");
      await closed;
    },
  },
  {
    name: "a connection that breaks is replaced, and what was emitted meanwhile arrives",
    async run(client) {
      const proxy = await client.proxy();
      let logins = 0;
      const socket = await client.connect("/", {
        url: proxy.url,
        auth: (give) => give({ login: ++logins }),
      });
      const { id } = socket;
      const ended = await client.watch(id);
      const heard = next(socket, "disconnect");
      const again = next(socket.io, "reconnect");
      const auths = collect(socket, "auth");
      const back = collect(socket, "message-back");
      proxy.down();
      assert.match((await heard)[0], broken);
      for (let i = 0; i < 3; i++) socket.emit("message", i);
      // A client that is not just polling is missed by the heartbeat alone.
      const seen =
        client.mode === "polling"
          ? /^(ping timeout|transport (close|error))$/
          : broken;
      assert.match(await ended(), seen);
      proxy.up();
      await again;
      await reconnected(socket);
      assert.notEqual(socket.id, id);
      await until(
        () => auths.at(-1)?.[0].login === logins,
        "auth as asked for at last",
      );
      assert.ok(logins >= 2, `auth was asked for ${String(logins)} times`);
      await until(() => back.length >= 3, "three events");
      assert.deepEqual(await ack(socket, "message-with-ack", 1), [1]);
      assert.deepEqual(back, [[0], [1], [2]]);
    },
  },
  {
    name: "a server that shuts down, and one that is killed, is found again",
    async run(client) {
      const first = await client.server();
      const socket = await client.connect("/", { url: first.url });
      let server = first;
      // A client that is not just polling finds no server when it does so again.
      const farewell = client.mode === "polling" ? broken : /^transport close$/;
      for (const [end, reason] of [
        ["stop", farewell],
        ["kill", broken],
      ]) {
        const heard = next(socket, "disconnect");
        await server[end]();
        assert.match((await heard)[0], reason);
        server = await client.server(first.port);
        await reconnected(socket);
        if (client.mode === "upgrade") await upgraded(socket);
        assert.deepEqual(await ack(socket, "message-with-ack", end), [end]);
      }
    },
  },
];
