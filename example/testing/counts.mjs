// SPDX-License-Identifier: Apache-2.0

// What the tests have tried, in numbers, for "make test" to print.
import { appendFileSync } from "node:fs";

/**
 * Tells what the test `t` has tried, in one line: as a diagnostic of the test, and
 * at the end of the file that SOCKGEN_COUNTS names, where it names one. Without a
 * test, `t` is undefined.
 */
export function printCount(t, line) {
  t?.diagnostic(line);
  const file = process.env.SOCKGEN_COUNTS;
  // One write, so that lines of tests that run side by side do not mix.
  if (file) appendFileSync(file, `${line}\n`);
}
