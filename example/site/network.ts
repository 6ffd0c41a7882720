// SPDX-License-Identifier: Apache-2.0

/** What reconnectWhenOnline needs of a socket. */
export interface Reconnecting {
  readonly active: boolean;
  readonly connected: boolean;
  connect(): unknown;
  disconnect(): unknown;
}

/**
 * Connects at once when the browser has a network again, rather than at the next
 * attempt, which may be seconds away. It returns a function that ends this.
 */
export function reconnectWhenOnline(
  sockets: () => readonly Reconnecting[],
): () => void {
  const connect = (): void => {
    const waiting = sockets().filter(
      (socket) => socket.active && !socket.connected,
    );
    // The pause ends when the last socket of a connection has given up.
    for (const socket of waiting) socket.disconnect();
    for (const socket of waiting) socket.connect();
  };
  addEventListener("online", connect);
  return () => {
    removeEventListener("online", connect);
  };
}
