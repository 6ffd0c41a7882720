// The official server, for the tests of the Go client. It prints its port. A line on
// standard input makes it drop all connections; the end of standard input ends it.
import { createServer } from "node:http";
import readline from "node:readline";
import { Server } from "socket.io";

const [port, options] = process.argv.slice(2);
const http = createServer();
const io = new Server(http, {
  maxHttpBufferSize: 3_000_000,
  ...JSON.parse(options ?? "{}"),
});

function serve(socket) {
  socket.on("echo", (...args) => {
    const ack = args.at(-1);
    if (typeof ack === "function") {
      ack(...args.slice(0, -1));
    } else {
      socket.emit("back", ...args);
    }
  });
  socket.on("askMe", async (ack) => {
    const answer = await socket.emitWithAck("question", "why", Buffer.of(7));
    ack(answer);
  });
  socket.on("kick", () => {
    socket.emit("last words");
    socket.disconnect();
  });
  socket.on("count", (n) => {
    for (let i = 0; i < n; i++) {
      socket.emit("tick", i, i % 100 === 0 ? Buffer.of(i / 100) : null);
    }
  });
}

io.on("connection", (socket) => {
  if (!socket.recovered) {
    socket.join("news");
    socket.emit("news", "first");
  }
  serve(socket);
  socket.on("disconnect", () => {
    io.to("news").emit("news", "missed", Buffer.of(1, 2));
  });
});
io.of("/chat").on("connection", serve);
io.of("/secret")
  .use((socket, next) => {
    if (socket.handshake.auth.token === "open sesame") {
      next();
      return;
    }
    const refusal = new Error("not authorized");
    refusal.data = { code: 7 };
    next(refusal);
  })
  .on("connection", serve);

const connections = new Set();
http.on("connection", (connection) => {
  connections.add(connection);
  connection.on("close", () => connections.delete(connection));
});
http.listen(Number(port), "127.0.0.1", () => {
  console.log(http.address().port);
});
const commands = readline.createInterface({ input: process.stdin });
commands.on("line", function drop() {
  // Between two polls the server would not notice.
  const clients = Object.values(io.engine.clients);
  if (clients.every((client) => client.transport.writable)) {
    connections.forEach((one) => one.destroy());
  } else {
    setTimeout(drop, 5);
  }
});
commands.on("close", () => process.exit());
