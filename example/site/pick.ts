// SPDX-License-Identifier: Apache-2.0

/** One of several, by chance. */
export function pick<T>(from: readonly T[]): T {
  return from[Math.floor(Math.random() * from.length)] as T;
}
