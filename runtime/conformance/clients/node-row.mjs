// SPDX-License-Identifier: Apache-2.0

// Runs the cases with one version of socket.io-client: a row of the matrix. CASES
// in the environment is a regular expression for the names of those to run.
import { createRequire } from "node:module";
import { cases } from "./cases.mjs";
import { Client, transports } from "./client.mjs";
import { row } from "./report.mjs";
import { within } from "./server.mjs";

const version = process.argv[2];
const name = `socket.io-client-${version}`;
const require = createRequire(import.meta.url);
const { io } = require(name);

const together = 3; // cases of one transport at a time
const longest = 150_000; // ms that a case may take

await row(async (report) => {
  const installed = require(`${name}/package.json`).version;
  if (!installed.startsWith(`${version}.`)) {
    throw new Error(`${name} is ${installed}`);
  }
  const wanted = new RegExp(process.env.CASES ?? "");
  const chosen = cases.filter(
    ({ name, since = 4 }) => Number(version) >= since && wanted.test(name),
  );
  await Promise.all(
    Object.keys(transports).map(async (mode) => {
      const waiting = [...chosen];
      const one = async () => {
        for (let next; (next = waiting.shift());) {
          await report(mode, next.name, () => play(mode, next));
        }
      };
      await Promise.all(Array.from({ length: together }, one));
    }),
  );
});

async function play(mode, { run }) {
  const client = new Client({
    io,
    mode,
    url: process.env.SERVER_URL,
    port: Number(new URL(process.env.SERVER_URL).port),
    program: process.env.SERVER_PROGRAM,
  });
  try {
    await within(run(client), "the end of the case", longest);
  } finally {
    await client.close();
  }
}
