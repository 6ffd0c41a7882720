// SPDX-License-Identifier: Apache-2.0

// How one line of the log looks.

import type { ChatImagePosted, Message } from "../../generated/ts/chat";
import { make, makeButton, written } from "../site/dom";
import { linked } from "../site/text";
import { typeProblem } from "./limits";
import { portrait } from "./portrait";

/** What a line of the log needs to know besides its content. */
export interface Line {
  readonly author: string;
  readonly at: string; // RFC 3339
  readonly own: boolean;
}

/** A message of the room, with what it answers quoted above it. */
export function messageLine(
  line: Line,
  message: Message,
  quoted: Message | undefined,
  reply: () => void,
): HTMLLIElement {
  const parts: HTMLElement[] = [];
  if (message.replyTo !== undefined) parts.push(quote(quoted));
  parts.push(said(message.text));
  const label = `Reply to ${line.author}: ${excerpt(message.text)}`;
  return lineElement("message", line, "", parts, act("Reply", label, reply));
}

/** Something said to one member alone; back is null for what we said. */
export function whisperLine(
  line: Line,
  to: string | null,
  text: string,
  back: (() => void) | null,
): HTMLLIElement {
  const how = to === null ? "whispers to you" : `whisper to ${to}`;
  const parts = [said(text)];
  const label = `Whisper back to ${line.author}`;
  const button = back === null ? null : act("Whisper back", label, back);
  return lineElement("message whisper", line, how, parts, button);
}

/** A picture, from the bytes that arrived. */
export function pictureLine(
  line: Line,
  picture: ChatImagePosted,
): HTMLLIElement {
  const parts: HTMLElement[] = [pictureElement(picture)];
  if (picture.alt !== "") parts.push(written("p", "caption", picture.alt));
  return lineElement("message picture", line, "", parts, null);
}

/** Something that nobody said: who came and went. */
export function noteLine(text: string): HTMLLIElement {
  return make("li", "note", text);
}

/** The beginning of a text, on one line. */
export function excerpt(text: string): string {
  const characters = [...text.replace(/\s+/g, " ").trim()];
  if (characters.length <= 80) return characters.join("");
  return `${characters.slice(0, 79).join("")}…`;
}

function lineElement(
  className: string,
  line: Line,
  how: string,
  parts: readonly HTMLElement[],
  button: HTMLButtonElement | null,
): HTMLLIElement {
  const author = written("span", "author", line.own ? "You" : line.author);
  const head = make("p", "head", author, " ");
  if (how !== "") head.append(make("span", "how", how), " ");
  head.append(timeElement(line.at));
  const bubble = make("div", "bubble", head, ...parts);
  const item = make("li", className, portrait(line.author), bubble);
  if (button !== null) item.append(button);
  if (line.own) item.classList.add("own");
  return item;
}

function said(text: string): HTMLElement {
  const element = make("p", "text", ...linked(text));
  element.dir = "auto";
  return element;
}

function act(text: string, label: string, run: () => void): HTMLButtonElement {
  const button = makeButton("act", "", label, run);
  button.append(make("span", "", text));
  button.tabIndex = -1; // the log's arrow keys decide which one Tab reaches
  return button;
}

function quote(quoted: Message | undefined): HTMLElement {
  const unseen = make("span", "unseen", "In reply to ");
  if (quoted === undefined) {
    return make("p", "quote", unseen, "an earlier message");
  }
  const author = written("b", "", quoted.from.name);
  const text = written("span", "", excerpt(quoted.text));
  return make("p", "quote", unseen, author, ": ", text);
}

function pictureElement(picture: ChatImagePosted): HTMLElement {
  if (typeProblem(picture.mime) !== "") return missing(picture.alt);
  const image = make("img", "");
  image.alt =
    picture.alt === "" ? "A picture without a description" : picture.alt;
  const bytes = new Uint8Array(picture.data); // ArrayBuffer here, Buffer elsewhere
  const url = URL.createObjectURL(new Blob([bytes], { type: picture.mime }));
  image.addEventListener("load", () => {
    URL.revokeObjectURL(url);
  });
  image.addEventListener("error", () => {
    URL.revokeObjectURL(url);
    image.replaceWith(missing(picture.alt));
  });
  image.src = url;
  return image;
}

function missing(alt: string): HTMLElement {
  const what = alt === "" ? "" : `: ${alt}`;
  return written("p", "missing", `A picture that cannot be shown${what}`);
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
});
const calendar = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "short",
});

function timeElement(at: string): HTMLTimeElement {
  const date = new Date(at);
  const time = make("time", "");
  if (Number.isNaN(date.getTime())) return time;
  const today = date.toDateString() === new Date().toDateString();
  time.textContent = (today ? clock : calendar).format(date);
  time.dateTime = at;
  time.title = calendar.format(date);
  return time;
}
