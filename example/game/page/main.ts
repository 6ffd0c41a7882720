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
import { byID, make } from "../../site/dom";
import { drawYarn, readPalette } from "./draw";
import { type Failure, Session, type State } from "./session";
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
    play();
  });
  byID("again", HTMLButtonElement).addEventListener("click", () => {
    onAgain();
  });
  byID("share", HTMLButtonElement).addEventListener("click", share);
  addEventListener("hashchange", readMatch);
  readMatch();
  field.focus();
  field.select();
}

// The match's name is the address's fragment: the address is the invitation.
function readMatch(): void {
  const named = decode(location.hash.slice(1));
  if (named === "") {
    const letters = "abcdefghjkmnpqrstuvwxyz23456789";
    match = Array.from({ length: 5 }, () => pick([...letters])).join("");
    history.replaceState(null, "", `#${match}`);
  } else {
    match = named;
  }
  byID("match", HTMLElement).textContent = match;
  if (document.body.dataset["view"] === "play") play();
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % is part of the name, which the server refuses
  }
}

function play(): void {
  showProblem("");
  hideLost();
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
    say(`${state.names.get(seat) ?? "Somebody"}: ${shoutWords[what]}`);
  });
  onError(socket, ({ code, message }) => {
    if (code === "rate_limited") say("Not so fast.");
    else say(message);
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
  waiting(false);
  document.body.dataset["view"] = "join";
  byID("cover", HTMLElement).hidden = false;
  showProblem(explain(failure));
  byID("name", HTMLInputElement).focus();
}

function explain({ code, message }: Failure): string {
  switch (code) {
    case "name_taken":
      return "Somebody in this match already has that name.";
    case "crowded":
      return "This match is crowded. Try another one.";
    case "invalid_payload":
      return "A name has 1 to 16 characters.";
    case "timeout":
      return "The server did not answer in time. Try again.";
    case "schema_mismatch":
      return "This page is out of date. Reload it.";
  }
  if (message === "Invalid namespace") {
    return `There can be no match “${match}”: use up to 12 small letters and digits.`;
  }
  return `${message}.`;
}

function happened(news: News): void {
  switch (news.kind) {
    case "arrived":
      if (news.player.seat !== view.seat) say(`${news.player.name} joined.`);
      break;
    case "departed":
      say(`${news.player.name} left.`);
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
  if (now !== "offline") return;
  if (document.body.dataset["view"] === "play") {
    showLost("Connection lost. Trying again…");
  } else {
    showProblem("The server cannot be reached. Trying again…");
  }
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
  const rows = standings.map(({ seat, name, cells }) => {
    const label = make("span", "who", name);
    label.dir = "auto";
    const row = make("li", `seat-${seat}`, make("span", "swatch"), label);
    if (seat === view.seat) row.append(make("span", "you", "you"));
    row.append(make("b", "", percent(cells)));
    row.style.setProperty("--part", String(cells / most));
    return row;
  });
  byID("standings", HTMLElement).replaceChildren(...rows);
  byID("alone", HTMLElement).hidden = standings.length !== 1;
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
  const title =
    best === undefined || tie
      ? "A draw!"
      : best.seat === view.seat
        ? "You win!"
        : `${best.name} wins!`;
  const list = make("ol", "standings");
  for (const { seat, name, cells } of standings.slice(0, 3)) {
    const who = make("span", "who", name);
    const share = make("b", "", percent(cells));
    list.append(make("li", `seat-${seat}`, make("span", "swatch"), who, share));
  }
  const over = byID("over", HTMLElement);
  over.replaceChildren(make("h2", "", title), list);
  over.hidden = false;
  say(`The round is over. ${title}`);
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
  byID("problem", HTMLElement).textContent = text;
  byID("name", HTMLInputElement).setAttribute(
    "aria-invalid",
    String(text !== ""),
  );
}

function waiting(yes: boolean): void {
  byID("play", HTMLButtonElement).setAttribute("aria-disabled", String(yes));
}

function say(text: string): void {
  byID("news", HTMLElement).textContent = text;
}

function share(): void {
  const done = (): void => {
    say("The link is copied. Send it to somebody.");
  };
  const failed = (): void => {
    say(`Send this to somebody: ${location.href}`);
  };
  // Only pages that came over HTTPS, or from this machine, have a clipboard.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) failed();
  else void clipboard.writeText(location.href).then(done, failed);
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

function pick<T>(from: readonly T[]): T {
  return from[Math.floor(Math.random() * from.length)] as T;
}
