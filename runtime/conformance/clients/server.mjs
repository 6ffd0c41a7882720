// SPDX-License-Identifier: Apache-2.0

// The conformance server as a program, and a TCP proxy whose connections break.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import readline from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const patience = 15_000; // ms until a server must listen, or must have ended

/**
 * Builds the server into a folder and returns the program's path, or the path that
 * CONFORMANCE_SERVER in the environment has.
 */
export async function buildServer(folder) {
  const given = process.env.CONFORMANCE_SERVER;
  if (given) return given;
  const program = path.join(folder, "server");
  await promisify(execFile)(
    "go",
    ["build", "-o", program, "./runtime/conformance/server"],
    { cwd: root },
  );
  return program;
}

/**
 * Runs the program on a free port, or on the one given, with further flags, and
 * returns once it listens. Whoever starts one stops it; it does not outlive this process.
 */
export async function startServer(program, port = 0, flags = []) {
  const child = spawn(
    program,
    ["-clients", "-addr", `127.0.0.1:${String(port)}`, ...flags],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const atExit = () => child.kill("SIGKILL");
  process.once("exit", atExit);
  const errors = [];
  readline.createInterface({ input: child.stderr }).on("line", (line) => {
    if (errors.length < 100) errors.push(line);
  });
  let ending = false;
  const ended = once(child, "close").then(([code, signal]) => {
    process.removeListener("exit", atExit);
    return signal ?? `status ${String(code)}`;
  });
  const lines = readline.createInterface({ input: child.stdout });
  const count = Number(flags[flags.indexOf("-nodes") + 1] ?? 1) || 1;
  const listening = portsOf(lines, count);
  const failed = ended.then((how) => {
    throw new Error(`the server ended: ${how}\n${errors.join("\n")}`);
  });
  failed.catch(() => {}); // looked at below only until it listens
  const ports = await within(
    Promise.race([listening, failed]),
    "a server that listens",
    patience,
  );
  const end = async (signal, expected) => {
    ending = true;
    child.kill(signal);
    const how = await within(ended, `the server's end`, patience);
    if (how !== expected) {
      throw new Error(`the server ended: ${how}\n${errors.join("\n")}`);
    }
  };
  return {
    /** Of each of its nodes. */
    ports,
    port: ports[0],
    url: `http://127.0.0.1:${String(ports[0])}`,
    /** What it has logged, the first 100 lines of it. */
    errors,
    /** Whether it has ended without having been told. */
    crashed: () => !ending && child.exitCode !== null,
    stop: () => end("SIGTERM", "status 0"),
    kill: () => end("SIGKILL", "SIGKILL"),
  };
}

/** Reads where the nodes of a server listen. */
async function portsOf(lines, count) {
  const ports = [];
  for await (const line of lines) {
    const match = /^listening on 127\.0\.0\.1:(\d+)$/.exec(line);
    if (!match) throw new Error(`unexpected line of the server: ${line}`);
    ports.push(Number(match[1]));
    if (ports.length === count) break;
  }
  return ports;
}

/**
 * Starts an nginx before several nodes that sends each request to the next of them,
 * whoever asks. Its files are in a folder of the caller's.
 */
export async function startBalancer(folder, ports) {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  const nodes = ports.map((node) => `server 127.0.0.1:${String(node)};`);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  await writeFile(
    path.join(folder, "nginx.conf"),
    `daemon off;
pid nginx.pid;
events {}
http {
    access_log off;
    ${temporary.map((kind) => `${kind}_temp_path ${kind};`).join("\n    ")}
    map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
    upstream nodes { ${nodes.join(" ")} keepalive 32; }
    server {
        listen 127.0.0.1:${String(port)};
        client_max_body_size 0;
        location / {
            proxy_pass http://nodes;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_buffering off;
            proxy_request_buffering off;
            proxy_read_timeout 60s;
            proxy_next_upstream off;
        }
    }
}
`,
  );
  const child = spawn(
    "/usr/sbin/nginx",
    ["-p", folder, "-e", "stderr", "-c", "nginx.conf"],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const atExit = () => child.kill("SIGKILL");
  process.once("exit", atExit);
  await listens(port);
  return {
    url: `http://127.0.0.1:${String(port)}`,
    async stop() {
      process.removeListener("exit", atExit);
      child.kill();
      await once(child, "close");
    },
  };
}

/** Waits until somebody listens on a port. */
async function listens(port) {
  for (const start = Date.now(); ;) {
    const socket = net.connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      socket.destroy();
      return;
    } catch (error) {
      if (Date.now() - start > patience) throw error;
      await sleep(50);
    }
  }
}

/** Starts a proxy in front of the server on a port of 127.0.0.1. */
export async function startProxy(port) {
  const pairs = new Set();
  let accepts = true;
  let frozen = false;
  const server = net.createServer((near) => {
    if (!accepts) {
      near.destroy();
      return;
    }
    if (frozen) {
      near.on("error", () => {});
      pairs.add([near, near]); // until it is cut
      return;
    }
    const far = net.connect(port, "127.0.0.1");
    const pair = [near, far];
    pairs.add(pair);
    const end = () => {
      if (frozen) return; // nobody is to notice anything
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    near.pipe(far);
    far.pipe(near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    url: `http://127.0.0.1:${String(server.address().port)}`,
    /** Breaks all connections, and those that are tried until up() is called. */
    down() {
      accepts = false;
      cut();
    },
    up() {
      accepts = true;
    },
    /** Keeps connections open, but lets nothing pass. */
    freeze() {
      frozen = true;
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.pause();
        far.pause();
      }
    },
    /** Breaks what was frozen and lets new connections pass. */
    thaw() {
      frozen = false;
      cut();
    },
    async close() {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}

/** Settles as the promise does, or rejects when it takes longer than ms. */
export async function within(promise, what, ms) {
  const late = new AbortController();
  const timeout = sleep(ms, null, { signal: late.signal }).then(
    () => {
      throw new Error(`${what}: not within ${String(ms)} ms`);
    },
    () => {},
  );
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    late.abort();
  }
}
