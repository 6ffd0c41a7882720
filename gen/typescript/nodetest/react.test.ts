// The hooks in Chromium, with real React under StrictMode and a real server.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { serve, sleep, until } from "./harness";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.resolve("gen/typescript/nodetest/react.page.ts")],
    bundle: true,
    write: false,
    format: "iife",
    define: { "process.env.NODE_ENV": '"development"' }, // mounts twice
  });
  return outputFiles[0]?.text ?? "";
}

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

  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  t.after(() => browser.close());
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  const script = await bundle();
  await page.goto(url);
  await page.addScriptTag({ content: script });
  const see = (id: string, text: string | RegExp): Promise<void> =>
    page.locator(`#${id}`).filter({ hasText: text }).waitFor();
  const show = (name?: string): Promise<void> =>
    page.evaluate(`show(${JSON.stringify(name) ?? ""})`);

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

  chat.disconnectSockets();
  await see("status", "disconnected");
  await show("bob"); // another key is another connection
  await see("status", /^connected/);
  assert.deepEqual(names, ["ann", "bob"]);
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
  assert.deepEqual(problems, []);
});
