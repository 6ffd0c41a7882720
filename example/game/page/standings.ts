// SPDX-License-Identifier: Apache-2.0

import type { Standing } from "../../../generated/ts/game";

const best = 3; // that everybody sees

/** A line of the standings at a round's end. */
export interface Placed extends Standing {
  readonly place: number;
}

/** The best, and below them whoever has the seat, if they are not among them. */
export function shownStandings(
  standings: readonly Standing[],
  own: number,
): readonly Placed[] {
  return standings
    .map((standing, at) => ({ ...standing, place: at + 1 }))
    .filter(({ place, seat }) => place <= best || seat === own);
}
