// SPDX-License-Identifier: Apache-2.0

// React Native's engine reads what a bundler makes of the generated files: its real
// compiler refuses what it lacks, such as \p in a regular expression.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import ts from "typescript-5.9"; // the newest that lowers to ES5, as bundlers do

const folders = {
  linux: "linux64-bin/hermesc",
  darwin: "osx-bin/hermesc",
  win32: "win64-bin/hermesc.exe",
};
const compiler = path.resolve(
  "node_modules/hermes-engine",
  folders[process.platform as keyof typeof folders],
);

/** Compiles a program, and returns what the compiler says. */
function compile(program: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "hermes-"));
  chmodSync(compiler, 0o755);
  const out = path.join(folder, "out.hbc");
  const { status, stderr } = spawnSync(
    compiler,
    ["-emit-binary", "-w", "-out", out, "-"],
    { input: program, encoding: "utf8" },
  );
  rmSync(folder, { recursive: true });
  return status === 0 ? "" : stderr;
}

const names = readdirSync("gen/typescript/testdata").filter(
  (name) => name.endsWith(".ts") && !/\.(vue|stores|react)\.ts$/.test(name),
);
for (const name of names) {
  test(`${name} is compiled by Hermes`, () => {
    const source = readFileSync(`gen/typescript/testdata/${name}`, "utf8");
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: {
        target: ts.ScriptTarget.ES5,
        module: ts.ModuleKind.CommonJS,
        downlevelIteration: true,
      },
    });
    assert.equal(compile(outputText), "");
  });
}

test("Hermes refuses what it lacks", () => {
  assert.match(compile("/\\p{Surrogate}/u"), /Invalid regular expression/);
});
