#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0

// The official server with what cases-flow.mjs needs, in the place of the conformance
// server: it takes the same flags and says the same when it listens.
import { createServer } from "node:http";
import { Server } from "socket.io";

const [host, port] = process.argv[process.argv.indexOf("-addr") + 1].split(":");
const http = createServer();
const io = new Server(http, { cors: { origin: "*" } });

const burst = (socket, sizes) => {
  for (const [i, size] of sizes.entries()) {
    socket.emit("numbered", i, "x".repeat(size));
  }
};

io.on("connection", (socket) => {
  let events = 0;
  let disorder = 0;
  socket.on("i", (n) => {
    if (n !== events++) disorder++;
  });
  socket.on("numbered:end", (answer) => answer({ events, disorder }));
});

io.of("/flow").on("connection", (socket) => {
  socket.on("burst", (sizes, answer) => {
    burst(socket, sizes);
    answer();
  });
  socket.on("back", async (n, answer) => {
    answer(await socket.emitWithAck("question", n));
  });
});

for (const [name, sizes] of [
  ["history", Array.from({ length: 2000 }, () => 100)],
  ["snapshot", [1_200_000]],
]) {
  // It has no place for what is emitted before the reply, so all comes after it.
  io.of(`/flow/${name}`).on("connection", (socket) => {
    burst(socket, sizes);
    burst(socket, sizes);
  });
}

http.listen(Number(port), host, () => {
  console.log(`listening on ${host}:${String(http.address().port)}`);
});
process.on("SIGTERM", () => {
  io.close(() => process.exit(0));
});
