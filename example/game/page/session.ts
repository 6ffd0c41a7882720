// SPDX-License-Identifier: Apache-2.0

import {
  type CommonFailure,
  connect,
  type ConnectFailure,
  type Floor,
  type JoinError,
  MatchID,
  on,
  request,
  type Socket,
} from "../../../generated/ts/game";

import { reconnectWhenOnline } from "../../site/network";
import { secret } from "../../site/secret";

/** Why a match may not have us. */
export type Failure = ConnectFailure | JoinError | CommonFailure;

const measureEvery = 2000; // ms

export type State = "idle" | "connecting" | "connected" | "offline";

/** What a Session tells the page about. */
export interface SessionListeners {
  state(state: State): void;
  /** How long an event and its ack take, in ms. */
  roundTrip(ms: number): void;
  /** A new socket, for which the page listens before anything arrives. */
  opened(socket: Socket): void;
  /** We are in the match, on a seat, or, where it is 0, looking on. */
  entered(seat: number, floor: Floor, again: boolean): void;
  /** The match will not have us. */
  refused(failure: Failure): void;
  /** The server has ended the connection for good. */
  ended(): void;
}

/**
 * A Session is this page's presence in one match. It takes its seat again
 * whenever the socket has reconnected.
 */
export class Session {
  readonly #listeners: SessionListeners;
  readonly #key = secret(); // brings us back to our seat
  #socket: Socket | null = null;
  #seated = false;
  #entered = false; // whether the match has let us in, ever

  constructor(listeners: SessionListeners) {
    this.#listeners = listeners;
    reconnectWhenOnline(() => (this.#socket === null ? [] : [this.#socket]));
    setInterval(() => void this.#measure(), measureEvery);
  }

  /** The socket, while we have a seat. */
  get socket(): Socket | null {
    return this.#seated && this.#socket?.connected ? this.#socket : null;
  }

  /** Leaves the match that we are in, and enters another. */
  enter(match: string, name: string): void {
    this.leave();
    this.#listeners.state("connecting");
    const socket = connect(
      location.origin,
      { match: MatchID(match) },
      { auth: { name, key: this.#key }, forceNew: true, autoConnect: false },
    );
    this.#socket = socket;
    this.#entered = false;
    on(socket, "connect", () => void this.#join(socket));
    on(socket, "connect_error", (error) => {
      if (socket.active) this.#listeners.state("offline");
      else this.#refuse(error.data ?? unknown(error.message));
    });
    on(socket, "disconnect", () => {
      this.#seated = false;
      if (socket !== this.#socket) return;
      this.#listeners.state("offline");
      if (!socket.active) this.#listeners.ended();
    });
    this.#listeners.opened(socket);
    socket.connect();
  }

  leave(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#seated = false;
    socket?.disconnect();
    this.#listeners.state("idle");
  }

  /** Asks for a seat once more, as an onlooker. */
  async seat(): Promise<void> {
    if (this.#socket?.connected) await this.#join(this.#socket);
  }

  async #join(socket: Socket): Promise<void> {
    const id = socket.id;
    const stale = (): boolean => socket !== this.#socket || id !== socket.id;
    this.#listeners.state("connected");
    void this.#measure();
    const joined = await request(socket, "join");
    if (stale()) return;
    if (joined.ok) {
      this.#enter(joined.value.seat, joined.value.floor);
      return;
    }
    if (joined.error.code === "disconnected") return; // the next connect joins
    if (joined.error.code !== "match_full") {
      this.#refuse(joined.error);
      return;
    }
    const watched = await request(socket, "watch");
    if (stale()) return;
    if (watched.ok) this.#enter(0, watched.value);
    else if (watched.error.code !== "disconnected") this.#refuse(watched.error);
  }

  async #measure(): Promise<void> {
    const socket = this.#socket;
    if (!socket?.connected) return;
    const from = performance.now();
    const { ok } = await request(socket, "measure");
    if (!ok || socket !== this.#socket) return;
    this.#listeners.roundTrip(performance.now() - from);
  }

  #enter(seat: number, floor: Floor): void {
    const again = this.#entered;
    this.#entered = true;
    this.#seated = seat > 0;
    this.#listeners.entered(seat, floor, again);
  }

  #refuse(failure: Failure): void {
    this.leave();
    this.#listeners.refused(failure);
  }
}

// A namespace that is none is refused by the protocol, without a code.
function unknown(message: string): Failure {
  return { code: "unknown_event", message };
}
