"""Runs cases with python-socketio: a row of the matrix.

    python3 python_row.py sync|asyncio

Prints one JSON object a line, as report.mjs does.
"""

import asyncio
import json
import os
import sys
import threading
import time
import traceback

import engineio.payload
import socketio

# By default a polling client gives up when an answer holds more than 16 packets.
engineio.payload.Payload.max_decode_packets = 10_000

URL = os.environ["SERVER_URL"]
PATIENCE = 60  # seconds that an expectation may take on a busy machine
TRANSPORTS = {
    "polling": ["polling"],
    "websocket": ["websocket"],
    "upgrade": ["polling", "websocket"],
}
DATA = bytes(i * 31 & 255 for i in range(300))
VALUES = [1, -1.5, "\u2028 \"quoted\" \U0001fad6", True, None, [], {"deep": [{"er": ["x", 0]}]}]


class Sync:
    """The blocking client, its calls wrapped so that cases look alike."""

    def __init__(self):
        self.client = socketio.Client(reconnection_delay=0.05, reconnection_delay_max=0.2)

    async def run(self, call, *args, **kwargs):
        return await asyncio.to_thread(call, *args, **kwargs)


class Asyncio:
    """The asyncio client."""

    def __init__(self):
        self.client = socketio.AsyncClient(reconnection_delay=0.05, reconnection_delay_max=0.2)

    async def run(self, call, *args, **kwargs):
        return await call(*args, **kwargs)


class Peer:
    """One client and what it has heard."""

    def __init__(self, kind, mode):
        self.side = kind()
        self.client = self.side.client
        self.mode = mode
        self.heard = []  # (namespace, event, *args)
        self.lock = threading.Lock()

    def listen(self, event, namespace="/", answer=None):
        def hear(*args):
            with self.lock:
                self.heard.append((namespace, event, *args))
            return answer(*args) if answer else None

        self.client.on(event, hear, namespace=namespace)

    def heard_of(self, event, namespace="/"):
        with self.lock:
            return [list(h[2:]) for h in self.heard if h[:2] == (namespace, event)]

    async def connect(self, namespaces=("/",), **options):
        for namespace in namespaces:
            for event in ("auth", "message-back", "disconnect"):
                self.listen(event, namespace)
        await self.side.run(
            self.client.connect,
            URL,
            transports=TRANSPORTS[self.mode],
            namespaces=list(namespaces),
            **{"wait_timeout": PATIENCE, **options},
        )
        transport = "polling" if self.mode == "polling" else "websocket"
        equal(self.client.transport(), transport)

    async def emit(self, event, data=None, **options):
        await self.side.run(self.client.emit, event, data, **options)

    async def call(self, event, data=None, **options):
        return await self.side.run(self.client.call, event, data, timeout=PATIENCE, **options)

    async def close(self):
        if self.client.connected:
            await self.side.run(self.client.disconnect)


def equal(got, want):
    if got != want:
        raise AssertionError(f"got {got!r}, want {want!r}")


async def until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {PATIENCE} s")
        await asyncio.sleep(0.01)


async def connects_with_auth(peer):
    await peer.connect(auth={"token": "tëst"})
    await until(lambda: peer.heard_of("auth"), "auth")
    equal(peer.heard_of("auth"), [[{"token": "tëst"}]])
    equal(len(peer.client.get_sid()), 20)


async def several_arguments(peer):
    await peer.connect()
    for args in (VALUES, ["one"], []):
        await peer.emit("message", tuple(args))
    await until(lambda: len(peer.heard_of("message-back")) == 3, "three events")
    equal(peer.heard_of("message-back"), [VALUES, ["one"], []])


async def acks_from_the_server(peer):
    await peer.connect()
    equal(await peer.call("message-with-ack", "one"), "one")
    equal(list(await peer.call("message-with-ack", tuple(VALUES))), VALUES)
    equal(await peer.call("ack"), None)


async def acks_from_the_client(peer):
    peer.listen("question", answer=lambda wait, *args: (*args, "answered"))
    await peer.connect()
    answer = await peer.call("ask", (9000, "a", DATA))
    equal(list(answer), ["a", DATA, "answered"])


async def binary(peer):
    await peer.connect()
    args = [DATA, {"nested": [b"", {"deep": DATA[:3]}]}, "last"]
    equal(list(await peer.call("message-with-ack", tuple(args))), args)
    for i in range(20):
        await peer.emit("message", (i, DATA[:i]))
    await until(lambda: len(peer.heard_of("message-back")) == 20, "20 events")
    equal(peer.heard_of("message-back"), [[i, DATA[:i]] for i in range(20)])


async def namespaces(peer):
    await peer.connect(("/", "/custom"), auth={"a": 1})
    for namespace in ("/", "/custom"):
        await until(lambda: peer.heard_of("auth", namespace), f"auth of {namespace}")
        equal(await peer.call("message-with-ack", namespace, namespace=namespace), namespace)
    if peer.client.get_sid("/") == peer.client.get_sid("/custom"):
        raise AssertionError("one id for two namespaces")
    await peer.emit("bye")
    await until(lambda: "/" not in peer.client.namespaces, "the end of /")
    equal(await peer.call("message-with-ack", 2, namespace="/custom"), 2)


async def refusals(peer):
    refused = []
    peer.client.on("connect_error", refused.append, namespace="/rej")
    try:
        await peer.connect(("/rej",), wait_timeout=1)  # which it waits to the end
    except socketio.exceptions.ConnectionError:
        pass
    else:
        raise AssertionError("/rej let it in")
    equal(refused, [{"message": "not authorized", "data": {"content": "Please retry later"}}])


async def large(peer):
    await peer.connect()
    text = "x" * 900_000
    if await peer.call("ack", text) != text:
        raise AssertionError("another text came back")
    data = DATA * 2000  # fits a request as base64, too
    if await peer.call("ack", data) != data:
        raise AssertionError("other bytes came back")


async def many(peer):
    peer.listen("numbered")
    await peer.connect()
    flooded = asyncio.ensure_future(peer.call("flood", 2000))
    for i in range(2000):
        await peer.emit("numbered", i)
    equal(await peer.call("numbered:end"), {"events": 2000, "disorder": 0})
    await flooded
    await until(lambda: len(peer.heard_of("numbered")) == 2000, "2000 events")
    # Each event is handled in a thread or task of its own, so their order may change.
    numbers = [n for (n,) in peer.heard_of("numbered")]
    equal(sorted(numbers), list(range(2000)))


async def heartbeats(peer):
    await peer.connect()
    sid = peer.client.get_sid()
    await asyncio.sleep(2.5)  # two intervals and a half
    equal(await peer.call("ack", 1), 1)
    equal(peer.client.get_sid(), sid)


async def farewell(peer):
    await peer.connect()
    watcher = Peer(type(peer.side), "websocket")
    watcher.listen("ended")
    try:
        await watcher.connect()
        sid = peer.client.get_sid()
        await watcher.call("watch", sid)
        await peer.side.run(peer.client.disconnect)
        await until(lambda: watcher.heard_of("ended"), "the end on the server")
        [(ended, reason)] = watcher.heard_of("ended")
        equal(ended, sid)
        # The client may drop the connection before its farewell has left.
        if reason not in ("client namespace disconnect", "transport close", "transport error"):
            raise AssertionError(f"the server's reason is {reason!r}")
    finally:
        await watcher.close()


CASES = [
    ("connects, with auth", connects_with_auth),
    ("events with several arguments", several_arguments),
    ("the server acknowledges", acks_from_the_server),
    ("the client acknowledges", acks_from_the_client),
    ("binary values, nested, empty and in acks", binary),
    ("namespaces on one connection, one of them ended by the server", namespaces),
    ("a refusal has its message and its data", refusals),
    ("messages just below the limit", large),
    ("2,000 events each way", many),
    ("heartbeats keep an idle connection", heartbeats),
    ("disconnect() is seen by the server", farewell),
]


async def play(kind, mode, name, case):
    start = time.monotonic()
    result = {"transport": mode, "name": name}
    peer = Peer(kind, mode)
    try:
        await asyncio.wait_for(case(peer), 60)
    except Exception:
        result["error"] = traceback.format_exc()[-3000:]
    finally:
        await peer.close()
    result["ms"] = round((time.monotonic() - start) * 1000)
    print(json.dumps(result), flush=True)


async def main():
    kind = {"sync": Sync, "asyncio": Asyncio}[sys.argv[1]]
    for mode in TRANSPORTS:
        await asyncio.gather(*(play(kind, mode, *case) for case in CASES))
    print(json.dumps({"done": True}), flush=True)


asyncio.run(main())
os._exit(0)  # threads of clients that were cut off would keep the process
