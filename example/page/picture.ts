import { byID, refuse } from "../site/dom";
import { altProblem, pictureProblem } from "./limits";

/** What is sent of a picture. */
export interface Picture {
  readonly mime: string;
  readonly data: ArrayBuffer;
  readonly alt: string;
}

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
  #chosen: File | null = null;
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
      if (file !== undefined) this.choose(file);
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

  choose(file: File): void {
    const problem = pictureProblem(file.type, file.size);
    this.#report(problem);
    if (problem !== "") {
      this.#pick.focus();
      return;
    }
    this.close();
    this.#chosen = file;
    this.#url = URL.createObjectURL(file);
    this.#preview.src = this.#url;
    this.#facts.textContent = `${file.name}, ${size(file.size)}`;
    this.#form.hidden = false;
    this.#alt.focus();
  }

  close(): void {
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
    this.#closed();
  }

  async #submit(): Promise<void> {
    const file = this.#chosen;
    if (file === null || this.#sending) return;
    const alt = this.#alt.value.trim();
    const problem = altProblem(alt);
    refuse(this.#alt, this.#problem, problem);
    if (problem !== "") {
      this.#alt.focus();
      return;
    }
    this.#sending = true;
    try {
      const data = await file.arrayBuffer();
      const sent = await this.#send({ mime: file.type, data, alt });
      if (sent && this.#chosen === file) this.#cancel();
    } catch {
      this.#report("This file can no longer be read. Choose it again.");
    } finally {
      this.#sending = false;
    }
  }
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return `${Math.round(bytes / 1000).toLocaleString("en")} kB`;
}
