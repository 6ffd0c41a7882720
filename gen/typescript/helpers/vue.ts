import type { Socket as SocketIO } from "socket.io-client";
import {
  computed,
  type ComputedRef,
  type MaybeRefOrGetter,
  onMounted,
  shallowRef,
  toValue,
  watch,
} from "vue";
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
  type ConnectionOf,
  follow,
  listen,
  notConnected,
  type NotConnected,
  notOpened,
} from "./follow";

export type Uses = [ConnectFailure, typeof on];
// #endregion

/** A connection whose parts are watched. */
export type ConnectionRefs<Of> = {
  readonly [Part in keyof Of]: ComputedRef<Of[Part]>;
};

/**
 * Opens a socket when the component is mounted, and closes it with the component.
 * With another key everything begins again, with another socket.
 */
export function useConnection<Listen extends ListenMap, Emit extends EmitMap>(
  open: () => SocketIO<Listen, Emit>,
  key?: MaybeRefOrGetter<string | number | undefined>,
): ConnectionRefs<ConnectionOf<Listen, Emit>> {
  const connection = shallowRef<ConnectionOf<Listen, Emit>>(notOpened);
  onMounted(() => {
    watch(
      () => toValue(key),
      (_key, _before, onCleanup) => {
        const socket = open();
        const stop = follow(socket, (now) => {
          connection.value = now;
        });
        onCleanup(() => {
          stop();
          socket.disconnect();
          connection.value = notOpened;
        });
      },
      { immediate: true, flush: "sync" },
    );
  });
  return {
    socket: computed(() => connection.value.socket),
    status: computed(() => connection.value.status),
    failure: computed(() => connection.value.failure),
  };
}

/** Listens to an event while the component is there, whatever the socket is. */
export function useEvent<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends keyof Lifecycle,
>(
  socket: MaybeRefOrGetter<SocketIO<Listen, Emit> | undefined>,
  event: Name,
  listener: Lifecycle<ConnectFailureOf<Listen, Emit>>[Name],
): void;
export function useEvent<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends keyof Listen,
>(
  socket: MaybeRefOrGetter<SocketIO<Listen, Emit> | undefined>,
  event: Name,
  listener: Listen[Name],
): void;
export function useEvent(
  socket: MaybeRefOrGetter<SocketIO | undefined>,
  event: string,
  listener: (...args: unknown[]) => void,
): void {
  watch(
    () => toValue(socket),
    (now, _before, onCleanup) => {
      if (now) onCleanup(listen(now, event, listener));
    },
    { immediate: true, flush: "sync" },
  );
}

/** Listens to the refusals of events that have no reply. */
export function useError<Listen extends ListenMap, Emit extends EmitMap>(
  socket: MaybeRefOrGetter<SocketIO<Listen, Emit> | undefined>,
  listener: Listen["$error"],
): void {
  useEvent(socket, "$error", listener);
}

/** What useRequest gives: send never rejects, and reply is that of the last. */
export interface Requests<Listener> {
  readonly send: (
    ...args: RequestArguments<Listener>
  ) => Promise<RequestReply<Listener> | NotConnected>;
  readonly pending: ComputedRef<boolean>;
  readonly reply: ComputedRef<
    RequestReply<Listener> | NotConnected | undefined
  >;
}

/** Emits an event on demand, and keeps its last reply until the socket changes. */
export function useRequest<
  Listen extends ListenMap,
  Emit extends EmitMap,
  Name extends RequestName<Emit> & string,
>(
  socket: MaybeRefOrGetter<SocketIO<Listen, Emit> | undefined>,
  event: Name,
): Requests<Emit[Name]> {
  type Answer = RequestReply<Emit[Name]> | NotConnected;
  const last = shallowRef<{ readonly reply?: Answer }>();
  watch(
    () => toValue(socket),
    () => {
      last.value = undefined;
    },
    { flush: "sync" },
  );
  const send = async (
    ...args: RequestArguments<Emit[Name]>
  ): Promise<Answer> => {
    const mine = (last.value = {});
    const now = toValue(socket);
    const reply = now ? await request(now, event, ...args) : notConnected;
    if (last.value === mine) last.value = { reply };
    return reply;
  };
  const reply = computed(() => last.value?.reply);
  const pending = computed(() => last.value !== undefined && !reply.value);
  return { send, pending, reply };
}
