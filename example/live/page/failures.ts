// SPDX-License-Identifier: Apache-2.0

// Failures of the board in words for whoever uses the page.
import type {
  AcknowledgeError,
  ConnectFailure,
  ResolveError,
  WatchError,
} from "../../../generated/ts/live";
import { explainCommon } from "../../site/failures";

/** Why the server may refuse something. */
export type Failure =
  AcknowledgeError | ResolveError | WatchError | ConnectFailure;

/** Says in a sentence what went wrong. */
export function explain(failure: Failure): string {
  switch (failure.code) {
    case "no_such_incident":
      return "Somebody has resolved it already.";
    case "no_such_service":
      return `There is no service ${failure.data.service}.`;
    case "already_acknowledged":
      return `${failure.data.by} has acknowledged it already.`;
    default:
      return explainCommon(failure);
  }
}
