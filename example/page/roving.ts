// SPDX-License-Identifier: Apache-2.0

/**
 * Makes one Tab stop of many buttons in a list: Tab reaches the newest, and the
 * arrow keys, Home and End go from one to the next.
 */
export class Roving {
  readonly #list: HTMLElement;
  #stop: HTMLButtonElement | null = null; // the one that Tab reaches

  constructor(list: HTMLElement) {
    this.#list = list;
    list.addEventListener("keydown", (event) => {
      this.#key(event);
    });
  }

  /** Call after the list has changed. */
  refresh(): void {
    if (this.#stop !== null && this.#stop === document.activeElement) return;
    this.#set(this.#list.lastElementChild?.querySelector(".act") ?? null);
    if (this.#stop?.isConnected === true) return;
    this.#set(this.#buttons().at(-1) ?? null);
  }

  #key(event: KeyboardEvent): void {
    const buttons = this.#buttons();
    const at = buttons.findIndex((button) => button === event.target);
    if (at < 0) return;
    const steps: Record<string, number> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      Home: 0,
      End: buttons.length - 1,
    };
    const next = buttons[steps[event.key] ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    this.#set(next);
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  #set(button: Element | null): void {
    if (!(button instanceof HTMLButtonElement)) return;
    if (this.#stop !== null) this.#stop.tabIndex = -1;
    button.tabIndex = 0;
    this.#stop = button;
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.#list.querySelectorAll<HTMLButtonElement>("button.act")];
  }
}
