// SPDX-License-Identifier: Apache-2.0

import { keepLast, make, makeButton, written } from "../site/dom";

const maxAnnouncements = 3;

/** Shows an announcement above everything until it is dismissed. */
export function announce(area: HTMLElement, text: string, at: string): void {
  const time = new Date(at).toLocaleTimeString(undefined, {
    hour: "2-digit",
    minute: "2-digit",
  });
  const said = written("span", "announcement-text", text);
  // A long one scrolls, by keyboard too.
  const message = make("p", "", make("b", "", "Announcement"), " ", said, " ");
  const stamp = make("time", "", time);
  stamp.dateTime = at;
  message.append(stamp);
  message.tabIndex = 0;
  const close = makeButton("quiet", "✕", "Dismiss the announcement", () => {
    banner.remove();
  });
  const banner = make("div", "announcement", message, close);
  area.append(banner);
  keepLast(area, maxAnnouncements);
}
