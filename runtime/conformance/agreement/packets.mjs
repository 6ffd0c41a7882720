// SPDX-License-Identifier: Apache-2.0

// A client that writes packets as texts, whatever is in them.
import { once } from "node:events";
import { WebSocket } from "ws";

const patience = 60_000; // ms, for one answer

/** Opens a WebSocket and enters the namespace "/". */
export async function openRaw(url) {
  const address = `${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new Raw(new WebSocket(address));
  await socket.enter();
  return socket;
}

class Raw {
  #ws;
  #received = []; // packets of Socket.IO that nobody has taken yet
  #wake = () => {};
  closed = null; // {code, reason} once it is

  constructor(ws) {
    this.#ws = ws;
    ws.on("message", (data, isBinary) => this.#receive(data, isBinary));
    ws.on("error", () => {}); // a close follows
    ws.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#wake();
    });
  }

  async enter() {
    await once(this.#ws, "open");
    this.send("40");
    const [packet] = await this.take(1);
    if (!packet.startsWith("0{")) throw new Error(`not entered: ${packet}`);
  }

  /** Sends a text frame, which may be a Buffer of no valid text, and attachments. */
  send(text, attachments = []) {
    this.#ws.send(text, { binary: false });
    for (const data of attachments) this.#ws.send(data);
  }

  /** Resolves with the next packets, without their attachments. */
  async take(count) {
    await this.#until(() => this.#received.length >= count || this.closed);
    if (this.#received.length < count) {
      throw new Error(`closed: ${JSON.stringify(this.closed)}`);
    }
    return this.#received.splice(0, count);
  }

  /** Resolves with how the connection was closed. */
  async end() {
    await this.#until(() => this.closed);
    return this.closed;
  }

  /** How many packets nobody has taken. */
  get waiting() {
    return this.#received.length;
  }

  close() {
    this.#ws.close();
  }

  async #until(holds) {
    const timer = setTimeout(() => this.#ws.terminate(), patience);
    while (!holds()) {
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(timer);
  }

  #receive(data, isBinary) {
    if (isBinary) return;
    const text = data.toString();
    if (text === "2") this.send("3"); // a heartbeat
    if (!text.startsWith("4")) return;
    this.#received.push(text.slice(1));
    this.#wake();
  }
}

/** Opens a session over polling and enters the namespace "/". */
export async function openPolling(url) {
  const polling = new Polling(`${url}/socket.io/?EIO=4&transport=polling`);
  await polling.enter();
  return polling;
}

class Polling {
  #address;
  #received = []; // packets of Socket.IO that nobody has taken yet

  constructor(address) {
    this.#address = address;
  }

  async enter() {
    const [open] = await this.#get();
    this.#address += `&sid=${JSON.parse(open.slice(1)).sid}`;
    await this.send("40");
    await this.take(1);
  }

  /** Posts a packet, which may be a Buffer of no valid text. */
  async send(packet) {
    const response = await fetch(this.#address, {
      method: "POST",
      body: packet,
    });
    if (!response.ok) throw new Error(`POST: status ${response.status}`);
  }

  /** Resolves with the next packets. */
  async take(count) {
    while (this.#received.length < count) {
      for (const packet of await this.#get()) {
        if (packet.startsWith("4")) this.#received.push(packet.slice(1));
      }
    }
    return this.#received.splice(0, count);
  }

  async #get() {
    const signal = AbortSignal.timeout(patience);
    const response = await fetch(this.#address, { signal });
    if (!response.ok) throw new Error(`GET: status ${response.status}`);
    return (await response.text()).split("\x1e");
  }

  /** Leaves the namespace and ends the session. */
  close() {
    return this.send("41\x1e1");
  }
}
