import { useCallback, useEffect, useRef, useState } from "react";
import type { Socket as SocketIO } from "socket.io-client";
import {
  type ConnectFailure,
  type EmitMap,
  type Lifecycle,
  type ListenMap,
  on,
  request,
  type RequestArguments,
  type RequestName,
  type RequestReply,
} from "./module";

/** Where a connection stands. */
export type ConnectionStatus =
  "connecting" | "connected" | "disconnected" | "refused";

/** A socket, once there is one, and where its connection stands. */
export interface Connection<Socket> {
  readonly socket: Socket | undefined;
  readonly status: ConnectionStatus;
  /** Why the server refused the connection, when it said so. */
  readonly failure: ConnectFailure | undefined;
}

/** A socket that is open, and the end that waits for it. */
interface Held<Socket> {
  readonly socket: Socket;
  readonly key: string | number | undefined;
  end?: ReturnType<typeof setTimeout>;
}

/**
 * Opens a socket when the component appears, and closes it when the component is
 * gone for good: the second mount of StrictMode finds the first one's socket. A
 * new key opens another socket.
 */
export function useConnection<Listen extends ListenMap, Emit extends EmitMap>(
  open: () => SocketIO<Listen, Emit>,
  key?: string | number,
): Connection<SocketIO<Listen, Emit>> {
  type Opened = SocketIO<Listen, Emit>;
  const held = useRef<Held<Opened>>(undefined);
  const latest = useRef(open);
  const [connection, setConnection] = useState<Connection<Opened>>({
    socket: undefined,
    status: "connecting",
    failure: undefined,
  });
  useEffect(() => {
    latest.current = open;
  }, [open]);
  useEffect(() => {
    if (held.current?.key !== key) held.current = undefined;
    const mine = (held.current ??= { socket: latest.current(), key });
    clearTimeout(mine.end);
    const { socket } = mine;
    const tell = (status: ConnectionStatus, failure?: ConnectFailure): void => {
      setConnection({ socket, status, failure });
    };
    const stops = [
      on(socket, "connect", () => {
        tell("connected");
      }),
      on(socket, "disconnect", () => {
        tell(socket.active ? "connecting" : "disconnected");
      }),
      on(socket, "connect_error", ({ data }) => {
        tell(socket.active ? "connecting" : "refused", data);
      }),
    ];
    tell(socket.connected ? "connected" : "connecting");
    return () => {
      for (const stop of stops) stop();
      mine.end = setTimeout(() => {
        socket.disconnect();
        if (held.current === mine) held.current = undefined;
      });
    };
  }, [key]);
  return connection;
}

/** Listens to an event while the component is there, with its latest listener. */
export function useEvent<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends keyof Lifecycle,
>(
  socket: SocketIO<Listen, Emit> | undefined,
  event: Name,
  listener: Lifecycle[Name],
): void;
export function useEvent<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends keyof Listen,
>(
  socket: SocketIO<Listen, Emit> | undefined,
  event: Name,
  listener: Listen[Name],
): void;
export function useEvent(
  socket: SocketIO | undefined,
  event: string,
  listener: (...args: unknown[]) => void,
): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  }, [listener]);
  useEffect(() => {
    if (!socket) return;
    return listen(socket, event, (...args) => {
      latest.current(...args);
    });
  }, [socket, event]);
}

/** The hooks' own view of on, whose overloads name each event. */
const listen: (
  socket: SocketIO,
  event: string,
  listener: (...args: unknown[]) => void,
) => () => void = on;

/** What useRequest gives: send never rejects, and reply is that of the last. */
export interface Requests<Listener> {
  readonly send: (
    ...args: RequestArguments<Listener>
  ) => Promise<RequestReply<Listener> | NotConnected>;
  readonly pending: boolean;
  readonly reply: RequestReply<Listener> | NotConnected | undefined;
}

/** The reply of a request before there is a socket. */
export interface NotConnected {
  readonly ok: false;
  readonly error: { readonly code: "disconnected"; readonly message: string };
}

/** Emits an event on demand, and keeps its last reply. */
export function useRequest<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends RequestName<Emit> & string,
>(
  socket: SocketIO<Listen, Emit> | undefined,
  event: Name,
): Requests<Emit[Name]> {
  type Answer = RequestReply<Emit[Name]> | NotConnected;
  const [state, setState] = useState<{ pending: boolean; reply?: Answer }>({
    pending: false,
  });
  const last = useRef(0);
  const send = useCallback(
    async (...args: RequestArguments<Emit[Name]>): Promise<Answer> => {
      const turn = ++last.current;
      setState({ pending: true });
      const reply = socket
        ? await request(socket, event, ...args)
        : notConnected;
      if (turn === last.current) setState({ pending: false, reply });
      return reply;
    },
    [socket, event],
  );
  return { send, pending: state.pending, reply: state.reply };
}

const notConnected: NotConnected = {
  ok: false,
  error: { code: "disconnected", message: "there is no socket yet" },
};
