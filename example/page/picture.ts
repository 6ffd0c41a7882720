// SPDX-License-Identifier: Apache-2.0

import { byID, refuse } from "../site/dom";
import { altProblem, typeProblem } from "./limits";
import { fit, type Sendable } from "./scale";

/** What is sent of a picture. */
export interface Picture {
  readonly mime: string;
  readonly data: ArrayBuffer;
  readonly alt: string;
}

const unreadable = "This file cannot be read as a picture. Choose another.";

/** The tray in which a chosen picture waits for its description. */
export class PictureTray {
  readonly #form = byID("picture", HTMLFormElement);
  readonly #file = byID("picture-file", HTMLInputElement);
  readonly #pick = byID("picture-pick", HTMLButtonElement);
  readonly #preview = byID("picture-preview", HTMLImageElement);
  readonly #facts = byID("picture-facts", HTMLElement);
  readonly #alt = byID("picture-alt", HTMLInputElement);
  readonly #problem = byID("picture-problem", HTMLElement);
  readonly #send: (picture: Picture) => Promise<boolean>;
  readonly #report: (problem: string) => void;
  readonly #closed: () => void;
  #chosen: Sendable | null = null;
  #turn = 0; // counts choices: a newer one wins over one that is still read
  #url = ""; // of the preview
  #sending = false;

  constructor(options: {
    /** Sends, and says whether it worked. */
    readonly send: (picture: Picture) => Promise<boolean>;
    /** Says why a file cannot be sent; "" takes it back. */
    readonly report: (problem: string) => void;
    /** The tray was closed by the user, who needs another place to be. */
    readonly closed: () => void;
  }) {
    this.#send = options.send;
    this.#report = options.report;
    this.#closed = options.closed;
    this.#pick.addEventListener("click", () => {
      this.#file.click();
    });
    this.#file.addEventListener("change", () => {
      const file = this.#file.files?.[0];
      if (file !== undefined) void this.choose(file);
      this.#file.value = ""; // so that the same file can be chosen again
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#cancel();
    });
    byID("picture-cancel", HTMLButtonElement).addEventListener("click", () => {
      this.#cancel();
    });
  }

  /** Whether a picture can be chosen at all. */
  set available(available: boolean) {
    this.#pick.hidden = !available;
    if (!available) this.close();
  }

  async choose(file: File): Promise<void> {
    this.close();
    const turn = this.#turn;
    let problem =
      file.size === 0 ? "This file is empty." : typeProblem(file.type);
    const picture = problem === "" ? await fit(file).catch(() => null) : null;
    if (turn !== this.#turn) return;
    if (picture === null) problem ||= unreadable;
    this.#report(problem);
    if (picture === null) {
      this.#pick.focus();
      return;
    }
    this.#chosen = picture;
    const blob = new Blob([picture.data], { type: picture.mime });
    this.#url = URL.createObjectURL(blob);
    this.#preview.src = this.#url;
    const became = picture.scaled
      ? `, scaled down to ${size(picture.data.byteLength)}`
      : "";
    this.#facts.textContent = `${file.name}, ${size(file.size)}${became}`;
    this.#form.hidden = false;
    this.#alt.focus();
  }

  close(): void {
    this.#turn++;
    this.#form.hidden = true;
    this.#chosen = null;
    this.#preview.removeAttribute("src");
    if (this.#url !== "") URL.revokeObjectURL(this.#url);
    this.#url = "";
    this.#alt.value = "";
    refuse(this.#alt, this.#problem, "");
  }

  #cancel(): void {
    this.close();
    this.#report("");
    this.#closed();
  }

  async #submit(): Promise<void> {
    const picture = this.#chosen;
    if (picture === null || this.#sending) return;
    const alt = this.#alt.value.trim();
    const problem = altProblem(alt);
    refuse(this.#alt, this.#problem, problem);
    if (problem !== "") {
      this.#alt.focus();
      return;
    }
    this.#sending = true;
    try {
      const { mime, data } = picture;
      const sent = await this.#send({ mime, data, alt });
      if (sent && this.#chosen === picture) this.#cancel();
    } finally {
      this.#sending = false;
    }
  }
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return `${Math.round(bytes / 1000).toLocaleString("en")} kB`;
}
