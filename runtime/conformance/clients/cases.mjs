// SPDX-License-Identifier: Apache-2.0

// What every version of the official client does with the server. A case runs once
// for each version, from `since` on, and each transport.
import { connection } from "./cases-connection.mjs";
import { events } from "./cases-events.mjs";
import { flow } from "./cases-flow.mjs";
import { recovery } from "./cases-recovery.mjs";
import { volume } from "./cases-volume.mjs";

export const cases = [
  ...connection,
  ...events,
  ...flow,
  ...recovery,
  ...volume,
];
