// SPDX-License-Identifier: Apache-2.0

// How things look: stitches, socks, the moth and yarn. Lengths are in cells,
// scaled by the caller's transform, except where a function says otherwise.

export interface Palette {
  readonly seats: readonly string[]; // by seat; 0 is the bare floor
  readonly bare: string; // the stitch of the bare floor
  readonly ink: string;
  readonly wool: string; // cuffs, heels and toes
}

/** The colours as the style sheet has them now. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    seats: Array.from({ length: 9 }, (_, seat) => colour(`--seat-${seat}`)),
    bare: colour("--stitch"),
    ink: colour("--sock-ink"),
    wool: colour("--wool"),
  };
}

/** One knit stitch of side pixels, to be copied for each cell of its seat. */
export function stitch(
  side: number,
  seat: number,
  palette: Palette,
): HTMLCanvasElement {
  const tile = document.createElement("canvas");
  tile.width = tile.height = side;
  const c = tile.getContext("2d");
  if (c === null) return tile;
  c.scale(side, side);
  c.fillStyle = palette.seats[seat] ?? "";
  c.fillRect(0, 0, 1, 1);
  const leaf = (mirror: number): void => {
    c.beginPath();
    c.ellipse(0.5 + mirror * 0.24, 0.5, 0.17, 0.5, mirror * 0.42, 0, 7);
    c.fill();
  };
  if (seat === 0) {
    c.fillStyle = palette.bare;
    leaf(-1);
    leaf(1);
    return tile;
  }
  c.fillStyle = "#0000002b";
  c.fillRect(0, 0, 1, 1);
  c.fillStyle = palette.seats[seat] ?? "";
  leaf(-1);
  leaf(1);
  c.fillStyle = "#ffffff24";
  leaf(-1);
  return tile;
}

/** A sock with its middle at 0, 0, heading right or, mirrored, left. */
export function drawSock(
  c: CanvasRenderingContext2D,
  colour: string,
  palette: Palette,
  left: boolean,
  tilt: number,
): void {
  c.save();
  if (left) c.scale(-1, 1);
  c.rotate(tilt);
  c.lineWidth = 0.16;
  c.lineJoin = "round";
  c.strokeStyle = palette.ink;
  c.fillStyle = colour;
  const outline = new Path2D(
    "M-.62-1.2H.36V-.05C.9.02 1.25.25 1.25.6C1.25.98.95 1.02.6 1.02" +
      "H-.1C-.62 1.02-.78.6-.72.1Z",
  );
  c.fill(outline);
  c.save();
  c.clip(outline);
  c.fillStyle = palette.wool;
  c.beginPath();
  c.ellipse(1.24, 0.72, 0.42, 0.62, 0.1, 0, 7); // toe
  c.fill();
  c.beginPath();
  c.arc(-0.7, 0.86, 0.44, 0, 7); // heel
  c.fill();
  c.restore();
  c.stroke(outline);
  c.fillStyle = palette.wool;
  c.beginPath();
  c.roundRect(-0.74, -1.36, 1.22, 0.46, 0.14); // cuff
  c.fill();
  c.stroke();
  c.lineWidth = 0.08;
  for (const x of [-0.12, 0.38]) {
    c.fillStyle = "#fff";
    c.beginPath();
    c.arc(x, -0.42, 0.26, 0, 7);
    c.fill();
    c.stroke();
    c.fillStyle = palette.ink;
    c.beginPath();
    c.arc(x + 0.09, -0.4, 0.12, 0, 7);
    c.fill();
  }
  c.restore();
}

/** The moth, its wings spread from 0 to 1. */
export function drawMoth(
  c: CanvasRenderingContext2D,
  heading: number,
  spread: number,
  palette: Palette,
): void {
  c.save();
  c.rotate(heading + Math.PI / 2);
  c.lineWidth = 0.12;
  c.strokeStyle = palette.ink;
  const width = 0.35 + 0.65 * spread;
  for (const side of [-1, 1]) {
    c.fillStyle = "#cdbb9a";
    c.beginPath();
    c.ellipse(side * width * 0.75, -0.15, width * 0.75, 0.62, side * 0.5, 0, 7);
    c.fill();
    c.stroke();
    c.fillStyle = "#e6dabf";
    c.beginPath();
    c.ellipse(side * width * 0.55, 0.6, width * 0.5, 0.42, -side * 0.5, 0, 7);
    c.fill();
    c.stroke();
    c.fillStyle = "#8a7350";
    c.beginPath();
    c.arc(side * width * 0.85, -0.2, 0.17, 0, 7);
    c.fill();
    c.beginPath();
    c.moveTo(side * 0.06, -0.7);
    c.quadraticCurveTo(side * 0.15, -1.15, side * 0.45, -1.25);
    c.stroke();
  }
  c.fillStyle = "#6b5638";
  c.beginPath();
  c.ellipse(0, 0.05, 0.2, 0.82, 0, 0, 7);
  c.fill();
  c.stroke();
  c.restore();
}

/** What the balls of yarn look like; other powers have the colour of wool. */
const yarnColours: Readonly<Record<string, string>> = {
  swift: "#ffd84a",
  wide: "#7fe0ff",
  burst: "#ff8fc0",
};

/** A ball of yarn with the sign of its power. */
export function drawYarn(
  c: CanvasRenderingContext2D,
  power: string,
  palette: Palette,
): void {
  c.save();
  c.lineWidth = 0.13;
  c.lineCap = c.lineJoin = "round";
  c.strokeStyle = palette.ink;
  c.beginPath();
  c.moveTo(0.5, 0.8);
  c.bezierCurveTo(1, 1.2, 1.2, 0.7, 1.5, 1);
  c.stroke();
  c.fillStyle = yarnColours[power] ?? palette.wool;
  c.beginPath();
  c.arc(0, 0, 1, 0, 7);
  c.fill();
  c.stroke();
  c.save();
  c.clip();
  c.globalAlpha = 0.28;
  c.lineWidth = 0.09;
  for (const shift of [0.75, 1.05, 1.35, 1.65]) {
    c.beginPath();
    c.arc(-shift, -shift, 1.25, 0, 7);
    c.stroke();
    c.beginPath();
    c.arc(shift, shift, 1.25, 0, 7);
    c.stroke();
  }
  c.restore();
  c.lineWidth = 0.22;
  c.beginPath();
  if (power === "swift") {
    for (const x of [-0.42, 0.08]) {
      c.moveTo(x, -0.42);
      c.lineTo(x + 0.4, 0);
      c.lineTo(x, 0.42);
    }
  } else if (power === "wide") {
    c.moveTo(-0.3, -0.32);
    c.lineTo(-0.6, 0);
    c.lineTo(-0.3, 0.32);
    c.moveTo(-0.55, 0);
    c.lineTo(0.55, 0);
    c.moveTo(0.3, -0.32);
    c.lineTo(0.6, 0);
    c.lineTo(0.3, 0.32);
  } else if (power === "burst") {
    for (let i = 0; i < 8; i++) {
      const [x, y] = [Math.cos(i * 0.785), Math.sin(i * 0.785)];
      c.moveTo(x * 0.24, y * 0.24);
      c.lineTo(x * 0.62, y * 0.62);
    }
  }
  c.stroke();
  c.restore();
}

/** Words in a bubble above 0, 0; size is that of the letters. */
export function drawBubble(
  c: CanvasRenderingContext2D,
  text: string,
  size: number,
  palette: Palette,
): void {
  c.save();
  c.font = `700 ${size}px system-ui, sans-serif`;
  c.textAlign = "center";
  c.textBaseline = "middle";
  const width = c.measureText(text).width + size;
  c.fillStyle = "#fffdf8";
  c.strokeStyle = palette.ink;
  c.lineWidth = size * 0.12;
  c.beginPath();
  c.roundRect(-width / 2, -size * 1.7, width, size * 1.7, size * 0.6);
  c.fill();
  c.stroke();
  c.fillStyle = "#2b2320";
  c.fillText(text, 0, -size * 0.82);
  c.restore();
}

/** How wide drawName draws a text. */
export function nameWidth(
  c: CanvasRenderingContext2D,
  text: string,
  size: number,
): number {
  c.save();
  c.font = `800 ${size}px system-ui, sans-serif`;
  const { width } = c.measureText(text);
  c.restore();
  return width + size * 0.4;
}

/** Small letters with an outline, which any ground lets one read. */
export function drawName(
  c: CanvasRenderingContext2D,
  text: string,
  size: number,
  bold: boolean,
): void {
  c.save();
  c.font = `${bold ? 800 : 600} ${size}px system-ui, sans-serif`;
  c.textAlign = "center";
  c.lineJoin = "round";
  c.lineWidth = size * 0.32;
  c.strokeStyle = "#241d1ae0";
  c.strokeText(text, 0, 0);
  c.fillStyle = "#fff";
  c.fillText(text, 0, 0);
  c.restore();
}
