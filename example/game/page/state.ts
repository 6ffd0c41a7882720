// SPDX-License-Identifier: Apache-2.0

import type { Changed, Floor, News, Yarn } from "../../../generated/ts/game";
import { readChanges, readRuns } from "./wire";

/** How many changes are kept while the floor that they change is due. */
const maxEarly = 400;

/** What a MatchState tells about. */
export interface StateListeners {
  /** Everything may look different. */
  reset(): void;
  cell(cell: number, seat: number): void;
  news(news: News): void;
}

/** The floor as the server has told it: everything once, then the changes. */
export class MatchState {
  size = 40;
  cells: Uint8Array = new Uint8Array(40 * 40);
  readonly names = new Map<number, string>();
  readonly yarn = new Map<number, Yarn>();
  readonly #listeners: StateListeners;
  #tick: number | null = null; // of the newest change; null while the floor is due
  #early: Changed[] = [];

  constructor(listeners: StateListeners) {
    this.#listeners = listeners;
  }

  /** From now on changes wait for a new floor. */
  expect(): void {
    this.#tick = null;
    this.#early = [];
  }

  load(floor: Floor): void {
    this.size = floor.size;
    this.cells = readRuns(floor.cells, floor.size * floor.size);
    this.names.clear();
    for (const { seat, name } of floor.players) this.names.set(seat, name);
    this.yarn.clear();
    for (const yarn of floor.yarn) this.yarn.set(yarn.id, yarn);
    this.#tick = floor.tick;
    this.#listeners.reset();
    const early = this.#early;
    this.#early = [];
    for (const changed of early) this.apply(changed);
  }

  apply(changed: Changed): void {
    if (this.#tick === null) {
      // It may have overtaken the answer that brings the floor.
      this.#early.push(changed);
      if (this.#early.length > maxEarly) this.#early.shift();
      return;
    }
    if (changed.tick <= this.#tick) return; // the floor has it already
    this.#tick = changed.tick;
    for (const news of changed.news) {
      this.#happen(news);
      this.#listeners.news(news);
    }
    readChanges(changed.cells, (cell, seat) => {
      this.cells[cell] = seat;
      this.#listeners.cell(cell, seat);
    });
  }

  #happen(news: News): void {
    switch (news.kind) {
      case "arrived":
        this.names.set(news.player.seat, news.player.name);
        break;
      case "departed":
        this.names.delete(news.player.seat);
        break;
      case "dropped":
        this.yarn.set(news.yarn.id, news.yarn);
        break;
      case "taken":
        this.yarn.delete(news.id);
        break;
      case "began":
        this.yarn.clear();
        this.cells.fill(0);
        this.#listeners.reset();
        break;
    }
  }
}
