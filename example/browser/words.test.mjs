// SPDX-License-Identifier: Apache-2.0

// The page's sentences about failures, and its checks before sending.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { explain } = await load("page/failures.ts");
const { issueAt } = await load("site/failures.ts");
const limits = await load("page/limits.ts");

const invalid = {
  code: "invalid_payload",
  message: "invalid payload",
  data: {
    issues: [
      { path: "room", message: "must match ^[a-z]+$" },
      { path: "", message: "is nested too deeply" },
    ],
  },
};

test("a failure is explained in sentences", () => {
  for (const [failure, sentence] of [
    [invalid, "Room must match ^[a-z]+$. Is nested too deeply."],
    [{ code: "invalid_payload", message: "no", data: { issues: [] } }, "No."],
    [
      { code: "name_taken", message: "x", data: { name: "Ada" } },
      "Somebody here already has that name. Choose another.",
    ],
    [
      { code: "no_such_member", message: "x" },
      "That member is no longer here.",
    ],
    [
      { code: "timeout", message: "x" },
      "The server did not answer in time. Try again.",
    ],
    [
      { code: "disconnected", message: "x" },
      "The connection was lost before the server answered.",
    ],
    [
      { code: "internal", message: "x", data: { id: "1" } },
      "Something went wrong on the server.",
    ],
    [
      { code: "not_member", message: "x", data: { room: "tea" } },
      "You are not in the room tea. Join it first.",
    ],
    [
      { code: "schema_mismatch", message: "x" },
      "This page is out of date. Reload it.",
    ],
    [{ code: "of a newer server", message: "Not now!" }, "Not now!"],
    [{ code: "silent", message: "" }, "The server refused."],
  ]) {
    assert.equal(explain(failure), sentence);
  }
});

test("an issue is found at its field", () => {
  assert.equal(
    issueAt(invalid, "room", "A room"),
    "A room must match ^[a-z]+$.",
  );
  assert.equal(issueAt(invalid, "name", "A name"), "");
  const taken = { code: "name_taken", message: "x" };
  assert.equal(issueAt(taken, "name", "A name"), "");
});

test("what the schema refuses is refused before it is sent", () => {
  for (const [check, fine, wrong] of [
    [limits.nameProblem, ["A", "😀".repeat(32)], ["", "x".repeat(33)]],
    [
      limits.roomProblem,
      ["a", "0-9-z", "x".repeat(32)],
      ["", "A", "a b", "ä", "a\n", "x".repeat(33)],
    ],
    [limits.textProblem, ["", "😀".repeat(2000)], ["x".repeat(2001)]],
    [limits.altProblem, ["", "x".repeat(200)], ["x".repeat(201)]],
    [
      limits.typeProblem,
      ["image/png", "image/jpeg", "image/gif", "image/webp"],
      ["image/svg+xml", "image/pngx", ""],
    ],
    [
      limits.dataProblem,
      [new ArrayBuffer(1), new ArrayBuffer(500_000)],
      [new ArrayBuffer(0), new ArrayBuffer(500_001)],
    ],
  ]) {
    for (const value of fine)
      assert.equal(check(value), "", `${check.name} ${value}`);
    for (const value of wrong)
      assert.match(check(value), /^[A-Z].*\.$/, `${check.name} ${value}`);
  }
});
