// SPDX-License-Identifier: Apache-2.0

// A project that grows in an empty folder as a page of the docs says.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Project } from "./project.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** Makes an empty folder, which `end` removes. */
export async function startWalk() {
  const folder = await mkdtemp(path.join(os.tmpdir(), "sockgen-walk-"));
  await symlink(
    path.join(root, "node_modules"),
    path.join(folder, "node_modules"),
  );
  await run("go", ["mod", "download"], { cwd: root });
  return new Walk(folder);
}

class Walk extends Project {
  #children = [];

  /** Runs go without the network: a replace stands for the release. */
  async go(...args) {
    const offline = {
      GOPROXY: "off",
      GOSUMDB: "off",
      GOFLAGS: "",
      GOWORK: "off",
    };
    return run("go", args, {
      cwd: this.path(),
      env: { ...process.env, ...offline },
    });
  }

  /** Does what a line of the page says, but for what belongs to npm, the shell or a server. */
  async step(command) {
    const [program, ...args] = command.split(" ");
    if (program === "go" && args[0] !== "run") await this.go(...args);
    if (program === "npx") {
      const tool = this.path("node_modules/.bin", args[0]);
      await run(tool, args.slice(1), { cwd: this.path() });
    }
    if (command.startsWith("go mod init")) {
      const release = `github.com/sockgen/sockgen=${root}`;
      await this.go("mod", "edit", "-replace", release);
    }
  }

  /** Builds the folder's program, starts it, and returns once its port is open. */
  async serve(port) {
    const program = this.path("program");
    await this.go("build", "-o", program, ".");
    const child = spawn(program, { cwd: this.path() });
    this.#children.push(child);
    let log = "";
    child.stderr.on("data", (data) => (log += data));
    await listening(port, () => log);
    return child;
  }

  async end() {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill();
      await once(child, "close");
    }
    await rm(this.path(), { recursive: true, force: true });
  }
}

/** Waits until somebody listens on the port; fails with the log after ten seconds. */
export async function listening(port, log = () => "") {
  for (const deadline = Date.now() + 10_000; ; await sleep(50)) {
    const socket = net.connect(port, "localhost");
    const connected = await once(socket, "connect").catch(() => undefined);
    socket.destroy();
    if (connected) return;
    if (Date.now() > deadline) throw new Error(`nobody listens:\n${log()}`);
  }
}
