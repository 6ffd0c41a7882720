// Checks TypeScript projects with one of the installed compilers:
//
//	node tsc.mjs typescript-5.0 tsconfig.oldest.json …
//
// A project that is not there is passed over.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const [compiler, ...projects] = process.argv.slice(2);
const program = path.join(root, "node_modules", compiler, "bin", "tsc");
if (!existsSync(program)) {
  console.error(`${compiler} is not installed: run "npm ci" in ${root} first`);
  process.exit(1);
}
for (const project of projects.filter((p) => existsSync(path.join(root, p)))) {
  const arguments_ = [program, "--project", project, "--pretty", "false"];
  const options = { cwd: root, stdio: "inherit" };
  const { status } = spawnSync(process.execPath, arguments_, options);
  if (status !== 0) {
    console.error(`${compiler} refused ${project}`);
    process.exitCode = 1;
  }
}
