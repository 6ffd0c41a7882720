// #region imports
import {
  io,
  type ManagerOptions,
  type Socket as SocketIO,
  type SocketOptions,
} from "socket.io-client";
// #endregion

// #region document declarations
export interface ServerToClient {
  posted: (text: string, likes?: number) => void;
  $error: (refusal: ServerFailure & { readonly event: "post" }) => void;
}

export interface ClientToServer {
  post: (text: string, ack: (reply: Done<CommonFailure>) => void) => void;
  old: (ack: PlainAck<number>) => void;
}

export function connect(
  url: string,
  options: AuthOptions<{ readonly token: string }>,
): SocketIO<ServerToClient, ClientToServer> {
  return withDates(dialWithAuth(url, "/", {}, options), datesOf());
}

function datesOf(): Dates {
  const dates = noDates();
  addEvent(dates, "posted", undefined, inEach(toDate));
  dates.answers.set("post", inField("value", reviveTagged));
  return dates;
}

function reviveTagged(value: unknown): unknown {
  reviveVariant(value, "kind", "a", toDate);
  return value;
}
// #endregion

// #region bytes
/**
 * Binary data, which travels beside the JSON. A browser receives an ArrayBuffer,
 * Node a Buffer; both may send either. The second type is Uint8Array<ArrayBuffer>,
 * or Uint8Array where TypeScript is older than 5.7.
 */
export type Bytes = ArrayBuffer | ReturnType<Uint8Array["slice"]>;
// #endregion

// #region sockets
/** How an event with a result was answered. */
export type Reply<Value, PossibleFailure> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: PossibleFailure };

/** How an event without a result was answered. */
export type Done<PossibleFailure> =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: PossibleFailure };

/** What is wrong with a part of a payload, such as "members[2].name". */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** How any event may fail on the server. */
export type ServerFailure =
  | {
      // #region document issuesCode
      readonly code: "invalid_payload";
      // #endregion
      readonly message: string;
      readonly data: { readonly issues: readonly Issue[] };
    }
  | {
      // #region document bareCodes
      readonly code: "unknown_event";
      // #endregion
      readonly message: string;
    }
  | {
      // #region document waitCode
      readonly code: "rate_limited";
      // #endregion
      readonly message: string;
      /** It is taken again after so many milliseconds. */
      readonly data: { readonly retryAfterMs: number };
    }
  | {
      // #region document loggedCode
      readonly code: "internal";
      // #endregion
      readonly message: string;
      /** The id names the failure in the server's log. */
      readonly data: { readonly id: string };
    };

/** How any request may fail. The last three are decided on this side. */
export type CommonFailure =
  | ServerFailure
  | {
      // #region document localCodes
      readonly code: "timeout" | "disconnected" | "aborted";
      // #endregion
      readonly message: string;
    };

/** A refusal of one of the events, with its name. */
export type RefusalOf<Events> = {
  [Name in keyof Events]: Events[Name] & { readonly event: Name };
}[keyof Events];

// #region plain
/**
 * Acknowledges with the bare value. It cannot carry a failure, which arrives by
 * onError instead. The property exists for the type alone.
 */
export interface PlainAck<Value> {
  (value: Value): void;
  readonly plain?: never;
}
// #endregion

// #region document connectFailure
/** Why a connection may be refused; schema_mismatch asks for a newer page. */
export type ConnectFailure =
  | ServerFailure
  | { readonly code: "schema_mismatch"; readonly message: string };

interface Namespaces {
  "/": [ServerToClient, ClientToServer, ConnectFailure];
}
// #endregion

/** Why a connection may be refused to the namespace that has these events. */
export type ConnectFailureOf<Listen, Emit> = {
  [Path in keyof Namespaces]: Namespaces[Path] extends [
    Listen,
    Emit,
    infer Failure,
  ]
    ? [Listen, Emit, Failure] extends Namespaces[Path]
      ? Failure
      : never
    : never;
}[keyof Namespaces];

/** The official events of a socket, with what a refused connection tells. */
export interface Lifecycle<Failure = ConnectFailure> {
  connect: () => void;
  connect_error: (error: Error & { readonly data?: Failure }) => void;
  disconnect: (reason: SocketIO.DisconnectReason) => void;
}

/** The official options of a connection. */
export type ConnectOptions = Omit<
  Partial<ManagerOptions & SocketOptions>,
  "auth"
> & {
  /** Refuses what the server would refuse; one is in the file of the schemas. */
  readonly check?: ((socket: SocketIO) => void) | undefined;
};

// #region auth
/** The official options, with the credentials or a function that finds them. */
export interface AuthOptions<Auth> extends ConnectOptions {
  readonly auth: (Auth & NoFunction) | (() => Auth | Promise<Auth>);
}

/** Tells credentials from a function, which has a name and a length as well. */
interface NoFunction {
  readonly [Symbol.hasInstance]?: never;
}
// #endregion

/** Settings of one request. */
export interface RequestOptions {
  // #region timeouts
  /** Milliseconds to wait for the reply; else the schema decides, or 10,000. */
  // #else
  // /** Milliseconds to wait for the reply; 10,000 when absent. */
  // #endregion
  readonly timeout?: number;
  /** Ends the wait early, and the server's handler with it, if that still runs. */
  readonly signal?: AbortSignal;
}

/** The events that are acknowledged. */
export type RequestName<Events> = {
  [Name in keyof Events]: Events[Name] extends (...args: infer Args) => void
    ? Args extends [...unknown[], (reply: never) => void]
      ? Name
      : never
    : never;
}[keyof Events];

// #region argumentCounts
/** What request takes behind the event's name: the options are the last. */
export type RequestArguments<Listener> = Listener extends (
  ...args: infer Args
) => void
  ? Args extends [infer Payload, unknown]
    ? [payload: Payload, options?: RequestOptions]
    : Args extends [unknown, ...infer Others, unknown]
      ? [
          first: Args[0],
          ...others: TrailingOptional<Others>,
          options?: RequestOptions,
        ]
      : [payload?: undefined, options?: RequestOptions]
  : never;

/** Lets those of the last arguments be left out that may be undefined. */
type TrailingOptional<Args extends unknown[]> = Args extends [
  ...infer Others,
  infer Last,
]
  ? unknown extends Last
    ? Args
    : undefined extends Last
      ? [...TrailingOptional<Others>, Last?]
      : Args
  : [];
// #else
// /** What request takes behind the event's name. */
// export type RequestArguments<Listener> = Listener extends (
//   ...args: infer Args
// ) => void
//   ? Args extends [infer Payload, unknown]
//     ? [payload: Payload, options?: RequestOptions]
//     : [payload?: undefined, options?: RequestOptions]
//   : never;
// #endregion

/** What request resolves with. */
// #region plain
export type RequestReply<Listener> = Listener extends (
  ...args: infer Args
) => void
  ? Args extends [...unknown[], infer Ack extends (answer: never) => void]
    ? "plain" extends keyof Ack
      ? Reply<Parameters<Ack>[0], CommonFailure>
      : Parameters<Ack>[0]
    : never
  : never;
// #else
// export type RequestReply<Listener> = Listener extends (
//   ...args: infer Args
// ) => void
//   ? Args extends [...unknown[], (reply: infer Answer) => void]
//     ? Answer
//     : never
//   : never;
// #endregion

// #region document maps
/** What the server may emit, in any namespace of this file. */
export type ListenMap = ServerToClient;

/** What a client may emit, in any namespace of this file. */
export type EmitMap = ClientToServer;
// #endregion

/** Listens to an event until the returned function is called. */
export function on<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends keyof Lifecycle,
>(
  socket: SocketIO<Listen, Emit>,
  event: Name,
  listener: Lifecycle<ConnectFailureOf<Listen, Emit>>[Name],
): () => void;
export function on<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends keyof Listen,
>(
  socket: SocketIO<Listen, Emit>,
  event: Name,
  listener: Listen[Name],
): () => void;
export function on(
  socket: SocketIO,
  event: string,
  listener: (...args: unknown[]) => void,
): () => void {
  // #region listenerKey
  // #region scoped
  const key = keyOf(socket, event);
  // #else
  // const key = event;
  // #endregion
  // #endregion
  // #region listenerCounts
  const count = listenerCounts.get(key) ?? 1;
  // #else
  // const count = 1;
  // #endregion
  const receive = (...args: unknown[]): void => {
    // Where clients recover what they missed, the server appends an offset.
    const ack = typeof args[args.length - 1] === "function" && args.pop();
    // #region openEnded
    if (openEnded.has(key) && endsInOffset(socket, args)) args.pop();
    // #endregion
    args.splice(count);
    // #region leastCounts
    const least = leastCounts.get(key) ?? args.length;
    while (args.length > least && args[args.length - 1] === null) args.pop();
    // #endregion
    if (ack) args[count] = ack;
    listener(...args);
  };
  socket.on(event, receive);
  return () => void socket.off(event, receive);
}

/** Listens to the refusals of events that have no reply. */
export function onError<Listen extends ListenMap, Emit extends EmitMap>(
  socket: SocketIO<Listen, Emit>,
  listener: Listen["$error"],
): () => void {
  return on(socket, "$error", listener);
}

/**
 * Emits an event and resolves with its reply. It never rejects: a reply that
 * does not come is a failure with the code "timeout", "disconnected" or
 * "aborted". While the socket connects, up to 1,000 events wait for it; a socket
 * that will not connect by itself, and one event more, are "disconnected". The
 * server learns of a request that nobody waits for any more.
 */
export function request<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends RequestName<Emit> & string,
>(
  socket: SocketIO<Listen, Emit>,
  event: Name,
  ...args: RequestArguments<Emit[Name]>
): Promise<RequestReply<Emit[Name]>>;
export function request(
  socket: SocketIO,
  event: string,
  // #region argumentCounts
  ...args: unknown[]
  // #else
  // payload?: unknown,
  // options: RequestOptions = {},
  // #endregion
): Promise<Reply<unknown, CommonFailure>> {
  // #region requestKey
  // #region scoped
  const key = keyOf(socket, event);
  // #else
  // const key = event;
  // #endregion
  // #endregion
  // #region argumentCounts
  const count = argumentCounts.get(key);
  const [options = {}] = args.splice(count ?? 1) as [RequestOptions?];
  if (count) args.length = count;
  else if (args[0] === undefined) args.length = 0;
  // #else
  // const args = payload === undefined ? [] : [payload];
  // #endregion
  // #region timeouts
  const { timeout = timeouts.get(key) ?? 10_000, signal } = options;
  // #else
  // const { timeout = 10_000, signal } = options;
  // #endregion
  return new Promise((resolve) => {
    const settle = (reply: Reply<unknown, CommonFailure>): void => {
      signal?.removeEventListener("abort", abort);
      resolve(reply);
    };
    type LocalCode = Exclude<CommonFailure["code"], ServerFailure["code"]>;
    const fail = (code: LocalCode, message: string): void => {
      settle({ ok: false, error: { code, message } });
    };
    let id: number | undefined;
    const giveUp = (code: LocalCode, message: string): void => {
      fail(code, message);
      takeBack(socket, id);
      id = undefined;
    };
    const abort = (): void => {
      giveUp("aborted", "the request was aborted");
    };

    if (signal?.aborted) {
      abort();
      return;
    }
    if (!socket.active || socket.sendBuffer.length >= 1000) {
      fail("disconnected", "the socket is not connected");
      return;
    }
    signal?.addEventListener("abort", abort);
    const answered = (error: Error | null, answer: unknown): void => {
      if (error) {
        giveUp(socket.connected ? "timeout" : "disconnected", error.message);
        // #region plain
      } else if (plainAcks.has(key)) {
        settle({ ok: true, value: answer });
        // #endregion
      } else {
        settle(toReply(answer));
      }
    };
    try {
      const next = nextId(socket);
      socket.timeout(timeout).emit(event, ...args, answered);
      if (nextId(socket) !== next) id = next;
    } catch (error) {
      // What JSON cannot express stops emit before it has cleared its flags.
      Object.assign(socket, { flags: {} });
      const message = String(error);
      // A check says what is wrong with which part.
      const { issues = [{ path: "", message }] } = error as {
        readonly issues?: readonly Issue[];
      };
      const data = { issues };
      settle({ ok: false, error: { code: "invalid_payload", message, data } });
    }
  });
}

/** The sockets whose server wants to know of requests that are given up. */
const takesBack = new WeakSet();

/** Takes a request back, before it is sent or by telling the server. */
function takeBack(socket: SocketIO, id: number | undefined): void {
  if (id === undefined) return;
  const place = socket.sendBuffer.findIndex((packet) => packet.id === id);
  if (place >= 0) {
    socket.sendBuffer.splice(place, 1);
  } else if (socket.connected && takesBack.has(socket)) {
    socket.emit("$cancel", id);
  }
}

/** The id of the next ack, which every release's socket has and its type hides. */
function nextId(socket: SocketIO): number | undefined {
  return (socket as unknown as { readonly ids?: number }).ids;
}

/** Sees to it that a server without our envelope does not break the caller. */
function toReply(answer: unknown): Reply<unknown, CommonFailure> {
  const reply = answer as Partial<Reply<unknown, CommonFailure>> | null;
  if (reply?.ok === true) return answer as { ok: true; value: unknown };
  if (reply?.ok === false && typeof reply.error?.code === "string") {
    return { ok: false, error: reply.error };
  }
  const message = "the server's answer is not a reply";
  return { ok: false, error: { code: "internal", message, data: { id: "" } } };
}

// #region document tables
const listenerCounts: ReadonlyMap<string, number> = new Map([["/ posted", 2]]);

const leastCounts: ReadonlyMap<string, number> = new Map([["/ posted", 1]]);

const openEnded: ReadonlySet<string> = new Set(["/ posted"]);

const argumentCounts: ReadonlyMap<string, number> = new Map([["/ post", 1]]);

const timeouts: ReadonlyMap<string, number> = new Map([["/ post", 5000]]);

const plainAcks: ReadonlySet<string> = new Set(["/ old"]);

function keyOf(socket: SocketIO, event: string): string {
  const { nsp } = socket as unknown as { readonly nsp: string };
  return nsp + " " + event;
}
// #endregion

// #region openEnded
/** Tells whether the last argument is an offset, in place of an absent one. */
function endsInOffset(socket: SocketIO, args: readonly unknown[]): boolean {
  // A socket that can recover has a private id, though its type hides it.
  const { _pid } = socket as unknown as { readonly _pid?: string };
  const last = args[args.length - 1];
  if (_pid === undefined || typeof last !== "string") return false;
  // An official server's offset begins with the time: milliseconds in base 64, in
  // decimal where Redis keeps the events, or where MongoDB does, seconds in hex.
  const [, base64 = "", decimal, hex] =
    /^(?:([\w-]{7,8})(?:\.[\w-]+)?|(\d{13})-\d+|([\da-f]{8})[\da-f]{16})$/.exec(
      last,
    ) ?? [];
  let time = Number(decimal ?? parseInt(hex ?? "0", 16) * 1000);
  for (const digit of base64) time = time * 64 + digitsOf64.indexOf(digit);
  return Math.abs(time - Date.now()) < 86_400_000;
}

const digitsOf64 =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
// #endregion

// #region dates
/** Makes dates of the texts in what was received. */
type Revive = (value: unknown) => unknown;

/** Where dates are in what a server sends. */
interface Dates {
  /** In the arguments of its events. */
  readonly events: Map<string, readonly (Revive | undefined)[]>;
  /** In its acks, by the client's event. */
  readonly answers: Map<string, Revive>;
  /** In what accompanies its errors, by their code. */
  readonly failures: Map<string, Revive>;
}

function noDates(): Dates {
  return { events: new Map(), answers: new Map(), failures: new Map() };
}

/** Has a socket hand out dates, however its listeners were added. */
function withDates(socket: SocketIO, dates: Dates): SocketIO {
  const reviveFailure = (failure: unknown): void => {
    if (!isRecord(failure)) return;
    const { code } = failure;
    const revive = dates.failures.get(String(code));
    if (revive) reviveField(failure, "data", revive);
  };
  // Every release's socket takes an event from its connection with this method.
  const inside = socket as unknown as {
    onevent: (packet: { data: [string, ...unknown[]] }) => void;
    emit: (event: string, ...args: unknown[]) => SocketIO;
  };
  const { onevent, emit } = inside;
  inside.onevent = (packet) => {
    const [event, ...args] = packet.data;
    const revived = dates.events.get(event) ?? [];
    packet.data = [event, ...args.map((arg, i) => revived[i]?.(arg) ?? arg)];
    if (event === "$error") reviveFailure(args[0]);
    onevent.call(socket, packet);
  };
  inside.emit = (event, ...args) => {
    const last = args[args.length - 1];
    if (typeof last === "function") {
      const ack = last as (...answers: unknown[]) => void;
      const answered = (...answers: unknown[]): void => {
        const revive = dates.answers.get(event);
        for (const answer of answers) {
          reviveFailure((answer as { error?: unknown } | null)?.error);
        }
        ack(...answers.map((answer) => revive?.(answer) ?? answer));
      };
      // The official client marks acks that take an error.
      args[args.length - 1] = Object.assign(answered, ack);
    }
    return emit.call(socket, event, ...args);
  };
  socket.on("connect_error", (error: Error & { data?: unknown }) => {
    reviveFailure(error.data);
  });
  return socket;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is no timestamp, such as null or an offset, stays as it is. */
function toDate(value: unknown): unknown {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT/.test(value))
    return value;
  return new Date(value);
}

function reviveField(object: unknown, key: string, revive: Revive): void {
  if (!isRecord(object)) return;
  if (!Object.prototype.hasOwnProperty.call(object, key)) return;
  const value = revive(object[key]);
  // By assignment __proto__ would be the prototype.
  Object.defineProperty(object, key, { value, enumerable: true });
}

// #region inField
function inField(key: string, revive: Revive): Revive {
  return (object) => {
    reviveField(object, key, revive);
    return object;
  };
}
// #endregion

// #region inEach
/** Revives the elements of a list, or of a map. */
function inEach(revive: Revive): Revive {
  return (values) => {
    if (Array.isArray(values)) return values.map(revive);
    if (isRecord(values)) {
      for (const key of Object.keys(values)) reviveField(values, key, revive);
    }
    return values;
  };
}
// #endregion

// #region reviveVariant
function reviveVariant(
  value: unknown,
  tag: string,
  name: string,
  revive: Revive,
): void {
  if (isRecord(value) && value[tag] === name) revive(value);
}
// #endregion

// #region addEvent
function addEvent(
  dates: Dates,
  event: string,
  ...args: readonly (Revive | undefined)[]
): void {
  dates.events.set(event, args);
}
// #endregion
// #endregion

function dial(
  url: string,
  namespace: string,
  auth: NonNullable<SocketOptions["auth"]>,
  { check, ...options }: ConnectOptions = {},
): SocketIO {
  const socket = io(url.replace(/\/$/, "") + namespace, { ...options, auth });
  const { nsp } = socket as unknown as { readonly nsp: string };
  // What is sent with retries is sent until it is answered, so not taken back.
  if (!options.retries) {
    socket.io.on("packet", (packet) => {
      const isConnect = (packet.type as number) === 0;
      if (packet.nsp !== nsp || !isConnect) return;
      const reply = packet.data as { readonly $cancel?: unknown } | undefined;
      takesBack[reply?.$cancel === true ? "add" : "delete"](socket);
    });
  }
  check?.(socket);
  return socket;
}

// #region auth
function dialWithAuth(
  url: string,
  namespace: string,
  own: object,
  { auth, ...options }: AuthOptions<object>,
): SocketIO {
  if (typeof auth !== "function") {
    return dial(url, namespace, { ...auth, ...own }, options);
  }
  let last: object;
  const find = function (
    this: SocketIO,
    send: (credentials: object) => void,
  ): void {
    // Credentials that arrive late, after the connection has been replaced,
    // must not be sent: a second CONNECT would end the new one.
    const { engine } = this.io;
    const turn = (last = {});
    const late = (): boolean =>
      turn !== last || engine !== this.io.engine || !this.active;
    new Promise<object>((resolve) => {
      resolve(auth());
    }).then(
      (credentials) => {
        if (!late()) send({ ...credentials, ...own });
      },
      (error: unknown) => {
        if (late()) return;
        this.disconnect();
        for (const tell of this.listeners("connect_error")) {
          tell(error as Error);
        }
      },
    );
  };
  return dial(url, namespace, find, options);
}
// #endregion
// #endregion
