// SPDX-License-Identifier: Apache-2.0

// The few helpers that the page builds its elements with. Text only ever
// becomes text: nothing in this page parses HTML.

/** The element of index.html with this id, which must be of this type. */
export function byID<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) {
    throw new Error(`index.html has no ${type.name} with the id ${id}`);
  }
  return found;
}

/** A new element with a class and children; strings become text nodes. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...children);
  return element;
}

/** Text that people wrote, in whatever direction their script runs. */
export function written<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text: string,
): HTMLElementTagNameMap[K] {
  const element = make(tag, className, text);
  element.dir = "auto";
  return element;
}

/** A button that does not submit a form. */
export function makeButton(
  className: string,
  text: string,
  label: string,
  act: () => void,
): HTMLButtonElement {
  const button = make("button", className, text);
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  return button;
}

/** Removes the first children until at most limit are left. */
export function keepLast(
  parent: HTMLElement,
  limit: number,
  removed: (child: Element) => void = () => undefined,
): void {
  while (parent.childElementCount > limit) {
    const first = parent.firstElementChild;
    if (first === null) return;
    first.remove();
    removed(first);
  }
}

/** Shows why a field was refused beside it, or clears it with "". */
export function refuse(
  field: HTMLInputElement,
  beside: HTMLElement,
  why: string,
): void {
  beside.textContent = why;
  if (why === "") field.removeAttribute("aria-invalid");
  else field.setAttribute("aria-invalid", "true");
}
