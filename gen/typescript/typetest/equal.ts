// SPDX-License-Identifier: Apache-2.0

// Assertions about types. Each compiles or does not; none does anything.

/** True when A and B are the same type, not merely assignable to each other. */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;

/** Compiles when the condition holds: holds<Equal<A, B>>(). */
export function holds<Condition extends true>(condition?: Condition): void {
  void condition;
}
