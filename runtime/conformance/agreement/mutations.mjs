// SPDX-License-Identifier: Apache-2.0

// What is broken in a way that no schema describes: bytes that are no text, and
// values that nest too deep.

/** A packet that asks for an ack where the event has one. */
export function packet({ event, args, attachments }, id) {
  const type = attachments.length > 0 ? `45${attachments.length}-` : "42";
  const ack = event.endsWith(":back") ? "" : id;
  return `${type}${ack}[${[JSON.stringify(event), ...args].join(",")}]`;
}

// Sequences of bytes that are no UTF-8 whatever follows them but one of their kind.
const badBytes = [
  [0xff],
  [0x80], // continues nothing
  [0xc3], // ends too early
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
  [0xc0, 0xaf], // longer than it needs to be
  [0xed, 0xa0, 0x80], // half a surrogate pair
  [0xf4, 0x90, 0x80, 0x80], // beyond U+10FFFF
].map((bytes) => Buffer.from(bytes));

/** The packet of a sound payload, once with each bad sequence somewhere in it. */
export function withBadBytes(payload, random) {
  const text = packet(payload, 0);
  const start = text.indexOf(",") + 1;
  const points = [...text.slice(start)];
  return badBytes.map((bytes) => {
    const at = Math.floor(random() * points.length); // before the last bracket
    return Buffer.concat([
      Buffer.from(text.slice(0, start) + points.slice(0, at).join("")),
      bytes,
      Buffer.from(points.slice(at).join("")),
    ]);
  });
}

/** A list within a list within a list …, so many in all. */
export function nested(depth) {
  return "[".repeat(depth) + "]".repeat(depth);
}

/**
 * The packets of a sound payload that nest deeper than a packet may: in place of an
 * argument, in a field, and in an argument that nothing would look at.
 */
export function tooDeep({ event, args, attachments }, most) {
  const inside = most - 1; // what the packet's own list leaves
  const object = `${'{"x":'.repeat(inside + 1)}1${"}".repeat(inside + 1)}`;
  return [
    [nested(inside + 1)],
    [object],
    [nested(100_000)],
    [...args, nested(inside + 1)],
  ].map((some) => packet({ event, args: some, attachments }, 0));
}

// How deep a payload's values may be, in steps of their paths (S-11).
const levels = 64;
const longestPath = 256; // bytes

// The ways from one Tree or Nest to another.
const ways = {
  tree: [
    { steps: [".twin"], around: (tree) => ({ twin: tree }) },
    { steps: [".children", "[0]"], around: (tree) => ({ children: [tree] }) },
    {
      steps: [".children", "[1]"],
      around: (tree) => ({ children: [{ name: "" }, tree] }),
    },
    {
      steps: [".byName", '["k"]'],
      around: (tree) => ({ byName: { k: tree } }),
    },
    {
      steps: [".content"],
      around: (tree) => ({ content: { type: "tree", ...tree } }),
    },
  ],
  nest: [
    { steps: [".n"], around: (nest) => ({ n: nest }) },
    { steps: [".l", "[0]"], around: (nest) => ({ l: [nest] }) },
    { steps: [".l", "[1]"], around: (nest) => ({ l: [{}, nest] }) },
  ],
};

// The events whose payloads hold themselves: what such a value is, and where it
// stands.
const recursive = {
  nest: { of: "nest", least: {}, steps: [], wrap: (nest) => [nest] },
  tree: { of: "tree", least: { name: "" }, steps: [], wrap: (tree) => [tree] },
  content: {
    ...{ of: "tree", least: { name: "" }, steps: [] },
    wrap: (tree) => [{ type: "tree", ...tree }],
  },
  attach: {
    ...{ of: "tree", least: { name: "" }, steps: ["args", "[1]"] },
    // The Blob that stands first is an attachment.
    wrap: (tree) => [
      { _placeholder: true, num: 0 },
      { ...tree, type: "tree" },
    ],
  },
};

/** So many payloads that nest too deep for the event, or none where none can. */
export function tooDeepFor(event, count, random) {
  return draw(event, count, random, (steps) => steps < levels);
}

/** So many payloads of the event that nest as deep as they may. */
export function deepest(event, count, random) {
  return draw(event, count, random, (steps) => steps < levels - 2);
}

function draw(event, count, random, isShort) {
  const form = recursive[event.replace(/:back$/, "")];
  if (!form) return [];
  return Array.from({ length: count }, () => {
    const steps = [...form.steps];
    const taken = [];
    while (isShort(steps.length)) {
      const all = ways[form.of];
      const way = all[Math.floor(random() * all.length)];
      taken.unshift(way);
      steps.push(...way.steps);
    }
    let value = form.least;
    for (const way of taken) value = { ...form.least, ...way.around(value) };
    return {
      event,
      args: form.wrap(value).map((arg) => JSON.stringify(arg)),
      attachments: form.steps.length > 0 ? [Buffer.alloc(1)] : [],
      paths: beyond(steps),
      why: "too deep",
    };
  });
}

/** The paths of the values that are too deep: an element's siblings are as well. */
function beyond(steps) {
  const last = steps[levels - 1];
  const all = last === "[1]" ? ["[0]", "[1]"] : [last];
  const paths = all.map((step) =>
    cut([...steps.slice(0, levels - 1), step].join("").replace(/^\./, "")),
  );
  return [...new Set(paths)];
}

/** Shortens a path of ASCII as issues have it. */
function cut(path) {
  if (path.length <= longestPath) return path;
  return `${path.slice(0, longestPath - Buffer.byteLength("…"))}…`;
}

/** Says what is wrong with the answer to a broken payload, if anything is. */
export function judge({ event, args, paths, why }, id, answer) {
  const plain = event === "plain"; // whose acks cannot hold an error
  const asked = !event.endsWith(":back") && !plain;
  const start = asked ? `3${id}[` : "2[";
  const problem = (what) =>
    `${event}: ${args.join(", ").slice(0, 1000)}: broken at ${JSON.stringify(paths)} (${why}), but ${what}: ${answer.slice(0, 1000)}`;
  if (!answer.startsWith(start)) return problem("another answer");
  const [first, second] = JSON.parse(answer.slice(start.length - 1));
  if (asked ? first.ok !== false : first !== "$error") {
    return problem("not refused");
  }
  const error = asked ? first.error : second;
  if (!asked && error.event !== event) return problem("another event");
  if (error.code !== "invalid_payload") return problem("another code");
  const { issues } = error.data;
  const found = [...new Set(issues.map((issue) => issue.path))];
  if (JSON.stringify(found) !== JSON.stringify(paths)) {
    return problem("another path");
  }
  for (const { message } of issues) {
    if (typeof message !== "string" || message === "") {
      return problem("no message");
    }
  }
}

/** Numbers from 0 to 1, the same for the same seed. */
export function makeRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
