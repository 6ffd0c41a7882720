// Failures as the server reports them, in words for whoever uses the page.

/** What every refusal has in common, from an ack, $error or CONNECT_ERROR. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
}

/** Says in one sentence what went wrong. */
export function explain(failure: Failure): string {
  switch (failure.code) {
    case "invalid_payload":
      return (
        issuesOf(failure)
          .map(({ path, message }) =>
            path === "" ? message : `${path}: ${message}`,
          )
          .join("; ") || sentence(failure.message)
      );
    case "name_taken":
      return "Somebody here already has that name. Choose another.";
    case "no_such_member":
      return "That member is no longer here.";
    case "timeout":
      return "The server did not answer in time.";
    case "disconnected":
      return "The connection was lost before the server answered.";
    case "internal":
      return "Something went wrong on the server.";
    default:
      return sentence(failure.message);
  }
}

/** What the server says about one field of a payload; "" when nothing. */
export function issueAt(failure: Failure, field: string): string {
  return issuesOf(failure)
    .filter(({ path }) => path === field)
    .map(({ message }) => sentence(message))
    .join(" ");
}

interface Issue {
  readonly path: string;
  readonly message: string;
}

function issuesOf(failure: Failure): Issue[] {
  const issues = field(failure.data, "issues");
  if (failure.code !== "invalid_payload" || !Array.isArray(issues)) return [];
  return issues.map((issue: unknown) => ({
    path: String(field(issue, "path") ?? ""),
    message: String(field(issue, "message") ?? ""),
  }));
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Record<string, unknown>)[name];
}

function sentence(text: string): string {
  if (text === "") return "The server refused.";
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
