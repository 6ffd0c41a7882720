// SPDX-License-Identifier: Apache-2.0

// What the helpers add to a page, beside socket.io-client.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { build } from "esbuild";

const testdata = path.resolve("gen/typescript/testdata");

/** The bytes of a program, minified, without the official client. */
async function size(program: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: testdata, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["socket.io-client"],
    write: false,
  });
  return outputFiles[0]?.contents.length ?? 0;
}

const listen = `on(socket, "serverMessage", (m) => console.log(m));`;
const programs = [
  {
    what: "connect and one listener",
    program: `import { connectMain, on } from "./chat";
      const socket = connectMain("http://localhost:3000"); ${listen}`,
    most: 600,
  },
  {
    what: "connect with credentials and one listener",
    program: `import { connectChat, on } from "./chat";
      const socket = connectChat("", { auth: { name: "ann" } }); ${listen}`,
    most: 940,
  },
  {
    what: "request",
    program: `import { request } from "./chat"; console.log(request);`,
    most: 1200,
  },
  {
    what: "types alone",
    program: `import type { Message } from "./chat";
      console.log({} as Message);`,
    most: 20,
  },
];

for (const { what, program, most } of programs) {
  test(`${what}: at most ${most} bytes`, async (t) => {
    const bytes = await size(program);
    t.diagnostic(`${bytes} bytes`);
    assert.ok(bytes <= most, `${bytes} bytes`);
  });
}
