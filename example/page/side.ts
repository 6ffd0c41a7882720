// SPDX-License-Identifier: Apache-2.0

import { byID } from "../site/dom";

/** On narrow screens the side is a panel that a button opens and Escape closes. */
export class SidePanel {
  readonly #side = byID("side", HTMLElement);
  readonly #toggle = byID("side-toggle", HTMLButtonElement);

  constructor() {
    this.#toggle.addEventListener("click", () => {
      this.#set(this.#side.dataset["open"] === undefined);
    });
    this.#side.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#side.dataset["open"] === undefined) {
        return;
      }
      this.close();
      this.#toggle.focus();
    });
  }

  set members(count: number) {
    this.#toggle.textContent = count === 1 ? "1 member" : `${count} members`;
  }

  close(): void {
    this.#set(false);
  }

  #set(open: boolean): void {
    if (open) this.#side.dataset["open"] = "";
    else delete this.#side.dataset["open"];
    this.#toggle.setAttribute("aria-expanded", String(open));
  }
}
