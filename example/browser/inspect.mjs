// SPDX-License-Identifier: Apache-2.0

// Functions that run inside the page: each returns what is wrong with it, an
// empty list when nothing is. They close over nothing.

/** What sticks out of the window or of its own box, or scrolls sideways. */
export function overflowing() {
  const found = [];
  const root = document.scrollingElement;
  if (root.scrollWidth > innerWidth)
    found.push(`page: ${root.scrollWidth} > ${innerWidth}`);
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest(".unseen, svg") || !element.checkVisibility()) continue;
    const name = `${element.tagName} #${element.id} .${element.className}`;
    const { left, right } = element.getBoundingClientRect();
    if (left < -0.5 || right > innerWidth + 0.5)
      found.push(`${name}: ${left} … ${right}`);
    if (element.matches("input")) continue; // its text may be longer than it
    // Inline boxes have no width of their own; "hidden" cuts off on purpose.
    const { display, overflowX } = getComputedStyle(element);
    const excess = element.scrollWidth - element.clientWidth;
    if (display !== "inline" && overflowX !== "hidden" && excess > 1) {
      found.push(`${name} is too narrow by ${excess}`);
    }
  }
  return found;
}

/** Visible controls and pictures without a name for a screen reader. */
export function controlsWithoutName() {
  const textOf = (ids) =>
    ids
      .split(" ")
      .map((id) => document.getElementById(id)?.textContent ?? "")
      .join(" ");
  const nameOf = (element) => {
    const labelledby = element.getAttribute("aria-labelledby");
    if (labelledby !== null) return textOf(labelledby);
    const label = element.getAttribute("aria-label");
    if (label !== null) return label;
    if (element.labels?.length > 0) return element.labels[0].textContent;
    return element.matches("button, a") ? element.textContent : "";
  };
  const found = [];
  for (const element of document.querySelectorAll(
    "input, textarea, select, button, a[href], dialog, [role=log]",
  )) {
    if (element.checkVisibility() && nameOf(element).trim() === "")
      found.push(element.outerHTML.slice(0, 200));
  }
  for (const image of document.images) {
    if (!image.hasAttribute("alt")) found.push(image.outerHTML.slice(0, 200));
  }
  return found;
}

/** Ids that are used twice, or named by an attribute although nothing has them. */
export function danglingReferences() {
  const found = [];
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  for (const id of new Set(ids)) {
    if (ids.filter((other) => other === id).length > 1)
      found.push(`twice: ${id}`);
  }
  for (const attribute of [
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "for",
  ]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(" ")) {
        if (!ids.includes(id)) found.push(`${attribute}: ${id}`);
      }
    }
  }
  return found;
}

/** Visible texts whose contrast with their background is below 4.5 : 1. */
export function faintTexts() {
  const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const backgroundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const [r, g, b, alpha = 1] = parse(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return [r, g, b];
      if (alpha !== 0)
        throw new Error(`a translucent background on ${at.className}`);
    }
    throw new Error("no background");
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const says = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "",
    );
    if (
      !says ||
      element.closest(".unseen") ||
      !element.checkVisibility({ opacityProperty: true })
    )
      continue;
    const [ink, paper] = [
      parse(getComputedStyle(element).color),
      backgroundOf(element),
    ].map(luminance);
    const contrast =
      (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (contrast < 4.5)
      found.push(
        `${contrast.toFixed(2)}: ${element.textContent.trim().slice(0, 60)}`,
      );
  }
  return found;
}
