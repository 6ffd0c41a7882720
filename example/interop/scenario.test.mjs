// SPDX-License-Identifier: Apache-2.0

// The scenario that the project grew from, driven by the official client.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startExample } from "../testing/harness.mjs";
import { collect, connect, first, modes, open, until } from "./client.mjs";

for (const mode of Object.keys(modes)) {
  describe(`scenario over ${mode}`, () => {
    let server;
    before(async () => (server = await startExample()));
    after(() => server.stop());

    test("a message is logged and answered, connection and disconnection are logged", async () => {
      const socket = await connect(server, "/", mode);
      const { id } = socket;
      assert.match(id, /^[\w-]{20}$/);
      await server.waitForLog(new RegExp(`Connected: ${id}`));
      socket.emit("clientMessage", "hello, wörld 😀");
      const [answer, ...surplus] = await first(socket, "serverMessage");
      assert.equal(answer, "Server received: hello, wörld 😀");
      assert.deepEqual(surplus, []);
      await server.waitForLog(/Message from client: hello, wörld 😀/);
      assert.equal(
        socket.io.engine.transport.name,
        mode === "polling" ? "polling" : "websocket",
      );
      socket.disconnect();
      await server.waitForLog(
        new RegExp(`Disconnected: ${id} \\(client namespace disconnect\\)`),
      );
    });

    test("a thousand messages are answered in order, the upgrade among them", async () => {
      const socket = open(server, "/", mode);
      const answers = collect(socket, "serverMessage");
      for (let i = 0; i < 1000; i++) socket.emit("clientMessage", `${i}`);
      await until(() => answers.length === 1000, "a thousand answers");
      assert.deepEqual(
        answers.map(([text]) => text),
        Array.from({ length: 1000 }, (_, i) => `Server received: ${i}`),
      );
      socket.disconnect();
    });

    test("a payload that does not fit is refused as $error and the connection lives", async () => {
      const socket = await connect(server, "/", mode);
      socket.emit("clientMessage", 424242);
      const [failure] = await first(socket, "$error");
      assert.equal(failure.event, "clientMessage");
      assert.equal(failure.code, "invalid_payload");
      assert.deepEqual(
        failure.data.issues.map(({ path }) => path),
        [""],
      );
      socket.emit("clientMessage", "still here");
      assert.deepEqual(await first(socket, "serverMessage"), [
        "Server received: still here",
      ]);
      assert.ok(
        !server
          .log()
          .some((line) => line.includes("Message from client: 424242")),
      );
      socket.disconnect();
    });

    test("an event that the schema does not know is refused", async () => {
      const socket = await connect(server, "/", mode);
      socket.emit("clientMesage", "hello");
      const [failure] = await first(socket, "$error");
      assert.equal(failure.code, "unknown_event");
      assert.equal(failure.event, "clientMesage");
      const reply = await socket.timeout(5000).emitWithAck("noSuchEvent");
      assert.equal(reply.ok, false);
      assert.equal(reply.error.code, "unknown_event");
      socket.disconnect();
    });

    test("a malformed packet closes that connection and no other", async () => {
      const neighbour = await connect(server, "/", mode);
      const socket = await connect(server, "/", mode, { reconnection: false });
      const { id } = socket;
      socket.io.engine.send('2["clientMessage"'); // unfinished JSON
      const [reason] = await first(socket, "disconnect");
      assert.equal(reason, "transport close");
      await server.waitForLog(
        new RegExp(`Disconnected: ${id} \\(forced close\\)`),
      );
      neighbour.emit("clientMessage", "alive");
      assert.deepEqual(await first(neighbour, "serverMessage"), [
        "Server received: alive",
      ]);
      neighbour.disconnect();
    });

    test("a namespace that the schema does not declare is refused", async () => {
      const socket = open(server, "/nowhere", mode);
      const [error] = await first(socket, "connect_error");
      assert.equal(error.message, "Invalid namespace");
      socket.disconnect();
    });

    test("the client returns when its connection breaks, and when the server restarts", async () => {
      const socket = await connect(server, "/", mode);
      const before = socket.id;
      socket.io.engine.close();
      await first(socket, "connect");
      assert.notEqual(socket.id, before);
      const gone = first(socket, "disconnect");
      const returned = gone.then(() => first(socket, "connect"));
      await server.restart();
      // A poll that is not pending when the server ends finds nobody to answer it;
      // an upgrade may not be over yet.
      assert.match(
        (await gone)[0],
        mode === "websocket"
          ? /^transport close$/
          : /^transport (close|error)$/,
      );
      await returned;
      socket.emit("clientMessage", "again");
      assert.deepEqual(await first(socket, "serverMessage"), [
        "Server received: again",
      ]);
      socket.disconnect();
    });

    test("a foreign Origin is refused, a configured one is served", async () => {
      const foreign = open(server, "/", mode, {
        extraHeaders: { Origin: "https://evil.example" },
        reconnection: false,
      });
      await first(foreign, "connect_error");
      foreign.disconnect();
      const configured = await connect(server, "/", mode, {
        extraHeaders: { Origin: "http://localhost:8081" },
      });
      configured.emit("clientMessage", "from 8081");
      assert.deepEqual(await first(configured, "serverMessage"), [
        "Server received: from 8081",
      ]);
      configured.disconnect();
    });
  });
}
