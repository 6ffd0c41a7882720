// SPDX-License-Identifier: Apache-2.0

// The README's first screen, done as a new user would do it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import readline from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort } from "../testing/harness.mjs";
import { makeProject } from "../testing/project.mjs";
import { listening } from "../testing/walk.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the README's schema, server and page code work together", async (t) => {
  const readme = await readFile(path.join(root, "README.md"), "utf8");
  const port = await freePort();
  const block = (language) => {
    const [, text] = readme.match(
      new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s"),
    );
    return text.replaceAll(":3000", `:${port}`);
  };
  const project = await makeProject(t, "example.com/app");
  await project.write("events.yaml", block("yaml"));
  await project.write("main.go", block("go"));
  await project.write("page.ts", block("ts"));
  await project.generate(["events.yaml", "generated"]);
  await project.checkTypes("page.ts");
  const entry = await project.bundle("page.ts", "page.mjs");

  const server = spawn(await project.buildGo(), { stdio: "pipe" });
  t.after(() => server.kill());
  await listening(port);
  const page = spawn(process.execPath, [entry], {
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
