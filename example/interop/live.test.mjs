// SPDX-License-Identifier: Apache-2.0

// The live board, driven by the official client, which knows nothing of sockgen.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startExample } from "../testing/harness.mjs";
import { collect, connect, first, modes, until } from "./client.mjs";

for (const mode of Object.keys(modes)) {
  describe(`the live board over ${mode}`, () => {
    let server;
    let ada;
    let bob;
    before(async () => {
      server = await startExample({
        from: "./example/live",
        args: ["-tick", "50ms"],
      });
      ada = await connect(server, "/", mode);
      bob = await connect(server, "/", mode);
    });
    after(() => {
      ada?.disconnect();
      bob?.disconnect();
      return server?.stop();
    });
    const ask = (socket, event, ...payload) =>
      socket.timeout(5000).emitWithAck(event, ...payload);
    const post = (report) =>
      fetch(`${server.url}/api/incidents`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(report),
      });

    test("the snapshot has every service with its past", async () => {
      const { ok, value } = await ask(ada, "board");
      assert.equal(ok, true);
      assert.deepEqual(
        value.services.map(({ id, status }) => `${id} ${status}`),
        "storefront checkout payments search accounts shipping"
          .split(" ")
          .map((id) => `${id} operational`),
      );
      for (const { samples } of value.services) {
        assert.equal(samples.length, 60);
        const times = samples.map(({ at }) => at);
        assert.deepEqual(times, [...times].sort());
      }
      assert.deepEqual(value.incidents, []);
    });

    test("metrics come at every tick, each newer than the last", async () => {
      const pushed = collect(ada, "metrics");
      await until(() => pushed.length >= 5, "five pushes");
      const times = pushed.map(([{ at }]) => at);
      assert.deepEqual(times, [...new Set(times)].sort());
      for (const [{ at, samples }] of pushed) {
        assert.equal(Object.keys(samples).length, 6);
        assert.equal(samples.checkout.at, at);
        assert.ok(samples.checkout.errors >= 0 && samples.checkout.errors <= 1);
      }
      ada.off("metrics");
    });

    test("an incident goes from HTTP to everybody, is acknowledged once and resolved", async () => {
      const heard = Promise.all(
        [ada, bob].map((socket) => first(socket, "incident:opened")),
      );
      const status = first(bob, "status:changed");
      const answer = await post({
        service: "payments",
        title: "Refunds fail",
        detail: { kind: "degraded", symptom: "failing" },
      });
      assert.equal(answer.status, 201);
      const incident = await answer.json();
      assert.deepEqual(incident.report, {
        service: "payments",
        title: "Refunds fail",
        note: "",
        detail: { kind: "degraded", symptom: "failing", percent: 100 },
      });
      assert.deepEqual(await heard, [[incident], [incident]]);
      assert.deepEqual(await status, [
        { service: "payments", status: "degraded" },
      ]);

      const seen = first(bob, "incident:acknowledged");
      const reply = await ask(ada, "acknowledge", { incident: incident.id });
      assert.equal(reply.value.acknowledged.by, "somebody");
      assert.deepEqual(await seen, [reply.value]);
      const { error } = await ask(bob, "acknowledge", {
        incident: incident.id,
        by: "Bob",
      });
      assert.equal(error.code, "already_acknowledged");
      assert.deepEqual(error.data, reply.value.acknowledged);
      const board = await ask(bob, "board");
      assert.deepEqual(board.value.incidents, [reply.value]);

      const resolved = first(ada, "incident:resolved");
      assert.deepEqual(await ask(bob, "resolve", { incident: incident.id }), {
        ok: true,
      });
      const [over] = await resolved;
      assert.equal(over.incident, incident.id);
      assert.ok(Date.parse(over.at) >= Date.parse(incident.opened));
      const late = await ask(ada, "resolve", { incident: incident.id });
      assert.equal(late.error.code, "no_such_incident");
    });

    test("a report that does not fit is refused with what is wrong, and nobody hears of it", async () => {
      const heard = collect(ada, "incident:opened");
      const answer = await post({
        service: "payments",
        title: "",
        detail: { kind: "degraded", percent: 0 },
      });
      assert.equal(answer.status, 422);
      const { code, data } = await answer.json();
      assert.equal(code, "invalid_payload");
      assert.deepEqual(
        data.issues.map(({ path }) => path),
        ["title", "detail.percent"],
      );
      await ask(ada, "board");
      assert.deepEqual(heard, []);
    });

    test("a log is heard by those who watch it, until they do not", async () => {
      const overheard = collect(bob, "log:appended");
      const lines = collect(ada, "log:appended");
      const { value } = await ask(ada, "watch", { service: "shipping" });
      assert.ok(value.log.length > 0);
      await until(() => lines.length >= 3, "three lines");
      for (const [{ service, line }] of lines) {
        assert.equal(service, "shipping");
        assert.ok(line.at > value.log.at(-1).at);
      }
      assert.deepEqual(await ask(ada, "unwatch", { service: "shipping" }), {
        ok: true,
      });
      const { length } = lines;
      for (let n = 0; n < 10; n++) await first(ada, "metrics");
      assert.equal(lines.length, length);
      assert.deepEqual(overheard, []);
      for (const event of ["watch", "unwatch"]) {
        const { error } = await ask(ada, event, { service: "attic" });
        assert.equal(error.code, "no_such_service");
        assert.deepEqual(error.data, { service: "attic" });
      }
    });
  });
}
