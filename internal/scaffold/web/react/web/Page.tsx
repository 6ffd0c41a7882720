import type { SubmitEvent } from "react";
import type { Message, Say } from "../generated/ts/chat";

interface Props {
  readonly status: string;
  readonly messages: readonly Message[];
  readonly problem: string;
  readonly say: (say: Say) => Promise<{ readonly ok: boolean }>;
}

/** How the chat looks; App.tsx has what it does. */
export function Page({ status, messages, problem, say }: Props) {
  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = event.currentTarget.elements.namedItem("text") as HTMLInputElement;
    const { ok } = await say({ from: form.get("from") as string, text: form.get("text") as string });
    if (ok) text.value = "";
    text.focus();
  }
  return (
    <main>
      <header>
        <h1>sockgen-chat</h1>
        <p role="status" className={status}>
          {status}
        </p>
      </header>
      <div className="log">
        <ol aria-label="Messages" aria-live="polite">
          {messages.map(({ from, text, at }, i) => (
            <li key={i}>
              <b>{from}</b> <time dateTime={at}>{new Date(at).toLocaleTimeString()}</time>
              <p>{text}</p>
            </li>
          ))}
        </ol>
        {messages.length === 0 && <p>Nobody has said anything yet. Open a second window to talk to.</p>}
      </div>
      <form onSubmit={(event) => void submit(event)}>
        <input name="from" aria-label="Your name" placeholder="Your name" maxLength={32} required />
        <input name="text" aria-label="Message" placeholder="Message" maxLength={500} required autoComplete="off" />
        <button>Send</button>
        <p role="alert">{problem}</p>
      </form>
    </main>
  );
}
