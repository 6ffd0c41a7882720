// SPDX-License-Identifier: Apache-2.0

const near = 48; // px from the end that still count as being there

/**
 * Keeps a scrolling box at its end while the reader is there, and offers the
 * way back when something new arrives meanwhile.
 */
export class StickyEnd {
  readonly #box: HTMLElement;
  readonly #newest: HTMLButtonElement;
  #atEnd = true;
  #top = 0; // where the last scroll event found the box
  #due = false; // whether the next frame scrolls

  constructor(
    box: HTMLElement,
    content: HTMLElement,
    newest: HTMLButtonElement,
  ) {
    this.#box = box;
    this.#newest = newest;
    box.addEventListener("scroll", () => {
      this.#scrolled();
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
    this.#set(true);
    this.#scroll();
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    // Growth alone also takes the end away: only a move upwards leaves it.
    if (scrollHeight - scrollTop - clientHeight < near) this.#set(true);
    else if (scrollTop < this.#top) this.#set(false);
    this.#top = scrollTop;
  }

  #set(atEnd: boolean): void {
    this.#atEnd = atEnd;
    if (atEnd) this.#newest.hidden = true;
    // While the reader is elsewhere, the browser keeps what is read in place.
    this.#box.classList.toggle("at-end", atEnd);
  }

  // Once for each frame: every scroll makes the browser lay out the page.
  #scroll(): void {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      if (this.#atEnd) this.#box.scrollTop = this.#box.scrollHeight;
    });
  }
}
