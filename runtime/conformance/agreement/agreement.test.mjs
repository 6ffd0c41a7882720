// SPDX-License-Identifier: Apache-2.0

// Generated Go and generated TypeScript agree about every form of payload, and
// nothing that does not fit reaches a handler: over connections as they are in
// production. In the environment, AGREEMENT_SEED draws other payloads and
// AGREEMENT_VALUES draws more of them: 500000 are 10,000 and more for each event.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { printCount } from "../../../example/testing/counts.mjs";
import { build, read, serve, toValues } from "./build.mjs";
import {
  deepest,
  judge,
  makeRandom,
  nested,
  packet,
  tooDeep,
  tooDeepFor,
  withBadBytes,
} from "./mutations.mjs";
import { openPolling, openRaw } from "./packets.mjs";

const seed = Number(process.env.AGREEMENT_SEED ?? 1);
const sound = Number(process.env.AGREEMENT_VALUES ?? 12_000); // values drawn, for each transport
const broken = 1000; // payloads for each event
const deep = 300; // of each event that can nest too deep
const batch = 200; // packets before their answers are awaited
const together = 16; // connections at a time
const mostDepth = 64; // of a packet, its own list included

// Where nothing but an absent payload is wrong, since any JSON fits.
const anything = new Set(
  ["anything", "document"].flatMap((event) => [event, `${event}:back`]),
);

// What a schema can be broken by, and what the payloads drawn from it say of it.
const reasons = {
  missing: ["missing", "missing argument", "no payload", "missing tag"],
  null: ["null"],
  "wrong type": ["wrong type", "tag of a wrong type"],
  "out of range": [
    ...["out of range", "beyond the scalar", "not an integer", "no integer"],
    ...["too long", "too short", "too long for an enum"],
    ...["too many bytes", "too few bytes"],
    ...["too many elements", "too few elements", "too many entries"],
  ],
  "wrong form": [
    ...["not a decimal", "not a timestamp", "not a UUID", "does not match"],
    ...["unknown enum value", "repeated element", "unknown field"],
    ...["reserved key", "unknown tag", "bad tag"],
  ],
  "wrong case": ["wrong case", "tag in a wrong case"],
  "duplicate key": ["repeated key"],
  "half a surrogate": ["half a surrogate pair"],
  "too deep": ["too deep"],
  "bad UTF-8": ["bad UTF-8"],
};

describe("agreement", () => {
  const cleanups = [];
  let built;
  let values;
  let mistakes; // by event
  let samples; // a sound payload for each event
  let url;
  let random;
  const agreed = { drawn: 0, literals: 0, acks: 0, heard: 0, validated: 0 };
  const refused = {}; // by why
  const refusedOf = {}; // by event

  const count = ({ event, why }) => {
    refused[why] = (refused[why] ?? 0) + 1;
    refusedOf[event] = (refusedOf[event] ?? 0) + 1;
  };

  before(async () => {
    const t = { after: (cleanup) => cleanups.unshift(cleanup) };
    built = await build(t, { seed, sound, broken });
    url = await serve(t, built.server);
    values = [];
    mistakes = new Map();
    samples = new Map();
    random = makeRandom(seed);
    for await (const payload of read(built.payloads)) {
      if (payload.why === undefined) {
        values.push(payload);
        const back = `${payload.event}:back`;
        samples.set(payload.event, payload);
        samples.set(back, { ...payload, event: back });
      } else if (mistakes.has(payload.event)) {
        mistakes.get(payload.event).push(payload);
      } else mistakes.set(payload.event, [payload]);
    }
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  for (const transport of ["websocket", "polling"]) {
    test(`drawn values over ${transport}`, async () => {
      assert.ok(values.length >= sound);
      const outcome = await built.client.exchange(
        url,
        transport,
        values.map(toValues),
      );
      assert.deepEqual(outcome.problems, []);
      assert.deepEqual(outcome.tally.different, []);
      assert.equal(outcome.acks, values.length);
      assert.equal(outcome.heard, values.length);
      assert.equal(outcome.tally.same, values.length);
      assert.ok(outcome.validated > values.length / 2);
      agreed.drawn += outcome.tally.same;
      agreed.acks += outcome.acks;
      agreed.heard += outcome.heard;
      agreed.validated += outcome.validated;
    });

    test(`literals over ${transport}`, async () => {
      const outcome = await built.client.compareLiterals(url, transport);
      assert.deepEqual(outcome.problems, []);
      assert.deepEqual(outcome.tally.different, []);
      assert.equal(outcome.heard, outcome.expected);
      assert.equal(outcome.tally.same, outcome.expected);
      agreed.literals += outcome.tally.same;
    });
  }

  for (const transport of ["websocket", "polling"]) {
    test(`requests that are given up over ${transport}`, async () => {
      const { codes, tally } = await built.client.giveUp(url, transport);
      assert.deepEqual(codes, ["aborted", "timeout", "aborted"]);
      // The two behind the first were taken back before it was their turn, or ended.
      assert.ok(tally.givenUp >= 1 && tally.givenUp <= 3, `${tally.givenUp}`);
    });
  }

  test("a rate by a field of the data is shared by the sockets of a user", async () => {
    const answers = await built.client.askForScarce(url);
    assert.deepEqual(answers, [true, true, "rate_limited", true]);
  });

  test("enough values of every event were exchanged", (t) => {
    const drawn = {};
    for (const { event } of values) drawn[event] = (drawn[event] ?? 0) + 1;
    const events = Object.keys(drawn);
    assert.equal(events.length, samples.size / 2);
    const fewest = Math.min(...Object.values(drawn));
    // Files and bundles may have too many attachments, which are drawn anew.
    assert.ok(fewest > sound / events.length / 2, JSON.stringify(drawn));
    assert.ok(agreed.drawn >= 2 * sound);
    printCount(
      t,
      `agreement: seed ${seed}: ${agreed.drawn} values drawn and ${agreed.literals} literals back in Go unchanged over websocket and polling, ` +
        `${events.length} events, at least ${fewest} values of each per transport; in TypeScript ${agreed.acks} acks and ${agreed.heard} events equal, ${agreed.validated} validated`,
    );
  });

  test("the packets of sound payloads reach the handlers", async (t) => {
    const socket = await openRaw(url);
    t.after(() => socket.close());
    await tally(socket);
    const each = 5;
    const expected = {};
    for (const payload of values) {
      expected[payload.event] ??= 0;
      if (expected[payload.event] === each) continue;
      const id = expected[payload.event]++;
      socket.send(packet(payload, id), payload.attachments);
      const answers = await socket.take(2); // the event, then the ack
      const [ack] = answers.filter((answer) => /^[36]/.test(answer));
      assert.match(ack, new RegExp(`^(3|6\\d+-)${id}\\[`));
      assert.doesNotMatch(ack, /"ok":false/);
    }
    const { calls } = await tally(socket);
    assert.deepEqual(calls, expected);
  });

  /** Sends broken payloads of one event and returns what is wrong with the answers. */
  async function refuse(socket, payloads) {
    const wrong = [];
    for (let at = 0; at < payloads.length; at += batch) {
      const some = payloads.slice(at, at + batch);
      some.forEach((payload, id) => {
        socket.send(packet(payload, id), payload.attachments);
      });
      const answers = await socket.take(some.length);
      some.forEach((payload, id) => {
        const problem = judge(payload, id, answers[id]);
        if (problem) wrong.push(problem);
        else count(payload);
      });
    }
    return wrong;
  }

  test("what does not fit is refused, at the path where it does not", async (t) => {
    const socket = await openRaw(url);
    t.after(() => socket.close());
    await tally(socket); // what happened before is of no interest
    const wrong = [];
    for (const [event, payloads] of mistakes) {
      const enough = anything.has(event) ? 1 : broken;
      assert.equal(payloads.length, enough, `${event}: payloads`);
      wrong.push(...(await refuse(socket, payloads)));
    }
    const { calls } = await tally(socket);
    assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} are not exact`);
    assert.deepEqual(calls, {});
    assert.deepEqual([...mistakes.keys()].sort(), [...samples.keys()].sort());
  });

  test("what nests too deep is refused where a server takes deep packets", async (t) => {
    const tolerant = await serve(t, built.server, "-depth=1000");
    const socket = await openRaw(tolerant);
    t.after(() => socket.close());
    const wrong = [];
    for (const event of samples.keys()) {
      const payloads = tooDeepFor(event, deep, random);
      wrong.push(...(await refuse(socket, payloads)));
    }
    const { calls } = await tally(socket);
    assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} are not exact`);
    assert.deepEqual(calls, {});
    assert.equal(refused["too deep"], 8 * deep);

    const sound = ["tree", "content", "nest"].flatMap((event) =>
      deepest(event, batch / 4, random),
    );
    sound.forEach((payload, id) => {
      socket.send(packet(payload, id), payload.attachments);
    });
    const answers = await socket.take(2 * sound.length);
    const acks = answers.filter((answer) => /^3\d+\[{"ok":true,/.test(answer));
    assert.equal(acks.length, sound.length);
  });

  /** Sends each packet over a connection of its own, which must end with the code. */
  async function endConnections(why, packets, code) {
    const watcher = await openRaw(url);
    await tally(watcher);
    const waiting = packets.values();
    const one = async () => {
      for (const { event, text, attachments } of waiting) {
        const socket = await openRaw(url);
        socket.send(text, attachments);
        const end = await socket.end();
        const what = `${event}: ${text.toString().slice(0, 500)}`;
        assert.equal(end.code, code, `${what}: closed with ${end.code}`);
        assert.equal(socket.waiting, 0, `${what}: answered`);
        count({ event, why });
      }
    };
    await Promise.all(Array.from({ length: together }, one));
    const { calls } = await tally(watcher);
    watcher.close();
    assert.deepEqual(calls, {});
  }

  test("bytes that are no UTF-8 end the connection", async () => {
    const packets = [...samples].flatMap(([event, payload]) =>
      withBadBytes(payload, random).map((text) => ({ event, text })),
    );
    assert.ok(packets.length >= 8 * samples.size);
    await endConnections("bad UTF-8", packets, 1007); // R71
  });

  test("packets that nest too deep end the connection", async (t) => {
    const packets = [...samples].flatMap(([event, payload]) =>
      tooDeep(payload, mostDepth).map((text) => ({ event, text })),
    );
    assert.ok(packets.length >= 4 * samples.size);
    await endConnections("too deep", packets, 1005); // R76: no status code

    const socket = await openRaw(url);
    t.after(() => socket.close());
    socket.send(`420["anything",${nested(mostDepth - 1)}]`);
    const answers = await socket.take(2);
    const value = nested(mostDepth - 1);
    assert.deepEqual(answers, [
      `2["anything",${value}]`,
      `30[{"ok":true,"value":${value}}]`,
    ]);
  });

  test("bytes that are no UTF-8 become U+FFFD over polling", async (t) => {
    const polling = await openPolling(url);
    t.after(() => polling.close());
    await tally(polling);
    const post = (event, text) =>
      polling.send(Buffer.from(`420["${event}","${text}"]`, "latin1"));
    for (const event of ["key", "roomID", "colour", "instant", "big", "blob"]) {
      await post(event, "a\xff");
      const [answer] = await polling.take(1);
      const payload = { event, args: ["a\xff"], paths: [""], why: "bad UTF-8" };
      assert.equal(judge(payload, 0, answer), undefined);
      count(payload);
    }
    assert.deepEqual((await tally(polling)).calls, {});
    await post("words", "a\xff"); // R47
    assert.deepEqual(await polling.take(2), [
      `2["words","a\uFFFD"]`,
      `30[{"ok":true,"value":"a\uFFFD"}]`,
    ]);
  });

  test("payloads were broken in every way", (t) => {
    const counts = Object.entries(reasons).map(([reason, whys]) => {
      for (const why of whys) assert.ok(refused[why] > 0, `none was: ${why}`);
      return [reason, sum(whys.map((why) => refused[why]))];
    });
    const all = sum(Object.values(refused));
    // Whatever was drawn stands in the table.
    const named = new Set(Object.values(reasons).flat());
    const others = Object.keys(refused).filter((why) => !named.has(why));
    assert.deepEqual(others, []);
    for (const event of samples.keys()) {
      const least = anything.has(event) ? 13 : broken;
      assert.ok(refusedOf[event] >= least, `${event}: ${refusedOf[event]}`);
    }
    printCount(
      t,
      `mutation: seed ${seed}: ${all} broken payloads of ${samples.size} events refused exactly, at least ${broken} of each but ${[...anything].join(", ")} (any JSON fits); ` +
        `no handler called; ${counts.map(([reason, n]) => `${reason} ${n}`).join(", ")}`,
    );
  });
});

function sum(numbers) {
  return numbers.reduce((total, n) => total + n, 0);
}

/** What the handlers have seen since this was asked last. */
async function tally(socket) {
  await socket.send('420["tally"]');
  const [answer] = await socket.take(1);
  assert.match(answer, /^30\[/);
  const [reply] = JSON.parse(answer.slice(2));
  assert.equal(reply.ok, true, answer);
  return reply.value;
}
