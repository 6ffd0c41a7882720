// SPDX-License-Identifier: Apache-2.0

// Modules of the pages, in TypeScript, for tests that run in Node.
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const examples = new URL("..", import.meta.url);

/** Loads a module by its path within example/. */
export async function load(file) {
  const bundled = await esbuild.build({
    entryPoints: [fileURLToPath(new URL(file, examples))],
    bundle: true,
    format: "esm",
    jsx: "automatic",
    write: false,
  });
  const source = Buffer.from(bundled.outputFiles[0].contents);
  return import(`data:text/javascript;base64,${source.toString("base64")}`);
}
