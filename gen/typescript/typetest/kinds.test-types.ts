// SPDX-License-Identifier: Apache-2.0

// Every scalar and every form of event, in a document of one namespace.

import {
  type BusyData,
  type CommonFailure,
  connect,
  type Done,
  type Empty,
  type Lists,
  type ListError,
  type Maps,
  type Maybe,
  type Nulls,
  on,
  onError,
  type Optionals,
  type PongError,
  type Reply,
  request,
  type Scalars,
  type Socket,
  type Special,
  type Tree,
} from "../testdata/kinds";
import { type Equal, holds } from "./equal";

type Bytes = ArrayBuffer | ReturnType<Uint8Array["slice"]>;

holds<
  Equal<
    Scalars,
    {
      readonly bool: boolean;
      readonly int: number;
      readonly int32: number;
      readonly uint32: number;
      readonly int64: `${bigint}`;
      readonly uint64: `${bigint}`;
      readonly float32: number;
      readonly float64: number;
      readonly string: string;
      readonly bytes: Bytes;
      readonly timestamp: string;
      readonly duration: number;
      readonly uuid: string;
      readonly any: unknown;
    }
  >
>();
holds<
  Equal<
    Optionals,
    { readonly [Name in keyof Scalars]?: Scalars[Name] | undefined }
  >
>();
holds<Equal<Nulls["int64"], `${bigint}` | null>>();
holds<Equal<Nulls["bytes"], Bytes | null>>();
holds<Equal<Lists["uint32"], readonly number[]>>();
holds<Equal<Maps["string"], { readonly [key: string]: string }>>();
holds<Equal<Maybe, `${bigint}` | null>>();
holds<Equal<BusyData["retryAfter"], number>>();
holds<Equal<Special["__proto__"], number>>();

export const big: Scalars["int64"] = "-9223372036854775808";
// @ts-expect-error not a whole number
export const fraction: Scalars["int64"] = "1.5";
// @ts-expect-error a number would lose digits
export const lossy: Scalars["uint64"] = 1;
export const empty: Empty = {};
// @ts-expect-error it has no field
export const full: Empty = { a: 1 };
// @ts-expect-error optional is not nullable
export const nothing: Optionals = { int: null };
export const missing: Optionals = { int: undefined };

/** Browsers take binary data as it arrives, whatever the compiler's release. */
export async function browser({ bytes }: Scalars): Promise<Blob> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Blob([bytes, digest]);
}

export function tree(t: Tree): void {
  holds<Equal<typeof t.parent, Tree | null | undefined>>();
  const named = t.byName["a"];
  holds<Equal<typeof named, readonly Tree[] | undefined>>();
  // @ts-expect-error lists are read-only
  t.children.push(t);
  // @ts-expect-error maps are read-only
  t.byName["a"] = [];
}

export async function requests(socket: Socket): Promise<void> {
  const listed = await request(socket, "list");
  holds<Equal<typeof listed, Reply<readonly Tree[], ListError>>>();
  await request(socket, "list", undefined, { timeout: 10 });
  // @ts-expect-error it has no payload
  await request(socket, "list", "all");
  const pong = await request(socket, "pong");
  holds<Equal<typeof pong, Done<PongError>>>();
  const found = await request(socket, "find", null);
  if (found.ok) holds<Equal<typeof found.value, Tree | null>>();
  await request(socket, "raw", 7);
  await request(socket, "raw", { anything: true }, { timeout: 10 });
  // @ts-expect-error nothing acknowledges it
  await request(socket, "ping");

  const got = await request(socket, "legacy:get", "key");
  holds<Equal<typeof got, Reply<number, CommonFailure>>>();
  const all = await request(socket, "legacy:all");
  holds<Equal<typeof all, Reply<readonly number[], CommonFailure>>>();
  socket.emit("legacy:get", "key", (n) => holds<Equal<typeof n, number>>());
  const bare = await socket.emitWithAck("legacy:get", "key");
  holds<Equal<typeof bare, number>>();

  const own = { ["__proto__"]: 1, constructor: "a", hasOwnProperty: true };
  const special = await request(socket, "__proto__", own);
  if (special.ok) holds<Equal<typeof special.value, Special>>();
  await request(socket, "constructor");
  // @ts-expect-error a property of every object is no event
  await request(socket, "valueOf");
}

export function events(socket: Socket): void {
  on(socket, "tick", () => undefined);
  on(socket, "confirm", (questions, ack) => ack(questions["a"] ?? false));
  on(socket, "noted", (ack) => ack());
  on(socket, "toString", (special) => special.__proto__.toFixed());
  // @ts-expect-error a property of every object is no event
  on(socket, "hasOwnProperty", () => undefined);
  onError(socket, (refusal) => {
    holds<
      Equal<
        typeof refusal.event,
        "ping" | "legacy:get" | "legacy:all" | "legacy:done"
      >
    >();
    if (refusal.code === "busy") {
      holds<Equal<typeof refusal.data, BusyData>>();
    }
  });
}

export const socket: Socket = connect("", { auth: { token: "t" } });
