import type { ChatImagePosted, Member, Message } from "../../generated/ts/chat";
import { keepLast } from "../site/dom";
import {
  type Line,
  messageLine,
  noteLine,
  pictureLine,
  whisperLine,
} from "./message";
import { Roving } from "./roving";
import { StickyEnd } from "./sticky";

const maxLines = 500; // of the log, all kinds together
const together = 5 * 60_000; // ms within which an author is named once

/** The log of a room: what was said, newest last. */
export class LogView {
  readonly #log: HTMLElement;
  readonly #lines: HTMLElement;
  readonly #end: StickyEnd;
  readonly #roving: Roving;
  readonly #isSelf: (memberID: string) => boolean;
  readonly #reply: (message: Message) => void;
  readonly #whisper: (member: Member) => void;
  readonly #seen = new Map<string, Message>(); // by key, as many as lines show
  readonly #keys = new Map<Element, string>();
  #last: { readonly author: string; readonly at: number } | null = null;

  constructor(options: {
    readonly log: HTMLElement;
    readonly lines: HTMLElement;
    readonly newest: HTMLButtonElement;
    readonly isSelf: (memberID: string) => boolean;
    readonly reply: (message: Message) => void;
    readonly whisper: (member: Member) => void;
  }) {
    this.#log = options.log;
    this.#lines = options.lines;
    this.#isSelf = options.isSelf;
    this.#reply = options.reply;
    this.#whisper = options.whisper;
    this.#end = new StickyEnd(options.log, options.lines, options.newest);
    this.#roving = new Roving(options.lines);
  }

  clear(): void {
    this.#lines.replaceChildren();
    this.#seen.clear();
    this.#keys.clear();
    this.#last = null;
    this.#end.jump();
  }

  /** Adds what was said before we came; a screen reader does not read it out. */
  history(messages: readonly Message[]): void {
    this.#log.setAttribute("aria-live", "off");
    for (const message of messages) this.message(message);
    this.#end.jump();
    setTimeout(() => {
      this.#log.removeAttribute("aria-live");
    }, 200);
  }

  /** Adds a message, unless it is there already. */
  message(message: Message): void {
    const key = `${message.id} ${message.at}`;
    if (this.#seen.has(key)) return;
    const quoted = this.#quoted(message);
    const line = this.#line(message.from, message.at, "");
    const item = messageLine(line, message, quoted, () => {
      this.#reply(message);
    });
    this.#seen.set(key, message);
    this.#keys.set(item, key);
    this.#append(item, line.own);
  }

  whisperFrom(from: Member, text: string, at: string): void {
    const line = this.#line(from, at, "from");
    const back = (): void => {
      this.#whisper(from);
    };
    this.#append(whisperLine(line, null, text, back), false);
  }

  whisperTo(self: Member, to: Member, text: string): void {
    const line = this.#line(self, new Date().toISOString(), `to ${to.id}`);
    this.#append(whisperLine(line, to.name, text, null), true);
  }

  picture(picture: ChatImagePosted): void {
    const line = this.#line(picture.from, picture.at, "");
    this.#append(pictureLine(line, picture), line.own);
  }

  note(text: string): void {
    this.#last = null;
    this.#append(noteLine(text), false);
  }

  // The line's author is named unless the line before has the same one.
  #line(from: Member, at: string, privately: string): Line {
    const when = Date.parse(at);
    const author = `${from.id} ${privately}`;
    const before = this.#last;
    const continued =
      before !== null &&
      before.author === author &&
      when - before.at < together;
    this.#last = { author, at: when };
    return { author: from.name, at, own: this.#isSelf(from.id), continued };
  }

  #quoted(message: Message): Message | undefined {
    if (message.replyTo === undefined) return undefined;
    let quoted: Message | undefined;
    for (const earlier of this.#seen.values()) {
      if (earlier.id === message.replyTo) quoted = earlier;
    }
    return quoted;
  }

  #append(item: HTMLLIElement, own: boolean): void {
    this.#lines.append(item);
    keepLast(this.#lines, maxLines, (gone) => {
      const key = this.#keys.get(gone);
      if (key === undefined) return;
      this.#keys.delete(gone);
      this.#seen.delete(key);
    });
    this.#roving.refresh();
    this.#end.added(own);
  }
}
