// The page's sentences about failures, and its checks before sending.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

async function load(file) {
  const bundled = await esbuild.build({
    entryPoints: [fileURLToPath(new URL(`../page/${file}`, import.meta.url))],
    bundle: true,
    format: "esm",
    write: false,
  });
  const source = Buffer.from(bundled.outputFiles[0].contents).toString(
    "base64",
  );
  return import(`data:text/javascript;base64,${source}`);
}

const { explain, issueAt } = await load("failures.ts");
const limits = await load("limits.ts");

const invalid = {
  code: "invalid_payload",
  message: "invalid payload",
  data: {
    issues: [
      { path: "room", message: "does not match the pattern" },
      { path: "", message: "too deep" },
    ],
  },
};

test("a failure is explained", () => {
  for (const [failure, sentence] of [
    [invalid, "room: does not match the pattern; too deep"],
    [
      { code: "invalid_payload", message: "invalid payload" },
      "Invalid payload.",
    ],
    [
      { code: "invalid_payload", message: "no", data: { issues: "none" } },
      "No.",
    ],
    [
      { code: "name_taken", message: "x", data: { name: "Ada" } },
      "Somebody here already has that name. Choose another.",
    ],
    [
      { code: "no_such_member", message: "x" },
      "That member is no longer here.",
    ],
    [{ code: "timeout", message: "x" }, "The server did not answer in time."],
    [
      { code: "disconnected", message: "x" },
      "The connection was lost before the server answered.",
    ],
    [
      { code: "internal", message: "x", data: { id: "1" } },
      "Something went wrong on the server.",
    ],
    [
      { code: "not_member", message: "join the room first" },
      "Join the room first.",
    ],
    [{ code: "of a newer server", message: "Not now!" }, "Not now!"],
    [{ code: "silent", message: "" }, "The server refused."],
  ]) {
    assert.equal(explain(failure), sentence);
  }
});

test("an issue is found at its field", () => {
  assert.equal(issueAt(invalid, "room"), "Does not match the pattern.");
  assert.equal(issueAt(invalid, "name"), "");
  assert.equal(issueAt({ code: "name_taken", message: "x" }, "name"), "");
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
  ]) {
    for (const value of fine)
      assert.equal(check(value), "", `${check.name} ${value}`);
    for (const value of wrong)
      assert.notEqual(check(value), "", `${check.name} ${value}`);
  }
  for (const type of ["image/png", "image/jpeg", "image/gif", "image/webp"]) {
    assert.equal(limits.pictureProblem(type, 500_000), "");
  }
  for (const [type, bytes] of [
    ["image/svg+xml", 10],
    ["image/pngx", 10],
    ["", 10],
    ["image/png", 0],
    ["image/png", 500_001],
  ]) {
    assert.notEqual(limits.pictureProblem(type, bytes), "");
  }
});
