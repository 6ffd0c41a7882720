// SPDX-License-Identifier: Apache-2.0

// The game, played by clients that know nothing of sockgen.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startExample } from "../testing/harness.mjs";
import { collect, connect, first, modes, open, until } from "./client.mjs";

const cells = 40 * 40;

for (const mode of Object.keys(modes)) {
  describe(`the game over ${mode}`, { concurrency: false }, () => {
    let server;
    const sockets = [];
    before(async () => {
      server = await startExample({ from: "./example/game" });
    });
    after(async () => {
      for (const socket of sockets) socket.disconnect();
      await server?.stop();
    });

    async function enter(match, name) {
      const auth = { name };
      const socket = await connect(server, `/match/${match}`, mode, { auth });
      sockets.push(socket);
      return socket;
    }

    async function join(match, name) {
      const socket = await enter(match, name);
      const reply = await socket.timeout(5000).emitWithAck("join");
      assert.equal(reply.ok, true, JSON.stringify(reply));
      return { socket, ...reply.value };
    }

    test("a newcomer gets the floor, and then its changes", async () => {
      const { socket, seat, floor } = await join("floor", "Ada");
      assert.equal(seat, 1);
      assert.deepEqual(floor.players, [{ seat: 1, name: "Ada" }]);
      assert.ok(Buffer.isBuffer(floor.cells));
      assert.equal(unpack(floor.cells).length, cells);

      const changes = collect(socket, "changed");
      socket.emit("steer", 0, 1);
      await until(() => changes.length > 5, "changes");
      const floorNow = unpack(floor.cells);
      for (const [{ tick, cells }] of changes) {
        if (tick <= floor.tick) continue;
        for (let at = 0; at < cells.length; at += 3) {
          floorNow[cells.readUInt16LE(at)] = cells[at + 2];
        }
      }
      const own = (all) => all.filter((owner) => owner === 1).length;
      assert.ok(own(floorNow) > own(unpack(floor.cells)));
    });

    test("positions are binary, and follow what is steered", async () => {
      const { socket, seat } = await join("steer", "Ada");
      const look = async () => {
        const [bytes] = await first(socket, "positions");
        assert.ok(Buffer.isBuffer(bytes));
        const positions = read(bytes);
        assert.equal(bytes.length, 7 + 7 * positions.movers.length);
        return positions;
      };
      const before = await look();
      assert.deepEqual(
        before.movers.map((mover) => mover.seat),
        [0, seat],
      );
      socket.emit("steer", 0, 1);
      await until(async () => {
        const { tick, movers } = await look();
        assert.ok(tick > before.tick);
        return movers[1].x > before.movers[1].x + 4;
      }, "movement to the right");
      socket.emit("steer", 0, 0);
      await until(async () => (await look()).movers[1].flags === 0, "a stop");
    });

    test("what one shouts the others in the match hear", async () => {
      const ada = await join("shout", "Ada");
      const bob = await join("shout", "Bob");
      const cleo = await join("elsewhere", "Cleo");
      const own = collect(ada.socket, "shouted");
      const elsewhere = collect(cleo.socket, "shouted");
      const heard = first(bob.socket, "shouted");
      ada.socket.emit("shout", "nice");
      assert.deepEqual(await heard, [{ seat: ada.seat, what: "nice" }]);
      assert.deepEqual([own, elsewhere], [[], []]);
    });

    test("a full match is watched, a seat that is freed is taken", async () => {
      const players = [];
      for (let n = 1; n <= 8; n++) {
        players.push(await join("full", `player ${n}`));
      }
      const late = await enter("full", "late");
      const reply = await late.timeout(5000).emitWithAck("join");
      assert.equal(reply.error.code, "match_full");
      assert.deepEqual(reply.error.data, { seats: 8 });
      const watched = await late.timeout(5000).emitWithAck("watch");
      assert.equal(watched.value.players.length, 8);

      const refused = first(late, "$error");
      late.emit("steer", 0, 1);
      const [{ event, code }] = await refused;
      assert.deepEqual([event, code], ["steer", "not_seated"]);

      players[4].socket.disconnect();
      await until(
        async () => (await late.timeout(5000).emitWithAck("join")).ok,
        "a free seat",
      );
    });

    test("a page that lost its connection takes its seat back", async () => {
      const auth = { name: "Kay", key: "0123456789abcdef" };
      const options = { auth, reconnection: false };
      const lost = await connect(server, "/match/key", mode, options);
      const found = await connect(server, "/match/key", mode, options);
      sockets.push(lost, found);
      const before = await lost.timeout(5000).emitWithAck("join");
      const dropped = first(lost, "disconnect");
      const after = await found.timeout(5000).emitWithAck("join");
      assert.equal(after.value.seat, before.value.seat);
      assert.equal(after.value.floor.players.length, 1);
      assert.equal((await dropped)[0], "io server disconnect");
    });

    test("what does not fit is refused", async () => {
      await join("refuse", "Ada");
      const twin = await enter("refuse", "ADA");
      const taken = await twin.timeout(5000).emitWithAck("join");
      assert.equal(taken.error.code, "name_taken");

      for (const [args, path] of [
        [["east", 1], "args[0]"],
        [[0, 2], "args[1]"],
        [[0], "args[1]"],
      ]) {
        const refused = first(twin, "$error");
        twin.emit("steer", ...args);
        const [{ code, data }] = await refused;
        assert.equal(code, "invalid_payload");
        assert.equal(data.issues[0].path, path);
      }

      for (const name of ["No", "%61", "much-too-long-for-a-match", ""]) {
        const lost = open(server, `/match/${name}`, mode, {
          auth: { name: "Ada" },
        });
        sockets.push(lost);
        const [error] = await first(lost, "connect_error");
        assert.equal(error.message, "Invalid namespace", name);
      }
      const nameless = open(server, "/match/refuse", mode);
      sockets.push(nameless);
      const [error] = await first(nameless, "connect_error");
      assert.equal(error.data.code, "invalid_payload");
    });
  });
}

/** The cells that runs of how many and whose stand for. */
function unpack(runs) {
  const all = [];
  for (let at = 0; at < runs.length; at += 2) {
    for (let n = 0; n < runs[at]; n++) all.push(runs[at + 1]);
  }
  return all;
}

function read(bytes) {
  const movers = [];
  for (let n = 0; n < bytes[6]; n++) {
    const at = 7 + 7 * n;
    movers.push({
      seat: bytes[at],
      x: bytes.readUInt16LE(at + 1) / 256,
      y: bytes.readUInt16LE(at + 3) / 256,
      flags: bytes[at + 6],
    });
  }
  return { tick: bytes.readUInt32LE(0), left: bytes.readUInt16LE(4), movers };
}
