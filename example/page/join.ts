// SPDX-License-Identifier: Apache-2.0

import { byID, refuse } from "../site/dom";
import { issueAt } from "../site/failures";
import { pick } from "../site/pick";
import { explain, type Failure } from "./failures";
import { nameProblem, roomProblem } from "./limits";

const firsts = "Amber Brisk Calm Dapper Early Fond Jolly Keen".split(" ");
const seconds = "Badger Crane Finch Heron Lynx Otter Robin Vole".split(" ");

/** The form by which one comes in. */
export class JoinView {
  readonly #name = byID("name", HTMLInputElement);
  readonly #room = byID("room", HTMLInputElement);
  readonly #nameProblem = byID("name-problem", HTMLElement);
  readonly #roomProblem = byID("room-problem", HTMLElement);
  readonly #problem = byID("join-problem", HTMLElement);
  readonly #button = byID("join-submit", HTMLButtonElement);
  #waiting = false;

  constructor(enter: (name: string, room: string) => void) {
    byID("join-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#waiting || !this.#valid()) return;
      this.waiting = true;
      enter(this.#name.value.trim(), this.#room.value.trim());
    });
  }

  /** Puts what the page's address asks for into the fields, or else something. */
  prefill(query: URLSearchParams): void {
    const some = `${pick(firsts)} ${pick(seconds)}`;
    this.#name.value = query.get("name") ?? some;
    this.#room.value = query.get("room") ?? "lobby";
  }

  set waiting(waiting: boolean) {
    this.#waiting = waiting;
    // Not disabled, which would take the focus away.
    this.#button.setAttribute("aria-disabled", String(waiting));
    this.#button.textContent = waiting ? "Joining…" : "Join";
  }

  /** Moves the focus to where one begins. */
  focus(): void {
    this.#name.focus();
    this.#name.select();
  }

  set room(room: string) {
    this.#room.value = room;
  }

  /** A problem that is no field's fault, or "" when it has passed. */
  set problem(text: string) {
    this.#problem.textContent = text;
  }

  /** Shows the server's refusal at the field that it is about. */
  refused(failure: Failure): void {
    this.waiting = false;
    const name =
      failure.code === "name_taken"
        ? explain(failure)
        : issueAt(failure, "name", "A name");
    const room = issueAt(failure, "room", "A room's name");
    this.problem = name === "" && room === "" ? explain(failure) : "";
    this.#show(name, room);
    if (name === "" && room === "") this.#button.focus();
  }

  #valid(): boolean {
    const name = nameProblem(this.#name.value.trim());
    const room = roomProblem(this.#room.value.trim());
    this.problem = "";
    this.#show(name, room);
    return name === "" && room === "";
  }

  #show(name: string, room: string): void {
    refuse(this.#name, this.#nameProblem, name);
    refuse(this.#room, this.#roomProblem, room);
    if (name !== "") this.focus();
    else if (room !== "") this.#room.focus();
  }
}
