// SPDX-License-Identifier: Apache-2.0

// Everything that the test of agreement runs: a Go server and a TypeScript client
// of one schema, and the payloads that they exchange.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile } from "node:fs/promises";
import path from "node:path";
import readline from "node:readline";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeProject } from "../../../example/testing/project.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * Generates from the schema, builds the server, bundles the client and draws the
 * payloads. Returns where they are: `server` and `payloads` are files, `client` is
 * the client's module. All disappear when the test `t` ends.
 */
export async function build(t, { seed, sound, broken }) {
  const project = await makeProject(t, "agreement.example");
  const from = (...names) => path.join(here, ...names);
  for (const name of ["main.go", "events.go", "literals.go"]) {
    await copyFile(from("testdata/server", name), project.path(name));
  }
  await copyFile(from("testdata/client.ts"), project.path("client.ts"));
  const schemas = ["events.yaml", "common.yaml", "other.yaml", "sockgen.yaml"];
  for (const name of schemas) await copyFile(from(name), project.path(name));
  await project.generate(["events.yaml", "generated", "-schemas"]);
  const [server, client, payloads] = await Promise.all([
    project.buildGo(),
    project.bundle("client.ts", "client.mjs").then((file) => import(file)),
    draw(project, { seed, sound, broken }),
    project.checkTypes("client.ts"),
  ]);
  return { server, client, payloads };
}

/** Draws the payloads and returns the file that holds them. */
async function draw(project, flags) {
  const drawer = project.path("drawer");
  const source = "./gen/internal/payloads";
  await promisify(execFile)("go", ["build", "-o", drawer, source], {
    cwd: root,
  });
  const payloads = project.path("payloads.jsonl");
  const schema = project.path("events.yaml");
  const drawing = spawn(
    drawer,
    Object.entries({ schema, ...flags }).map(([key, v]) => `-${key}=${v}`),
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = once(drawing, "close");
  await pipeline(drawing.stdout, createWriteStream(payloads));
  const [status] = await ended;
  if (status !== 0) throw new Error(`payloads: status ${status}`);
  return payloads;
}

/** Starts the server on a free port; it ends with the test. Returns its URL. */
export async function serve(t, program, ...flags) {
  const server = spawn(program, flags, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(async () => {
    server.kill();
    if (server.exitCode === null) await once(server, "close");
  });
  const lines = readline.createInterface({ input: server.stdout });
  const [line] = await once(lines, "line");
  return JSON.parse(line);
}

/** The payloads of a file, one after the other, sound and broken ones. */
export async function* read(payloads) {
  const lines = readline.createInterface({ input: createReadStream(payloads) });
  for await (const line of lines) {
    const payload = JSON.parse(line);
    payload.attachments = (payload.attachments ?? []).map((data) =>
      Buffer.from(data, "base64"),
    );
    yield payload;
  }
}

/** A sound payload as JavaScript has it, attachments in their places. */
export function toValues({ event, args, echo = [], attachments }) {
  const place = (text) => attach(JSON.parse(text), attachments);
  // JavaScript writes −0 as 0.
  const written = (text) => JSON.stringify(JSON.parse(text));
  return {
    event,
    args: args.map(place),
    echo: echo.map((text) => place(written(text))),
  };
}

function attach(value, attachments) {
  if (value === null || typeof value !== "object") return value;
  if (value._placeholder === true) return attachments[value.num];
  for (const key of Object.keys(value)) {
    value[key] = attach(value[key], attachments);
  }
  return value;
}
