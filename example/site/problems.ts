// SPDX-License-Identifier: Apache-2.0

// What a schema says about a value, in a sentence. The limits stand in events.yaml
// alone: the validators that sockgen generates from it know them, and so the server
// does, whose word counts.

/** As much of a generated validator as is needed here. */
export interface Validator {
  readonly "~standard": {
    readonly validate: (value: unknown) => {
      readonly issues?: readonly { readonly message: string }[] | undefined;
    };
  };
}

/** The words of a value's problems. */
export interface Words {
  /** The value, as a sentence begins: "A name". */
  readonly what: string;
  /** What to say when there is none. */
  readonly missing?: string;
  /** What to say when it does not have the form that the schema asks for. */
  readonly form?: string;
}

/** What is wrong with a value, in one sentence; "" when nothing is. */
export function problemOf(
  schema: Validator,
  value: unknown,
  words: Words,
): string {
  const issues = schema["~standard"].validate(value).issues ?? [];
  const [first] = issues;
  if (first === undefined) return "";
  if (value === "" && words.missing !== undefined) return words.missing;
  return explainIssue(first.message, value, words);
}

/** Makes a sentence of what a validator, or the server, says about a value. */
export function explainIssue(
  message: string,
  value: unknown,
  { what, form }: Words,
): string {
  if (message.startsWith("must match") && form !== undefined) return form;
  const limit = /^needs a length of (at least|at most) (\d+)$/.exec(message);
  if (limit === null) return `${what} ${message}.`;
  const [, which = "", most = ""] = limit;
  const { has, unit } = size(value);
  return `${what} has ${which} ${count(Number(most), unit)}; this has ${count(has)}.`;
}

// The schema's "length" counts code points of a text.
function size(value: unknown): { readonly has: number; readonly unit: string } {
  if (typeof value === "string")
    return { has: [...value].length, unit: "character" };
  if (value instanceof ArrayBuffer)
    return { has: value.byteLength, unit: "byte" };
  return { has: Array.isArray(value) ? value.length : 0, unit: "entry" };
}

function count(n: number, unit = ""): string {
  const digits = n.toLocaleString("en");
  if (unit === "") return digits;
  if (n === 1) return `${digits} ${unit}`;
  return `${digits} ${unit.replace(/y$/, "ie")}s`;
}
