// SPDX-License-Identifier: Apache-2.0

// A redis-server of our own on a Unix socket, and taps: sockets in front of it that
// note each command that a client sends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";

/** Starts a redis-server without a port and without files. */
export async function startRedis() {
  const dir = await mkdtemp(path.join(os.tmpdir(), "sockgen-capture-"));
  const socket = path.join(dir, "redis");
  const child = spawn(
    "redis-server",
    ["--port", "0", "--unixsocket", socket, "--dir", dir, "--save", ""],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  process.on("exit", () => child.kill("SIGKILL"));
  let log = "";
  for await (const text of child.stdout) {
    log += text;
    if (log.includes("eady to accept connections")) break;
  }
  if (child.exitCode !== null) throw new Error(`redis-server: ${log}`);
  return {
    dir,
    socket,
    async stop() {
      if (child.exitCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await rm(dir, { recursive: true });
    },
  };
}

/** Opens a socket in front of `redis` that calls `note` with each command. */
export async function openTap(redis, name, note) {
  const socket = path.join(redis.dir, name);
  const server = net.createServer((client) => {
    const upstream = net.connect(redis.socket);
    const commands = new Commands(note);
    client.on("data", (data) => {
      commands.read(data);
      upstream.write(data);
    });
    upstream.pipe(client);
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
  server.listen(socket);
  await once(server, "listening");
  return { socket, close: () => server.close() };
}

/** Commands in the form that clients send: arrays of strings with their lengths. */
class Commands {
  #data = Buffer.alloc(0);
  #note;

  constructor(note) {
    this.#note = note;
  }

  read(data) {
    this.#data = Buffer.concat([this.#data, data]);
    for (;;) {
      const command = this.#next();
      if (!command) return;
      this.#note(command);
    }
  }

  #next() {
    let at = 0;
    const line = (kind) => {
      const end = this.#data.indexOf("\r\n", at);
      if (end < 0) return -1;
      const text = this.#data.toString("latin1", at, end);
      if (text[0] !== kind) throw new Error(`no command begins with ${text}`);
      at = end + 2;
      return Number(text.slice(1));
    };
    const count = line("*");
    if (count < 0) return undefined;
    const parts = [];
    for (let i = 0; i < count; i++) {
      const length = line("$");
      if (length < 0 || this.#data.length < at + length + 2) return undefined;
      parts.push(Buffer.from(this.#data.subarray(at, at + length)));
      at += length + 2;
    }
    this.#data = this.#data.subarray(at);
    return parts;
  }
}
