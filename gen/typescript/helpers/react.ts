import {
  type Context,
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
} from "react";
import type { Socket as SocketIO } from "socket.io-client";
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
// #region document provider
import type { ClientToServer, ServerToClient } from "./module";

const SocketContext = createShared<ServerToClient, ClientToServer>();

export function SocketProvider(
  props: ProviderProps<ServerToClient, ClientToServer>,
): ReactElement {
  return useProvider(SocketContext, props);
}

export function useSocket(): ConnectionOf<ServerToClient, ClientToServer> {
  return useProvided(SocketContext, "SocketProvider");
}
// #endregion

// #region document follow
import {
  type ConnectionOf,
  follow,
  listen,
  notConnected,
  type NotConnected,
  notOpened,
} from "./follow";

export type Uses = [ConnectFailure, typeof on];
// #endregion

/** Tells the sockets of a component apart. */
export type ConnectionKey = string | number | undefined;

/** A socket that is open, and the end that waits for it. */
interface Held<Socket> {
  readonly socket: Socket;
  readonly key: ConnectionKey;
  end?: ReturnType<typeof setTimeout>;
}

/**
 * Opens a socket when the component appears, and closes it when the component is
 * gone for good: the second mount of StrictMode finds the first one's socket.
 * With another key everything begins again, with another socket.
 */
export function useConnection<Listen extends ListenMap, Emit extends EmitMap>(
  open: () => SocketIO<Listen, Emit>,
  key?: ConnectionKey,
): ConnectionOf<Listen, Emit> {
  type Opened = SocketIO<Listen, Emit>;
  type State = ConnectionOf<Listen, Emit>;
  const held = useRef<Held<Opened>>(undefined);
  const latest = useRef(open);
  const [told, setTold] = useState<{ key: ConnectionKey; state: State }>();
  useEffect(() => {
    latest.current = open;
  }, [open]);
  useEffect(() => {
    if (held.current?.key !== key) held.current = undefined;
    const mine = (held.current ??= { socket: latest.current(), key });
    clearTimeout(mine.end);
    const { socket } = mine;
    const stop = follow(socket, (state) => {
      setTold({ key, state });
    });
    return () => {
      stop();
      mine.end = setTimeout(() => {
        socket.disconnect();
        if (held.current === mine) held.current = undefined;
      });
    };
  }, [key]);
  // What was told of another key is over before the effect has run.
  return told && told.key === key ? told.state : notOpened;
}

/** What a provider takes: how to open the socket, and what tells it from others. */
export interface ProviderProps<Listen extends ListenMap, Emit extends EmitMap> {
  readonly open: () => SocketIO<Listen, Emit>;
  /** As the key of useConnection: another one opens another socket. */
  readonly socketKey?: ConnectionKey;
  readonly children?: ReactNode;
}

type Shared<Listen extends ListenMap, Emit extends EmitMap> = Context<
  ConnectionOf<Listen, Emit> | undefined
>;

function createShared<Listen extends ListenMap, Emit extends EmitMap>(): Shared<
  Listen,
  Emit
> {
  return createContext<ConnectionOf<Listen, Emit> | undefined>(undefined);
}

/** Opens the socket of a provider, for the components in it. */
function useProvider<Listen extends ListenMap, Emit extends EmitMap>(
  context: Shared<Listen, Emit>,
  { open, socketKey, children }: ProviderProps<Listen, Emit>,
): ReactElement {
  const value = useConnection(open, socketKey);
  return createElement(context.Provider, { value }, children);
}

/** Returns what the provider around the component has. */
function useProvided<Provided>(
  context: Context<Provided | undefined>,
  provider: string,
): Provided {
  const provided = useContext(context);
  if (provided === undefined) {
    throw new Error("there is no " + provider + " around this component");
  }
  return provided;
}

/** Listens to an event while the component is there, with its latest listener. */
export function useEvent<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends keyof Lifecycle,
>(
  socket: SocketIO<Listen, Emit> | undefined,
  event: Name,
  listener: Lifecycle<ConnectFailureOf<Listen, Emit>>[Name],
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

/** Listens to the refusals of events that have no reply, while the component is there. */
export function useError<Listen extends ListenMap, Emit extends EmitMap>(
  socket: SocketIO<Listen, Emit> | undefined,
  listener: Listen["$error"],
): void {
  useEvent(socket, "$error", listener);
}

/** What useRequest gives: send never rejects, and reply is that of the last. */
export interface Requests<Listener> {
  readonly send: (
    ...args: RequestArguments<Listener>
  ) => Promise<RequestReply<Listener> | NotConnected>;
  readonly pending: boolean;
  readonly reply: RequestReply<Listener> | NotConnected | undefined;
}

/** Emits an event on demand, and keeps its last reply until the socket changes. */
export function useRequest<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends RequestName<Emit> & string,
>(
  socket: SocketIO<Listen, Emit> | undefined,
  event: Name,
): Requests<Emit[Name]> {
  type Answer = RequestReply<Emit[Name]> | NotConnected;
  const [last, setLast] = useState<{
    readonly socket: typeof socket;
    readonly event: Name;
    readonly reply?: Answer; // absent while it is awaited
  }>();
  const turns = useRef(0);
  const send = useCallback(
    async (...args: RequestArguments<Emit[Name]>): Promise<Answer> => {
      const turn = ++turns.current;
      setLast({ socket, event });
      const reply = socket
        ? await request(socket, event, ...args)
        : notConnected;
      if (turn === turns.current) setLast({ socket, event, reply });
      return reply;
    },
    [socket, event],
  );
  // What was sent over another socket is over.
  const current =
    last && Object.is(last.socket, socket) && Object.is(last.event, event)
      ? last
      : undefined;
  const reply = current?.reply;
  return { send, pending: current !== undefined && !reply, reply };
}
