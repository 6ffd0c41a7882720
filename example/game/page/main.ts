// SPDX-License-Identifier: Apache-2.0

// Sock Turf, the game of sockgen's example. This file wires the views to the
// session; what has more to say has a file of its own.

import {
  type Floor,
  type News,
  on,
  onError,
  Power,
  Shout,
  type Socket,
  type Standing,
} from "../../../generated/ts/game";
import { Controls } from "./controls";
import { MatchIDSchema, NameSchema } from "../../../generated/ts/game.schemas";
import { byID, make } from "../../site/dom";
import { explainCommon } from "../../site/failures";
import { pick } from "../../site/pick";
import { problemOf } from "../../site/problems";
import { copyLink } from "../../site/share";
import { showClippedTexts } from "../../site/tooltips";
import { drawYarn, readPalette } from "./draw";
import { type Failure, Session, type State } from "./session";
import { shownStandings } from "./standings";
import { MatchState } from "./state";
import { FloorView } from "./view";
import { readPositions } from "./wire";

const ticks = 20; // in a second
const roundSeconds = 60;

const shoutWords: Readonly<Record<Shout, string>> = {
  hi: "Hi!",
  nice: "Nice!",
  ouch: "Ouch!",
  haha: "Haha!",
};
const powerWords: Readonly<Record<string, string>> = {
  [Power.swift]: "run faster",
  [Power.wide]: "knit wider",
  [Power.burst]: "knit all around you",
};
const colourNames = "none red blue green yellow purple orange teal pink".split(
  " ",
);
const firsts = ["Woolly", "Odd", "Striped", "Lost", "Cosy", "Darned", "Fuzzy"];
const seconds = ["Argyle", "Toe", "Heel", "Cuff", "Purl", "Stitch", "Anklet"];

const state = new MatchState({
  reset: () => {
    view.rebuild();
  },
  cell: (cell, seat) => {
    view.cell(cell, seat);
  },
  news: happened,
});
const canvas = byID("floor", HTMLCanvasElement);
const view = new FloorView(canvas, state);
const session = new Session({
  state: showState,
  roundTrip: showRoundTrip,
  opened: listen,
  entered,
  refused,
  ended: () => {
    showLost("Another window took your seat.", "Play here", play);
  },
});
let match = "";
let name = "";
let playing = false; // a round, not the pause after it
let onAgain = play; // what the button beside a loss does

new Controls({
  canvas,
  toward: (x, y) => view.toward(x, y),
  steer: ({ angle, speed }) => {
    session.socket?.volatile.emit("steer", angle, speed);
  },
});

start();

function start(): void {
  decorate();
  legend();
  for (const [i, what] of Object.values(Shout).entries()) {
    const button = make("button", "", make("kbd", "", String(i + 1)));
    button.type = "button";
    button.append(shoutWords[what]);
    button.addEventListener("click", () => {
      shout(what);
    });
    byID("shouts", HTMLElement).append(button);
  }
  addEventListener("keydown", (event) => {
    const what = Object.values(Shout)[Number(event.key) - 1];
    if (what !== undefined && !(event.target instanceof HTMLInputElement)) {
      shout(what);
    }
  });
  const field = byID("name", HTMLInputElement);
  field.value = `${pick(firsts)} ${pick(seconds)}`;
  byID("join", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    name = field.value.trim();
    const problem = problemOf(NameSchema, name, {
      what: "A name",
      missing: "Choose a name.",
      form: "A name has no tabs and no line breaks.",
    });
    if (problem === "") play();
    else showProblem(problem);
  });
  byID("again", HTMLButtonElement).addEventListener("click", () => {
    onAgain();
  });
  byID("share", HTMLButtonElement).addEventListener("click", () => {
    void copyLink().then((told) => {
      say(told);
    });
  });
  byID("new-match", HTMLButtonElement).addEventListener("click", () => {
    location.hash = newMatch();
    showProblem("");
    field.focus();
  });
  showClippedTexts();
  addEventListener("hashchange", readMatch);
  readMatch();
  field.focus();
  field.select();
}

// The match's name is the address's fragment: the address is the invitation.
function readMatch(): void {
  const named = decode(location.hash.slice(1));
  if (named === "") {
    match = newMatch();
    history.replaceState(null, "", `#${match}`);
  } else {
    match = named;
  }
  byID("match", HTMLElement).textContent = match;
  if (document.body.dataset["view"] === "play") play();
  else if (!isBadMatch()) showProblem("");
}

/** Whether the link names no match; then it says so, and offers another one. */
function isBadMatch(): boolean {
  if (problemOf(MatchIDSchema, match, { what: "A match" }) === "") return false;
  showJoin(
    `There can be no match “${match}”: use up to 12 small letters and digits.`,
  );
  byID("new-match", HTMLButtonElement).hidden = false;
  return true;
}

function newMatch(): string {
  const letters = [..."abcdefghjkmnpqrstuvwxyz23456789"];
  return Array.from({ length: 5 }, () => pick(letters)).join("");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % is part of the name, which the server refuses
  }
}

function play(): void {
  hideLost();
  if (isBadMatch()) {
    session.leave();
    return;
  }
  showProblem("");
  waiting(true);
  view.clear();
  session.enter(match, name);
}

function listen(socket: Socket): void {
  state.expect();
  on(socket, "disconnect", () => {
    state.expect();
  });
  on(socket, "positions", (bytes) => {
    const positions = readPositions(bytes);
    view.positions(positions);
    showClock(positions.left);
  });
  on(socket, "changed", (changed) => {
    state.apply(changed);
  });
  on(socket, "standings", showStandings);
  on(socket, "shouted", ({ seat, what }) => {
    view.shout(seat, shoutWords[what]);
    say(bdi(state.names.get(seat) ?? "Somebody"), `: ${shoutWords[what]}`);
  });
  onError(socket, (failure) => {
    if (failure.code === "not_seated") say("You have no seat.");
    else say(explainCommon(failure));
  });
}

function entered(seat: number, floor: Floor, again: boolean): void {
  waiting(false);
  hideLost();
  view.seat = seat;
  playing = floor.playing;
  byID("over", HTMLElement).hidden = true;
  state.load(floor);
  document.body.dataset["view"] = "play";
  document.body.dataset["seat"] = String(seat);
  byID("cover", HTMLElement).hidden = true;
  if (seat === 0) {
    showLost("All seats are taken: you are looking on.", "Take a seat", () => {
      void session.seat();
    });
  } else if (again) {
    say("You are back in the match.");
  } else {
    say(`You knit in ${colourNames[seat] ?? "a new colour"}. Go!`);
  }
}

function refused(failure: Failure): void {
  showJoin(explain(failure));
  byID("new-match", HTMLButtonElement).hidden = failure.code !== "crowded";
}

function showJoin(problem: string): void {
  waiting(false);
  document.body.dataset["view"] = "join";
  byID("cover", HTMLElement).hidden = false;
  showProblem(problem);
  byID("name", HTMLInputElement).focus();
}

function explain(failure: Failure): string {
  switch (failure.code) {
    case "name_taken":
      return "Somebody in this match already has that name.";
    case "crowded":
      return "This match is crowded. Try another one.";
    case "match_full":
      return "All seats of this match are taken.";
    default:
      return explainCommon(failure);
  }
}

function happened(news: News): void {
  switch (news.kind) {
    case "arrived":
      if (news.player.seat !== view.seat && !news.player.bot) {
        say(bdi(news.player.name), " joined.");
      }
      break;
    case "departed":
      if (!news.player.bot) say(bdi(news.player.name), " left.");
      break;
    case "taken":
      view.ring(news.by);
      if (news.by === view.seat) {
        say(`Yarn: ${powerWords[news.power] ?? "a surprise"}!`);
      }
      break;
    case "ended":
      playing = false;
      showOver(news.standings);
      break;
    case "began":
      playing = true;
      byID("over", HTMLElement).hidden = true;
      say("A new round. Go!");
      break;
  }
}

function shout(what: Shout): void {
  if (session.socket === null) return;
  session.socket.emit("shout", what);
  view.shout(view.seat, shoutWords[what]);
}

function showState(now: State): void {
  const words: Readonly<Record<State, string>> = {
    idle: "Not connected",
    connecting: "Connecting…",
    connected: "Connected",
    offline: "Offline",
  };
  byID("connection", HTMLElement).dataset["state"] = now;
  byID("connection-text", HTMLElement).textContent = words[now];
  if (now !== "connected") byID("round-trip", HTMLElement).textContent = "";
  if (now !== "offline") return;
  if (document.body.dataset["view"] === "play") {
    showLost("Connection lost. Trying again…");
  } else {
    showProblem("The server cannot be reached. Trying again…");
  }
}

function showRoundTrip(ms: number): void {
  const least = ms < 1 ? "<1" : String(Math.round(ms));
  byID("round-trip", HTMLElement).textContent = `· ${least} ms`;
}

function showClock(left: number): void {
  const whole = Math.ceil(left / ticks);
  const clock = byID("clock", HTMLElement);
  const text = playing
    ? `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`
    : `Next in ${whole}`;
  if (clock.textContent !== text) clock.textContent = text;
  const part = playing ? left / ticks / roundSeconds : 0;
  byID("time-left", HTMLElement).style.transform = `scaleX(${part})`;
  clock.classList.toggle("late", playing && whole <= 10);
}

function percent(cells: number): string {
  return `${Math.round((100 * cells) / (state.size * state.size))}%`;
}

function showStandings(standings: readonly Standing[]): void {
  const most = Math.max(1, standings[0]?.cells ?? 1);
  const rows = standings.map(({ seat, name, cells, bot }) => {
    const label = make("bdi", "who", name);
    const row = make("li", `seat-${seat}`, make("span", "swatch"), label);
    if (bot) {
      row.classList.add("bot");
      row.append(make("span", "you", "bot"));
    }
    if (seat === view.seat) row.append(make("span", "you", "you"));
    row.append(make("b", "", percent(cells)));
    row.style.setProperty("--part", String(cells / most));
    return row;
  });
  byID("standings", HTMLElement).replaceChildren(...rows);
  const humans = standings.filter(({ bot }) => !bot);
  byID("alone", HTMLElement).hidden = humans.length !== 1;
  const place = standings.findIndex(({ seat }) => seat === view.seat);
  const own = standings[place];
  byID("mine", HTMLElement).textContent =
    own === undefined ? "" : `${percent(own.cells)} · ${ordinal(place + 1)}`;
}

function ordinal(n: number): string {
  return `${n}${["", "st", "nd", "rd"][n] ?? "th"}`;
}

function showOver(standings: readonly Standing[]): void {
  const [best, second] = standings;
  const tie = best !== undefined && best.cells === second?.cells;
  const title = (): (Node | string)[] => {
    if (best === undefined || tie) return ["A draw!"];
    if (best.seat === view.seat) return ["You win!"];
    return [bdi(best.name), " wins!"];
  };
  const list = make("ol", "standings");
  for (const one of shownStandings(standings, view.seat)) {
    const { seat, name, cells } = one;
    const place = make("span", "place", ordinal(one.place));
    const who = make("bdi", "who", name);
    const row = make("li", `seat-${seat}`, place, make("span", "swatch"), who);
    if (seat === view.seat) row.append(make("span", "you", "you"));
    row.append(make("b", "", percent(cells)));
    list.append(row);
  }
  const over = byID("over", HTMLElement);
  over.replaceChildren(make("h2", "", ...title()), list);
  over.hidden = false;
  say("The round is over. ", ...title());
}

function showLost(text: string, button = "", act = play): void {
  onAgain = act;
  byID("lost", HTMLElement).hidden = false;
  byID("lost-text", HTMLElement).textContent = text;
  const again = byID("again", HTMLButtonElement);
  again.textContent = button;
  again.hidden = button === "";
  say(text);
}

function hideLost(): void {
  byID("lost", HTMLElement).hidden = true;
}

function showProblem(text: string): void {
  byID("new-match", HTMLButtonElement).hidden = true;
  byID("problem", HTMLElement).textContent = text;
  byID("name", HTMLInputElement).setAttribute(
    "aria-invalid",
    String(text !== ""),
  );
}

function waiting(yes: boolean): void {
  byID("play", HTMLButtonElement).setAttribute("aria-disabled", String(yes));
}

function say(...parts: (Node | string)[]): void {
  byID("news", HTMLElement).replaceChildren(...parts);
}

/** A name, which may run from right to left without turning what is beside it. */
function bdi(name: string): HTMLElement {
  return make("bdi", "", name);
}

/** What lies on the floor before one has joined: an argyle of all colours. */
function decorate(): void {
  const { size, cells } = state;
  for (let cell = 0; cell < cells.length; cell++) {
    const [x, y] = [cell % size, Math.floor(cell / size)];
    const [u, v] = [Math.floor((x + y) / 10), Math.floor((x - y + 80) / 10)];
    const line = (x + y + 5) % 10 === 0 || (x - y + 85) % 10 === 0;
    cells[cell] = line ? 0 : (u + v) % 2 === 0 ? 1 + ((u * 3 + v) % 8) : 0;
  }
  view.rebuild();
}

function legend(): void {
  const palette = readPalette();
  for (const [power, words] of Object.entries(powerWords)) {
    const icon = make("canvas", "");
    icon.width = icon.height = 56;
    const c = icon.getContext("2d");
    c?.setTransform(22, 0, 0, 22, 28, 28);
    if (c) drawYarn(c, power, palette);
    const term = make("dt", "", icon, power);
    byID("legend", HTMLElement).append(
      make("div", "", term, make("dd", "", words)),
    );
  }
}
