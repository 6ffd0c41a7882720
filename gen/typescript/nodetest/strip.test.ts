// SPDX-License-Identifier: Apache-2.0

// A module is JavaScript as soon as its types are blanked out, as Node does it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { transformSync } from "amaro"; // what Node strips types with

const names = readdirSync("gen/typescript/testdata")
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));

/** Parses the program, whose imports of other generated files a bundler finds. */
function check(program: string): void {
  const { status, stderr } = spawnSync(process.execPath, ["--check", "-"], {
    input: program.replace(/^import\b[^;]*;$/gm, "").replace(/^export /gm, ""),
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
}

/** Runs the program to its end. */
function run(program: string): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", program],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
}

for (const name of names) {
  test(`${name} is JavaScript without its types`, () => {
    const file = path.resolve("gen/typescript/testdata", `${name}.ts`);
    const source = readFileSync(file, "utf8");
    const { code } = transformSync(source, { mode: "strip-only" });
    assert.equal(code.split("\n").length, source.split("\n").length);
    if (/\.(react|vue|stores)$/.test(name)) check(code);
    else run(code);
  });
}
