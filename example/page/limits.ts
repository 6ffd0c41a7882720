// SPDX-License-Identifier: Apache-2.0

// What may be sent, checked beforehand so that the answer comes at once. The limits
// are those of events.yaml: they stand in the validators that were made from it.
import {
  ChatImageSendSchema,
  NameSchema,
  RoomIDSchema,
  TextSchema,
} from "../../generated/ts/chat.schemas";
import { problemOf, type Validator } from "../site/problems";

// Each of the following says what is wrong, or "" when nothing is.

export function nameProblem(name: string): string {
  return problemOf(NameSchema, name, {
    what: "A name",
    missing: "Choose a name.",
  });
}

export function roomProblem(room: string): string {
  return problemOf(RoomIDSchema, room, {
    what: "A room's name",
    missing: "Name a room.",
    form: "A room's name has small letters a to z, digits and hyphens only.",
  });
}

export function textProblem(text: string): string {
  if (text === "") return "";
  return problemOf(TextSchema, text, { what: "A message" });
}

export function altProblem(alt: string): string {
  return problemOf(field("alt"), alt, { what: "A description" });
}

export function typeProblem(mime: string): string {
  return problemOf(field("mime"), mime, {
    what: "A picture",
    form: "Only PNG, JPEG, GIF and WebP pictures can be sent.",
  });
}

export function dataProblem(data: ArrayBuffer): string {
  if (data.byteLength === 0) return "This file is empty.";
  return problemOf(field("data"), data, { what: "A picture" });
}

/** The validator of one field of a picture. */
function field(name: "mime" | "data" | "alt"): Validator {
  const fine = {
    room: "a",
    mime: "image/png",
    data: new ArrayBuffer(1),
    alt: "",
  };
  const validate = (value: unknown): Result =>
    ChatImageSendSchema["~standard"].validate({ ...fine, [name]: value });
  return { "~standard": { validate } };
}

type Result = ReturnType<Validator["~standard"]["validate"]>;
