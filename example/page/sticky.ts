const near = 48; // px from the end that still count as being there

/**
 * Keeps a scrolling box at its end while the reader is there, and offers the
 * way back when something new arrives meanwhile.
 */
export class StickyEnd {
  readonly #box: HTMLElement;
  readonly #newest: HTMLButtonElement;
  #atEnd = true;

  constructor(
    box: HTMLElement,
    content: HTMLElement,
    newest: HTMLButtonElement,
  ) {
    this.#box = box;
    this.#newest = newest;
    box.addEventListener("scroll", () => {
      const left = box.scrollHeight - box.scrollTop - box.clientHeight;
      this.#atEnd = left < near;
      if (this.#atEnd) newest.hidden = true;
    });
    newest.addEventListener("click", () => {
      this.jump();
      box.focus();
    });
    // A picture that has loaded, or a keyboard that has opened, changes the
    // height without a scroll event.
    const observer = new ResizeObserver(() => {
      if (this.#atEnd) this.#scroll();
    });
    observer.observe(content);
    observer.observe(box);
  }

  /** Something was appended; what the reader has written is always shown. */
  added(own: boolean): void {
    if (own || this.#atEnd) this.jump();
    else this.#newest.hidden = false;
  }

  jump(): void {
    this.#atEnd = true;
    this.#newest.hidden = true;
    this.#scroll();
  }

  #scroll(): void {
    this.#box.scrollTop = this.#box.scrollHeight;
  }
}
