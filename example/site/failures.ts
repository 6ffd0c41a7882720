// SPDX-License-Identifier: Apache-2.0

// Failures in sentences for whoever uses a page. The types are the generated ones:
// every module of sockgen has the same CommonFailure, and ConnectFailure besides.
import type {
  CommonFailure,
  ConnectFailure as Connect,
} from "../../generated/ts/live";

/** What any event, on any page, may fail with. */
export type { CommonFailure };

/** What may keep any page from connecting. */
export type ConnectFailure = Connect;

/** Says what any failure means that an event of its own does not explain. */
export function explainCommon(failure: CommonFailure | ConnectFailure): string {
  switch (failure.code) {
    case "invalid_payload":
      return (
        failure.data.issues
          .map(({ path, message }) => sentence(`${path} ${message}`.trim()))
          .join(" ") || sentence(failure.message)
      );
    case "timeout":
      return "The server did not answer in time. Try again.";
    case "disconnected":
      return "The connection was lost before the server answered.";
    case "internal":
      return "Something went wrong on the server.";
    case "rate_limited":
      return "Not so fast: wait a moment.";
    case "schema_mismatch":
    case "unknown_event":
      return "This page is out of date. Reload it.";
    case "aborted":
      return "";
    default:
      // A newer server may refuse for reasons that this page does not know.
      return sentence((failure satisfies never as { message: string }).message);
  }
}

/** What the server says about one field of a payload, "" when nothing. */
export function issueAt(
  failure: { readonly code: string; readonly data?: unknown },
  field: string,
  what: string,
): string {
  return issuesOf(failure)
    .filter(({ path }) => path === field)
    .map(({ message }) => sentence(`${what} ${message}`))
    .join(" ");
}

interface Issue {
  readonly path: string;
  readonly message: string;
}

function issuesOf(failure: {
  readonly code: string;
  readonly data?: unknown;
}): readonly Issue[] {
  if (failure.code !== "invalid_payload") return [];
  return (failure.data as { readonly issues: readonly Issue[] }).issues;
}

/** The text with a capital letter and a full stop. */
export function sentence(text: string): string {
  if (text === "") return "The server refused.";
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
