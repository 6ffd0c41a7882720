// SPDX-License-Identifier: Apache-2.0

// Runs clients of many kinds against the conformance server, several at a time, and
// prints a table. Rows may be named to run these alone:
//
//   npm run test:clients -- 4.0 4.8
//
// The rows whose name ends in @3 reach three nodes through an nginx that sends each
// request to the next of them: the nodes pass on what is another one's. With --nginx that
// is done with all rows.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";
import { printCount } from "../../../example/testing/counts.mjs";
import { buildServer, startBalancer, startServer } from "./server.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const node = (file, ...args) => [process.execPath, here + file, ...args];
const versions = [4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6, 4.7, 4.8];
const python = (kind) => ["/usr/bin/python3", `${here}python_row.py`, kind];
const rows = new Map([
  ...versions.map((version) => {
    const name = version.toFixed(1);
    return [name, node("node-row.mjs", name)];
  }),
  ["chromium", node("browser-row.mjs", "socket.io.min.js")],
  ["chromium-esm", node("browser-row.mjs", "socket.io.esm.min.js")],
  ["python", python("sync")],
  ["python-asyncio", python("asyncio")],
]);

const suffix = "@3"; // of the rows that reach three nodes
const everywhere = process.argv.includes("--nginx");
const names = [...rows.keys()].map((name) => name + suffix);
for (const name of everywhere ? names : [`4.8${suffix}`]) {
  rows.set(name, rows.get(name.slice(0, -suffix.length)));
}
const usual = everywhere ? names : [...rows.keys()];

const columns = ["polling", "websocket", "upgrade"];
const together = 4; // rows at a time
const longest = 400_000; // ms that a row may take

const asked = process.argv.slice(2).filter((name) => name !== "--nginx");
const chosen = asked.length > 0 ? asked : usual;
for (const name of chosen) {
  if (!rows.has(name)) {
    console.error(
      `matrix: no row ${name}; there are: ${[...rows.keys()].join(", ")}`,
    );
    process.exit(2);
  }
}

const started = Date.now();
const folder = await mkdtemp(path.join(os.tmpdir(), "sockgen-clients-"));
const results = [];
try {
  const program = await buildServer(folder);
  const server = await startServer(program);
  const nodes = await startServer(program, 0, ["-nodes", "3"]);
  const balancer = await startBalancer(folder, nodes.ports);
  const environment = (name) => ({
    ...process.env,
    SERVER_URL: name.endsWith(suffix) ? balancer.url : server.url,
    SERVER_PROGRAM: program,
  });
  const waiting = [...chosen];
  const one = async () => {
    for (let name; (name = waiting.shift());) {
      await play(name, rows.get(name), environment(name));
    }
  };
  await Promise.all(Array.from({ length: together }, one));
  for (const one of [server, nodes]) {
    if (one.crashed()) fail("server", "-", "the server", "it ended early");
    else await one.stop();
  }
  await balancer.stop();
  checkLogs([server, nodes]);
} finally {
  await rm(folder, { recursive: true, force: true });
}
summary();

/**
 * What a client does here is no reason for a server to complain, but for the message
 * beyond the limit that each official one sends, which is told at most once a minute, and
 * for requests that come after the end of their session.
 */
function checkLogs(servers) {
  const beyond = (line) => line.includes("a peer sent more than MaxPayload");
  const usual = /request refused .*cause=(UNKNOWN_SID|PAYLOAD_TOO_LARGE) /;
  const lines = servers.flatMap((server) => server.errors);
  const complaints = lines
    .filter((line) => !beyond(line) && !usual.test(line))
    .join("\n");
  if (complaints) fail("server", "-", "the server's log is empty", complaints);
  const official = chosen.some((name) => /^\d/.test(name));
  if (official && !lines.some(beyond)) {
    fail("server", "-", "a message beyond the limit", "it was not logged");
  }
}

/** Runs one row as a program of its own, which reports as report.mjs says. */
async function play(name, [command, ...args], env) {
  const child = spawn(command, args, {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const atExit = () => child.kill("SIGKILL");
  process.once("exit", atExit);
  const timer = setTimeout(() => child.kill("SIGKILL"), longest);
  const noise = [];
  let done = false;
  let cases = 0;
  readline.createInterface({ input: child.stderr }).on("line", (line) => {
    if (noise.length < 50) noise.push(line);
  });
  readline.createInterface({ input: child.stdout }).on("line", (line) => {
    if (!line.startsWith("{")) return;
    const result = JSON.parse(line);
    if (result.done) {
      done = true;
      return;
    }
    cases++;
    if (result.error === undefined) results.push({ row: name, ...result });
    else fail(name, result.transport, result.name, result.error);
  });
  const how = await new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) =>
      resolve(signal ?? `status ${String(code)}`),
    );
  });
  clearTimeout(timer);
  process.removeListener("exit", atExit);
  if (!done || how !== "status 0" || cases === 0) {
    fail(name, "-", "the whole row", `it ended: ${how}\n${noise.join("\n")}`);
  }
}

function fail(row, transport, name, error) {
  results.push({ row, transport, name, error });
  console.log(`not ok ${row} / ${transport} / ${name}`);
  console.log(error.replace(/^/gm, "    "));
}

function summary() {
  const cell = (list) => {
    if (list.length === 0) return "";
    const failed = list.filter(({ error }) => error !== undefined).length;
    return `${String(list.length - failed)}/${String(failed)}`;
  };
  const width = Math.max(...[...rows.keys()].map((name) => name.length)) + 2;
  const line = (name, cells) =>
    name.padEnd(width) + cells.map((text) => text.padStart(11)).join("");
  console.log(`\n${line("passed/failed", columns)}`);
  for (const name of chosen) {
    const own = results.filter(({ row }) => row === name);
    console.log(
      line(
        name,
        columns.map((column) =>
          cell(own.filter(({ transport }) => transport === column)),
        ),
      ),
    );
  }
  const failed = results.filter(({ error }) => error !== undefined).length;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`\n${String(chosen.length)} clients in ${seconds} s`);
  console.log(
    `${String(results.length - failed)} passed, ${String(failed)} failed`,
  );
  printCount(
    undefined,
    `clients: ${String(chosen.length)} clients, ${String(results.length - failed)} tests passed, ${String(failed)} failed`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}
