// What events.yaml allows, checked before anything is sent so that the answer
// comes at once. The server checks again: its word is the one that counts.

export const limits = {
  name: 32,
  room: 32,
  text: 2000,
  alt: 200,
  picture: 500_000, // bytes
} as const;

/** The MIME types that a picture may have. */
const pictureType = /^image\/(png|jpeg|gif|webp)$/;

/** Counts as the schema's "length" does: in code points. */
export function length(text: string): number {
  return [...text].length;
}

// Each of the following says what is wrong, or "" when nothing is.

export function nameProblem(name: string): string {
  if (name === "") return "Choose a name.";
  return tooLong("A name", name, limits.name);
}

export function roomProblem(room: string): string {
  if (room === "") return "Name a room.";
  if (!/^[a-z0-9-]+$/.test(room)) {
    return "A room's name has small letters a to z, digits and hyphens only.";
  }
  return tooLong("A room's name", room, limits.room);
}

export function textProblem(text: string): string {
  return tooLong("A message", text, limits.text);
}

export function altProblem(alt: string): string {
  return tooLong("A description", alt, limits.alt);
}

export function pictureProblem(type: string, bytes: number): string {
  if (!isPictureType(type)) {
    return "Only PNG, JPEG, GIF and WebP pictures can be sent.";
  }
  if (bytes === 0) return "This file is empty.";
  if (bytes > limits.picture) {
    return `This picture has ${bytes.toLocaleString("en")} bytes; at most ${limits.picture.toLocaleString("en")} can be sent.`;
  }
  return "";
}

export function isPictureType(type: string): boolean {
  return pictureType.test(type);
}

function tooLong(what: string, text: string, limit: number): string {
  const has = length(text);
  if (has <= limit) return "";
  return `${what} has at most ${limit} characters; this has ${has}.`;
}
