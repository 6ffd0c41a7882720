// SPDX-License-Identifier: Apache-2.0

// The typing indicator, both ways. Neither end trusts the other to say that it
// has stopped: a sender repeats itself, and a receiver forgets.

const repeatAfter = 3000; // ms between two "typing" of one burst
const idleAfter = 4000; // ms without a key until we say that we stopped
const forgetAfter = 6000; // ms without a word until a typist is forgotten

/** Tells the others that we type, seldom enough not to be a burden. */
export class TypingSender {
  readonly #send: (typing: boolean) => void;
  #said = 0; // when we last said so, 0 when they believe that we do not type
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (typing: boolean) => void) {
    this.#send = send;
  }

  /** Call at each change of the text that the room may know about. */
  typed(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.stopped();
    }, idleAfter);
    const now = performance.now();
    if (this.#said !== 0 && now - this.#said < repeatAfter) return;
    this.#said = now;
    this.#send(true);
  }

  stopped(): void {
    clearTimeout(this.#idle);
    if (this.#said === 0) return;
    this.#said = 0;
    this.#send(false);
  }
}

/** Shows who types. */
export class TypingView {
  readonly #line: HTMLElement;
  readonly #typists = new Map<
    string,
    { readonly name: string; readonly expiry: ReturnType<typeof setTimeout> }
  >();

  constructor(line: HTMLElement) {
    this.#line = line;
  }

  change(
    member: { readonly id: string; readonly name: string },
    typing: boolean,
  ) {
    this.#forget(member.id);
    if (typing) {
      const expiry = setTimeout(() => {
        this.stop(member.id);
      }, forgetAfter);
      this.#typists.set(member.id, { name: member.name, expiry });
    }
    this.#show();
  }

  /** The member has said what it typed, or is gone. */
  stop(memberID: string): void {
    this.#forget(memberID);
    this.#show();
  }

  clear(): void {
    for (const id of [...this.#typists.keys()]) this.#forget(id);
    this.#show();
  }

  #forget(memberID: string): void {
    clearTimeout(this.#typists.get(memberID)?.expiry);
    this.#typists.delete(memberID);
  }

  #show(): void {
    const names = Array.from(this.#typists.values(), ({ name }) => name);
    this.#line.textContent = phrase(names);
  }
}

function phrase(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return "";
  if (second === undefined) return `${first} is typing…`;
  if (names.length === 2) return `${first} and ${second} are typing…`;
  return `${first}, ${second} and ${names.length - 2} more are typing…`;
}
