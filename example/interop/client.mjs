// SPDX-License-Identifier: Apache-2.0

// Plain official clients: what follows knows nothing of sockgen.
import { io } from "socket.io-client";

/** The ways in which a client may reach the server. */
export const modes = {
  polling: { transports: ["polling"] },
  websocket: { transports: ["websocket"] },
  upgrade: { transports: ["polling", "websocket"] },
};

/** Connects to a namespace; resolves when connected and, in mode upgrade, upgraded. */
export async function connect(server, namespace, mode, options = {}) {
  const socket = open(server, namespace, mode, options);
  await first(socket, "connect", ["connect_error"]);
  if (mode === "upgrade") await upgraded(socket);
  return socket;
}

/** Opens a socket without waiting for it. */
export function open(server, namespace, mode, options = {}) {
  return io(server.url + namespace, {
    ...modes[mode],
    forceNew: true,
    reconnectionDelay: 50,
    reconnectionDelayMax: 200,
    timeout: 5000,
    ...options,
  });
}

/** Waits until the socket's connection has gone from polling to WebSocket. */
export async function upgraded(socket) {
  const { engine } = socket.io;
  if (engine.transport.name !== "websocket") await first(engine, "upgrade");
}

/** Resolves with the arguments of the first event; rejects at one of failures, or after five seconds. */
export function first(emitter, event, failures = []) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => done(reject, new Error(`no ${event} within 5 s`)),
      5000,
    );
    const done = (settle, value) => {
      clearTimeout(timer);
      emitter.off(event, succeed);
      for (const name of failures) emitter.off(name, fail);
      settle(value);
    };
    const succeed = (...args) => done(resolve, args);
    const fail = (reason) =>
      done(
        reject,
        reason instanceof Error ? reason : new Error(String(reason)),
      );
    emitter.on(event, succeed);
    for (const name of failures) emitter.on(name, fail);
  });
}

/** Collects the arguments of every event of that name. */
export function collect(socket, event) {
  const seen = [];
  socket.on(event, (...args) => seen.push(args));
  return seen;
}

/** Waits until the condition holds; fails after half a minute. */
export async function until(condition, what) {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
