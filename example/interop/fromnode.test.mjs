// SPDX-License-Identifier: Apache-2.0

// The recipe of docs/from-node.md: the old client prints the same lines with the Node
// server and with the Go server, and the typed page talks to the latter.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import readline from "node:readline";
import { after, before, test } from "node:test";
import { freePort } from "../testing/harness.mjs";
import { filesOf, readBlocks } from "../testing/pages.mjs";
import { listening, startWalk } from "../testing/walk.mjs";

const children = [];
const ports = {};
let chat;

before(async () => {
  for (const server of ["node", "go"]) ports[server] = await freePort();
  chat = await startWalk();
  await chat.step("go mod init example.com/chat");
  await chat.write("package.json", `{ "type": "module" }`);
  for (const [name, code] of filesOf(await readBlocks("from-node.md"))) {
    const on = (port) => code.replaceAll("3000", String(port));
    if (name === "client.mjs") {
      await chat.write("client.node.mjs", on(ports.node));
      await chat.write("client.go.mjs", on(ports.go));
    } else
      await chat.write(name, on(ports[name === "server.mjs" ? "node" : "go"]));
  }
  await chat.step("go get -tool github.com/sockgen/sockgen/cmd/sockgen");
  await chat.step("go tool sockgen generate");
  await chat.step("go mod tidy");
  children.push(spawn(process.execPath, [chat.path("server.mjs")]));
  await listening(ports.node);
  await chat.serve(ports.go);
  await chat.checkTypes("later.ts");
});
after(async () => {
  for (const child of children) {
    child.kill();
    await once(child, "close");
  }
  await chat?.end();
});

/** The first lines that a program prints; it is then ended. */
async function printed(program, count) {
  const child = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const late = setTimeout(() => child.kill(), 20_000);
  const lines = [];
  for await (const line of readline.createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === count) break;
  }
  clearTimeout(late);
  child.kill();
  return lines;
}

test("the old client sees no difference", async () => {
  const before = await printed(chat.path("client.node.mjs"), 4);
  assert.deepEqual(before, ["1", "ada hello", "{ status: 'ok' }", "not today"]);
  assert.deepEqual(await printed(chat.path("client.go.mjs"), 4), before);
});

test("the typed page takes part", async () => {
  const page = await chat.bundle("later.ts", "later.mjs");
  const lines = await printed(page, 3);
  assert.deepEqual(lines.slice(1), ["bob typed", "{ status: 'ok' }"]);
});
