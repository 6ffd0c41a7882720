import type { Socket as SocketIO } from "socket.io-client";
import { type Readable, readable, writable } from "svelte/store";
import {
  type ConnectFailure,
  type ConnectFailureOf,
  type EmitMap,
  type Lifecycle,
  type ListenMap,
  on,
  request,
  type RequestArguments,
  type RequestName,
  type RequestReply,
} from "./module";
// #region document follow
import {
  type Connection,
  type ConnectionOf,
  follow,
  listen,
  notConnected,
  type NotConnected,
  notOpened,
} from "./follow";

export type Uses = [ConnectFailure, typeof on];
// #endregion

/**
 * Holds a socket, which is opened for the first subscriber and closed after the
 * last one. For another key make another store.
 */
export function connectionStore<Listen extends ListenMap, Emit extends EmitMap>(
  open: () => SocketIO<Listen, Emit>,
): Readable<ConnectionOf<Listen, Emit>> {
  return readable<ConnectionOf<Listen, Emit>>(notOpened, (set) => {
    const socket = open();
    const stop = follow(socket, set);
    return () => {
      stop();
      socket.disconnect();
      set(notOpened);
    };
  });
}

/**
 * Listens to an event of the store's socket until the returned function is called,
 * which onMount and $effect do by themselves.
 */
export function listenTo<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends keyof Lifecycle,
>(
  connection: Readable<ConnectionOf<Listen, Emit>>,
  event: Name,
  listener: Lifecycle<ConnectFailureOf<Listen, Emit>>[Name],
): () => void;
export function listenTo<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends keyof Listen,
>(
  connection: Readable<ConnectionOf<Listen, Emit>>,
  event: Name,
  listener: Listen[Name],
): () => void;
export function listenTo(
  connection: Readable<Connection<SocketIO, unknown>>,
  event: string,
  listener: (...args: unknown[]) => void,
): () => void {
  let heard: SocketIO | undefined;
  let stop: (() => void) | undefined;
  const unsubscribe = connection.subscribe(({ socket }) => {
    if (socket === heard) return;
    heard = socket;
    stop?.();
    stop = socket && listen(socket, event, listener);
  });
  return () => {
    stop?.();
    unsubscribe();
  };
}

/** Listens to the refusals of events that have no reply. */
export function listenToErrors<Listen extends ListenMap, Emit extends EmitMap>(
  connection: Readable<ConnectionOf<Listen, Emit>>,
  listener: Listen["$error"],
): () => void {
  return listenTo(connection, "$error", listener);
}

/** Where the last request stands. */
export interface RequestState<Listener> {
  readonly pending: boolean;
  readonly reply: RequestReply<Listener> | NotConnected | undefined;
}

/** A store of where the last request stands, with send, which never rejects. */
export interface Requests<Listener> extends Readable<RequestState<Listener>> {
  readonly send: (
    ...args: RequestArguments<Listener>
  ) => Promise<RequestReply<Listener> | NotConnected>;
}

/**
 * Emits an event on demand, and keeps its last reply until the socket changes. A
 * request under way counts as a subscriber: it opens the socket if need be, and
 * keeps it until the reply is there.
 */
export function requestStore<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends RequestName<Emit> & string,
>(
  connection: Readable<ConnectionOf<Listen, Emit>>,
  event: Name,
): Requests<Emit[Name]> {
  type State = RequestState<Emit[Name]>;
  const idle: State = { pending: false, reply: undefined };
  let current: SocketIO<Listen, Emit> | undefined;
  let turn = 0;
  const state = writable<State>(idle, (set) =>
    connection.subscribe(({ socket }) => {
      if (socket === current) return;
      current = socket;
      turn++;
      set(idle);
    }),
  );
  return {
    subscribe: state.subscribe,
    send: async (...args) => {
      const release = state.subscribe(() => undefined);
      const mine = ++turn;
      state.set({ pending: true, reply: undefined });
      const reply = current
        ? await request(current, event, ...args)
        : notConnected;
      if (mine === turn) state.set({ pending: false, reply });
      release();
      return reply;
    },
  };
}
