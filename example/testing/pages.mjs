// SPDX-License-Identifier: Apache-2.0

// The blocks of code of a page of the docs.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Reads a page of docs/. Each of its blocks has a `language`, a `name` (what
 * stands behind the language, "" if nothing does) and its `code`.
 */
export async function readBlocks(page) {
  const text = await readFile(path.join(root, "docs", page), "utf8");
  const fences = /^```(\S+) ?(.*)\n([^]*?)^```$/gm;
  return [...text.matchAll(fences)].map(([, language, name, code]) => ({
    language,
    name,
    code,
  }));
}

/** The blocks that are whole files, by their names. */
export function filesOf(blocks) {
  const files = blocks.filter(({ name }) => /^[\w./-]+\.\w+$/.test(name));
  return new Map(files.map(({ name, code }) => [name, code]));
}

/** The commands of the blocks of shell, without their comments. */
export function commandsOf(blocks) {
  return blocks
    .filter(({ language }) => language === "sh")
    .flatMap(({ code }) => code.split("\n"))
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => line !== "");
}
