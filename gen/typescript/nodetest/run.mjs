// SPDX-License-Identifier: Apache-2.0

// Bundles the tests beside it, which are TypeScript, and runs them under Node's
// test runner.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = path.join(here, "../../..");
const { build } = await import("esbuild").catch(() => {
  console.error(`esbuild is not installed: run "npm ci" in ${root} first`);
  process.exit(1);
});

// Inside the repository, so that the bundles find its packages.
const outdir = path.join(root, ".cache", "nodetest");
rmSync(outdir, { recursive: true, force: true });
const entryPoints = readdirSync(here)
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => path.join(here, name));
await build({
  entryPoints,
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: "inline",
  logLevel: "warning",
});
const bundles = readdirSync(outdir).map((name) => path.join(outdir, name));
const { status } = spawnSync(
  process.execPath,
  ["--enable-source-maps", "--test-timeout=60000", "--test", ...bundles],
  { cwd: root, stdio: "inherit" },
);
process.exit(status ?? 1);
