// SPDX-License-Identifier: Apache-2.0

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
import { RunHead } from "./run";
import { StickyEnd } from "./sticky";

const maxLines = 500; // of the log, all kinds together
const together = 5 * 60_000; // ms within which an author is named once

/** What the log remembers of one of its lines. */
interface Entry {
  readonly author: string; // with whom it was said to; "" for nobody's
  readonly at: number;
  readonly message?: Message;
}

/** The log of a room: what was said, newest last. */
export class LogView {
  readonly #log: HTMLElement;
  readonly #lines: HTMLElement;
  readonly #end: StickyEnd;
  readonly #roving: Roving;
  readonly #run: RunHead;
  readonly #isSelf: (memberID: string) => boolean;
  readonly #reply: (message: Message) => void;
  readonly #whisper: (member: Member) => void;
  readonly #entries = new Map<Element, Entry>(); // one for each line
  readonly #seen = new Set<string>(); // the keys of the messages among them

  constructor(options: {
    readonly log: HTMLElement;
    readonly lines: HTMLElement;
    readonly newest: HTMLButtonElement;
    readonly run: HTMLElement;
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
    this.#run = new RunHead(options.log, options.lines, options.run);
  }

  clear(): void {
    this.#lines.replaceChildren();
    this.#entries.clear();
    this.#seen.clear();
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

  /** Adds a message at its place, unless it is there already. */
  message(message: Message): void {
    const key = keyOf(message);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const line = this.#line(message.from, message.at);
    const item = messageLine(line, message, this.#quoted(message), () => {
      this.#reply(message);
    });
    const entry = { ...entryOf(message.from, message.at, ""), message };
    this.#insert(item, entry, this.#after(message), line.own);
  }

  whisperFrom(from: Member, text: string, at: string): void {
    const back = (): void => {
      this.#whisper(from);
    };
    const item = whisperLine(this.#line(from, at), null, text, back);
    this.#insert(item, entryOf(from, at, "from"), null, false);
  }

  whisperTo(self: Member, to: Member, text: string): void {
    const at = new Date().toISOString();
    const item = whisperLine(this.#line(self, at), to.name, text, null);
    this.#insert(item, entryOf(self, at, `to ${to.id}`), null, true);
  }

  picture(picture: ChatImagePosted): void {
    const line = this.#line(picture.from, picture.at);
    const entry = entryOf(picture.from, picture.at, "");
    this.#insert(pictureLine(line, picture), entry, null, line.own);
  }

  note(text: string): void {
    this.#insert(noteLine(text), { author: "", at: 0 }, null, false);
  }

  #line(from: Member, at: string): Line {
    return { author: from.name, at, own: this.#isSelf(from.id) };
  }

  #quoted(message: Message): Message | undefined {
    if (message.replyTo === undefined) return undefined;
    let quoted: Message | undefined;
    for (const { message: earlier } of this.#entries.values()) {
      if (earlier?.id === message.replyTo) quoted = earlier;
    }
    return quoted;
  }

  /** The first line of those that belong behind the message, or null. */
  #after(message: Message): Element | null {
    let first: Element | null = null;
    let line = this.#lines.lastElementChild;
    for (; line !== null; line = line.previousElementSibling) {
      const other = this.#entries.get(line)?.message;
      if (other === undefined) continue;
      if (!isLater(other, message)) break;
      first = line;
    }
    return first;
  }

  #insert(
    item: HTMLLIElement,
    entry: Entry,
    before: Element | null,
    own: boolean,
  ): void {
    this.#entries.set(item, entry);
    this.#lines.insertBefore(item, before);
    this.#continue(item);
    if (before !== null) this.#continue(before);
    keepLast(this.#lines, maxLines, (gone) => {
      const { message } = this.#entries.get(gone) ?? {};
      if (message) this.#seen.delete(keyOf(message));
      this.#entries.delete(gone);
    });
    if (this.#lines.firstElementChild) {
      this.#continue(this.#lines.firstElementChild);
    }
    this.#roving.refresh();
    if (before === null) this.#end.added(own);
    this.#run.refresh();
  }

  // A line's author is named unless the line before has the same one.
  #continue(item: Element): void {
    const { previousElementSibling: previous } = item;
    const now = this.#entries.get(item);
    const before = previous && this.#entries.get(previous);
    const continued =
      !!now &&
      !!before &&
      now.author !== "" &&
      now.author === before.author &&
      now.at - before.at < together;
    item.classList.toggle("continued", continued);
  }
}

function entryOf(from: Member, at: string, privately: string): Entry {
  return { author: `${from.id} ${privately}`, at: Date.parse(at) };
}

function keyOf({ id, at }: Message): string {
  return `${id} ${at}`;
}

// Ids count up, but from 1 again when the server has restarted: then the time,
// which goes on, tells which came first.
function isLater(a: Message, b: Message): boolean {
  const [then, now] = [Date.parse(a.at), Date.parse(b.at)];
  return then === now ? a.id > b.id : then > now;
}
