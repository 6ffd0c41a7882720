package typescript

// The parts of a module that no schema changes, formatted as prettier does.
// helperNames lists what they declare.

const officialImports = `import {
  io,
  type ManagerOptions,
  type Socket as SocketIO,
  type SocketOptions,
} from "socket.io-client";
`

const bytesType = `/**
 * Binary data, which travels beside the JSON. A browser receives an ArrayBuffer,
 * Node a Buffer; both may send either.
 */
export type Bytes = ArrayBuffer | Uint8Array;
`

const replyTypes = `/** How an event with a result was answered. */
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
      readonly code: "invalid_payload";
      readonly message: string;
      readonly data: { readonly issues: readonly Issue[] };
    }
  | {
      readonly code: "unknown_event" | "rate_limited";
      readonly message: string;
    }
  | {
      readonly code: "internal";
      readonly message: string;
      /** The id names the failure in the server's log. */
      readonly data: { readonly id: string };
    };

/** How any request may fail. The last three are decided on this side. */
export type CommonFailure =
  | ServerFailure
  | {
      readonly code: "timeout" | "disconnected" | "aborted";
      readonly message: string;
    };

/** A refusal of one of the events, with its name. */
export type RefusalOf<Events> = {
  [Name in keyof Events]: Events[Name] & { readonly event: Name };
}[keyof Events];
`

const plainAckType = `/**
 * Acknowledges with the bare value. It cannot carry a failure, which arrives by
 * onError instead. The property exists for the type alone.
 */
export interface PlainAck<Value> {
  (value: Value): void;
  readonly plain?: never;
}
`

const connectTypes = `/** The official events of a socket, with what a refused connection tells. */
export interface Lifecycle {
  connect: () => void;
  connect_error: (error: Error & { readonly data?: ConnectFailure }) => void;
  disconnect: (reason: SocketIO.DisconnectReason) => void;
}

/** The official options of a connection. */
export type ConnectOptions = Omit<
  Partial<ManagerOptions & SocketOptions>,
  "auth"
>;
`

const authTypes = `/** The official options, with the credentials or a function that finds them. */
export interface AuthOptions<Auth> extends ConnectOptions {
  readonly auth: (Auth & NoFunction) | (() => Auth | Promise<Auth>);
}

/** Tells credentials from a function, which has a name and a length as well. */
interface NoFunction {
  readonly [Symbol.hasInstance]?: never;
}
`

const requestTypes = `/** Settings of one request. */
export interface RequestOptions {
  /** Milliseconds to wait for the reply; 10,000 when absent. */
  readonly timeout?: number;
  /** Ends the wait early. The server may handle the event all the same. */
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

/** What request takes behind the event's name. */
export type RequestArguments<Listener> = Listener extends (
  ...args: infer Args
) => void
  ? Args extends [infer Payload, unknown]
    ? [payload: Payload, options?: RequestOptions]
    : [payload?: undefined, options?: RequestOptions]
  : never;
`

const requestReplyType = `/** What request resolves with. */
export type RequestReply<Listener> = Listener extends (
  ...args: infer Args
) => void
  ? Args extends [...unknown[], (reply: infer Answer) => void]
    ? Answer
    : never
  : never;
`

const requestReplyTypeWithPlain = `/** What request resolves with. */
export type RequestReply<Listener> = Listener extends (
  ...args: infer Args
) => void
  ? Args extends [...unknown[], infer Ack extends (answer: never) => void]
    ? "plain" extends keyof Ack
      ? Reply<Parameters<Ack>[0], CommonFailure>
      : Parameters<Ack>[0]
    : never
  : never;
`

const onFunction = `/** Listens to an event until the returned function is called. */
export function on<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends keyof Lifecycle,
>(
  socket: SocketIO<Listen, Emit>,
  event: Name,
  listener: Lifecycle[Name],
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
  socket.on(event, listener);
  return () => void socket.off(event, listener);
}

/** Listens to the refusals of events that have no reply. */
export function onError<Listen extends ListenMap, Emit extends EmitMap>(
  socket: SocketIO<Listen, Emit>,
  listener: Listen["$error"],
): () => void {
  return on(socket, "$error", listener);
}
`

const requestFunction = `/**
 * Emits an event and resolves with its reply. It never rejects: a reply that
 * does not come is a failure with the code "timeout", "disconnected" or
 * "aborted". While the socket connects, up to 1,000 events wait for it; a socket
 * that will not connect by itself, and one event more, are "disconnected".
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
  payload?: unknown,
  { timeout = 10_000, signal }: RequestOptions = {},
): Promise<Reply<unknown, CommonFailure>> {
  return new Promise((resolve) => {
    const settle = (reply: Reply<unknown, CommonFailure>): void => {
      signal?.removeEventListener("abort", abort);
      resolve(reply);
    };
    const fail = (
      code: "timeout" | "disconnected" | "aborted",
      message: string,
    ): void => {
      settle({ ok: false, error: { code, message } });
    };
    const abort = (): void => {
      fail("aborted", "the request was aborted");
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
    const args = payload === undefined ? [] : [payload];
    const answered = (error: Error | null, answer: unknown): void => {
      if (error) {
        fail(socket.connected ? "timeout" : "disconnected", error.message);
`

const requestPlainAnswer = `      } else if (isPlain(socket, event)) {
        settle({ ok: true, value: answer });
`

const requestFunctionEnd = `      } else {
        settle(toReply(answer));
      }
    };
    try {
      socket.timeout(timeout).emit(event, ...args, answered);
    } catch (error) {
      // What JSON cannot express stops emit before it has cleared its flags.
      Object.assign(socket, { flags: {} });
      const message = String(error);
      const data = { issues: [{ path: "", message }] };
      settle({ ok: false, error: { code: "invalid_payload", message, data } });
    }
  });
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
`

const isPlainFunction = `function isPlain(socket: SocketIO, event: string): boolean {
  // Every release's socket has the namespace, though its type hides it.
  const { nsp } = socket as unknown as { readonly nsp: string };
  return plainAcks.has(nsp + " " + event);
}
`

const dialFunction = `function dial(
  url: string,
  namespace: string,
  options?: Partial<ManagerOptions & SocketOptions>,
): SocketIO {
  return io(url.replace(/\/$/, "") + namespace, options);
}
`

const dialWithAuthFunction = `function dialWithAuth(
  url: string,
  namespace: string,
  { auth, ...options }: AuthOptions<object>,
): SocketIO {
  if (typeof auth !== "function") {
    return dial(url, namespace, { ...options, auth });
  }
  let last: object;
  return dial(url, namespace, {
    ...options,
    auth(this: SocketIO, send: (credentials: object) => void): void {
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
          if (!late()) send(credentials);
        },
        (error: unknown) => {
          if (late()) return;
          this.disconnect();
          for (const tell of this.listeners("connect_error")) {
            tell(error as Error);
          }
        },
      );
    },
  });
}
`
