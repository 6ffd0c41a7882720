// SPDX-License-Identifier: Apache-2.0

import type { Member } from "../../generated/ts/chat";
import { make, makeButton, written } from "../site/dom";
import { portrait } from "./portrait";

/** The list of everybody in the room. */
export class MembersView {
  readonly #list: HTMLElement;
  readonly #changed: (count: number) => void;
  readonly #whisper: (member: Member) => void;
  readonly #isSelf: (memberID: string) => boolean;
  readonly #members = new Map<string, Member>();

  constructor(options: {
    readonly list: HTMLElement;
    readonly changed: (count: number) => void;
    readonly whisper: (member: Member) => void;
    readonly isSelf: (memberID: string) => boolean;
  }) {
    this.#list = options.list;
    this.#changed = options.changed;
    this.#whisper = options.whisper;
    this.#isSelf = options.isSelf;
  }

  /** Replaces everybody. */
  set(members: readonly Member[]): void {
    this.#members.clear();
    for (const member of members) this.#members.set(member.id, member);
    this.#list.replaceChildren();
    for (const member of this.#sorted()) this.#list.append(this.#item(member));
    this.#changed(this.#members.size);
  }

  /** Says whether the member was not there before. */
  add(member: Member): boolean {
    if (this.#members.has(member.id)) return false;
    this.#members.set(member.id, member);
    const after = this.#sorted().indexOf(member);
    const next = this.#list.children.item(after);
    this.#list.insertBefore(this.#item(member), next);
    this.#changed(this.#members.size);
    return true;
  }

  /** Says whether the member was there. */
  remove(memberID: string): boolean {
    const at = this.#sorted().findIndex(({ id }) => id === memberID);
    if (at < 0) return false;
    this.#members.delete(memberID);
    this.#list.children.item(at)?.remove();
    this.#changed(this.#members.size);
    return true;
  }

  #sorted(): Member[] {
    return [...this.#members.values()].sort(
      (a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id),
    );
  }

  #item(member: Member): HTMLLIElement {
    const name = written("span", "member-name", member.name);
    const item = make("li", "member", portrait(member.name), name);
    if (this.#isSelf(member.id)) {
      item.append(make("span", "you", "you"));
    } else {
      const label = `Whisper to ${member.name}`;
      item.append(
        makeButton("quiet", "Whisper", label, () => {
          this.#whisper(member);
        }),
      );
    }
    return item;
  }
}
