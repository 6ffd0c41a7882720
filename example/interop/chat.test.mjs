// SPDX-License-Identifier: Apache-2.0

// The chat, driven by the official client, which knows nothing of sockgen.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startExample } from "../testing/harness.mjs";
import { collect, connect, first, modes, open, until } from "./client.mjs";

for (const mode of Object.keys(modes)) {
  describe(`chat over ${mode}`, () => {
    let server;
    let ada;
    let bob;
    before(async () => {
      server = await startExample();
      ada = await connect(server, "/chat", mode, { auth: { name: "Ada" } });
      bob = await connect(server, "/chat", mode, { auth: { name: "Bob" } });
    });
    after(() => {
      ada.disconnect();
      bob.disconnect();
      return server.stop();
    });
    const ask = (socket, event, payload) =>
      socket.timeout(5000).emitWithAck(event, payload);
    const refused = (reply, code) => {
      assert.equal(reply.ok, false);
      assert.equal(reply.error.code, code);
      return reply.error;
    };

    test("who sends without having joined gets the typed error", async () => {
      const error = refused(
        await ask(ada, "message:send", { room: "tea", text: "hi" }),
        "not_member",
      );
      assert.equal(error.message, "join the room first");
      assert.deepEqual(error.data, { room: "tea" });
    });

    test("joining answers with members and history and tells the others", async () => {
      const alone = await ask(ada, "room:join", { room: "tea" });
      assert.deepEqual(alone, {
        ok: true,
        value: { members: [{ id: ada.id, name: "Ada" }], history: [] },
      });
      const joined = first(ada, "member:joined");
      const both = await ask(bob, "room:join", { room: "tea" });
      assert.deepEqual(both.value.members, [
        { id: ada.id, name: "Ada" },
        { id: bob.id, name: "Bob" },
      ]);
      assert.deepEqual(await joined, [
        { room: "tea", member: { id: bob.id, name: "Bob" } },
      ]);
    });

    test("a message reaches everybody in the room, in order, and its sender's ack", async () => {
      const seen = [
        collect(ada, "message:posted"),
        collect(bob, "message:posted"),
      ];
      const sent = await ask(ada, "message:send", {
        room: "tea",
        text: "one lump <or> two? 🫖",
      });
      assert.equal(sent.ok, true);
      assert.match(sent.value.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      await ask(bob, "message:send", {
        room: "tea",
        text: "two",
        replyTo: sent.value.id,
      });
      await until(
        () => seen.every((list) => list.length === 2),
        "two messages for each",
      );
      assert.deepEqual(seen[0], seen[1]);
      assert.deepEqual(seen[0][0], [
        {
          id: sent.value.id,
          room: "tea",
          from: { id: ada.id, name: "Ada" },
          text: "one lump <or> two? 🫖",
          at: sent.value.at,
        },
      ]);
      assert.equal(seen[0][1][0].replyTo, sent.value.id);
      ada.off("message:posted");
      bob.off("message:posted");
    });

    test("a newcomer reads as much of the past as asked for", async () => {
      const eve = await connect(server, "/chat", mode, {
        auth: { name: "Eve" },
      });
      const short = await ask(eve, "room:join", { room: "tea", history: 1 });
      assert.deepEqual(
        short.value.history.map(({ text }) => text),
        ["two"],
      );
      const whole = await ask(eve, "room:join", { room: "tea" });
      assert.equal(whole.value.history.length, 2);
      const left = first(ada, "member:left");
      assert.deepEqual(await ask(eve, "room:leave", { room: "tea" }), {
        ok: true,
      });
      assert.equal((await left)[0].member.name, "Eve");
      refused(await ask(eve, "room:leave", { room: "tea" }), "not_member");
      eve.disconnect();
    });

    test("typing is told to the others alone", async () => {
      const own = collect(ada, "typing:changed");
      const told = first(bob, "typing:changed");
      ada.emit("typing", { room: "tea", typing: true });
      assert.deepEqual(await told, [
        { room: "tea", member: { id: ada.id, name: "Ada" }, typing: true },
      ]);
      await ask(ada, "message:send", { room: "tea", text: "a round trip" });
      assert.deepEqual(own, []);
    });

    test("who is not in the room is refused as $error when nothing acknowledges", async () => {
      ada.emit("typing", { room: "elsewhere", typing: true });
      const [failure] = await first(ada, "$error");
      assert.equal(failure.event, "typing");
      assert.equal(failure.code, "not_member");
      assert.deepEqual(failure.data, { room: "elsewhere" });
    });

    test("a whisper reaches one member alone", async () => {
      const overheard = collect(ada, "whispered");
      const heard = first(bob, "whispered");
      assert.deepEqual(
        await ask(ada, "whisper", { to: bob.id, text: "psst" }),
        { ok: true },
      );
      const [whisper] = await heard;
      assert.equal(whisper.text, "psst");
      assert.equal(whisper.from.name, "Ada");
      assert.deepEqual(overheard, []);
      refused(
        await ask(ada, "whisper", { to: "nobody", text: "psst" }),
        "no_such_member",
      );
    });

    for (const size of [1, 300_000]) {
      test(`a picture of ${size} bytes arrives as it was sent`, async () => {
        const data = Buffer.alloc(size, 0).map((_, i) => (i * 31) & 255);
        const arrived = first(bob, "image:posted");
        const image = { room: "tea", mime: "image/png", data, alt: "noise" };
        assert.deepEqual(await ask(ada, "image:send", image), { ok: true });
        const [posted] = await arrived;
        assert.ok(Buffer.isBuffer(posted.data));
        assert.ok(posted.data.equals(data));
        assert.equal(posted.alt, "noise");
      });
    }

    test("every mistake of a payload is named with its path", async () => {
      const error = refused(
        await ask(ada, "image:send", {
          room: "No Spaces",
          mime: "text/html",
          data: Buffer.alloc(0),
        }),
        "invalid_payload",
      );
      assert.deepEqual(error.data.issues.map(({ path }) => path).sort(), [
        "alt",
        "data",
        "mime",
        "room",
      ]);
      for (const [payload, path] of [
        [undefined, ""],
        [null, ""],
        [{ room: "tea" }, "text"],
        [{ room: "tea", text: 7 }, "text"],
        [{ room: "tea", Text: "x" }, "Text"],
        [{ room: "tea", text: "x".repeat(2001) }, "text"],
        [{ room: "tea", text: "x", replyTo: 1.5 }, "replyTo"],
      ]) {
        const { data } = refused(
          await ask(ada, "message:send", payload),
          "invalid_payload",
        );
        assert.deepEqual(
          data.issues.map((issue) => issue.path),
          [path],
          JSON.stringify(payload),
        );
      }
    });

    test("a refused CONNECT says why", async () => {
      for (const auth of [undefined, {}, { name: "" }, { name: 7 }]) {
        const socket = open(server, "/chat", mode, { auth });
        const [error] = await first(socket, "connect_error");
        assert.equal(error.data.code, "invalid_payload");
        assert.deepEqual(
          error.data.data.issues.map(({ path }) => path),
          ["name"],
        );
        socket.disconnect();
      }
      const twin = open(server, "/chat", mode, { auth: { name: "ada" } });
      const [error] = await first(twin, "connect_error");
      assert.equal(error.data.code, "name_taken");
      assert.deepEqual(error.data.data, { name: "ada" });
      twin.disconnect();
    });

    test("a page that lost its connection takes over its own name", async () => {
      const key = "0123456789abcdef";
      const lost = await connect(server, "/chat", mode, {
        auth: { name: "Kay", key },
      });
      const dropped = first(lost, "disconnect");
      const found = await connect(server, "/chat", mode, {
        auth: { name: "Kay", key },
      });
      assert.deepEqual((await dropped)[0], "io server disconnect");
      assert.equal((await ask(found, "room:join", { room: "tea" })).ok, true);
      // Her leaving is seen here, and not by the tests that follow.
      const left = first(ada, "member:left");
      found.disconnect();
      assert.equal((await left)[0].member.name, "Kay");
    });

    test("whoever operates the server can announce to everybody", async () => {
      const heard = Promise.all([
        first(ada, "announce"),
        first(bob, "announce"),
      ]);
      server.say("tea is ready");
      for (const [announcement] of await heard)
        assert.equal(announcement.text, "tea is ready");
    });

    test("a member whose connection ends has left", async () => {
      const left = first(ada, "member:left");
      bob.io.engine.close();
      assert.equal((await left)[0].member.name, "Bob");
      await first(bob, "connect");
    });
  });
}
