import { byID, refuse } from "../site/dom";
import { explain, type Failure, issueAt } from "./failures";
import { roomProblem } from "./limits";

/** The controls of the room we are in: go to another one, or leave. */
export class RoomControls {
  readonly #field = byID("room-next", HTMLInputElement);
  readonly #problem = byID("room-next-problem", HTMLElement);
  readonly #leave = byID("leave", HTMLButtonElement);
  #busy = false;

  constructor(options: {
    /** Goes to a room, and says why that failed. */
    readonly move: (room: string) => Promise<Failure | null>;
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

  async #move(move: (room: string) => Promise<Failure | null>): Promise<void> {
    const room = this.#field.value.trim();
    let problem = roomProblem(room);
    if (problem === "") {
      const failure = await move(room);
      if (failure !== null)
        problem = issueAt(failure, "room") || explain(failure);
    }
    refuse(this.#field, this.#problem, problem);
    if (problem !== "") this.#field.focus();
  }
}
