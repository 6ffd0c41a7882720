// SPDX-License-Identifier: Apache-2.0

import { byID, make } from "../site/dom";
import type { State } from "./session";

/** Shows what the connection is doing, and says so when it is lost or back. */
export class ConnectionView {
  readonly #chip = byID("connection", HTMLElement);
  readonly #text = byID("connection-text", HTMLElement);
  readonly #banner = byID("offline", HTMLElement);
  readonly #why = byID("offline-why", HTMLElement);
  readonly #again = byID("connect-again", HTMLButtonElement);
  readonly #say: (text: string) => void;
  #lost = false;

  constructor(say: (text: string) => void, connectAgain: () => void) {
    this.#say = say;
    this.#again.addEventListener("click", connectAgain);
  }

  show(state: State): void {
    this.#chip.dataset["state"] = state.kind;
    const [what, how] = describe(state);
    this.#text.replaceChildren(make("span", "", what));
    if (how !== "") {
      const dot = make("span", "separator", " · ");
      this.#text.append(dot, make("span", "", how));
    }
    const over = state.kind === "offline" && !state.retrying;
    this.#again.hidden = !over;
    // Every attempt would be too much to hear: the loss and the return are said.
    if (state.kind === "offline" && !this.#lost) {
      this.#lost = true;
      this.#say("Offline.");
    } else if (state.kind === "connected" && this.#lost) {
      this.#lost = false;
      this.#say("Connected again.");
    } else if (state.kind === "idle") {
      this.#lost = false;
    }
    this.#banner.hidden = !this.#lost;
    this.#why.textContent = over
      ? "You are offline: another page of yours, or the server, has ended the connection."
      : "You are offline. What others say appears when the connection is back.";
  }
}

function describe(state: State): [what: string, how: string] {
  switch (state.kind) {
    case "idle":
      return ["Not connected", ""];
    case "connecting":
      return ["Connecting…", ""];
    case "connected":
      return ["Connected", state.transport];
    case "offline":
      return ["Offline", state.retrying ? "trying again" : ""];
  }
}
