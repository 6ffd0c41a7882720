// What the official bundle does in a page. It runs there; the page's address names
// the server and the bundle: ?server=URL&bundle=socket.io.min.js|socket.io.esm.min.js
const address = new URLSearchParams(location.search);
const server = address.get("server");
const bundle = address.get("bundle");
const patience = 60_000; // ms

const { io } = bundle.includes(".esm.")
  ? await import(`/${bundle}`)
  : await classic();

async function classic() {
  const script = document.createElement("script");
  script.src = `/${bundle}`;
  const loaded = new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = reject;
  });
  document.head.append(script);
  await loaded;
  return window;
}

const transports = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
};

function open(mode, namespace = "/", { url = server, ...options } = {}) {
  return io(url + namespace, {
    transports: transports[mode],
    forceNew: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 100,
    ...options,
  });
}

function next(emitter, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`the event "${event}": not within ${patience} ms`));
    }, patience);
    emitter.once(event, (...args) => {
      clearTimeout(timer);
      resolve(args);
    });
  });
}

async function connect(mode, namespace, options) {
  const socket = open(mode, namespace, options);
  await next(socket, "connect");
  if (mode === "upgrade" && socket.io.engine.transport.name === "polling") {
    await next(socket.io.engine, "upgrade");
  }
  return socket;
}

const ack = (socket, event, ...args) =>
  socket.timeout(patience).emitWithAck(event, ...args);

/** Writes ArrayBuffers out, so that they can be compared. */
function plain(value) {
  return JSON.stringify(value, (_, inner) =>
    inner instanceof ArrayBuffer
      ? `ArrayBuffer ${[...new Uint8Array(inner)].join()}`
      : inner,
  );
}

function equal(got, wanted) {
  if (plain(got) !== plain(wanted)) {
    throw new Error(`got ${plain(got)}, want ${plain(wanted)}`);
  }
}

const buffer = (...bytes) => new Uint8Array(bytes).buffer;

window.cases = {
  async "connects to another origin, with auth"(mode) {
    const socket = open(mode, "/", { auth: { token: "tëst" } });
    equal(await next(socket, "auth"), [{ token: "tëst" }]);
    equal(socket.id.length, 20);
    equal((await ack(socket, "handshake")).crossSite, true);
    return socket;
  },
  async "uses the transport asked for"(mode) {
    const socket = await connect(mode);
    const wanted = mode === "polling" ? "polling" : "websocket";
    equal(socket.io.engine.transport.name, wanted);
    return socket;
  },
  async "events and acks both ways, in order"(mode) {
    const socket = await connect(mode);
    const values = [1, "two", { three: [null, true, "🫖\u2028"] }];
    const back = next(socket, "message-back");
    socket.emit("message", ...values);
    equal(await back, values);
    socket.on("question", (wait, ...args) => args.pop()(args));
    equal(await ack(socket, "ask", 9000, ...values), values);
    const answers = [];
    for (let i = 0; i < 500; i++) answers.push(ack(socket, "ack", i));
    equal(await Promise.all(answers), [...Array(500).keys()]);
    return socket;
  },
  async "binary values are ArrayBuffers, nested, empty and in acks"(mode) {
    const socket = await connect(mode);
    const values = [buffer(1, 2, 255), { deep: [buffer(), "x", buffer(7)] }];
    const back = next(socket, "message-back");
    socket.emit("message", ...values);
    equal(await back, values);
    equal(await ack(socket, "ack", values), values);
    const blob = new Blob([buffer(4, 5, 6)]);
    equal(await ack(socket, "ack", { blob }), { blob: buffer(4, 5, 6) });
    const large = new Uint8Array(700_000).fill(9).buffer;
    const echoed = await ack(socket, "ack", large);
    if (plain(echoed) !== plain(large))
      throw new Error("other bytes came back");
    return socket;
  },
  async "a refusal has its message and its data"(mode) {
    const socket = open(mode, "/rej");
    const [error] = await next(socket, "connect_error");
    equal(error.message, "not authorized");
    equal(error.data, { content: "Please retry later" });
    return socket;
  },
  async "2,000 numbered events each way"(mode) {
    const socket = open(mode);
    const seen = [];
    socket.on("numbered", (n) => seen.push(n));
    await next(socket, "connect");
    const flooded = ack(socket, "flood", 2000);
    for (let i = 0; i < 2000; i++) {
      if (i % 250 === 0) await new Promise((resolve) => setTimeout(resolve));
      socket.emit("numbered", i);
    }
    equal(await ack(socket, "numbered:end"), { disorder: 0, events: 2000 });
    await flooded;
    equal(seen, [...Array(2000).keys()]);
    return socket;
  },
  async "a connection that breaks is replaced"(mode, proxy) {
    const socket = await connect(mode, "/", { url: proxy });
    const { id } = socket;
    const lost = next(socket, "disconnect");
    await window.proxyDown();
    const [reason] = await lost;
    if (!/^transport (close|error)$/.test(reason)) throw new Error(reason);
    const back = next(socket, "message-back");
    socket.emit("message", "buffered");
    await window.proxyUp();
    equal(await back, ["buffered"]);
    equal(socket.id === id, false);
    return socket;
  },
  async "heartbeats keep an idle connection"(mode) {
    const socket = await connect(mode);
    let pings = 0;
    socket.io.on("ping", () => pings++);
    await next(socket.io, "ping");
    await next(socket.io, "ping");
    equal(pings, 2);
    equal(socket.connected, true);
    return socket;
  },
  async "the server ends the socket"(mode) {
    const socket = await connect(mode);
    const lost = next(socket, "disconnect");
    socket.emit("byebye");
    equal((await lost)[0], "io server disconnect");
    return socket;
  },
};

window.play = async (name, mode, proxy) => {
  const socket = await window.cases[name](mode, proxy);
  socket.disconnect();
};
window.ready = true;
