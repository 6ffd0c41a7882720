// #region document imports
import type { Socket as SocketIO } from "socket.io-client";
import {
  type ConnectFailure,
  type ConnectFailureOf,
  type EmitMap,
  type ListenMap,
  on,
} from "./module";
// #endregion

// #region connection
/** Where a connection stands. */
export type ConnectionStatus =
  "connecting" | "connected" | "disconnected" | "refused";

/** A socket, once there is one, and where its connection stands. */
export interface Connection<Socket, Failure = ConnectFailure> {
  readonly socket: Socket | undefined;
  readonly status: ConnectionStatus;
  /** Why the server refused the connection, when it said so. */
  readonly failure: Failure | undefined;
}

/** The connection of a socket with these events. */
export type ConnectionOf<
  Listen extends ListenMap,
  Emit extends EmitMap,
> = Connection<SocketIO<Listen, Emit>, ConnectFailureOf<Listen, Emit>>;

/** The reply of a request before there is a socket. */
export interface NotConnected {
  readonly ok: false;
  readonly error: { readonly code: "disconnected"; readonly message: string };
}
// #endregion

// #region follow
/** Tells where the connection of a socket stands, until it is called off. */
export function follow<Listen extends ListenMap, Emit extends EmitMap>(
  socket: SocketIO<Listen, Emit>,
  tell: (connection: ConnectionOf<Listen, Emit>) => void,
): () => void {
  const say = (
    status: ConnectionStatus,
    failure?: ConnectFailureOf<Listen, Emit>,
  ): void => {
    tell({ socket, status, failure });
  };
  const stops = [
    on(socket, "connect", () => {
      say("connected");
    }),
    on(socket, "disconnect", () => {
      say(socket.active ? "connecting" : "disconnected");
    }),
    on(socket, "connect_error", ({ data }) => {
      say(socket.active ? "connecting" : "refused", data);
    }),
  ];
  say(socket.connected ? "connected" : "connecting");
  return () => {
    for (const stop of stops) stop();
  };
}

export const notOpened: Connection<never, never> = {
  socket: undefined,
  status: "connecting",
  failure: undefined,
};

export const notConnected: NotConnected = {
  ok: false,
  error: { code: "disconnected", message: "there is no socket yet" },
};

/** The view of on that does not name each event. */
export const listen: (
  socket: SocketIO,
  event: string,
  listener: (...args: unknown[]) => void,
) => () => void = on;
// #endregion
