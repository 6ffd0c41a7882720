// The README's first screen, done as a new user would do it.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

test("the README's schema, server and page code work together", async (t) => {
  const readme = await readFile(path.join(root, "README.md"), "utf8");
  const port = await freePort();
  const block = (language) => {
    const [, text] = readme.match(
      new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s"),
    );
    return text.replaceAll(":3000", `:${port}`);
  };
  const folder = await mkdtemp(path.join(os.tmpdir(), "sockgen-readme-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = (name) => path.join(folder, name);

  await writeFile(file("events.yaml"), block("yaml"));
  await writeFile(file("main.go"), goHeader + block("go"));
  await writeFile(file("page.ts"), block("ts"));
  await writeFile(file("go.mod"), await userModule());
  await writeFile(
    file("go.sum"),
    await readFile(path.join(root, "go.sum"), "utf8"),
  );
  await symlink(path.join(root, "node_modules"), file("node_modules"));
  await writeFile(file("package.json"), `{ "type": "module" }`);

  await run(
    "go",
    [
      ...["run", "./cmd/sockgen", "generate"],
      ...["-schema", file("events.yaml"), "-out", file("generated")],
    ],
    { cwd: root },
  );
  await run(
    "node",
    [
      file("node_modules/typescript/bin/tsc"),
      ...["--noEmit", "--strict", "--target", "es2022"],
      ...["--module", "esnext", "--moduleResolution", "bundler", "page.ts"],
    ],
    { cwd: folder },
  );
  await run("go", ["build", "-mod=mod", "-o", "server", "."], { cwd: folder });
  await build({
    entryPoints: [file("page.ts")],
    outfile: file("page.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "error",
  });

  const server = spawn(file("server"), { cwd: folder, stdio: "pipe" });
  t.after(() => server.kill());
  await listening(port);
  const page = spawn("node", [file("page.mjs")], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => page.kill());
  const printed = [];
  for await (const line of readline.createInterface({ input: page.stdout })) {
    printed.push(line);
    if (printed.length === 2) break;
  }
  assert.deepEqual(printed, ["Server received: hello", "Ada"]);
  const logged = readline.createInterface({ input: server.stderr });
  const [first] = await once(logged, "line");
  assert.match(first, /Connected: [\w-]{20}$/);
});

const goHeader = `package main

import (
	"context"
	"log"

	"readme.example/generated/chat"

	"github.com/sockgen/sockgen/runtime/socketio"
)

`;

/** A module that uses sockgen from this working tree. */
async function userModule() {
  const ours = await readFile(path.join(root, "go.mod"), "utf8");
  return `${ours
    .replace("module github.com/sockgen/sockgen", "module readme.example")
    .replace(/^ignore .*$/m, "")}
require github.com/sockgen/sockgen v0.0.0
replace github.com/sockgen/sockgen => ${root}
`;
}

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until something listens on the port; fails after ten seconds. */
async function listening(port) {
  for (const deadline = Date.now() + 10_000; ;) {
    const socket = net.connect(port, "localhost");
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      socket.destroy();
    }
  }
}
