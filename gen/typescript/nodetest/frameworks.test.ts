// SPDX-License-Identifier: Apache-2.0

// Vue's composables and Svelte's stores in Chromium, with a real server.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import type { Plugin } from "esbuild";
import { compile } from "svelte/compiler";
import { serve, sleep, until } from "./harness";
import { bundle, open } from "./page";

const here = path.resolve("gen/typescript/nodetest");

/** Compiles components as Svelte's own plugins do. */
const svelte: Plugin = {
  name: "svelte",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.svelte$/ }, async ({ path: filename }) => {
      const source = await readFile(filename, "utf8");
      return { contents: compile(source, { filename }).js.code };
    });
  },
};

const pages = [
  { name: "Vue", entryPoints: [path.join(here, "vue.page.ts")] },
  {
    name: "Svelte",
    entryPoints: [path.join(here, "svelte.page.js")],
    plugins: [svelte],
  },
];

for (const { name, ...options } of pages) {
  test(`${name} keeps one connection, and begins anew with another name`, async (t) => {
    const { io, url } = await serve(t);
    const chat = io.of("/chat");
    const names: unknown[] = [];
    chat.use((socket, next) => {
      const own: unknown = socket.handshake.auth["name"];
      names.push(own);
      const data = { code: "name_taken", message: "", data: { name: own } };
      next(own === "taken" ? Object.assign(new Error(), { data }) : undefined);
    });
    chat.on("connection", (socket) => {
      socket.on("room:leave", ({ room }, ack) => {
        const error = { code: "not_member", message: "", data: { room } };
        ack({ ok: false, error });
      });
    });
    const script = await bundle(options);
    const { page, problems, see, show } = await open(t, url, script);

    await see("status", /^connected/);
    await sleep(200); // a second connection would have come by now
    assert.deepEqual(names, ["ann"]);
    chat.emit("announce", { text: "a", at: "" });
    chat.emit("announce", { text: "b", at: "" });
    await see("heard", "a,b");
    const data = { id: "" };
    const refusal = { event: "typing", code: "internal", message: "", data };
    chat.emit("$error", refusal);
    await see("refused", "typing internal");
    await page.locator("#send").click({ force: true });
    await see("outcome", "not_member");
    chat.disconnectSockets();
    await see("status", "disconnected");

    await show("bob");
    await see("status", /^connected/);
    assert.deepEqual(names, ["ann", "bob"]);
    assert.equal(await page.locator("#outcome").textContent(), "");
    await show("taken");
    await see("status", "refused name_taken");
    await until("bob has gone", () => chat.sockets.size === 0);
    await show("eve");
    await see("status", /^connected/);
    chat.emit("announce", { text: "c", at: "" });
    await see("heard", /c$/);
    await show();
    await until("eve has gone", () => chat.sockets.size === 0);
    assert.deepEqual(names, ["ann", "bob", "taken", "eve"]);
    assert.deepEqual(problems, []);
  });
}
