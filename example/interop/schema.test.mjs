// SPDX-License-Identifier: Apache-2.0

// Each section of docs/schema.md: its schema is generated, its Go serves it, its
// TypeScript talks to that, and prints what the page says.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import readline from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { printCount } from "../testing/counts.mjs";
import { makeProject } from "../testing/project.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = await readFile(path.join(root, "docs/schema.md"), "utf8");
const sections = page.split(/^## /m).slice(1).map(parseSection);

describe("docs/schema.md", () => {
  let ports; // of the servers, by section
  let project;
  const cleanups = [];

  before(async () => {
    const t = { after: (cleanup) => cleanups.unshift(cleanup) };
    project = await makeProject(t, "docs.example");
    for (const { name, schemas, go } of sections) {
      for (const [file, text] of schemas) {
        await project.write(`${name}/${file}`, text);
      }
      await project.write(`${name}/app.go`, goFile(name, go));
    }
    await project.write("main.go", mainFile());
    await project.generate(
      ...sections.map(({ name }) => [
        `${name}/events.yaml`,
        `${name}/generated`,
      ]),
    );
    const server = spawn(await project.buildGo(), {
      stdio: ["ignore", "pipe", "ignore"],
    });
    t.after(() => server.kill());
    const [line] = await once(
      readline.createInterface({ input: server.stdout }),
      "line",
    );
    ports = JSON.parse(line);
    for (const { name, ts } of sections) {
      const text = ts.replaceAll(":3000", `:${ports[name]}`);
      await project.write(`${name}/page.ts`, `${text}\nprocess.exit(0);\n`);
    }
    await project.checkTypes(...sections.map(({ name }) => `${name}/page.ts`));
  });

  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  test("how many blocks there are", (t) => {
    const blocks = sections.reduce(
      (n, { schemas }) => n + schemas.length + 2,
      0,
    );
    const lines = sections.reduce((n, { expected }) => n + expected.length, 0);
    printCount(
      t,
      `docs/schema.md: ${String(blocks)} blocks of ${String(sections.length)} sections run and print ${String(lines)} lines as the page says`,
    );
  });

  for (const { title, name, expected } of sections) {
    test(title, async () => {
      const entry = await project.bundle(`${name}/page.ts`, `${name}/page.mjs`);
      const { stdout } = await promisify(execFile)(process.execPath, [entry], {
        timeout: 20_000,
      });
      assert.ok(expected.length > 0, "the section prints nothing");
      assert.deepEqual(stdout.trimEnd().split("\n"), expected);
    });
  }
});

/** Takes a section apart: heading, schemas, Go, TypeScript, what it prints. */
function parseSection(text) {
  const [title] = text.split("\n", 1);
  const blocks = (language) =>
    [...text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(
      ([, code]) => code,
    );
  const schemas = blocks("yaml").map((code) => [
    code.match(/^# (\S+\.yaml)\n/)?.[1] ?? "events.yaml",
    code,
  ]);
  const [go, ...moreGo] = blocks("go");
  const [ts, ...moreTS] = blocks("ts");
  const main = schemas.find(([file]) => file === "events.yaml");
  assert.ok(
    main && go && ts,
    `section "${title}" lacks a schema, Go or TypeScript`,
  );
  assert.deepEqual(
    [...moreGo, ...moreTS],
    [],
    `section "${title}" has a block more`,
  );
  const expected = [...ts.matchAll(/\/\/ → (.*)$/gm)].map(([, line]) => line);
  const [, name] = main[1].match(/info: \{ name: (\w+)/);
  return { title, name, schemas, go, ts, expected };
}

/** The section's Go as a file, with the imports that it uses. */
function goFile(name, code) {
  const known = [
    ["atomic", "sync/atomic"],
    ["context", "context"],
    ["errors", "errors"],
    ["fmt", "fmt"],
    ["log", "log"],
    ["socketio", "github.com/sockgen/sockgen/runtime/socketio"],
    ["typed", "github.com/sockgen/sockgen/runtime/typed"],
    [name, `docs.example/${name}/generated/${name}`],
  ];
  const mounted = /^func mount\(/m.test(code)
    ? code
    : `${code}\nfunc mount(io *socketio.Server) { ${name}.Mount(io, &app{}) }\n`;
  const imports = known
    .filter(([word]) => new RegExp(`\\b${word}\\.`).test(mounted))
    .map(([, from]) => `\t${JSON.stringify(from)}\n`);
  return `package app

import (
${imports.join("")})

${mounted}
func Mount(io *socketio.Server) { mount(io) }
`;
}

/** A program that serves every section on a port of its own. */
function mainFile() {
  const names = sections.map(({ name }) => name);
  return `package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"

	"github.com/sockgen/sockgen/runtime/socketio"

${names.map((name) => `\tapp_${name} "docs.example/${name}"\n`).join("")})

func main() {
	ports := map[string]int{}
	for name, mount := range map[string]func(*socketio.Server){
${names.map((name) => `\t\t"${name}": app_${name}.Mount,\n`).join("")}	} {
		io := socketio.NewServer(socketio.Config{Recovery: &socketio.Recovery{}}) // offsets must not be seen
		mount(io)
		listener, err := net.Listen("tcp", "localhost:0")
		if err != nil {
			log.Fatal(err)
		}
		ports[name] = listener.Addr().(*net.TCPAddr).Port
		go func() { log.Fatal(io.Serve(listener)) }()
	}
	line, _ := json.Marshal(ports)
	fmt.Println(string(line))
	select {}
}
`;
}
