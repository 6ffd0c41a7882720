// SPDX-License-Identifier: Apache-2.0

import {
  type ChatRoomJoinAck,
  type ChatSocket,
  connectChat,
  type Member,
  on,
  request,
} from "../../generated/ts/chat";
import { reconnectWhenOnline } from "../site/network";
import { secret } from "../site/secret";
import type { Failure } from "./failures";

/** What the connection is doing. */
export type State =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "connected"; readonly transport: string }
  | { readonly kind: "offline"; readonly retrying: boolean };

/** What a Session tells the page about. */
export interface SessionListeners {
  state(state: State): void;
  /** The server let us into the room; again after a reconnect. */
  joined(room: string, entered: ChatRoomJoinAck, again: boolean): void;
  /** The server will not have us under this name or in this room. */
  refused(failure: Failure): void;
}

/**
 * How many events of a room are kept while the answer to joining it is due: as
 * many as the log shows.
 */
const maxEarly = 500;

/**
 * A Session is this page's presence in the chat: one socket, one name and one
 * room. It joins the room again whenever the socket has reconnected.
 */
export class Session {
  readonly socket: ChatSocket;
  readonly #listeners: SessionListeners;
  readonly #key = secret(); // lets our next connection take over our name
  #id = ""; // the member that we are, the same after a reconnect
  #name = "";
  #room = ""; // the room that we want to be in; "" for none
  #entered = false; // whether the server has let us into it, ever
  #present = false; // whether we are in it now
  #early: { readonly room: string; readonly deliver: () => void }[] = [];

  /** Dial makes the socket; tests have one in memory. */
  constructor(
    url: string,
    listeners: SessionListeners,
    dial: typeof connectChat = connectChat,
  ) {
    this.#listeners = listeners;
    this.socket = dial(url, {
      autoConnect: false,
      auth: () => ({ name: this.#name, key: this.#key }),
    });
    this.#follow();
  }

  get room(): string {
    return this.#room;
  }

  /** Whether we are connected and in the room. */
  get present(): boolean {
    return this.#present && this.socket.connected;
  }

  /** This page, as the others see it. */
  get self(): Member {
    return { id: this.#id, name: this.#name };
  }

  /** Whether a member is this page. */
  isSelf(memberID: string): boolean {
    return memberID === this.#id;
  }

  /**
   * Delivers an event of a room we are in. One that overtook the answer to our
   * joining waits for it: what the answer holds came before.
   */
  inRoom(room: string, deliver: () => void): void {
    if (this.#present && room === this.#room) {
      deliver();
      return;
    }
    this.#early.push({ room, deliver });
    if (this.#early.length > maxEarly) this.#early.shift();
  }

  /** Connects under a name and joins a room; a listener hears the outcome. */
  enter(name: string, room: string): void {
    this.socket.disconnect();
    this.#name = name;
    this.#room = room;
    this.#entered = false;
    this.#id = "";
    this.#early = [];
    this.#open();
  }

  /** Connects again after the server ended the connection. */
  connectAgain(): void {
    if (!this.socket.active) this.#open();
  }

  /**
   * Goes to another room. The old one is left only once the new one has let us
   * in, so that a refusal changes nothing.
   */
  async move(room: string): Promise<Failure | null> {
    const old = this.#room;
    const socketID = this.socket.id;
    const reply = await request(this.socket, "room:join", { room });
    if (!reply.ok) return reply.error;
    if (socketID !== this.socket.id || this.#room !== old) {
      return { code: "disconnected", message: "the connection was lost" };
    }
    this.#room = room;
    this.#settle(reply.value, false);
    if (old !== room) {
      await request(this.socket, "room:leave", { room: old });
    }
    return null;
  }

  /** Leaves the room and the chat. */
  async leave(): Promise<void> {
    const room = this.#room;
    this.#room = "";
    this.#entered = false;
    if (this.present) {
      await request(this.socket, "room:leave", { room }, { timeout: 2000 });
    }
    this.#end();
  }

  #open(): void {
    this.#listeners.state({ kind: "connecting" });
    this.socket.connect();
  }

  #end(): void {
    this.#present = false;
    this.socket.disconnect();
    this.#listeners.state({ kind: "idle" });
  }

  #follow(): void {
    const { socket } = this;
    on(socket, "connect", () => {
      this.#showTransport();
      void this.#join();
    });
    on(socket, "connect_error", ({ data }) => {
      // Without data the server was not reached at all.
      if (data === undefined) this.#showOffline();
      else this.#refuse(data);
    });
    on(socket, "disconnect", () => {
      this.#present = false;
      if (this.#room !== "") this.#showOffline();
    });
    socket.io.on("reconnect_attempt", () => {
      if (this.#room !== "") this.#listeners.state({ kind: "connecting" });
    });
    reconnectWhenOnline(() => [socket]);
  }

  async #join(): Promise<void> {
    const room = this.#room;
    const socketID = this.socket.id;
    const again = this.#entered;
    const payload = again ? { room, history: 100 } : { room };
    const reply = await request(this.socket, "room:join", payload);
    // Meanwhile the user may have left, or the connection been lost: then the
    // next connect event joins.
    if (room !== this.#room || socketID !== this.socket.id) return;
    if (reply.ok) {
      this.#entered = true;
      this.#present = true;
      this.#settle(reply.value, again);
    } else if (reply.error.code === "timeout" && again) {
      void this.#join();
    } else if (reply.error.code !== "disconnected") {
      this.#refuse(reply.error);
    }
  }

  #settle(entered: ChatRoomJoinAck, again: boolean): void {
    // No two members have the same name at a time.
    const self = entered.members.find(({ name }) => name === this.#name);
    this.#id = self?.id ?? "";
    const early = this.#early;
    this.#early = [];
    this.#listeners.joined(this.#room, entered, again);
    for (const { room, deliver } of early) {
      if (room === this.#room) deliver();
    }
  }

  #refuse(failure: Failure): void {
    this.#room = "";
    this.#entered = false;
    this.#end();
    this.#listeners.refused(failure);
  }

  #showOffline(): void {
    this.#listeners.state({ kind: "offline", retrying: this.socket.active });
  }

  #showTransport(): void {
    const { engine } = this.socket.io;
    const show = (): void => {
      // An upgrade may still complete after we have left.
      if (!this.socket.connected || engine !== this.socket.io.engine) return;
      this.#listeners.state({
        kind: "connected",
        transport: engine.transport.name,
      });
    };
    show();
    engine.once("upgrade", show);
  }
}
