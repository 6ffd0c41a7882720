// SPDX-License-Identifier: Apache-2.0

// Talks to yaml-language-server as an editor does, about a schema that "sockgen
// schema -comment" has prepared: node --test editor.test.mjs
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

// An Editor speaks the Language Server Protocol over the standard streams of a child.
class Editor {
  #child;
  #waiting = new Map();
  #diagnostics = new Map();
  #buffer = Buffer.alloc(0);
  #id = 0;

  constructor() {
    const server = join(
      root,
      "node_modules/yaml-language-server/bin/yaml-language-server",
    );
    this.#child = spawn(process.execPath, [server, "--stdio"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout.on("data", (data) => this.#receive(data));
  }

  async open() {
    await this.request("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities: {
        textDocument: {
          hover: { contentFormat: ["markdown"] },
          completion: { completionItem: {} },
        },
        workspace: { configuration: true },
      },
    });
    this.#send({ method: "initialized", params: {} });
  }

  request(method, params) {
    const id = ++this.#id;
    this.#send({ id, method, params });
    return new Promise((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    );
  }

  // show opens a text and returns what the server underlines in it.
  show(uri, text) {
    const first = new Promise((resolve) => this.#diagnostics.set(uri, resolve));
    this.#send({
      method: "textDocument/didOpen",
      params: { textDocument: { uri, languageId: "yaml", version: 1, text } },
    });
    return first;
  }

  async close() {
    const ended = new Promise((resolve) => this.#child.on("exit", resolve));
    await this.request("shutdown", null);
    this.#send({ method: "exit" });
    await ended;
  }

  #send(message) {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#child.stdin.write(
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  #receive(data) {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    for (;;) {
      const end = this.#buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(
        /Content-Length: (\d+)/i.exec(
          this.#buffer.toString("latin1", 0, end),
        )[1],
      );
      if (this.#buffer.length < end + 4 + length) return;
      const body = this.#buffer.toString("utf8", end + 4, end + 4 + length);
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#handle(JSON.parse(body));
    }
  }

  #handle(message) {
    if (message.method === "workspace/configuration") {
      // Nothing is fetched from elsewhere.
      const settings = {
        schemaStore: { enable: false },
        hover: true,
        completion: true,
        validate: true,
      };
      this.#send({
        id: message.id,
        result: message.params.items.map((i) =>
          i.section === "yaml" ? settings : {},
        ),
      });
    } else if (message.method === "textDocument/publishDiagnostics") {
      this.#diagnostics.get(message.params.uri)?.(message.params.diagnostics);
    } else if (message.method !== undefined && message.id !== undefined) {
      this.#send({ id: message.id, result: null });
    } else if (message.id !== undefined) {
      const { resolve, reject } = this.#waiting.get(message.id);
      if (message.error) reject(new Error(message.error.message));
      else resolve(message.result);
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), "sockgen-editor-"));
const editor = new Editor();
let modeline;

before(async () => {
  const schema = join(folder, "events.yaml");
  writeFileSync(
    schema,
    "sockgen: 1\nnamespaces: { /: { server: { tick: string } } }\n",
  );
  execFileSync(
    "go",
    ["run", "./cmd/sockgen", "schema", "-comment", "-schema", schema],
    { cwd: root },
  );
  modeline = readFileSync(schema, "utf8").split("\n")[0];
  await editor.open();
});

after(async () => {
  await editor.close();
  rmSync(folder, { recursive: true });
});

// at opens a text with a cursor, written ‸, and returns where that is.
let opened = 0;
async function at(text) {
  const whole = `${modeline}\n${text}`;
  const lines = whole.slice(0, whole.indexOf("‸")).split("\n");
  const uri = pathToFileURL(join(folder, `case${++opened}.yaml`)).href;
  const diagnostics = await editor.show(uri, whole.replace("‸", ""));
  return {
    diagnostics,
    where: {
      textDocument: { uri },
      position: { line: lines.length - 1, character: lines.at(-1).length },
    },
  };
}

async function completions(text) {
  const { where } = await at(text);
  const list = await editor.request("textDocument/completion", where);
  return list.items.map((item) => item.label);
}

async function hover(text) {
  const { where } = await at(text);
  const found = await editor.request("textDocument/hover", where);
  return found?.contents.value ?? "";
}

test("the comment names the schema", () => {
  assert.equal(
    modeline,
    "# yaml-language-server: $schema=./.sockgen/schema.json",
  );
});

test("a schema that is right has nothing underlined", async () => {
  for (const name of [
    "events.yaml",
    "example/game/events.yaml",
    "example/live/events.yaml",
  ]) {
    const { diagnostics } = await at(
      readFileSync(join(root, name), "utf8") + "‸",
    );
    assert.deepEqual(diagnostics, [], name);
  }
});

test("a key that there is not is underlined", async () => {
  const { diagnostics } = await at(
    "sockgen: 1\nnamespaces:\n  /:\n    clients: {}\n‸",
  );
  assert.match(diagnostics.map((d) => d.message).join("\n"), /clients/);
});

test("keys are completed where they belong", async () => {
  const top = await completions("sockgen: 1\n‸\n");
  assert.deepEqual(
    ["errors", "imports", "info", "namespaces", "types"].filter(
      (k) => !top.includes(k),
    ),
    [],
  );
  const event = await completions(
    "sockgen: 1\nnamespaces:\n  /:\n    client:\n      say:\n        payload: string\n        ‸\n",
  );
  assert.ok(
    event.includes("ack") && event.includes("rate") && !event.includes("slow"),
    event.join(),
  );
  const server = await completions(
    "sockgen: 1\nnamespaces:\n  /:\n    server:\n      said:\n        payload: string\n        ‸\n",
  );
  assert.ok(server.includes("slow") && !server.includes("rate"), server.join());
});

test("values are completed", async () => {
  const slow = await completions(
    "sockgen: 1\nnamespaces:\n  /:\n    server:\n      said:\n        slow: ‸\n",
  );
  assert.deepEqual([...new Set(slow)].sort(), ["close", "drop", "latest"]);
  const types = await completions(
    "sockgen: 1\ntypes:\n  Name:\n    scalar: ‸\n",
  );
  assert.ok(
    types.includes("string") && types.includes("timestamp"),
    types.join(),
  );
});

test("a key says what it is for", async () => {
  const rate = await hover(
    "sockgen: 1\nnamespaces:\n  /:\n    client:\n      say:\n        ra‸te: 20/s\n",
  );
  assert.match(rate, /How many a socket may emit/);
  assert.match(await hover("sock‸gen: 1\n"), /version of the schema language/);
});
