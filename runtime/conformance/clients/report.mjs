// SPDX-License-Identifier: Apache-2.0

// How a row of the matrix tells its results: one JSON object a line on standard
// output, {transport, name, ms, error?} for each case and {done: true} at the end.

/** Runs a whole row; ends the process. run gets report(transport, name, play). */
export async function row(run) {
  process.on("unhandledRejection", (reason) => {
    process.stderr.write(`unhandled rejection: ${describe(reason)}\n`);
    process.exit(1);
  });
  await run(async (transport, name, play) => {
    const start = Date.now();
    let error;
    try {
      await play();
    } catch (reason) {
      error = describe(reason);
    }
    print({ transport, name, ms: Date.now() - start, error });
  });
  process.stdout.write(`${JSON.stringify({ done: true })}\n`, () => {
    process.exit(0);
  });
}

function print(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function describe(reason) {
  const text = reason instanceof Error ? reason.stack : String(reason);
  return text.length > 3000 ? `${text.slice(0, 3000)}…` : text;
}
