// How the chat looks, together with index.html; main.ts has what it does.
import type { Message } from "../generated/ts/chat";

const find = <Found extends HTMLElement>(selector: string) => document.querySelector(selector) as Found;
const status = find("[role=status]");
const problem = find("[role=alert]");
const messages = find("ol");
const form = find<HTMLFormElement>("form");
const [from, text] = form.querySelectorAll("input") as unknown as [HTMLInputElement, HTMLInputElement];

export function showStatus(now: "connecting" | "connected"): void {
  status.textContent = now;
  status.className = now;
}

export function showProblem(message: string): void {
  problem.textContent = message;
}

export function showMessage({ from, text, at }: Message): void {
  const item = find<HTMLTemplateElement>("template").content.cloneNode(true) as DocumentFragment;
  const part = (name: string) => item.querySelector(name) as HTMLElement;
  part("b").textContent = from;
  part("time").textContent = new Date(at).toLocaleTimeString();
  part("p").textContent = text;
  messages.append(item);
  messages.nextElementSibling?.remove(); // that nobody has said anything
}

export function onSubmit(say: (from: string, text: string) => Promise<boolean>): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void say(from.value, text.value).then((ok) => {
      if (ok) text.value = "";
      text.focus();
    });
  });
}
