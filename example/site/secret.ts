// SPDX-License-Identifier: Apache-2.0

/** A text that nobody guesses. */
// randomUUID would do, but exists on pages that came over HTTPS only.
export function secret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
