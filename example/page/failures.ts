// SPDX-License-Identifier: Apache-2.0

// Failures of the chat in words for whoever uses the page.
import type {
  ChatMessageSendError,
  ChatRefusals,
  ChatWhisperError,
  CommonFailure,
  ConnectFailure,
  RefusalOf,
} from "../../generated/ts/chat";
import { explainCommon } from "../site/failures";

/** Why the server may refuse to let us in, or what we send. */
export type Failure =
  | ConnectFailure
  | ChatMessageSendError
  | ChatWhisperError
  | CommonFailure
  | RefusalOf<ChatRefusals>;

/** Says in a sentence what went wrong. */
export function explain(failure: Failure): string {
  switch (failure.code) {
    case "name_taken":
      return "Somebody here already has that name. Choose another.";
    case "no_such_member":
      return "That member is no longer here.";
    case "not_member":
      return `You are not in the room ${failure.data.room}. Join it first.`;
    default:
      return explainCommon(failure);
  }
}
