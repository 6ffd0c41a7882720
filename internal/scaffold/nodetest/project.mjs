// SPDX-License-Identifier: Apache-2.0

// Folders and programs of the tests beside this file.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
const patience = 120_000; // ms until a program must have printed what is awaited

/** Makes a folder that disappears with the process. */
export async function makeFolder() {
  const folder = await mkdtemp(path.join(os.tmpdir(), "sockgen-init-"));
  folders.push(folder);
  return folder;
}

const folders = [];
process.once("exit", () => {
  for (const folder of folders)
    rmSync(folder, { recursive: true, force: true });
});

/** Runs a command; the error of one that fails has what it printed. */
export async function run(folder, command, ...args) {
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      cwd: folder,
      maxBuffer: 1 << 26,
    });
    return stdout;
  } catch (error) {
    throw new Error(
      `${command} ${args.join(" ")}: ${error.message}\n${error.stdout}\n${error.stderr}`,
    );
  }
}

export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** A program that runs until it is stopped, with all that it has started. */
export class Running {
  #child;
  #closed;
  #lines = [];
  #waiting = new Set();

  constructor(folder, command, args, env = {}) {
    this.#child = spawn(command, args, {
      cwd: folder,
      detached: true, // a group of its own, which stop ends as a whole
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#closed = once(this.#child, "close").catch(() => {});
    const atExit = () => this.#signal("SIGKILL");
    process.once("exit", atExit);
    void this.#closed.then(() => process.removeListener("exit", atExit));
    for (const stream of [this.#child.stdout, this.#child.stderr])
      readline.createInterface({ input: stream }).on("line", (line) => {
        this.#lines.push(line);
        for (const look of this.#waiting) look();
      });
    void this.#closed.then(() => {
      for (const look of this.#waiting) look();
    });
  }

  get pid() {
    return this.#child.pid;
  }

  lines() {
    return [...this.#lines];
  }

  /** Resolves with the first line, from the one numbered since, that matches. */
  prints(pattern, since = 0) {
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle(value);
      };
      const fail = (why) =>
        end(reject, new Error(`${pattern} ${why}:\n${this.#lines.join("\n")}`));
      const look = () => {
        const line = this.#lines.slice(since).find((l) => pattern.test(l));
        if (line !== undefined) end(resolve, line);
        else if (this.#child.exitCode !== null) fail("was never printed");
      };
      const timer = setTimeout(() => fail("was not printed in time"), patience);
      this.#waiting.add(look);
      look();
    });
  }

  /** Sends a signal to the program alone and resolves once it has ended. */
  async interrupt(signal = "SIGINT") {
    this.#child.kill(signal);
    await this.#closed;
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  async stop() {
    this.#signal("SIGTERM");
    const kill = setTimeout(() => this.#signal("SIGKILL"), 10_000);
    await this.#closed;
    clearTimeout(kill);
  }

  #signal(signal) {
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // It has ended.
    }
  }
}
