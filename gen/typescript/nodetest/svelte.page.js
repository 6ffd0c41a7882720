// The Svelte page of frameworks.test.ts: each name has a component of its own.

import { mount, unmount } from "svelte";
import Chat from "./Chat.svelte";

let shown;

async function show(name) {
  if (shown) await unmount(shown);
  const target = document.body;
  shown = name && mount(Chat, { target, props: { name } });
}

Object.assign(window, { show });
void show("ann");
