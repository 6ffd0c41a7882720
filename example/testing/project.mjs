// SPDX-License-Identifier: Apache-2.0

// A project of a user's own, for tests that do what a page of the docs says.
import { execFile } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/**
 * Makes a folder that is a Go module and an npm package, both of which use this
 * working tree. It disappears when the test `t` ends.
 */
export async function makeProject(t, module) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "sockgen-project-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const project = new Project(folder);
  const ours = await readFile(path.join(root, "go.mod"), "utf8");
  await project.write(
    "go.mod",
    `${ours
      .replace("module github.com/sockgen/sockgen", `module ${module}`)
      .replace(/^ignore .*$/m, "")}
require github.com/sockgen/sockgen v0.0.0
replace github.com/sockgen/sockgen => ${root}
`,
  );
  await project.write(
    "go.sum",
    await readFile(path.join(root, "go.sum"), "utf8"),
  );
  await project.write("package.json", `{ "type": "module" }`);
  await symlink(path.join(root, "node_modules"), project.path("node_modules"));
  return project;
}

/** What a folder of a user's holds, and what is done to it. */
export class Project {
  #folder;

  constructor(folder) {
    this.#folder = folder;
  }

  path(...names) {
    return path.join(this.#folder, ...names);
  }

  async write(name, text) {
    await mkdir(path.dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), text);
  }

  /** Runs `sockgen generate` on the schemas, each into a folder of its own, with flags. */
  async generate(...schemas) {
    await run("go", ["build", "-o", this.path("sockgen"), "./cmd/sockgen"], {
      cwd: root,
    });
    for (const [schema, out, ...flags] of schemas) {
      await run(
        this.path("sockgen"),
        [
          ...["generate", "-schema", this.path(schema)],
          ...["-out", this.path(out), ...flags],
        ],
        { cwd: this.#folder },
      );
    }
  }

  /** Builds the Go program of the project's root and returns its path. */
  async buildGo() {
    await run("go", ["build", "-mod=mod", "-o", "server", "."], {
      cwd: this.#folder,
    });
    return this.path("server");
  }

  /** Type-checks the files, as strictly as a page does by default. */
  async checkTypes(...files) {
    await run(
      process.execPath,
      [
        this.path("node_modules/typescript/bin/tsc"),
        ...["--noEmit", "--strict", "--target", "es2022"],
        ...["--module", "esnext", "--moduleResolution", "bundler"],
        ...["--jsx", "react-jsx"],
        ...["--types", "node", ...files],
      ],
      { cwd: this.#folder },
    ).catch((error) => {
      throw new Error(`tsc refuses:\n${error.stdout}`);
    });
  }

  /** Bundles a module for Node; npm packages stay outside. */
  async bundle(entry, outfile) {
    await build({
      entryPoints: [this.path(entry)],
      outfile: this.path(outfile),
      bundle: true,
      format: "esm",
      platform: "node",
      packages: "external",
      logLevel: "error",
    });
    return this.path(outfile);
  }
}
