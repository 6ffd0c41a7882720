// SPDX-License-Identifier: Apache-2.0

// Pictures that are too large to be sent become smaller ones.
import { dataProblem } from "./limits";

/** A picture as it can be sent. */
export interface Sendable {
  readonly mime: string;
  readonly data: ArrayBuffer;
  /** Whether it is another than the one that was chosen. */
  readonly scaled: boolean;
}

const longestSide = 2048; // px, of the first attempt
const shorter = 0.75; // the sides of each further attempt
const attempts = 16;

/**
 * The file, or what is left of it when it is drawn smaller and smaller until the
 * schema takes it. It is null when the browser cannot read the file as a picture.
 */
export async function fit(file: File): Promise<Sendable | null> {
  const data = await file.arrayBuffer();
  if (dataProblem(data) === "") return { mime: file.type, data, scaled: false };
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  try {
    // JPEG is small, and WebP keeps what is transparent.
    const mime = file.type === "image/jpeg" ? "image/jpeg" : "image/webp";
    const longest = Math.max(picture.width, picture.height);
    let factor = Math.min(1, longestSide / longest);
    for (let n = 0; n < attempts; n++, factor *= shorter) {
      const smaller = await draw(picture, factor, mime);
      if (smaller === null) return null;
      const data = await smaller.arrayBuffer();
      if (dataProblem(data) === "")
        return { mime: smaller.type, data, scaled: true };
    }
    return null;
  } finally {
    picture.close();
  }
}

function draw(
  picture: ImageBitmap,
  factor: number,
  mime: string,
): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * factor));
  canvas.height = Math.max(1, Math.round(picture.height * factor));
  const context = canvas.getContext("2d");
  if (context === null) return Promise.resolve(null);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, mime, 0.85);
  });
}
