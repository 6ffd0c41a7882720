// SPDX-License-Identifier: Apache-2.0

import type { Member, Message } from "../../generated/ts/chat";
import { byID } from "../site/dom";
import { excerpt } from "./message";

/** What a text that is sent relates to. */
export type Context =
  | { readonly kind: "room" }
  | { readonly kind: "reply"; readonly to: Message }
  | { readonly kind: "whisper"; readonly to: Member };

/** What a Composer needs of the page. */
export interface ComposerListeners {
  /** Sends, and says whether it worked; a text that was not sent comes back. */
  send(text: string, context: Context): Promise<boolean>;
  /** The text has changed; whether the room may know. */
  typed(empty: boolean, context: Context): void;
  context(context: Context): void;
  /** A picture was pasted. */
  picture(file: File): void;
}

const room: Context = { kind: "room" };

/** The field that messages, replies and whispers are written in. */
export class Composer {
  readonly #listeners: ComposerListeners;
  readonly #field = byID("text", HTMLTextAreaElement);
  readonly #fieldLabel = byID("text-label", HTMLLabelElement);
  readonly #chip = byID("context", HTMLElement);
  readonly #chipText = byID("context-text", HTMLElement);
  readonly #form = byID("composer", HTMLFormElement);
  #context = room;

  constructor(listeners: ComposerListeners) {
    this.#listeners = listeners;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#field.addEventListener("keydown", (event) => {
      // An Enter that ends the composition of a character is not ours.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void this.#send();
    });
    this.#form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#context.kind === "room") return;
      event.preventDefault();
      this.cancel();
    });
    this.#field.addEventListener("input", () => {
      listeners.typed(this.#field.value.trim() === "", this.#context);
    });
    this.#field.addEventListener("paste", (event) => {
      const file = event.clipboardData?.files[0];
      if (file === undefined || this.#context.kind === "whisper") return;
      event.preventDefault();
      listeners.picture(file);
    });
    byID("context-cancel", HTMLButtonElement).addEventListener("click", () => {
      this.cancel();
    });
  }

  focus(): void {
    this.#field.focus();
  }

  clear(): void {
    this.#field.value = "";
    this.#set(room);
  }

  reply(to: Message): void {
    this.#set({ kind: "reply", to });
    this.focus();
  }

  whisper(to: Member): void {
    this.#set({ kind: "whisper", to });
    this.focus();
  }

  /** Back to writing to the room. */
  cancel(): void {
    this.#set(room);
    this.focus();
  }

  #set(context: Context): void {
    this.#context = context;
    this.#chip.hidden = context.kind === "room";
    this.#form.dataset["context"] = context.kind;
    switch (context.kind) {
      case "room":
        this.#chipText.textContent = "";
        this.#fieldLabel.textContent = "Message";
        this.#field.placeholder = "Write a message";
        break;
      case "reply":
        this.#chipText.textContent = `Replying to ${context.to.from.name}: ${excerpt(context.to.text)}`;
        this.#fieldLabel.textContent = "Reply";
        this.#field.placeholder = "Write a reply";
        break;
      case "whisper":
        this.#chipText.textContent = `Only ${context.to.name} will see what you write`;
        this.#fieldLabel.textContent = `Whisper to ${context.to.name}`;
        this.#field.placeholder = `Whisper to ${context.to.name}`;
        break;
    }
    this.#listeners.context(context);
  }

  async #send(): Promise<void> {
    const text = this.#field.value.trim();
    const context = this.#context;
    if (text === "") return;
    // The field is free at once for what comes next. A whisper goes on until
    // it is cancelled: what is meant for one must not slip out to all.
    this.#field.value = "";
    if (context.kind === "reply") this.#set(room);
    this.focus();
    if (await this.#listeners.send(text, context)) return;
    if (this.#context.kind === "room" && context.kind === "reply") {
      this.#set(context);
    }
    const since = this.#field.value;
    this.#field.value = since === "" ? text : `${text}\n${since}`;
  }
}
