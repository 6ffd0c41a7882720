// SPDX-License-Identifier: Apache-2.0

// Checks the repository's TypeScript projects with every compiler that generated
// files promise to work with. Compilers may be named: node tsc.mjs typescript-5.0
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
// The flags isolatedDeclarations and erasableSyntaxOnly are of 5.5 and 5.8.
const oldest = ["tsconfig.oldest.json", "tsconfig.node.oldest.json"];
const newest = ["tsconfig.json", "tsconfig.node.json"];
const compilers = {
  "typescript-5.0": oldest,
  "typescript-5.4": oldest,
  "typescript-5.9": newest,
  typescript: newest, // 6.0
  "typescript-7.0": newest,
};
const named = process.argv.slice(2);

for (const compiler of named.length > 0 ? named : Object.keys(compilers)) {
  const program = path.join(root, "node_modules", compiler, "bin", "tsc");
  if (!existsSync(program)) {
    console.error(`${compiler} is missing: run "npm ci" in ${root} first`);
    process.exit(1);
  }
  for (const project of [
    ...compilers[compiler],
    "gen/typescript/typetest/loose/tsconfig.json",
    "example/page/tsconfig.json",
    "example/game/page/tsconfig.json",
    "example/live/page/tsconfig.json",
  ]) {
    const arguments_ = [program, "--project", project, "--pretty", "false"];
    const options = { cwd: root, stdio: "inherit" };
    const { status } = spawnSync(process.execPath, arguments_, options);
    if (status !== 0) {
      console.error(`${compiler} refused ${project}`);
      process.exitCode = 1;
    }
  }
}
