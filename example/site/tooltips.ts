// SPDX-License-Identifier: Apache-2.0

/** Shows in a tooltip what an element has no room for, wherever that happens. */
export function showClippedTexts(): void {
  document.addEventListener("pointerover", ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    const { textOverflow } = getComputedStyle(target);
    if (textOverflow !== "ellipsis") return;
    const clipped = target.scrollWidth > target.clientWidth;
    if (clipped) target.title = target.textContent ?? "";
    else target.removeAttribute("title");
  });
}
