// SPDX-License-Identifier: Apache-2.0

// An official server in this process, and sockets of the generated modules.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { Server, type ServerOptions } from "socket.io";

/** Starts a server with an empty page, which ends with the test. Its events are untyped. */
export async function serve(
  t: TestContext,
  options: Partial<ServerOptions> = {},
): Promise<{ io: Server; url: string }> {
  const http = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><link rel=icon href=data:,><body>");
  });
  const io = new Server(http, options);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.after(() => io.close());
  const { port } = http.address() as AddressInfo;
  return { io, url: `http://127.0.0.1:${port}` };
}

/** A part of a socket that every map has. */
interface Connectable {
  readonly connected: boolean;
  connect(): unknown;
  disconnect(): unknown;
  once(event: "connect", listener: () => void): unknown;
}

/** Waits until the socket is connected, and ends it with the test. */
export async function connected<Socket extends Connectable>(
  t: TestContext,
  socket: Socket,
): Promise<Socket> {
  t.after(() => socket.disconnect());
  if (!socket.connected) {
    await new Promise<void>((resolve) => socket.once("connect", resolve));
  }
  return socket;
}

/** Waits until the condition holds, for so long that a busy machine gets there. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, `waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Resolves after so many milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
