// SPDX-License-Identifier: Apache-2.0

// The official server, with the events of ../events.yaml. Its settings are the
// defaults. Run it with --expose-gc for the memory of idle connections.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname !== "/debug/bench") {
    response.writeHead(404).end();
    return;
  }
  // Twice: what finalizers release is collected the second time.
  if (url.searchParams.get("gc") === "1") for (let i = 0; i < 2; i++) gc();
  response.end("{}");
});

const io = new Server(http);
io.on("connection", (socket) => {
  socket.on("echo", (text) => socket.emit("echo", text));
  socket.on("broadcast", (text) => io.emit("broadcast", text));
  socket.on("ask", (text, ack) => ack(text));
  socket.on("order", (order) => socket.emit("order", order));
});

const [host, port] = (process.argv[2] ?? "127.0.0.1:3003").split(":");
http.listen({ host, port: Number(port), backlog: 4096 }, () => {
  console.log(`listening on ${host}:${http.address().port}`);
});
