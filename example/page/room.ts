// SPDX-License-Identifier: Apache-2.0

import { byID, refuse } from "../site/dom";
import { roomProblem } from "./limits";

/** The controls of the room we are in: go to another one, or leave. */
export class RoomControls {
  readonly #field = byID("room-next", HTMLInputElement);
  readonly #problem = byID("room-next-problem", HTMLElement);
  readonly #leave = byID("leave", HTMLButtonElement);
  #busy = false;

  constructor(options: {
    /** Goes to a room, and says why that failed; "" when it has not. */
    readonly move: (room: string) => Promise<string>;
    readonly leave: () => Promise<void>;
  }) {
    byID("room-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#alone(() => this.#move(options.move));
    });
    this.#leave.addEventListener("click", () => {
      void this.#alone(options.leave);
    });
  }

  clear(): void {
    this.#field.value = "";
    refuse(this.#field, this.#problem, "");
  }

  // Two at once would race for where we are.
  async #alone(act: () => Promise<void>): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await act();
    } finally {
      this.#busy = false;
    }
  }

  async #move(move: (room: string) => Promise<string>): Promise<void> {
    const room = this.#field.value.trim();
    const problem = roomProblem(room) || (await move(room));
    refuse(this.#field, this.#problem, problem);
    if (problem !== "") this.#field.focus();
  }
}
