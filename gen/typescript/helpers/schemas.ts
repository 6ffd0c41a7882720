// #region document schemas
/** Every helper at work: the compiler reports those that nobody calls. */
export const example: Validator<readonly [string]> = validator(
  (value, path, issues) => {
    if (!isTuple(value, path, issues)) return undefined;
    const filled = value.slice();
    argument(filled, 0, string(0, 1), path, issues);
    optionalArgument(
      filled,
      1,
      nullable(list(boolean, 0, 1, true)),
      path,
      issues,
    );
    defaultArgument(filled, 2, "a", boolean, path, issues);
    if (!isObject(value[2], path, issues)) return undefined;
    knows(value[2], new Set(["a"]), path, issues);
    required(value[2], "a", map(number(0, 1), 0, 1), path, issues);
    optional(value[2], "b", integer(0, 1), path, issues);
    defaulted(value[2], "c", 1, integer(0, 1), path, issues);
    const variants = new Map([["c", timestamp]]);
    tagged(value, "tag", variants, path, issues);
    taggedOrUnknown(value, "tag", variants, path, issues);
    const checks = [binary(0, 1), digits("0", "1"), uuid, anything, date];
    checks.push(payload(boolean), positional(strictly(boolean)));
    for (const check of checks) check(value, path, issues);
    return filled;
  },
  true,
);

export const checkExample: SentCheck = sentCheck(new Map([["a", boolean]]));

export type Example = Arguments<(text: string, ack: () => void) => void>;
// #endregion

// #region types
type Path = readonly (string | number)[];
/** Finds issues. What it returns, if anything, takes the value's place. */
type Check = (value: unknown, path: Path, issues: Issues) => unknown;

/** What has been found, where unknown fields are an issue or are not. */
interface Issues extends Array<Issue> {
  strict?: boolean;
}

/** What is wrong with a value, and where. */
export interface Issue {
  readonly message: string;
  readonly path: Path;
}

/** The value, or what is wrong with it. */
export type Result<Value> =
  | { readonly value: Value; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

/** A validator that follows Standard Schema, version 1. */
export interface Validator<Input, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: "sockgen";
    readonly validate: (value: unknown) => Result<Output>;
    readonly types?: { readonly input: Input; readonly output: Output };
  };
}

function validator<Input, Output = Input>(
  check: Check,
  strict = false,
): Validator<Input, Output> {
  const validate = (value: unknown): Result<Output> => {
    const issues: Issues = [];
    issues.strict = strict;
    const output = check(value, [], issues) ?? value;
    return issues.length > 0 ? { issues } : { value: output as Output };
  };
  return { "~standard": { version: 1, vendor: "sockgen", validate } };
}
// #endregion

// #region arguments
/** The parameters of a listener, without its ack. */
type Arguments<Listener extends (...args: never) => void> =
  Parameters<Listener> extends [...infer Args, (reply: never) => void]
    ? Args
    : Parameters<Listener>;
// #endregion

// #region sentCheck
/** A socket, of which a check replaces how it emits. */
interface Emitting {
  emit: (event: string, ...args: unknown[]) => unknown;
}

/** Sees to it that a socket emits nothing that the server would refuse. */
export type SentCheck = (socket: Emitting) => void;

/** What was to be emitted does not fit the schema. Nothing was sent. */
export class SendError extends Error {
  override readonly name = "SendError";
  readonly event: string;
  /** What is wrong, with paths as the server would tell them. */
  readonly issues: readonly {
    readonly path: string;
    readonly message: string;
  }[];

  constructor(event: string, issues: readonly Issue[]) {
    const told = issues.map(({ message, path }) => ({
      path: pathText(path),
      message,
    }));
    const list = told.map(({ path, message }) =>
      path === "" ? message : path + ": " + message,
    );
    super(JSON.stringify(event) + " does not fit: " + list.join("; "));
    this.event = event;
    this.issues = told;
  }
}

function sentCheck(events: ReadonlyMap<string, Check>): SentCheck {
  return (socket) => {
    const { emit } = socket;
    socket.emit = (event, ...args) => {
      const withAck = typeof args[args.length - 1] === "function";
      const issues: Issues = [];
      events.get(event)?.(withAck ? args.slice(0, -1) : args, [], issues);
      if (issues.length === 0) return emit.call(socket, event, ...args);
      // As after every emit, what timeout and volatile have set is used up.
      Object.assign(socket, { flags: {} });
      throw new SendError(event, issues.slice(0, 32));
    };
  };
}

function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += "[" + String(step) + "]";
    else if (!/^[\w$]+$/.test(step)) text += "[" + JSON.stringify(step) + "]";
    else text += text === "" ? step : "." + step;
  }
  return text;
}
// #endregion

// #region payload
/** Sees to the one argument of an event. */
function payload(check: Check): Check {
  return (args, path, issues) =>
    check((args as readonly unknown[])[0], path, issues);
}
// #endregion

// #region positional
/** Sees to the arguments of an event, which travel one by one. */
function positional(check: Check): Check {
  return (args, path, issues) => check(args, [...path, "args"], issues);
}
// #endregion

// #region strictly
/** Makes fields that the schema does not have an issue. */
function strictly(check: Check): Check {
  return (value, path, issues) => {
    issues.strict = true;
    return check(value, path, issues);
  };
}
// #endregion

// #region isObject
/** Sees to an object, which may nest 64 levels deep. */
function isObject(
  value: unknown,
  path: Path,
  issues: Issues,
): value is Record<string, unknown> {
  const tag = Object.prototype.toString.call(value);
  const fits = tag === "[object Object]" && path.length < 64;
  if (!fits) {
    const message =
      path.length < 64 ? "must be an object" : "is nested too deeply";
    issues.push({ message, path });
  }
  return fits;
}
// #endregion

// #region own
function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.prototype.hasOwnProperty.call(object, key)
    ? object[key]
    : undefined;
}
// #endregion

// #region required
function required(
  object: Record<string, unknown>,
  key: string,
  check: Check,
  path: Path,
  issues: Issues,
): void {
  if (own(object, key) === undefined) {
    issues.push({ message: "is required", path: [...path, key] });
  }
  optional(object, key, check, path, issues);
}
// #endregion

// #region optional
function optional(
  object: Record<string, unknown>,
  key: string,
  check: Check,
  path: Path,
  issues: Issues,
): void {
  const value = own(object, key);
  if (value === undefined) return;
  put(object, key, check(value, [...path, key], issues));
}
// #endregion

// #region defaulted
/** Sees to a field that has a default. */
function defaulted(
  object: Record<string, unknown>,
  key: string,
  value: unknown,
  check: Check,
  path: Path,
  issues: Issues,
): void {
  if (own(object, key) === undefined) put(object, key, value);
  else optional(object, key, check, path, issues);
}
// #endregion

// #region put
/** Puts a value into a copy, unless there is none to put. */
function put(object: object, key: string | number, value: unknown): void {
  if (value === undefined) return;
  // By assignment __proto__ would be the prototype.
  const [writable, enumerable, configurable] = [true, true, true];
  const property = { value, writable, enumerable, configurable };
  Object.defineProperty(object, key, property);
}
// #endregion

// #region knows
/** Sees to it that there are no other fields, where that is an issue. */
function knows(
  object: Readonly<Record<string, unknown>>,
  fields: ReadonlySet<string>,
  path: Path,
  issues: Issues,
): void {
  if (!issues.strict) return;
  for (const key of Object.keys(object)) {
    if (!fields.has(key) && object[key] !== undefined) {
      issues.push({ message: "unknown field", path: [...path, key] });
    }
  }
}
// #endregion

// #region isTuple
function isTuple(
  value: unknown,
  path: Path,
  issues: Issues,
): value is unknown[] {
  const fits = Array.isArray(value);
  if (!fits) issues.push({ message: "must be a list of arguments", path });
  return fits;
}
// #endregion

// #region argument
function argument(
  args: unknown[],
  index: number,
  check: Check,
  path: Path,
  issues: Issues,
): void {
  const value = args[index];
  const at = [...path, index];
  if (value === undefined) issues.push({ message: "is required", path: at });
  else put(args, index, check(value, at, issues));
}
// #endregion

// #region optionalArgument
/** Sees to an argument that may be absent, for which null can stand. */
function optionalArgument(
  args: unknown[],
  index: number,
  check: Check,
  path: Path,
  issues: Issues,
): void {
  const value = args[index] ?? undefined;
  if (value === undefined) return;
  put(args, index, check(value, [...path, index], issues));
}
// #endregion

// #region defaultArgument
/** Sees to an argument that has a default. */
function defaultArgument(
  args: unknown[],
  index: number,
  value: unknown,
  check: Check,
  path: Path,
  issues: Issues,
): void {
  while (args.length < index) args.push(undefined); // those before it are absent, too
  args[index] ??= value;
  argument(args, index, check, path, issues);
}
// #endregion

// #region member
function member(
  value: unknown,
  values: ReadonlySet<unknown>,
  path: Path,
  issues: Issues,
): void {
  if (!values.has(value)) {
    const some = [...values].slice(0, 8).join(", ");
    issues.push({ message: "want one of " + some, path });
  }
}
// #endregion

// #region tagged
function tagged(
  value: unknown,
  tag: string,
  variants: ReadonlyMap<string, Check>,
  path: Path,
  issues: Issues,
): unknown {
  if (!isObject(value, path, issues)) return undefined;
  const name = own(value, tag);
  const check = typeof name === "string" ? variants.get(name) : undefined;
  if (check) return variant(value, tag, check, path, issues);
  member(name, new Set(variants.keys()), [...path, tag], issues);
  return undefined;
}
// #endregion

// #region variant
/** Sees to the struct beside a tag, which is no field of it. */
function variant(
  value: Readonly<Record<string, unknown>>,
  tag: string,
  check: Check,
  path: Path,
  issues: Issues,
): unknown {
  const { [tag]: name, ...fields } = value;
  const output = check(fields, path, issues);
  if (typeof output === "object" && output) put(output, tag, name);
  return output;
}
// #endregion

// #region taggedOrUnknown
function taggedOrUnknown(
  value: unknown,
  tag: string,
  variants: ReadonlyMap<string, Check>,
  path: Path,
  issues: Issues,
): unknown {
  if (!isObject(value, path, issues)) return undefined;
  const name = own(value, tag);
  if (typeof name !== "string") {
    issues.push({ message: "must be a string", path: [...path, tag] });
    return undefined;
  }
  const check = variants.get(name);
  return check && variant(value, tag, check, path, issues);
}
// #endregion

// #region nullable
function nullable(check: Check): Check {
  return (value, path, issues) =>
    value === null ? undefined : check(value, path, issues);
}
// #endregion

// #region within
/** Sees to a number within a range, both ends included. */
function within(
  n: number,
  least: number,
  most: number,
  what: string,
  path: Path,
  issues: Issues,
): void {
  if (n < least) {
    issues.push({ message: what + " at least " + String(least), path });
  }
  if (n > most) {
    issues.push({ message: what + " at most " + String(most), path });
  }
}
// #endregion

// #region list
function list(
  check: Check,
  least: number,
  most: number,
  unique: boolean,
): Check {
  return (value, path, issues) => {
    if (!Array.isArray(value) || path.length >= 64) {
      const message =
        path.length < 64 ? "must be a list" : "is nested too deeply";
      issues.push({ message, path });
      return undefined;
    }
    within(value.length, least, most, "needs a length of", path, issues);
    const met = new Set<unknown>();
    let output: unknown[] | undefined;
    const elements: unknown[] = value.slice(0, most);
    for (const [i, element] of elements.entries()) {
      const at = [...path, i];
      const filled = check(element, at, issues);
      if (filled !== undefined) put((output ??= value.slice()), i, filled);
      // #region uniqueDates
      const key = element instanceof Date ? element.getTime() : element;
      // #else
      // const key = element;
      // #endregion
      if (unique && met.has(key)) {
        issues.push({ message: "must not repeat", path: at });
      }
      met.add(key);
    }
    return output;
  };
}
// #endregion

// #region map
function map(check: Check, least: number, most: number): Check {
  return (value, path, issues) => {
    if (!isObject(value, path, issues)) return undefined;
    let output: object | undefined;
    const entries = Object.entries(value).filter(
      ([, element]) => element !== undefined,
    );
    within(entries.length, least, most, "needs a length of", path, issues);
    for (const [key, element] of entries.slice(0, most)) {
      const filled = check(element, [...path, key], issues);
      if (filled !== undefined) put((output ??= { ...value }), key, filled);
    }
    return output;
  };
}
// #endregion

// #region boolean
function boolean(value: unknown, path: Path, issues: Issues): void {
  if (typeof value !== "boolean") {
    issues.push({ message: "must be true or false", path });
  }
}
// #endregion

// #region number
function number(least: number, most: number): Check {
  return (value, path, issues) => {
    if (typeof value === "number" && Number.isFinite(value)) {
      within(value, least, most, "must be", path, issues);
    } else {
      issues.push({ message: "must be a number", path });
    }
  };
}
// #endregion

// #region integer
function integer(least: number, most: number): Check {
  return (value, path, issues) => {
    if (typeof value === "number" && Number.isInteger(value)) {
      within(value, least, most, "must be", path, issues);
    } else {
      issues.push({ message: "must be a whole number", path });
    }
  };
}
// #endregion

// #region digits
function digits(least: string, most: string): Check {
  return (value, path, issues) => {
    if (typeof value !== "string" || !/^(0|-?[1-9]\d{0,19})$/.test(value)) {
      issues.push({ message: "must be a whole number in decimal", path });
    } else if (BigInt(value) < BigInt(least)) {
      issues.push({ message: "must be at least " + least, path });
    } else if (BigInt(value) > BigInt(most)) {
      issues.push({ message: "must be at most " + most, path });
    }
  };
}
// #endregion

// #region string
function string(least: number, most: number, pattern?: string): Check {
  let form: RegExp | undefined;
  return (value, path, issues) => {
    // A pair of surrogates is one character, and no surrogate.
    if (typeof value !== "string" || /[\uD800-\uDFFF]/u.test(value)) {
      issues.push({ message: "must be a string", path });
      return;
    }
    const points = Array.from(value).length;
    within(points, least, most, "needs a length of", path, issues);
    if (pattern === undefined) return;
    form ??= readPattern(pattern);
    if (!form.test(value)) {
      issues.push({ message: "must match " + pattern, path });
    }
  };
}
// #endregion

// #region readPattern
/** Reads a pattern. Where the engine has no \p, the server alone checks it. */
function readPattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return /^/;
  }
}
// #endregion

// #region binary
function binary(least: number, most: number): Check {
  return (value, path, issues) => {
    if (value instanceof ArrayBuffer || value instanceof Uint8Array) {
      const { byteLength } = value;
      within(byteLength, least, most, "needs a length of", path, issues);
    } else {
      issues.push({ message: "must be an ArrayBuffer or Uint8Array", path });
    }
  };
}
// #endregion

// #region timestamp
function timestamp(value: unknown, path: Path, issues: Issues): void {
  const form =
    /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
  const date = typeof value === "string" && form.test(value) ? value : "";
  // Date moves the 30th of February to March.
  const day = new Date(date.slice(0, 10) + "T00:00:00Z");
  if (
    Number.isNaN(Date.parse(date)) ||
    day.getUTCDate() !== Number(date.slice(8, 10))
  ) {
    const message = 'must be a timestamp such as "2006-01-02T15:04:05.000Z"';
    issues.push({ message, path });
  }
}
// #endregion

// #region date
function date(value: unknown, path: Path, issues: Issues): void {
  const year = value instanceof Date ? value.getUTCFullYear() : NaN;
  if (!(year >= 0 && year <= 9999)) {
    issues.push({ message: "must be a Date of the years 0 to 9999", path });
  }
}
// #endregion

// #region uuid
function uuid(value: unknown, path: Path, issues: Issues): void {
  const form = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
  if (typeof value !== "string" || !form.test(value)) {
    const message =
      'must be a UUID such as "123e4567-e89b-12d3-a456-426614174000"';
    issues.push({ message, path });
  }
}
// #endregion

// #region anything
function anything(): void {
  // Whatever JSON can express.
}
// #endregion
