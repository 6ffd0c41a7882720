// #region document schemas
/** Every helper at work: the compiler reports those that nobody calls. */
export const example: Validator<readonly [string]> = validator(
  (value, path, issues) => {
    if (!isTuple(value, path, issues)) return;
    argument(value, 0, string(0, 1), path, issues);
    optionalArgument(
      value,
      1,
      nullable(list(boolean, 0, 1, true)),
      path,
      issues,
    );
    if (!isObject(value[2], path, issues)) return;
    required(value[2], "a", map(number(0, 1), 0, 1), path, issues);
    optional(value[2], "b", integer(0, 1), path, issues);
    const variants = new Map([["c", timestamp]]);
    tagged(value, "tag", variants, path, issues);
    taggedOrUnknown(value, "tag", variants, path, issues);
    const checks = [binary(0, 1), digits("0", "1"), uuid, anything];
    for (const check of checks) check(value, path, issues);
  },
);

export type Example = Arguments<(text: string, ack: () => void) => void>;
// #endregion

// #region types
type Path = readonly (string | number)[];
type Check = (value: unknown, path: Path, issues: Issue[]) => void;

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
export interface Validator<Value> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: "sockgen";
    readonly validate: (value: unknown) => Result<Value>;
    readonly types?: { readonly input: Value; readonly output: Value };
  };
}

function validator<Value>(check: Check): Validator<Value> {
  const validate = (value: unknown): Result<Value> => {
    const issues: Issue[] = [];
    check(value, [], issues);
    return issues.length > 0 ? { issues } : { value: value as Value };
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

// #region isObject
/** Sees to an object, which may nest 64 levels deep. */
function isObject(
  value: unknown,
  path: Path,
  issues: Issue[],
): value is Readonly<Record<string, unknown>> {
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
  object: Readonly<Record<string, unknown>>,
  key: string,
  check: Check,
  path: Path,
  issues: Issue[],
): void {
  const value = own(object, key);
  const at = [...path, key];
  if (value === undefined) issues.push({ message: "is required", path: at });
  else check(value, at, issues);
}
// #endregion

// #region optional
function optional(
  object: Readonly<Record<string, unknown>>,
  key: string,
  check: Check,
  path: Path,
  issues: Issue[],
): void {
  const value = own(object, key);
  if (value !== undefined) check(value, [...path, key], issues);
}
// #endregion

// #region isTuple
function isTuple(
  value: unknown,
  path: Path,
  issues: Issue[],
): value is readonly unknown[] {
  const fits = Array.isArray(value);
  if (!fits) issues.push({ message: "must be a list of arguments", path });
  return fits;
}
// #endregion

// #region argument
function argument(
  args: readonly unknown[],
  index: number,
  check: Check,
  path: Path,
  issues: Issue[],
): void {
  const value = args[index];
  const at = [...path, index];
  if (value === undefined) issues.push({ message: "is required", path: at });
  else check(value, at, issues);
}
// #endregion

// #region optionalArgument
/** Sees to an argument that may be absent, for which null can stand. */
function optionalArgument(
  args: readonly unknown[],
  index: number,
  check: Check,
  path: Path,
  issues: Issue[],
): void {
  const value = args[index] ?? undefined;
  if (value !== undefined) check(value, [...path, index], issues);
}
// #endregion

// #region member
function member(
  value: unknown,
  values: ReadonlySet<string>,
  path: Path,
  issues: Issue[],
): void {
  if (typeof value !== "string" || !values.has(value)) {
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
  issues: Issue[],
): void {
  if (!isObject(value, path, issues)) return;
  const name = own(value, tag);
  const check = typeof name === "string" ? variants.get(name) : undefined;
  if (check) check(value, path, issues);
  else member(name, new Set(variants.keys()), [...path, tag], issues);
}
// #endregion

// #region taggedOrUnknown
function taggedOrUnknown(
  value: unknown,
  tag: string,
  variants: ReadonlyMap<string, Check>,
  path: Path,
  issues: Issue[],
): void {
  if (!isObject(value, path, issues)) return;
  const name = own(value, tag);
  if (typeof name === "string") variants.get(name)?.(value, path, issues);
  else issues.push({ message: "must be a string", path: [...path, tag] });
}
// #endregion

// #region nullable
function nullable(check: Check): Check {
  return (value, path, issues) => {
    if (value !== null) check(value, path, issues);
  };
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
  issues: Issue[],
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
      return;
    }
    within(value.length, least, most, "needs a length of", path, issues);
    const met = new Set<unknown>();
    for (const [i, element] of value.slice(0, most).entries()) {
      const at = [...path, i];
      check(element, at, issues);
      if (unique && met.has(element)) {
        issues.push({ message: "must not repeat", path: at });
      }
      met.add(element);
    }
  };
}
// #endregion

// #region map
function map(check: Check, least: number, most: number): Check {
  return (value, path, issues) => {
    if (!isObject(value, path, issues)) return;
    const entries = Object.entries(value).filter(
      ([, element]) => element !== undefined,
    );
    within(entries.length, least, most, "needs a length of", path, issues);
    for (const [key, element] of entries.slice(0, most)) {
      check(element, [...path, key], issues);
    }
  };
}
// #endregion

// #region boolean
function boolean(value: unknown, path: Path, issues: Issue[]): void {
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
function string(least: number, most: number, pattern?: RegExp): Check {
  return (value, path, issues) => {
    if (typeof value !== "string" || /\p{Surrogate}/u.test(value)) {
      issues.push({ message: "must be a string", path });
      return;
    }
    const points = Array.from(value).length;
    within(points, least, most, "needs a length of", path, issues);
    if (pattern && !pattern.test(value)) {
      issues.push({ message: "must match " + pattern.source, path });
    }
  };
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
function timestamp(value: unknown, path: Path, issues: Issue[]): void {
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

// #region uuid
function uuid(value: unknown, path: Path, issues: Issue[]): void {
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
