// SPDX-License-Identifier: Apache-2.0

// Builds and runs the Go example for tests that are written in JavaScript.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const startTimeout = 60_000; // ms until a started server must answer
const stopTimeout = 60_000; // ms until a server that was asked to end is killed
const maxLog = 10_000; // lines kept

const built = new Map(); // the promises of the programs' paths, by package

/**
 * Builds an example once for this process, into a folder of its own that
 * disappears with the process. It embeds the page as its page/dist has it.
 * EXAMPLE_PROGRAM in the environment names a program to run instead of the chat.
 */
export function buildExample(from = "./example") {
  if (!built.has(from)) built.set(from, buildOnce(from));
  return built.get(from);
}

async function buildOnce(from) {
  const given = process.env.EXAMPLE_PROGRAM;
  if (given && from === "./example") return given;
  const folder = await mkdtemp(path.join(os.tmpdir(), "sockgen-example-"));
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const program = path.join(folder, "example");
  await promisify(execFile)("go", ["build", "-o", program, from], {
    cwd: root,
  });
  return program;
}

/**
 * Starts the example on a free port of 127.0.0.1, or on the one given, and
 * returns once it answers:
 *
 * - `url`, such as "http://127.0.0.1:41234", and `port`;
 * - `log()`, the lines that it has printed so far, the last 10,000 of them;
 * - `waitForLog(pattern, { since, timeout })` resolves with the first line that
 *   matches the pattern, among those from the one numbered `since` on;
 * - `logged()`, how many lines there were: a `since` for what comes from now on;
 * - `say(text)` types a line into its terminal;
 * - `stop()` asks it to end, resolves once it has, and rejects when it had to
 *   be killed or ended with an error; `kill()` ends it without a farewell;
 * - `start()` runs it again on the same port, once it has ended, and
 *   `restart()` is a stop and a start.
 *
 * Whoever starts one stops it; when the process exits it is killed at the
 * latest. `args` are further flags, and `from` is
 * the package of another example than the chat.
 */
export async function startExample({ port, args = [], from } = {}) {
  const program = await buildExample(from);
  for (let attempt = 1; ; attempt++) {
    const example = new Example(program, port ?? (await freePort()), args);
    try {
      await example.start();
      return example;
    } catch (error) {
      await example.kill();
      // Somebody else may have taken the free port in between.
      const taken = example.log().some((line) => /in use/.test(line));
      if (port !== undefined || !taken || attempt === 3) throw error;
    }
  }
}

class Example {
  #program;
  #args;
  #lines = [];
  #dropped = 0; // lines that are no longer kept
  #child;
  #ended; // the promise of how the child ended
  #waiting = new Set();

  constructor(program, port, args) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#program = program;
    this.#args = ["-addr", `127.0.0.1:${port}`, ...args];
  }

  async start() {
    const child = spawn(this.#program, this.#args);
    this.#child = child;
    const atExit = () => child.kill("SIGKILL");
    process.once("exit", atExit);
    this.#ended = once(child, "close")
      .then(([code, signal]) => ({ how: signal ?? `status ${code}`, code }))
      .catch((error) => ({ how: error.message, code: null })) // never began
      .finally(() => process.removeListener("exit", atExit));
    for (const stream of [child.stdout, child.stderr]) {
      readline.createInterface({ input: stream }).on("line", (line) => {
        this.#record(line);
      });
    }
    child.stdin.on("error", () => {}); // of a program that has ended
    await this.#answers();
  }

  async restart() {
    await this.stop();
    await this.start();
  }

  log() {
    return [...this.#lines];
  }

  logged() {
    return this.#dropped + this.#lines.length;
  }

  waitForLog(pattern, { since = 0, timeout = 10_000 } = {}) {
    const earlier = this.#lines
      .slice(Math.max(0, since - this.#dropped))
      .find((line) => pattern.test(line));
    if (earlier !== undefined) return Promise.resolve(earlier);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(this.#failure(`no line ${pattern} within ${timeout} ms`));
      }, timeout);
      const look = (line) => {
        if (!pattern.test(line)) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(line);
      };
      this.#waiting.add(look);
    });
  }

  say(text) {
    this.#child.stdin.write(`${text}\n`);
  }

  async stop() {
    this.#child.kill("SIGTERM");
    const late = new AbortController();
    const ended = await Promise.race([
      this.#ended,
      sleep(stopTimeout, null, { signal: late.signal }).catch(() => null),
    ]);
    late.abort();
    if (ended === null) {
      await this.kill();
      throw this.#failure(`the example did not end within ${stopTimeout} ms`);
    }
    if (ended.code !== 0) {
      throw this.#failure(`the example ended: ${ended.how}`);
    }
  }

  async kill() {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async #answers() {
    let ended = null;
    void this.#ended.then((how) => (ended = how));
    const deadline = Date.now() + startTimeout;
    while (Date.now() < deadline) {
      if (ended !== null) {
        throw this.#failure(`the example ended: ${ended.how}`);
      }
      try {
        const answer = await fetch(this.url, {
          signal: AbortSignal.timeout(2000),
        });
        await answer.arrayBuffer();
        return;
      } catch {
        await sleep(50); // not listening yet
      }
    }
    throw this.#failure(`the example did not answer within ${startTimeout} ms`);
  }

  #record(line) {
    this.#lines.push(line);
    if (this.#lines.length > maxLog) {
      this.#lines.shift();
      this.#dropped++;
    }
    for (const look of [...this.#waiting]) look(line);
  }

  #failure(what) {
    const tail = this.#lines.slice(-40).join("\n");
    return new Error(`${what}; its last lines:\n${tail}`);
  }
}

/** A port where nobody listens at this moment. */
export async function freePort() {
  const server = net.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
