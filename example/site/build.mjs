// SPDX-License-Identifier: Apache-2.0

// Builds the examples' pages, each into its folder dist, which a Go program embeds:
//
//	node example/site/build.mjs page game/page live/page
import {
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import esbuild from "esbuild";

const examples = fileURLToPath(new URL("..", import.meta.url));

/** Builds the page of a folder of example/; other files of its dist stay. */
export async function build(page) {
  const here = path.join(examples, page);
  const outdir = path.join(here, "dist");
  const bundled = await esbuild.build({
    absWorkingDir: here,
    entryPoints: ["./main", "style.css"],
    outdir,
    bundle: true,
    minify: true,
    sourcemap: true,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    target: ["es2022", "chrome111", "firefox115", "safari16.4"],
    legalComments: "eof",
    logLevel: "warning",
    write: false,
  });
  const files = bundled.outputFiles.map((file) => [file.path, file.contents]);
  for (const name of ["index.html", "icon.svg"]) {
    files.push([
      path.join(outdir, name),
      await readFile(path.join(here, name)),
    ]);
  }
  await mkdir(outdir, { recursive: true });
  // A Go build may embed the folder meanwhile: each file appears whole or not
  // at all, and nothing else ever lies there.
  const beside = await mkdtemp(`${outdir}-`);
  try {
    for (const [file, contents] of files) {
      const fresh = path.join(beside, path.basename(file));
      await writeFile(fresh, contents);
      await rename(fresh, file);
    }
  } finally {
    await rm(beside, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const page of process.argv.slice(2)) await build(page);
}
