// SPDX-License-Identifier: Apache-2.0

// What people wrote, as elements. Text only ever becomes text: nothing parses HTML.
import { make } from "./dom";

// A link ends before the punctuation that a sentence puts behind it.
const link = /\bhttps?:\/\/[^\s<>"]+/giu;
const punctuation = /[.,;:!?'"*_…]+$/u;

/** The text, with links for the addresses in it. */
export function linked(text: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let done = 0;
  for (const match of text.matchAll(link)) {
    const address = trimmed(match[0]);
    const { index = 0 } = match;
    if (!isURL(address)) continue;
    parts.push(text.slice(done, index), anchor(address));
    done = index + address.length;
  }
  parts.push(text.slice(done));
  return parts.filter((part) => part !== "");
}

function isURL(address: string): boolean {
  try {
    return new URL(address).host !== "";
  } catch {
    return false;
  }
}

function anchor(address: string): HTMLAnchorElement {
  const element = make("a", "", address);
  element.href = address;
  element.target = "_blank";
  element.rel = "noopener noreferrer";
  return element;
}

// A bracket belongs to the address only where it was opened in it.
function trimmed(address: string): string {
  for (;;) {
    const shorter = address.replace(punctuation, "");
    const closes = shorter.endsWith(")") && !shorter.includes("(");
    if (!closes) return shorter;
    address = shorter.slice(0, -1);
  }
}
