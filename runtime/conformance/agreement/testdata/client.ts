// A generated client that compares what it hears with what it expects, and sends
// it back.
import { isDeepStrictEqual } from "node:util";
import {
  Colour,
  connect,
  Mood,
  on,
  onError,
  request,
  RoomID,
  Serial,
  type Content,
  type ServerToClient,
  type Socket,
  type Tally,
} from "./generated/ts/agreement";
import * as schemas from "./generated/ts/agreement.schemas";

/** What goes with a client event, and what comes back from it. */
export interface Payload {
  readonly event: string;
  readonly args: readonly unknown[];
  readonly echo: readonly unknown[];
}

/** What became of a number of values. */
export interface Outcome {
  acks: number; // that held the value that was sent
  heard: number; // events with the value that was expected
  validated: number; // values that a validator has seen, and accepted
  problems: string[];
  tally: Tally;
}

type Name = Exclude<keyof ServerToClient, "$error">;

const inFlight = 64;
const timeout = 60_000; // ms, for one reply

// The server's events that are not called like the client's.
const twins: Record<string, string> = { moved: "move", attached: "attach" };
const positional = new Set(Object.keys(twins));
const acksNothing = new Set(["move", "attach"]);

class Exchange {
  readonly #socket: Socket;
  readonly #expected = new Map<string, (readonly unknown[])[]>();
  readonly outcome = {
    acks: 0,
    heard: 0,
    validated: 0,
    problems: [] as string[],
  };

  constructor(socket: Socket, names: readonly string[]) {
    this.#socket = socket;
    on(socket, "disconnect", (reason) => {
      if (reason !== "io client disconnect")
        this.#problem("the connection", reason);
    });
    onError(socket, (refusal) =>
      this.#problem(refusal.event, "refused", refusal),
    );
    for (const name of names) {
      const listener = (...args: unknown[]) => this.#hear(name, args);
      on(socket, name as Name, listener as never);
    }
  }

  expect(event: string, args: readonly unknown[]): void {
    const queue = this.#expected.get(event) ?? [];
    this.#expected.set(event, queue);
    queue.push(args);
  }

  /** Emits one payload and looks at its ack. */
  async send({ event, args, echo }: Payload): Promise<void> {
    this.expect(event, echo);
    const all = [...args, ...Array(count(event) - args.length), { timeout }];
    const reply = await request(
      this.#socket,
      event as "flag",
      ...(all as [boolean]),
    );
    if (!reply.ok) return this.#problem(event, "refused", reply.error, args);
    const value: unknown = reply.value;
    const right = acksNothing.has(event)
      ? value === undefined
      : isDeepStrictEqual(value, echo[0]);
    if (right) this.outcome.acks++;
    else this.#problem(event, "ack", value, echo);
  }

  #hear(name: string, args: unknown[]): void {
    const event = twins[name] ?? name;
    const echo = this.#expected.get(event)?.shift();
    if (isDeepStrictEqual(args, echo)) this.outcome.heard++;
    else this.#problem(event, "event", args, echo);
    this.#validate(name, positional.has(name) ? args : args[0]);
    (
      this.#socket as unknown as {
        emit(name: string, ...args: unknown[]): void;
      }
    ).emit(`${event}:back`, ...args);
  }

  #validate(name: string, value: unknown): void {
    const ident = name.charAt(0).toUpperCase() + name.slice(1);
    const schema = (
      schemas as unknown as Record<
        string,
        typeof schemas.FlagSchema | undefined
      >
    )[`${ident}Schema`];
    if (schema === undefined) return; // the payload has no name of its own
    const result = schema["~standard"].validate(value);
    if (result instanceof Promise || result.issues !== undefined) {
      this.#problem(name, "validator", result, value);
    } else {
      this.outcome.validated++;
    }
  }

  #problem(event: string, ...what: unknown[]): void {
    if (this.outcome.problems.length < 20) {
      this.outcome.problems.push(
        `${event}: ${what.map((w) => JSON.stringify(w)).join(" ; ")}`.slice(
          0,
          2000,
        ),
      );
    }
  }

  /** Waits for what is still expected, then asks the server for its tally. */
  async end(): Promise<Outcome> {
    const deadline = Date.now() + timeout;
    for (const [event, queue] of this.#expected) {
      while (
        queue.length > 0 &&
        this.#socket.connected &&
        Date.now() < deadline
      ) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      if (queue.length > 0) this.#problem(event, "never heard", queue[0]);
    }
    const reply = await request(this.#socket, "tally", undefined, { timeout });
    if (!reply.ok) {
      throw new Error(
        [...this.outcome.problems, JSON.stringify(reply.error)].join("\n"),
      );
    }
    return { ...this.outcome, tally: reply.value };
  }
}

/** How many arguments a request takes before its options. */
function count(event: string): number {
  return { move: 5, attach: 3 }[event] ?? 1;
}

/** Sends each payload to the server, in order. */
export async function exchange(
  url: string,
  transport: "polling" | "websocket",
  payloads: readonly Payload[],
): Promise<Outcome> {
  return withSocket(url, transport, async (socket) => {
    const names = new Set(payloads.map(({ event }) => event));
    const of = (event: string) =>
      Object.keys(twins).find((name) => twins[name] === event) ?? event;
    const all = new Exchange(socket, [...names].map(of));
    const waiting = payloads.values();
    const one = async () => {
      for (const payload of waiting) await all.send(payload);
    };
    await Promise.all(Array.from({ length: inFlight }, one));
    return all.end();
  });
}

/** Asks the server for its literals, which must be these. */
export async function compareLiterals(
  url: string,
  transport: "polling" | "websocket",
): Promise<Outcome & { expected: number }> {
  return withSocket(url, transport, async (socket) => {
    const all = new Exchange(socket, Object.keys(literals));
    let expected = 0;
    for (const [name, values] of Object.entries(literals)) {
      for (const args of values) {
        all.expect(twins[name] ?? name, args);
        expected++;
      }
    }
    const reply = await request(socket, "literals", undefined, { timeout });
    if (!reply.ok) throw new Error(JSON.stringify(reply.error));
    return { ...(await all.end()), expected };
  });
}

/** Gives requests up, one of which the server is at, and asks for the tally. */
export async function giveUp(
  url: string,
  transport: "polling" | "websocket",
): Promise<{ codes: string[]; tally: Tally }> {
  return withSocket(url, transport, async (socket) => {
    const signal = AbortSignal.timeout(100);
    const replies = await Promise.all([
      request(socket, "linger", undefined, { signal }),
      request(socket, "linger", undefined, { timeout: 100 }),
      request(socket, "linger", undefined, { signal }),
    ]);
    const last = await request(socket, "tally", undefined, { timeout });
    if (!last.ok) throw new Error(JSON.stringify(last.error));
    return {
      codes: replies.map((reply) => (reply.ok ? "ok" : reply.error.code)),
      tally: last.value,
    };
  });
}

/** What three sockets get that ask for what is scarce, one after the other. */
export async function askForScarce(url: string): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const transport of ["websocket", "polling", "websocket"]) {
    await withSocket(url, transport, async (socket) => {
      const reply = await request(socket, "scarce", undefined, { timeout });
      answers.push(reply.ok || reply.error.code);
      if (!reply.ok && reply.error.code === "rate_limited") {
        answers.push(reply.error.data.retryAfterMs > 0);
      }
    });
  }
  return answers;
}

async function withSocket<T>(
  url: string,
  transport: string,
  use: (socket: Socket) => Promise<T>,
): Promise<T> {
  const socket = connect(url, {
    transports: [transport],
    check: schemas.checkSent, // which refuses nothing that the server takes
    forceNew: true,
    reconnection: false,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      on(socket, "connect", resolve);
      on(socket, "connect_error", reject);
    });
    return await use(socket);
  } finally {
    socket.disconnect();
  }
}

/** Bytes as Node receives them, whose types say that their memory may be shared. */
function bytes(list: readonly number[]) {
  return Buffer.from(list) as unknown as ReturnType<typeof Uint8Array.from>;
}

/** Bytes that the server can make, too. */
function pattern(size: number) {
  return bytes(Array.from({ length: size }, (_, i) => ((i * 31) >> 3) & 0xff));
}

const leaf = { name: "leaf" };
const picture = { data: pattern(1), thumb: pattern(4), alt: null };

/** What the server emits on request, event by event. */
const literals: { [N in Name]?: readonly Parameters<ServerToClient[N]>[] } = {
  flag: [[true], [false]],
  whole: [[Number.MIN_SAFE_INTEGER], [Number.MAX_SAFE_INTEGER], [0]],
  small: [[-2147483648], [2147483647]],
  unsigned: [[0], [4294967295]],
  big: [
    ["-9223372036854775808"],
    ["9223372036854775807"],
    ["0"],
    ["-1"],
    ["9007199254740993"],
  ],
  huge: [["0"], ["18446744073709551615"]],
  single: [[0.1], [3.4028235e38], [1e-45], [16777216], [-0]],
  double: [
    [0.1],
    [1e308],
    [-Number.MAX_VALUE],
    [Number.MIN_VALUE],
    [1e21],
    [1e-7],
    [9007199254740994],
    [-0],
  ],
  serial: [[Serial("9223372036854775807")]],
  amount: [["-3"]],
  words: [
    [""],
    ["\0"],
    ["é"],
    ["e\u0301"],
    ["😀\u{10FFFF}"],
    ["\u2028\u2029\uFEFF\uFFFD"],
    ['"\\/\b\f\n\r\t\x7f'],
    ["</script>&<>"],
  ],
  title: [["😀".repeat(9)]],
  roomID: [[RoomID("a-1")]],
  key: [["123e4567-e89b-12d3-a456-42661417400a"]],
  address: [["2001:db8::1"], [""]],
  colour: [[Colour.green], [Colour["Blau 😀"]]],
  mood: [[Mood.wild], ["new 😀"], [""]],
  blob: [[bytes([])], [bytes([0, 255])], [pattern(2 ** 20)]],
  digest: [[pattern(16)]],
  instant: [
    ["1970-01-01T00:00:00.000Z"],
    ["1969-12-31T23:59:59.999Z"],
    ["0000-01-01T00:00:00.000Z"],
    ["1582-10-15T12:00:00.500Z"],
    ["9999-12-31T23:59:59.999Z"],
  ],
  period: [[0], [-1], [129_600_000], [9223372036854], [-9223372036854]],
  anything: [[null], [{ a: [1, { b: null }], "": "é" }]],
  document: [[[1.5, "x"]]],
  nullable: [[null], [-1]],
  marks: [[[]], [[Colour.red, Colour.green]]],
  grid: [[[]], [[[], [1, -1]]]],
  scores: [
    [{}],
    [
      JSON.parse(
        String.raw`{ "": "1", "é\"\\": "-9223372036854775808", "toString": "2" }`,
      ),
    ],
  ],
  files: [[{}], [{ a: [pattern(2), bytes([]), pattern(3)], b: [] }]],
  maybe: [
    [{ mayBeNull: null }],
    [{ mayBeNull: "", both: null, list: [], blob: bytes([]) }],
    [
      {
        mayLack: "",
        mayBeNull: null,
        both: "-1",
        list: [true],
        blob: bytes([7]),
        inner: { x: 1, y: 0.5 },
      },
    ],
  ],
  shape: [
    [{ kind: "circle", centre: { x: 1e308, y: -2 }, radius: 100 }],
    [{ kind: "picture", data: pattern(5), thumb: pattern(4), alt: null }],
    [{ kind: "nothing" }],
    [{ kind: 'a "b"', x: 0, y: 0 }],
  ],
  content: [
    [{ type: "poll", options: [1, 2] } as unknown as Content],
    [{ type: "picture", data: pattern(5), thumb: pattern(4), alt: "x" }],
  ],
  tree: [
    [leaf],
    [
      {
        name: "root",
        children: [leaf, { name: "branch", children: [], byName: { k: leaf } }],
        content: { type: "picture", ...picture },
      },
    ],
  ],
  moved: [
    [0.5, 100, "red", null, 7] as unknown as Parameters<
      ServerToClient["moved"]
    >,
    [-1, -0.5, "green", "", -7],
  ],
  attached: [
    [pattern(3), { type: "picture", ...picture }, { x: [pattern(2)] }],
    [bytes([]), { type: "tree", ...leaf }],
  ],
};
