import type { Socket as SocketIO } from "socket.io-client";
import type * as types from "./module";

// #region document mocks
export type Mock = MockOf<
  SocketIO<types.ServerToClient, types.ClientToServer>,
  types.ClientToServer,
  types.ServerToClient,
  types.ConnectFailure
>;

export function mock(options?: MockOptions): Mock {
  return createMock("/", options) as unknown as Mock;
}
// #endregion

/** How a mock begins. */
export interface MockOptions {
  /** Whether the socket connects by itself; true when absent. */
  readonly autoConnect?: boolean;
  /** Refuses what the server would refuse; one is in the file of the schemas. */
  readonly check?: ((socket: SocketIO) => void) | undefined;
}

/** An event that the client has emitted, without its ack. */
export interface Received {
  readonly event: string;
  readonly args: readonly unknown[];
}

/** The arguments of a listener. */
export type ArgumentsOf<Of> = Of extends (...args: infer Args) => void
  ? Args
  : never;

/** The server's side of a mock. */
export interface MockServer<Listen, Emit, Failure> {
  /** What has arrived, oldest first. */
  readonly received: readonly Received[];
  /** Answers an event in place of earlier listeners. Without one no ack comes. */
  on<Name extends keyof Listen & string>(
    event: Name,
    listener: Listen[Name],
  ): void;
  /** Emits to the client. */
  emit<Name extends keyof Emit & string>(
    event: Name,
    ...args: ArgumentsOf<Emit[Name]>
  ): void;
  /** Lets the socket in. */
  accept(): void;
  /** Refuses the connection, for good. */
  refuse(failure: Failure): void;
  /** Ends the connection; "io server disconnect" when no reason is given. */
  disconnect(reason?: SocketIO.DisconnectReason): void;
}

/** Both sides of a connection in memory. */
export interface MockOf<Socket, Listen, Emit, Failure> {
  readonly socket: Socket;
  readonly server: MockServer<Listen, Emit, Failure>;
}

type Listener = (...args: unknown[]) => void;

/** Listeners by their event. Those of "" hear all of them. */
class Listeners {
  readonly #all = new Map<string, Listener[]>();

  of(event: string): Listener[] {
    return [...(this.#all.get(event) ?? [])];
  }

  add(event: string, listener: Listener): void {
    this.#all.set(event, [...this.of(event), listener]);
  }

  prepend(event: string, listener: Listener): void {
    this.#all.set(event, [listener, ...this.of(event)]);
  }

  remove(event?: string, listener?: Listener): void {
    if (event === undefined) {
      this.#all.clear();
      return;
    }
    const rest = this.of(event);
    if (listener) rest.splice(rest.indexOf(listener) >>> 0, 1);
    this.#all.set(event, listener ? rest : []);
  }
}

/** What the official socket does, without a connection beneath it. */
// #region document mockSocket
class MockSocket implements Readonly<Record<keyof SocketIO, unknown>> {
  // #endregion
  id: string | undefined;
  connected = false;
  active = false;
  recovered = false;
  flags: { timeout?: number; volatile?: boolean } = {};
  auth: Record<string, unknown> = {};
  sendBuffer: (() => void)[] = [];
  receiveBuffer: unknown[] = [];
  readonly nsp: string;
  readonly received: Received[] = [];
  readonly answers = new Map<string, Listener>();
  readonly #heard = new Listeners();
  readonly #any = new Listeners();
  readonly #outgoing = new Listeners();
  readonly #waiting = new Set<(error: Error) => void>();
  #count = 0;

  constructor(nsp: string) {
    this.nsp = nsp;
  }

  get io(): never {
    throw new Error("a mock has no Manager: there is no connection beneath it");
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  get volatile(): this {
    this.flags.volatile = true;
    return this;
  }

  compress(): this {
    return this;
  }

  timeout(milliseconds: number): this {
    this.flags.timeout = milliseconds;
    return this;
  }

  on(event: string, listener: Listener): this {
    this.#heard.add(event, listener);
    return this;
  }

  once(event: string, listener: Listener): this {
    const once: Listener = (...args) => {
      this.off(event, once);
      listener(...args);
    };
    return this.on(event, once);
  }

  off(event?: string, listener?: Listener): this {
    this.#heard.remove(event, listener);
    return this;
  }

  removeListener(event?: string, listener?: Listener): this {
    return this.off(event, listener);
  }

  removeAllListeners(event?: string): this {
    return this.off(event);
  }

  listeners(event: string): Listener[] {
    return this.#heard.of(event);
  }

  hasListeners(event: string): boolean {
    return this.listeners(event).length > 0;
  }

  onAny(listener: Listener): this {
    this.#any.add("", listener);
    return this;
  }

  prependAny(listener: Listener): this {
    this.#any.prepend("", listener);
    return this;
  }

  offAny(listener?: Listener): this {
    this.#any.remove("", listener);
    return this;
  }

  listenersAny(): Listener[] {
    return this.#any.of("");
  }

  onAnyOutgoing(listener: Listener): this {
    this.#outgoing.add("", listener);
    return this;
  }

  prependAnyOutgoing(listener: Listener): this {
    this.#outgoing.prepend("", listener);
    return this;
  }

  offAnyOutgoing(listener?: Listener): this {
    this.#outgoing.remove("", listener);
    return this;
  }

  listenersAnyOutgoing(): Listener[] {
    return this.#outgoing.of("");
  }

  send(...args: unknown[]): this {
    return this.emit("message", ...args);
  }

  emit(event: string, ...args: unknown[]): this {
    const { timeout, volatile = false } = this.flags;
    this.flags = {};
    const ack =
      typeof args[args.length - 1] === "function"
        ? (args.pop() as Listener)
        : undefined;
    const sent = args.map(copy);
    const reply = ack && this.#awaitReply(ack, timeout);
    const send = (): void => {
      for (const listener of this.#outgoing.of("")) listener(event, ...sent);
      queueMicrotask(() => {
        this.received.push({ event, args: sent });
        this.answers.get(event)?.(...sent, ...(reply ? [reply] : []));
      });
    };
    if (this.connected) send();
    else if (!volatile) this.sendBuffer.push(send);
    return this;
  }

  /** Returns the server's ack, which is heard once and in time. */
  #awaitReply(ack: Listener, timeout: number | undefined): Listener {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const fail = (error: Error): void => {
      clearTimeout(timer);
      if (this.#waiting.delete(fail) && timeout !== undefined) ack(error);
    };
    this.#waiting.add(fail);
    if (timeout !== undefined) {
      timer = setTimeout(() => {
        fail(new Error("operation has timed out"));
      }, timeout);
    }
    return (...answer) => {
      const values = answer.map(copy);
      queueMicrotask(() => {
        clearTimeout(timer);
        if (!this.#waiting.delete(fail)) return;
        ack(...(timeout === undefined ? [] : [null]), ...values);
      });
    };
  }

  emitWithAck(event: string, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const withError = this.flags.timeout !== undefined;
      this.emit(event, ...args, (first: unknown, second: unknown) => {
        if (!withError) resolve(first);
        else if (first instanceof Error) reject(first);
        else resolve(second);
      });
    });
  }

  connect(): this {
    if (!this.active) {
      this.active = true;
      queueMicrotask(() => {
        this.accept();
      });
    }
    return this;
  }

  open(): this {
    return this.connect();
  }

  disconnect(): this {
    this.active = false;
    this.leave("io client disconnect");
    return this;
  }

  close(): this {
    return this.disconnect();
  }

  tell(event: string, ...args: unknown[]): void {
    for (const listener of this.listeners(event)) listener(...args);
  }

  /** Hands an event of the server to the listeners. */
  receive(event: string, args: unknown[]): void {
    const heard = args.map((arg) =>
      typeof arg === "function" ? acknowledging(arg as Listener) : copy(arg),
    );
    queueMicrotask(() => {
      if (!this.connected) return;
      for (const listener of this.#any.of("")) listener(event, ...heard);
      this.tell(event, ...heard);
    });
  }

  accept(): void {
    if (this.connected || !this.active) return;
    this.id = "mock-" + String(++this.#count);
    this.connected = true;
    this.tell("connect");
    for (const send of this.sendBuffer.splice(0)) send();
  }

  refuse(failure: types.ConnectFailure): void {
    this.active = false;
    const error = new Error(failure.message);
    this.tell("connect_error", Object.assign(error, { data: failure }));
  }

  leave(reason: SocketIO.DisconnectReason): void {
    if (!this.connected) return;
    this.connected = false;
    this.id = undefined;
    for (const fail of this.#waiting) {
      fail(new Error("socket has been disconnected"));
    }
    this.tell("disconnect", reason);
  }
}

/** Returns an ack of the client, whose values arrive as the server gets them. */
function acknowledging(ack: Listener): Listener {
  return (...values) => {
    const sent = values.map(copy);
    queueMicrotask(() => {
      ack(...sent);
    });
  };
}

function createMock(
  nsp: string,
  { autoConnect = true, check }: MockOptions = {},
): MockOf<
  MockSocket,
  Record<string, Listener>,
  Record<string, Listener>,
  types.ConnectFailure
> {
  const socket = new MockSocket(nsp);
  check?.(socket as unknown as SocketIO);
  socket.active = true;
  if (autoConnect) {
    queueMicrotask(() => {
      socket.accept();
    });
  }
  return {
    socket,
    server: {
      received: socket.received,
      on: (event, listener) => void socket.answers.set(event, listener),
      emit: (event, ...args) => {
        socket.receive(event, args);
      },
      accept: () => {
        socket.active = true;
        socket.accept();
      },
      refuse: (failure) => {
        socket.refuse(failure);
      },
      disconnect: (reason = "io server disconnect") => {
        if (reason === "io server disconnect") socket.active = false;
        socket.leave(reason);
      },
    },
  };
}

/** Returns what is left of a value on the other side: JSON and binary data. */
function copy(value: unknown): unknown {
  if (typeof value === "bigint") throw new TypeError("JSON has no bigint");
  if (value === undefined || typeof value === "function") return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (value instanceof Uint8Array) return value.slice();
  // #region dates
  if (value instanceof Date) return new Date(value);
  // #else
  // if (value instanceof Date) return value.toJSON();
  // #endregion
  if (Array.isArray(value)) return value.map(copy);
  const entries = Object.entries(value).filter(
    ([, field]) => field !== undefined && typeof field !== "function",
  );
  return Object.fromEntries(entries.map(([key, field]) => [key, copy(field)]));
}
