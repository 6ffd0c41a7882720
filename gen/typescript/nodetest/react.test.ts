// SPDX-License-Identifier: Apache-2.0

// The hooks in Chromium, with real React under StrictMode and a real server.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { serve, sleep, until } from "./harness";
import { bundle, open } from "./page";

test("hooks under StrictMode keep exactly one connection", async (t) => {
  const { io, url } = await serve(t);
  const chat = io.of("/chat");
  let connections = 0;
  io.engine.on("connection", () => connections++);
  const names: unknown[] = [];
  const reasons: string[] = [];
  chat.use((socket, next) => {
    const name: unknown = socket.handshake.auth["name"];
    names.push(name);
    const data = { code: "name_taken", message: "", data: { name } };
    next(name === "taken" ? Object.assign(new Error(), { data }) : undefined);
  });
  chat.on("connection", (socket) => {
    socket.on("disconnect", (reason) => reasons.push(reason));
    socket.on("room:leave", ({ room }, ack) => {
      const error = { code: "not_member", message: "", data: { room } };
      ack({ ok: false, error });
    });
  });

  const entryPoints = [path.resolve("gen/typescript/nodetest/react.page.ts")];
  const script = await bundle({ entryPoints });
  const { page, problems, see, show } = await open(t, url, script);

  await see("status", /^connected/);
  await sleep(300); // a second connection would have come by now
  assert.deepEqual(names, ["ann"]);
  assert.equal(connections, 1);
  assert.equal(chat.sockets.size, 1);

  chat.emit("announce", { text: "a", at: "" });
  await see("heard", "a");
  chat.emit("announce", { text: "b", at: "" });
  await see("heard", "a,b"); // once each, and by the latest listener
  await page.locator("#send").click({ force: true });
  await see("outcome", "not_member");
  const data = { id: "" };
  chat.emit("$error", { event: "typing", code: "internal", message: "", data });
  await see("refused", "typing internal");

  chat.disconnectSockets();
  await see("status", "disconnected");
  await show("bob"); // another key is another connection
  await see("status", /^connected/);
  assert.deepEqual(names, ["ann", "bob"]);
  const renders: string[] = await page.evaluate("renders");
  const [first] = renders.filter((render) => render.startsWith("bob"));
  assert.equal(first, "bob connecting false"); // nothing of ann's is left
  assert.equal(await page.locator("#outcome").textContent(), "");
  await show("taken");
  await see("status", "refused name_taken");
  await until("bob has gone", () => chat.sockets.size === 0);
  assert.equal(names.filter((name) => name === "bob").length, 1);

  await show("eve");
  await see("status", /^connected/);
  await show(); // the component is gone
  await until("eve has gone", () => chat.sockets.size === 0);
  assert.equal(reasons.at(-1), "client namespace disconnect");
  assert.deepEqual(names, ["ann", "bob", "taken", "eve"]);
  assert.equal(connections, 4);

  await page.evaluate(`share("fay")`);
  await see("first", "connected");
  await see("second", "connected");
  await sleep(300);
  assert.equal(connections, 5); // one for both, and for both mounts
  chat.emit("announce", { text: "c", at: "" });
  await see("first", "connected c");
  await see("second", "connected c");
  await page.evaluate(`share("gil")`);
  await until("fay has gone", () => names.at(-1) === "gil");
  await see("second", "connected");
  await until("gil is alone", () => chat.sockets.size === 1);
  assert.equal(connections, 6);
  assert.deepEqual(problems, []);
});
