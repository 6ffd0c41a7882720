// SPDX-License-Identifier: Apache-2.0

// Enums, unions, brands, defaults, positional arguments and parameters.

import {
  type BoardClientToServer,
  type BoardServerToClient,
  type BoardSocket,
  type CommonFailure,
  connectBoard,
  connectLegacy,
  connectMatch,
  type Content,
  type ContentInput,
  type Defaults,
  type DefaultsInput,
  fingerprintBoard,
  fingerprintMatch,
  type Forest,
  type Image,
  type MatchParams,
  MaybeKey,
  MessageID,
  type Money,
  type Names,
  on,
  type Only,
  type Op,
  type OpInput,
  Presence,
  type Reply,
  request,
  RoomID,
  type Scores,
  SeatNumber,
  type Stroke,
  type Text,
  Tool,
} from "../testdata/language";
import type * as schemas from "../testdata/language.schemas";
import * as everything from "../testdata/language";
import { type Equal, holds } from "./equal";
import { Server } from "socket.io";

export const open: Presence[] = [Presence.online, "away", "a newer one"];
export const closed: Tool[] = [Tool.pen, "magic wand", Tool["__proto__"], "1"];
// @ts-expect-error no such tool
export const wrong: Tool = "rubber";
// @ts-expect-error an enum is made of strings
export const number: Presence = 1;
// @ts-expect-error its values are constant
Tool.pen = "pen";
holds<Equal<Tool, "pen" | "magic wand" | "__proto__" | "constructor" | "1">>();

export function exhaustive(tool: Tool): number {
  switch (tool) {
    case "pen":
    case "magic wand":
    case "__proto__":
    case "constructor":
    case Tool["1"]:
      return 1;
    default:
      return tool satisfies never;
  }
}

export const room: RoomID = RoomID("lobby");
export const text: string = room;
// @ts-expect-error a string is no room yet
export const plain: RoomID = "lobby";
// @ts-expect-error another brand
export const other: RoomID = MessageID("1");
// @ts-expect-error no number
export const seat: SeatNumber = SeatNumber("3");
export const sum: number = SeatNumber(3) + 1;
// @ts-expect-error no whole number
MessageID("1.5");
export const none: MaybeKey = MaybeKey(null);
export const key: MaybeKey = MaybeKey(Uint8Array.of(1));

export function narrowOpen(content: Content): string {
  // @ts-expect-error not every variant has a body
  void content.body.length;
  switch (content.kind) {
    case "text":
      holds<Equal<typeof content.body, string>>();
      holds<Equal<typeof content.lang, string>>();
      return content.body;
    case "image":
      holds<Equal<typeof content.alt, string | null | undefined>>();
      return content.alt ?? "";
    case "undo":
      // @ts-expect-error it has no field
      return String(content.alt);
    default:
      holds<Equal<(typeof content)["anything"], unknown>>();
      return content.kind;
  }
}

export function narrowByIf(content: Content): Text | undefined {
  return content.kind === "text" ? content : undefined;
}

export function narrowClosed(op: Op): number {
  if (op.op === "stroke") {
    holds<Equal<typeof op.tool, Tool>>();
    return op.points.length;
  }
  if (op.op === "undo") return 0;
  if (op.op === "text") return op.body.length;
  return op satisfies never;
}

export const contents: readonly ContentInput[] = [
  { kind: "text", body: "hello" },
  { kind: "image", data: new ArrayBuffer(1), alt: null },
  { kind: "undo" },
];
export const stroke: Stroke & { op: "stroke" } = {
  op: "stroke",
  tool: "pen",
  points: [],
};
export const ops: readonly OpInput[] = [stroke, { op: "undo" }];
// @ts-expect-error only another program makes unknown variants
export const unknown: Content = { kind: "video", url: "x" };
// @ts-expect-error a field is missing
export const lacking: Content = { kind: "text" };
// @ts-expect-error a field too many
export const surplus: Content = { kind: "text", body: "a", alt: null };
// @ts-expect-error no such variant
export const closedOp: Op = { op: "redo" };
// @ts-expect-error the tag is missing
export const untagged: Op = { body: "a" };
export const only: Only = { is: "point", x: 1, y: 2 };

holds<Equal<Names, readonly string[]>>();
holds<Equal<Money, string>>();
export const scores: Scores = { ann: 1 };
export const forest: Forest = { a: [{ b: null }, null] };
// @ts-expect-error no leaves
export const leaf: Forest = { a: [1] };
export const image: Image = { data: new Uint8Array() };
// What has a default may be absent when it is sent, and is there when received.
export const defaults: DefaultsInput = {};
export const absent: DefaultsInput = { count: undefined };
// @ts-expect-error only the note may be null
export const nothing: DefaultsInput = { note: null, count: null };
// @ts-expect-error what is received has all of it
export const received: Defaults = {};
export const resent = (all: Defaults): DefaultsInput => all;
holds<
  Equal<
    Defaults,
    {
      readonly [Name in keyof DefaultsInput]-?: Exclude<
        DefaultsInput[Name],
        undefined
      >;
    }
  >
>();
holds<
  Equal<
    typeof schemas.DefaultsSchema,
    schemas.Validator<DefaultsInput, Defaults>
  >
>();

const board = connectBoard("", { auth: async () => ({ token: "t" }) });
const match = connectMatch("", {
  match: RoomID("a"),
  seat: SeatNumber(1),
  state: "online",
});
const legacy = connectLegacy("");
on(legacy, "price", (price) => holds<Equal<typeof price, Money>>());
// @ts-expect-error a client emits nothing in this namespace
legacy.emit("price", "1");
// @ts-expect-error and requests nothing
void request(legacy, "save");
holds<Equal<typeof fingerprintBoard, "m1-board">>();
holds<Equal<typeof fingerprintMatch, "m1-match">>();
holds<Equal<MatchParams["seat"], SeatNumber>>();
// @ts-expect-error the parameters are missing
connectMatch("");
// @ts-expect-error one of them is missing
connectMatch("", { match: RoomID("a"), state: "away" });
// @ts-expect-error a parameter has the wrong type
connectMatch("", { match: "a", seat: SeatNumber(1), state: "away" });
// @ts-expect-error no fingerprint is known
void everything.fingerprintLegacy;
// @ts-expect-error the server's own state is its own
export type Data = everything.BoardData;
// @ts-expect-error and what it is made of
export type Hidden = everything.Secret;
// @ts-expect-error nodes talk among themselves
export type Evict = everything.BoardEvict;
// @ts-expect-error arguments have no struct
export type Move = everything.CursorMove;

export function listening(socket: BoardSocket): void {
  on(socket, "cursor:moved", (x, y) => holds<Equal<typeof x, typeof y>>());
  on(socket, "label", (label, color = "red") => {
    holds<Equal<typeof label, string>>();
    holds<Equal<typeof color, string>>();
  });
  on(socket, "mid", (_text, size) => {
    holds<Equal<typeof size, number | null | undefined>>();
  });
  on(socket, "confirm", (question, hint, ack) => {
    ack(question === hint);
    // @ts-expect-error the answer is no text
    ack("yes");
  });
  on(socket, "tick", (extra = 1) => void extra);
  // @ts-expect-error it has two arguments
  on(socket, "cursor:moved", (_x, _y, z) => void z);
  on(match, "tick", (n) => holds<Equal<typeof n, number>>());
}

export async function requests(): Promise<void> {
  const saved = await request(board, "save", "a", "away", "note", 4);
  holds<Equal<typeof saved, Reply<RoomID, CommonFailure>>>();
  await request(board, "save", "a", "away");
  await request(board, "save", "a", "away", undefined, 2);
  await request(board, "save", "a", "away", null, 2, { timeout: 1 });
  await request(board, "save", "a", "away", undefined, undefined, {
    signal: new AbortController().signal,
  });
  // @ts-expect-error the options stand behind the last argument
  await request(board, "save", "a", "away", { timeout: 1 });
  // @ts-expect-error an argument is missing
  await request(board, "save", "a");
  // @ts-expect-error an argument has the wrong type
  await request(board, "save", 1, "away");
  const one = await request(board, "one", null, { timeout: 1 });
  holds<Equal<typeof one, Reply<number, CommonFailure>>>();
  const asked = await request(board, "ask", { kind: "undo" });
  if (asked.ok) holds<Equal<typeof asked.value, Op>>();
  // @ts-expect-error nothing acknowledges it
  await request(board, "cursor:move", 1, 2);
  await request(match, "save", { n: 1 }, { timeout: 1 });
  // @ts-expect-error that is the other namespace's event
  await request(match, "save", "a", "away");
}

export function official(): void {
  board.emit("cursor:move", 1, 2);
  board.volatile.emit("cursor:move", 1, 2);
  board.emit("save", "a", "away", undefined, undefined, (reply) => reply.ok);
  board.on("cursor:moved", (x, y) => x + y);
  // @ts-expect-error an argument is missing
  board.emit("cursor:move", 1);
}

export function server(): void {
  const io = new Server<BoardClientToServer, BoardServerToClient>();
  io.on("connection", (socket) => {
    socket.on("cursor:move", (x, y) => socket.emit("cursor:moved", x, y));
    socket.on("save", (name, _state, note, _size, ack) => {
      socket.emit("label", note ?? "");
      ack({ ok: true, value: RoomID(name) });
      // @ts-expect-error a string is no room
      ack({ ok: true, value: name });
    });
    socket.emit("mid", "a", null, "red");
    socket.timeout(1).emit("confirm", "sure?", undefined, (error, yes) => {
      holds<Equal<typeof yes, boolean>>();
      return error;
    });
    // @ts-expect-error the second argument is missing
    socket.emit("cursor:moved", 1);
  });
}
