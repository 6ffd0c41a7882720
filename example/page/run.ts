// SPDX-License-Identifier: Apache-2.0

import { make, written } from "../site/dom";

/**
 * Shows above the log who is speaking, and when, where the topmost line that one
 * sees does not say so itself because its author has said a lot.
 */
export class RunHead {
  readonly #log: HTMLElement;
  readonly #lines: HTMLElement;
  readonly #head: HTMLElement;
  #due = false; // whether the next frame looks

  constructor(log: HTMLElement, lines: HTMLElement, head: HTMLElement) {
    this.#log = log;
    this.#lines = lines;
    this.#head = head;
    log.addEventListener("scroll", () => {
      this.refresh();
    });
    const observer = new ResizeObserver(() => {
      this.refresh();
    });
    observer.observe(log);
    observer.observe(lines);
  }

  /** Call after a change: the next frame looks once, however many there were. */
  refresh(): void {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#look();
    });
  }

  #look(): void {
    const line = this.#topmost();
    const head = line?.querySelector(".head");
    const { top } = this.#log.getBoundingClientRect();
    const shown =
      !!head &&
      (line?.classList.contains("continued") === true ||
        head.getBoundingClientRect().bottom < top + 4);
    this.#head.hidden = !shown;
    if (!shown) return;
    const author = line?.querySelector(".author")?.textContent ?? "";
    const time = line?.querySelector("time")?.textContent ?? "";
    this.#head.replaceChildren(
      written("b", "", author),
      make("span", "", time),
    );
  }

  /** The first line of which something can be seen: they lie one below the other. */
  #topmost(): Element | null {
    const { top } = this.#log.getBoundingClientRect();
    const { children } = this.#lines;
    let [low, high] = [0, children.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const box = children[middle]?.getBoundingClientRect();
      if (box && box.bottom > top + 1) high = middle;
      else low = middle + 1;
    }
    return children[low] ?? null;
  }
}
