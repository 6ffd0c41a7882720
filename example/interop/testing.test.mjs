// SPDX-License-Identifier: Apache-2.0

// docs/testing.md: its Go tests, its tests of a page and its validators run on the
// board of docs/tutorial.md.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { commandsOf, filesOf, readBlocks } from "../testing/pages.mjs";
import { startWalk } from "../testing/walk.mjs";

const run = promisify(execFile);
const files = filesOf(await readBlocks("testing.md"));
let board;

before(async () => {
  const tutorial = await readBlocks("tutorial.md");
  board = await startWalk();
  for (const [name, code] of [...filesOf(tutorial), ...files]) {
    if (name !== "remove.go") await board.write(name, code);
  }
  for (const command of commandsOf(tutorial)) {
    if (command.startsWith("go ")) await board.step(command);
  }
  await board.go("tool", "sockgen", "generate", "-mock", "-schemas");
});
after(() => board?.end());

test("the Go tests pass, and say so", async () => {
  const { stdout } = await board.go("test", "-v", ".");
  const names = [...files]
    .filter(([name]) => name.endsWith(".go"))
    .flatMap(([, code]) => [...code.matchAll(/^func (Test\w+)/gm)]);
  assert.equal(names.length, 3);
  for (const [, name] of names) {
    assert.match(stdout, new RegExp(`--- PASS: ${name}\\b`));
  }
});

test("the page's tests pass without a server", async () => {
  await board.checkTypes("count.test.ts", "form.ts");
  const bundle = await board.bundle("count.test.ts", "count.test.mjs");
  // Not as a part of the test that runs this one.
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const { stdout } = await run(
    process.execPath,
    ["--test", "--test-reporter=tap", bundle],
    { env },
  );
  assert.match(stdout, /^# pass 2$/m, stdout);
});

test("the validators say what the page says", async () => {
  const { stdout } = await run(process.execPath, [
    await board.bundle("form.ts", "form.mjs"),
  ]);
  const expected = [...files.get("form.ts").matchAll(/\/\/ → (.*)$/gm)];
  assert.deepEqual(
    stdout.trimEnd().split("\n"),
    expected.map(([, line]) => line),
  );
});
