// SPDX-License-Identifier: Apache-2.0

import { connectMain, on, onError } from "../../generated/ts/chat";
import { byID, keepLast, make, written } from "../site/dom";
import { reconnectWhenOnline } from "../site/network";
import { explain } from "./failures";

const maxAnswers = 50;

/**
 * The scenario that the project grew from: clientMessage in the main
 * namespace, answered by serverMessage. It connects while its panel is open.
 */
export function echoPanel(url: string): void {
  const panel = byID("echo", HTMLDialogElement);
  const field = byID("echo-text", HTMLInputElement);
  const state = byID("echo-state", HTMLElement);
  const answers = byID("echo-answers", HTMLElement);
  const box = byID("echo-log", HTMLElement);
  const socket = connectMain(url, { autoConnect: false });

  const add = (className: string, text: string): void => {
    answers.append(written("li", className, text));
    keepLast(answers, maxAnswers);
    box.scrollTop = box.scrollHeight;
  };
  on(socket, "serverMessage", (message) => {
    add("answer", message);
  });
  onError(socket, (failure) => {
    add("refusal", explain(failure));
  });
  on(socket, "connect", () => {
    state.replaceChildren("Connected as ", make("code", "", socket.id ?? ""));
  });
  on(socket, "connect_error", () => {
    state.textContent = "The server cannot be reached; trying again.";
  });
  on(socket, "disconnect", () => {
    state.textContent = "Not connected.";
  });

  reconnectWhenOnline(() => [socket]);
  byID("echo-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    if (!socket.connected) return;
    socket.emit("clientMessage", field.value);
    add("asked", field.value);
    field.value = "";
  });
  byID("echo-open", HTMLButtonElement).addEventListener("click", () => {
    state.textContent = "Connecting…";
    socket.connect();
    panel.showModal();
    field.focus();
  });
  byID("echo-close", HTMLButtonElement).addEventListener("click", () => {
    panel.close();
  });
  panel.addEventListener("close", () => {
    socket.disconnect();
    answers.replaceChildren();
  });
}
