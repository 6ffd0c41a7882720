// SPDX-License-Identifier: Apache-2.0

import type { MatchState } from "./state";
import {
  drawBubble,
  drawMoth,
  drawName,
  drawSock,
  drawYarn,
  nameWidth,
  type Palette,
  readPalette,
  stitch,
} from "./draw";
import type { Mover, Positions } from "./wire";

/** A mover as it is shown: a little behind, so that it glides. */
interface Shown {
  x: number;
  y: number;
  left: boolean;
  target: Mover;
}

interface Ring {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  readonly from: number;
}

const bubbleTime = 1800; // ms
const ringTime = 500; // ms
const glide = 20; // per second: how fast what is shown closes up

/** Draws a match on its canvas, as often as the screen shows it. */
export class FloorView {
  /** Our seat; 0 for none. */
  seat = 0;
  readonly #canvas: HTMLCanvasElement;
  readonly #state: MatchState;
  readonly #fabric = document.createElement("canvas"); // the cells alone
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #shown = new Map<number, Shown>();
  readonly #bubbles = new Map<number, { text: string; until: number }>();
  #rings: Ring[] = [];
  #palette: Palette = readPalette();
  #tiles: HTMLCanvasElement[] = [];
  #cell = 0; // side of a cell in pixels of the canvas
  #before = 0;

  constructor(canvas: HTMLCanvasElement, state: MatchState) {
    this.#canvas = canvas;
    this.#state = state;
    new ResizeObserver(() => {
      this.rebuild();
    }).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener(
      "change",
      () => {
        this.rebuild();
      },
    );
    const frame = (now: number): void => {
      this.#draw(now);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  /** Draws every cell anew, at the size that the canvas has now. */
  rebuild(): void {
    const { size } = this.#state;
    const side = this.#canvas.clientWidth * devicePixelRatio;
    if (side === 0) return;
    this.#cell = Math.max(4, Math.round(side / size));
    this.#palette = readPalette();
    this.#tiles = this.#palette.seats.map((_, seat) =>
      stitch(this.#cell, seat, this.#palette),
    );
    for (const canvas of [this.#canvas, this.#fabric]) {
      canvas.width = canvas.height = this.#cell * size;
    }
    this.#state.cells.forEach((seat, cell) => {
      this.cell(cell, seat);
    });
    this.#draw(this.#before);
  }

  cell(cell: number, seat: number): void {
    const tile = this.#tiles[seat];
    if (tile === undefined) return;
    const { size } = this.#state;
    const x = (cell % size) * this.#cell;
    const y = Math.floor(cell / size) * this.#cell;
    this.#fabric.getContext("2d")?.drawImage(tile, x, y);
  }

  positions({ movers }: Positions): void {
    for (const seat of this.#shown.keys()) {
      if (!movers.some((mover) => mover.seat === seat)) {
        this.#shown.delete(seat);
      }
    }
    for (const target of movers) {
      const shown = this.#shown.get(target.seat);
      if (shown === undefined) {
        const { x, y } = target;
        this.#shown.set(target.seat, { x, y, left: false, target });
      } else {
        shown.target = target;
      }
    }
  }

  clear(): void {
    this.#shown.clear();
    this.#bubbles.clear();
    this.#rings = [];
  }

  shout(seat: number, text: string): void {
    const until = performance.now() + bubbleTime;
    this.#bubbles.set(seat, { text, until });
  }

  /** Shows where a sock has just picked something up. */
  ring(seat: number): void {
    const at = this.#shown.get(seat);
    if (at === undefined || this.#calm.matches) return;
    const colour = this.#palette.seats[seat] ?? "";
    this.#rings.push({ x: at.x, y: at.y, colour, from: performance.now() });
  }

  /** From our sock to a point of the window, in cells; null without a sock. */
  toward(x: number, y: number): readonly [number, number] | null {
    const own = this.#shown.get(this.seat);
    if (this.seat === 0 || own === undefined) return null;
    const box = this.#canvas.getBoundingClientRect();
    const scale = this.#state.size / box.width;
    return [
      (x - box.left) * scale - own.target.x,
      (y - box.top) * scale - own.target.y,
    ];
  }

  #draw(now: number): void {
    const c = this.#canvas.getContext("2d");
    if (c === null || this.#cell === 0) return;
    const elapsed = Math.min(0.1, (now - this.#before) / 1000);
    this.#before = now;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.drawImage(this.#fabric, 0, 0);
    c.scale(this.#cell, this.#cell);
    for (const { x, y, power } of this.#state.yarn.values()) {
      this.#at(c, x, y, 0.95, () => {
        drawYarn(c, power, this.#palette);
      });
    }
    this.#drawRings(c, now);
    const close = 1 - Math.exp(-glide * elapsed);
    const movers = [...this.#shown.entries()];
    for (const [, shown] of movers) {
      shown.x += (shown.target.x - shown.x) * close;
      shown.y += (shown.target.y - shown.y) * close;
    }
    // Whoever is lower stands in front; the moth flies above all.
    movers.sort(([a, p], [b, q]) => (a && b ? p.y - q.y : b - a));
    for (const [seat, shown] of movers) this.#drawMover(c, seat, shown, now);
    for (const [seat, shown] of movers) this.#drawWords(c, seat, shown, now);
  }

  #drawMover(
    c: CanvasRenderingContext2D,
    seat: number,
    shown: Shown,
    now: number,
  ): void {
    const { target } = shown;
    // At the edge a sock leans in, so that all of it is seen.
    const x = inside(shown.x, 1.5, this.#state.size - 1.5);
    const y = inside(shown.y, 2.1, this.#state.size - 1.2);
    const still = this.#calm.matches;
    if (seat === 0) {
      const spread = still ? 1 : 0.5 + 0.5 * Math.sin(now / 45);
      this.#shadow(c, x, y + 0.9, 0.8);
      this.#at(c, x, y, 1.1, () => {
        drawMoth(c, target.heading, spread, this.#palette);
      });
      return;
    }
    const ahead = Math.cos(target.heading);
    if (target.moving && Math.abs(ahead) > 0.1) shown.left = ahead < 0;
    const step = still || !target.moving ? 0 : Math.sin(now / 70);
    this.#shadow(c, x, y + 0.95, 1);
    if (seat === this.seat) this.#halo(c, x, y + 0.95);
    if (target.swift || target.wide) {
      c.save();
      c.globalAlpha = 0.5;
      c.strokeStyle = target.swift ? "#ffd84a" : "#7fe0ff";
      c.lineWidth = 0.3;
      c.beginPath();
      c.arc(x, y, 1.75, 0, 7);
      c.stroke();
      c.restore();
    }
    this.#at(c, x, y - 0.3 - Math.abs(step) * 0.25, 1.15, () => {
      const colour = this.#palette.seats[seat] ?? "";
      drawSock(c, colour, this.#palette, shown.left, step * 0.09);
    });
  }

  #drawWords(
    c: CanvasRenderingContext2D,
    seat: number,
    { x, y }: Shown,
    now: number,
  ): void {
    const { size, names } = this.#state;
    // In pixels, so that words stay legible on a small floor.
    const letters = Math.max(11 * devicePixelRatio, this.#cell * 0.95);
    const name = names.get(seat) ?? "";
    c.save();
    c.setTransform(1, 0, 0, 1, 0, 0);
    const margin = Math.max(letters * 2.2, nameWidth(c, name, letters) / 2);
    const at = inside(x * this.#cell, margin, size * this.#cell - margin);
    const below = y < 4; // no room above
    c.translate(at, (below ? y + 1.5 : y - 2.15) * this.#cell);
    if (below) c.translate(0, letters);
    if (name !== "") drawName(c, name, letters, seat === this.seat);
    const bubble = this.#bubbles.get(seat);
    if (bubble !== undefined && bubble.until < now) this.#bubbles.delete(seat);
    else if (bubble !== undefined) {
      c.translate(0, below ? letters * 2.6 : -letters * 1.2);
      drawBubble(c, bubble.text, letters * 1.25, this.#palette);
    }
    c.restore();
  }

  #drawRings(c: CanvasRenderingContext2D, now: number): void {
    this.#rings = this.#rings.filter(({ from }) => now - from < ringTime);
    for (const { x, y, colour, from } of this.#rings) {
      const age = Math.max(0, (now - from) / ringTime);
      c.save();
      c.globalAlpha = 1 - age;
      c.strokeStyle = colour;
      c.lineWidth = 0.5;
      c.beginPath();
      c.arc(x, y, 1 + 4.5 * age, 0, 7);
      c.stroke();
      c.strokeStyle = "#fff";
      c.lineWidth = 0.18;
      c.stroke();
      c.restore();
    }
  }

  #shadow(
    c: CanvasRenderingContext2D,
    x: number,
    y: number,
    width: number,
  ): void {
    c.fillStyle = "#00000038";
    c.beginPath();
    c.ellipse(x, y, width, width * 0.35, 0, 0, 7);
    c.fill();
  }

  #halo(c: CanvasRenderingContext2D, x: number, y: number): void {
    c.strokeStyle = "#fff";
    c.lineWidth = 0.2;
    c.beginPath();
    c.ellipse(x, y, 1.5, 0.6, 0, 0, 7);
    c.stroke();
  }

  #at(
    c: CanvasRenderingContext2D,
    x: number,
    y: number,
    scale: number,
    draw: () => void,
  ): void {
    c.save();
    c.translate(x, y);
    c.scale(scale, scale);
    draw();
    c.restore();
  }
}

function inside(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
