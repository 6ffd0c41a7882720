// Prints the strings, the names of properties and the comments of the modules in a
// folder, by document: node texts.mjs <folder>
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

const folder = process.argv[2];
const documents = {};
for (const file of readdirSync(folder)) {
  if (!file.endsWith(".ts")) continue;
  const source = readFileSync(path.join(folder, file), "utf8");
  const name = file.slice(0, file.indexOf("."));
  const texts = (documents[name] ??= { Strings: new Set(), Prose: "" });
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest);
  const comments = new Map();
  const visit = (node) => {
    if (typeof node.text === "string") texts.Strings.add(node.text);
    for (const range of ts.getLeadingCommentRanges(source, node.pos) ?? []) {
      comments.set(range.pos, source.slice(range.pos, range.end));
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  for (const comment of comments.values()) {
    texts.Prose += `${comment
      .replace(/^\/\*\*?|\*\/$/g, "")
      .replace(/^ *(\*|\/\/)/gm, "")}\n`;
  }
}
for (const texts of Object.values(documents))
  texts.Strings = [...texts.Strings];
process.stdout.write(JSON.stringify(documents));
