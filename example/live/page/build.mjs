// Builds the page into example/live/page/dist, which the board embeds:
//
//	node example/live/page/build.mjs
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

const here = path.dirname(fileURLToPath(import.meta.url));

/** Builds the page into outdir; the folder's other files stay as they are. */
export async function build(outdir = path.join(here, "dist")) {
  const bundled = await esbuild.build({
    absWorkingDir: here,
    entryPoints: ["main.ts", "style.css"],
    outdir,
    bundle: true,
    minify: true,
    sourcemap: true,
    format: "esm",
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
  await build();
}
