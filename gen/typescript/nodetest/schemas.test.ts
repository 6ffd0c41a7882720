// SPDX-License-Identifier: Apache-2.0

// The validators accept what fits the schema, and say what does not, and where.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { All, ID, Tree } from "../testdata/limits";
import type { SaveArguments } from "../testdata/language.schemas";
import * as language from "../testdata/language.schemas";
import * as schemas from "../testdata/limits.schemas";

/** Exactly what libraries that take Standard Schema ask for. */
const all: StandardSchemaV1<All, All> = schemas.AllSchema;
const id: StandardSchemaV1<ID, ID> = schemas.IDSchema;
const tree: StandardSchemaV1<Tree, Tree> = schemas.TreeSchema;

/** The paths of the issues, "" for the whole. */
function issues(schema: StandardSchemaV1, value: unknown): string[] {
  const result = schema["~standard"].validate(value);
  assert.ok(!(result instanceof Promise));
  if (result.issues === undefined) {
    assert.deepEqual(result.value, value);
    return [];
  }
  return result.issues.map(({ path = [], message }) => {
    assert.ok(message !== "");
    return path.join(".");
  });
}

const sound = { id: "ab", color: "red" };

const fields: [string, unknown[], [unknown, string?][]][] = [
  [
    "id",
    ["ab", "abcd", "🙂🙂🙂🙂", 'a"\\'],
    [
      ["a"],
      ["abcde"],
      ["🙂"],
      ["AB"],
      ["ab\n"],
      [1],
      [null],
      ["a\ud83d"],
      [undefined],
    ],
  ],
  ["color", ["red", "green", "__proto__"], [["blue"], ["toString"], [1], [""]]],
  ["open", ["a", "b", null, undefined], [["x".repeat(257)], [1]]],
  [
    "tags",
    [["a"], ["a", "b", "🙂🙂🙂"], undefined],
    [
      [[]],
      [["a", "b", "c", "d"]],
      [["a", "b", "a"], "tags.2"],
      [["a", "🙂🙂🙂🙂"], "tags.1"],
      [["a", 1], "tags.1"],
      [{ 0: "a" }],
      [null],
    ],
  ],
  [
    "scores",
    [{}, { a: -0.5, b: 1000 }, JSON.parse('{"__proto__":1}')],
    [
      [{ a: -0.6 }, "scores.a"],
      [{ a: 1000.1 }, "scores.a"],
      [{ a: 1, b: 1, c: 1 }],
      [{ a: NaN }, "scores.a"],
      [{ a: Infinity }, "scores.a"],
      [{ a: "1" }, "scores.a"],
      [[1]],
    ],
  ],
  [
    "big",
    ["0", "-5", "9007199254740993"],
    [
      ["-6"],
      ["9007199254740994"],
      ["01"],
      ["-0"],
      ["+1"],
      ["1.0"],
      [""],
      [1],
      ["1n"],
      ["9".repeat(99)],
    ],
  ],
  ["ubig", ["0", "18446744073709551615"], [["-1"], ["18446744073709551616"]]],
  ["small", [-2147483648, 2147483647, -0], [[2147483648], [1.5], [NaN], ["1"]]],
  ["bool", [true, false], [[0], ["true"], [null]]],
  [
    "bytes",
    [new ArrayBuffer(1), Uint8Array.of(1, 2), Buffer.from("a")],
    [[new ArrayBuffer(0)], [new Uint8Array(3)], ["a"], [[1]]],
  ],
  [
    "at",
    [
      "2026-01-02T03:04:05.678Z",
      "2024-02-29T23:59:59Z",
      "2026-01-02T03:04:05+02:00",
    ],
    [
      ["2026-02-29T00:00:00Z"],
      ["2026-01-02"],
      ["2026-13-01T00:00:00Z"],
      ["2026-01-02T24:00:00Z"],
      ["x"],
      [0],
      [new Date()],
    ],
  ],
  [
    "uuid",
    [
      "123e4567-e89b-12d3-a456-426614174000",
      "123E4567-E89B-12D3-A456-426614174000",
    ],
    [["123e4567"], ["{123e4567-e89b-12d3-a456-42661417400}"], [1]],
  ],
  ["any", [1, null, "x", [{}]], []],
  ["document", [1, null, "x", [{}]], []],
  ["documents", [[], [1, null]], [[[1, 2, 3]], [{}], [null]]],
  ["wait", [0, 1500], [[0.5], ["1s"]]],
];

for (const [name, fitting, broken] of fields) {
  test(`${name}: what fits and what does not`, () => {
    for (const value of fitting) {
      assert.deepEqual(
        issues(all, { ...sound, [name]: value }),
        [],
        String(value),
      );
    }
    for (const [value, where = name] of broken) {
      const found = issues(all, { ...sound, [name]: value });
      assert.deepEqual(found, [where], JSON.stringify(value));
    }
  });
}

/** What a schema makes of a value. */
function output(schema: StandardSchemaV1, value: unknown): unknown {
  const result = schema["~standard"].validate(value);
  assert.ok(!(result instanceof Promise) && result.issues === undefined);
  return result.value;
}

test("what needs no default comes back itself", () => {
  const value = { ...sound, tags: ["a"], scores: { a: 1 } };
  assert.equal(output(all, value), value);
});

test("defaults are put in, at any depth", () => {
  const { ContentSchema, DefaultsSchema, SaveSchema } = language;
  const defaults = {
    state: "online",
    note: null,
    old: true,
    count: 50,
    id: "9007199254740993",
    ratio: 0.5,
    wait: 1500,
    room: "lobby",
    seat: 3,
    at: "2026-01-02T03:04:05.000Z",
  };
  assert.deepEqual(output(DefaultsSchema, {}), defaults);
  const given = Object.freeze({ count: 1, old: undefined, more: "kept" });
  assert.deepEqual(output(DefaultsSchema, given), {
    ...defaults,
    count: 1,
    more: "kept",
  });
  assert.deepEqual(given, { count: 1, old: undefined, more: "kept" });
  const text = { kind: "text", body: "b" };
  assert.deepEqual(output(ContentSchema, text), { ...text, lang: 'd"e*/' });
  const unknown = { kind: "newer", x: 1 };
  assert.equal(output(ContentSchema, unknown), unknown);
  assert.deepEqual(output(SaveSchema, ["a", "online", null]), [
    "a",
    "online",
    null,
    2,
  ]);
});

test("unknown fields are refused where the event refuses them", () => {
  const { BoardAskPayloadSchema, ContentSchema } = language;
  const surplus = { kind: "text", body: "b", url: "x", __proto: 1 };
  assert.deepEqual(issues(BoardAskPayloadSchema, surplus), ["url", "__proto"]);
  assert.deepEqual(issues(BoardAskPayloadSchema, { kind: "undo", a: 0 }), [
    "a",
  ]);
  const text = { kind: "text", body: "b", url: undefined };
  const filled = { kind: "text", body: "b", url: undefined, lang: 'd"e*/' };
  assert.deepEqual(output(BoardAskPayloadSchema, text), filled);
  assert.deepEqual(output(ContentSchema, { ...surplus, lang: "en" }), {
    ...surplus,
    lang: "en",
  });
});

test("all issues are told at once", () => {
  const value = { id: 1, tags: [1, 2], bool: 0 };
  assert.deepEqual(issues(all, value), [
    "id",
    "color",
    "tags.0",
    "tags.1",
    "bool",
  ]);
});

test("what is no object is refused", () => {
  for (const value of [
    null,
    undefined,
    1,
    "x",
    [],
    new Date(),
    new ArrayBuffer(1),
  ]) {
    assert.deepEqual(issues(all, value), [""]);
  }
  assert.deepEqual(issues(id, "A"), ["", ""]);
});

test("an own __proto__ is a field like others", () => {
  const own = JSON.parse('{"id":"ab","color":"red","__proto__":1.5}');
  assert.deepEqual(issues(all, own), ["__proto__"]);
  const inherited = Object.create({ color: "red" }, {});
  assert.deepEqual(issues(all, Object.assign(inherited, { id: "ab" })), [
    "color",
  ]);
});

test("unions go by their tag", () => {
  const leaf = { kind: "leaf", size: 1 };
  const branch = { kind: "tree", children: [leaf, { kind: "none" }] };
  assert.deepEqual(issues(tree, { children: [leaf, branch] }), []);
  assert.deepEqual(
    issues(tree, { children: [{ ...leaf, size: 0 }, { kind: "x" }, {}] }),
    ["children.0.size", "children.1.kind", "children.2.kind"],
  );
  const { LooseSchema } = schemas;
  assert.deepEqual(issues(LooseSchema, { kind: "newer", x: 1 }), []);
  assert.deepEqual(issues(LooseSchema, { kind: 1 }), ["kind"]);
  assert.deepEqual(issues(LooseSchema, { kind: "leaf", size: 0 }), ["size"]);
});

test("no depth is too much", () => {
  const circle: { kind: string; children: unknown[] } = {
    kind: "tree",
    children: [],
  };
  circle.children.push(circle);
  assert.equal(issues(tree, circle).length, 1);
});

test("the arguments of an event have a schema", () => {
  const save: StandardSchemaV1<SaveArguments, SaveArguments> =
    language.SaveSchema;
  const accepted: SaveArguments[] = [
    ["a", "online", "hint", 1],
    ["a", "online", null, undefined],
  ];
  for (const args of [...accepted, ["a", "online"], ["a", "online", null]]) {
    const filled = [args[0], args[1], args[2], args[3] ?? 2];
    assert.deepEqual(output(save, args), filled, JSON.stringify(args));
  }
  const surplus = ["a", "online", null, 1, "from a newer client"];
  assert.deepEqual(issues(save, surplus), []);
  const refused: [unknown, string[]][] = [
    [[], ["0", "1"]],
    [[null, "online"], ["0"]],
    [
      ["a", "online", 1, "x"],
      ["2", "3"],
    ],
    [{ 0: "a", 1: "online" }, [""]],
    ["a", [""]],
  ];
  for (const [args, paths] of refused) {
    assert.deepEqual(issues(save, args), paths, JSON.stringify(args));
  }
});
