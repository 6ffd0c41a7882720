// SPDX-License-Identifier: Apache-2.0

// The binary parts of the protocol, as the schema's docs describe them.
import type { Bytes } from "../../../generated/ts/game";

/** A sock, or the moth, which has the seat 0. Lengths are in cells. */
export interface Mover {
  readonly seat: number;
  readonly x: number;
  readonly y: number;
  /** In radians, clockwise from the right. */
  readonly heading: number;
  readonly moving: boolean;
  readonly swift: boolean;
  readonly wide: boolean;
}

export interface Positions {
  readonly tick: number;
  /** Ticks until the round ends or the next begins. */
  readonly left: number;
  readonly movers: readonly Mover[];
}

const moverBytes = 7;

export function readPositions(bytes: Bytes): Positions {
  const view = viewOf(bytes);
  const movers: Mover[] = [];
  for (let i = 0; i < view.getUint8(6); i++) {
    const at = 7 + i * moverBytes;
    const flags = view.getUint8(at + 6);
    movers.push({
      seat: view.getUint8(at),
      x: view.getUint16(at + 1, true) / 256,
      y: view.getUint16(at + 3, true) / 256,
      heading: (view.getUint8(at + 5) / 128) * Math.PI,
      moving: (flags & 1) !== 0,
      swift: (flags & 2) !== 0,
      wide: (flags & 4) !== 0,
    });
  }
  return {
    tick: view.getUint32(0, true),
    left: view.getUint16(4, true),
    movers,
  };
}

/** The cells that runs of how many and whose stand for. */
export function readRuns(bytes: Bytes, cells: number): Uint8Array {
  const view = viewOf(bytes);
  const seats = new Uint8Array(cells);
  let cell = 0;
  for (let at = 0; at + 1 < view.byteLength; at += 2) {
    const end = cell + view.getUint8(at);
    seats.fill(view.getUint8(at + 1), cell, end);
    cell = end;
  }
  return seats;
}

/** Calls change with each changed cell and whose seat it is now. */
export function readChanges(
  bytes: Bytes,
  change: (cell: number, seat: number) => void,
): void {
  const view = viewOf(bytes);
  for (let at = 0; at + 2 < view.byteLength; at += 3) {
    change(view.getUint16(at, true), view.getUint8(at + 2));
  }
}

function viewOf(bytes: Bytes): DataView {
  return bytes instanceof ArrayBuffer
    ? new DataView(bytes)
    : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
