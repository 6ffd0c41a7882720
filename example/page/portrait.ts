// SPDX-License-Identifier: Apache-2.0

import { make } from "../site/dom";

const hues = 8; // as many as style.css has classes for

/** A coloured disc with the name's first letter, the same for a name always. */
export function portrait(name: string): HTMLElement {
  let sum = 0;
  for (const character of name) {
    sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  }
  const [first = ""] = name;
  const disc = make("span", `portrait hue-${sum % hues}`, first.toUpperCase());
  disc.setAttribute("aria-hidden", "true");
  return disc;
}
