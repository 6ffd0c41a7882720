// SPDX-License-Identifier: Apache-2.0

import { byID } from "../site/dom";

/** Which of the two views is there, and what they have in common. */
export class Views {
  readonly #join = byID("join", HTMLElement);
  readonly #chat = byID("chat", HTMLElement);
  readonly #skip = byID("skip", HTMLElement);
  readonly #title = byID("room-title", HTMLElement);
  readonly #status = byID("status", HTMLElement);
  readonly #problem = byID("problem", HTMLElement);
  readonly #told = byID("told", HTMLElement);
  readonly #leave = byID("leave", HTMLElement);
  #unread = 0;
  #room = "";

  constructor() {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.#unread = 0;
      this.#entitle();
    });
  }

  get inChat(): boolean {
    return !this.#chat.hidden;
  }

  set room(room: string) {
    this.#room = room;
    this.#title.textContent = `#${room}`;
    this.#leave.textContent = `Leave #${room}`;
    this.#entitle();
  }

  /** What went wrong last, in the chat; "" when nothing is. */
  get problem(): string {
    return this.#problem.textContent ?? "";
  }

  set problem(text: string) {
    this.#problem.textContent = text;
  }

  /** Shows what has come of something, politely; "" takes it away. */
  set told(text: string) {
    this.#told.textContent = text;
  }

  /** Says something to a screen reader, politely. */
  say(text: string): void {
    this.#status.textContent = text;
  }

  /** Counts what arrives while nobody looks in the page's title. */
  unread(): void {
    if (!document.hidden) return;
    this.#unread++;
    this.#entitle();
  }

  showChat(): void {
    this.#show(true);
  }

  showJoin(): void {
    this.#room = "";
    this.#show(false);
  }

  #show(chat: boolean): void {
    this.#chat.hidden = !chat;
    this.#skip.hidden = !chat;
    this.#join.hidden = chat;
    document.body.dataset["view"] = chat ? "chat" : "join";
    this.#entitle();
  }

  #entitle(): void {
    const count = this.#unread === 0 ? "" : `(${this.#unread}) `;
    const room = this.#room === "" ? "" : `#${this.#room} – `;
    document.title = `${count}${room}sockgen chat`;
  }
}
