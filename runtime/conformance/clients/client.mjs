// SPDX-License-Identifier: Apache-2.0

// One client of one version on one transport, for the length of one case.
import { setTimeout as sleep } from "node:timers/promises";
import { startProxy, startServer, within } from "./server.mjs";

export const transports = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
};

export const patience = 60_000; // ms that an expectation may take on a busy machine

/** What a case gets. Whatever it opens through it is closed after the case. */
export class Client {
  #ends = [];

  constructor({ io, url, port, program, mode }) {
    Object.assign(this, { io, url, port, program, mode });
  }

  /** Calls the function after the case. */
  after(end) {
    this.#ends.push(end);
  }

  async close() {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }

  /** Opens a socket without waiting for it. */
  open(namespace = "/", { url = this.url, ...options } = {}) {
    const socket = this.io(url + namespace, {
      transports: transports[this.mode],
      forceNew: true,
      reconnectionDelay: 20,
      reconnectionDelayMax: 100,
      ...options,
    });
    this.after(() => socket.disconnect());
    return socket;
  }

  /** Opens a socket and waits until it is connected and, in mode upgrade, upgraded. */
  async connect(namespace, options) {
    const socket = this.open(namespace, options);
    await connected(socket);
    if (this.mode === "upgrade") await upgraded(socket);
    return socket;
  }

  /** Returns a function that waits for the reason why the server ended the socket. */
  async watch(id, url = this.url) {
    const watcher = this.open("/", { url, transports: ["websocket"] });
    await connected(watcher);
    const ended = new Promise((resolve) => {
      watcher.on("ended", (whose, reason) => {
        if (whose === id) resolve(reason);
      });
    });
    await ack(watcher, "watch", id);
    return () => within(ended, `the end of ${id} on the server`, patience);
  }

  async proxy(port = this.port) {
    const proxy = await startProxy(port);
    this.after(() => proxy.close());
    return proxy;
  }

  /** Starts a server of the case's own, with further flags. */
  async server(port, ...flags) {
    const server = await startServer(this.program, port, flags);
    let running = true;
    const ending = (end) => async () => {
      running = false;
      await end();
    };
    const own = {
      ...server,
      stop: ending(server.stop),
      kill: ending(server.kill),
    };
    this.after(async () => {
      if (running) await own.kill();
    });
    return own;
  }
}

/** Resolves with the arguments of the next event, rejects after a while. */
export async function next(emitter, event, ms = patience) {
  let listener;
  const heard = new Promise((resolve) => {
    listener = (...args) => resolve(args);
    emitter.on(event, listener);
  });
  try {
    return await within(heard, `the event "${event}"`, ms);
  } finally {
    emitter.off(event, listener);
  }
}

/** Waits for the first connection; rejects when it is refused or fails. */
export async function connected(socket) {
  if (socket.connected) return;
  let refuse;
  const refused = new Promise((_, reject) => {
    refuse = (error) => reject(error);
    socket.on("connect_error", refuse);
  });
  refused.catch(() => {});
  try {
    await Promise.race([next(socket, "connect"), refused]);
  } finally {
    socket.off("connect_error", refuse);
  }
}

/** Waits until the socket is connected again, however many attempts that takes. */
export function reconnected(socket) {
  return until(() => socket.connected, "a new connection");
}

export async function upgraded(socket) {
  const { engine } = socket.io;
  if (engine.transport.name !== "websocket") await next(engine, "upgrade");
}

/** Emits and resolves with all the arguments of the acknowledgement. */
export function ack(socket, event, ...args) {
  const answer = new Promise((resolve) => {
    socket.emit(event, ...args, (...values) => resolve(values));
  });
  return within(answer, `the ack of "${event}"`, patience);
}

/** Collects the arguments of every event of that name. */
export function collect(socket, event) {
  const seen = [];
  socket.on(event, (...args) => seen.push(args));
  return seen;
}

export async function until(condition, what) {
  const deadline = Date.now() + patience;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${String(patience)} ms`);
    }
    await sleep(5);
  }
}
