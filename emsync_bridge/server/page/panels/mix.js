/** Faders, meters, and the solo and mute of stems and single players. */

import { LOWEST, automate, duckingNow, peakOf, setMix } from "../playback/mixer.js";
import { isHeard, turn } from "../playback/stems.js";
import { playheadTime } from "../playback/transport.js";
import { store } from "../model/state.js";
import { able, byId, el, keyed } from "../shell/dom.js";
import { partable, partFamily } from "../work/player_sounds.js";

/** Decibels that a meter falls in a second. */
const FALL = 24;
const FLOOR = -48;

/** @type {import("../playback/mixer.js").Bus[]} */
const BUSES = ["music", "original"];

/** @type {Record<string, number>} */
const levels = { music: FLOOR, original: FLOOR };

const inDecibels = (/** @type {number} */ level) => (level <= LOWEST ? "silent" : `${level < 0 ? "\u2212" : level > 0 ? "+" : ""}${Math.abs(level)} dB`);

function showFaders(/** @type {any} */ { mix, versions, version }) {
  for (const bus of BUSES) {
    const { level, on } = mix[bus];
    const fader = byId(`${bus}-level`);
    fader.value = String(level);
    fader.setAttribute("aria-valuetext", inDecibels(level));
    fader.title = inDecibels(level);
    byId(`${bus}-sound`).setAttribute("aria-pressed", String(on));
  }
  const heard = versions.find((/** @type {any} */ each) => each.letter === version);
  byId("duck").checked = mix.duck;
  byId("duck-line").hidden = !heard?.duck?.length;
  byId("equal").checked = mix.equal;
  byId("equal-line").hidden = versions.filter((/** @type {any} */ each) => each.audio).length < 2;
}

/** Name of a player for people: `english_horn` and `violins2` are identifiers. */
const spoken = (/** @type {string} */ name) => name.replaceAll("_", " ").replace(/(\d+)$/, " $1");

/** Name of a row: a player that is called as its family is one of several. */
const nameOf = (/** @type {any} */ { name, family }) => (name === family ? `other ${name}` : spoken(name));

function stemRow(/** @type {any} */ each) {
  const name = nameOf(each);
  const button = (/** @type {"solo" | "mute"} */ what, /** @type {string} */ sign) =>
    el("button", { type: "button", class: `stem-${what}`, "aria-label": `${what === "solo" ? "Solo" : "Mute"} ${name}`, title: `${what === "solo" ? "Solo" : "Mute"} ${name}`, text: sign, onclick: () => turn(each.kind, what) });
  const part = each.family === null && el("button", { type: "button", class: "quiet stem-part", "aria-label": `Single players of the ${name}`, title: "Hear its players one by one: they are rendered for it once", text: "Players", onclick: () => partFamily(each.name) });
  return el("li", { class: each.family === null ? "stem" : "stem player" }, el("span", { text: name }), part || null, button("mute", "M"), button("solo", "S"));
}

function showStems(/** @type {any} */ { stems, busy }) {
  byId("no-stems").hidden = stems.length > 0;
  const parts = partable();
  keyed(byId("stem-list"), stems, (each) => each.kind, stemRow, (node, each) => {
    node.classList.toggle("unheard", !isHeard(stems, each));
    node.querySelector(".stem-mute").setAttribute("aria-pressed", String(each.mute));
    node.querySelector(".stem-solo").setAttribute("aria-pressed", String(each.solo));
    const part = node.querySelector(".stem-part");
    if (!part) return;
    part.hidden = !parts[each.name] || stems.some((/** @type {any} */ other) => other.family === each.name);
    able(part, !busy);
  });
}

let last = 0;

/** Draw the meters as long as anything sounds or falls. */
function meter(/** @type {number} */ at) {
  const passed = Math.min(0.1, (at - last) / 1000);
  last = at;
  let busy = store.now.playing;
  for (const bus of BUSES) {
    const peak = peakOf(bus);
    levels[bus] = Math.max(peak > 0 ? 20 * Math.log10(peak) : FLOOR, levels[bus] - FALL * passed, FLOOR);
    busy ||= levels[bus] > FLOOR;
    const bar = byId(`${bus}-meter`);
    bar.style.transform = `scaleX(${(levels[bus] - FLOOR) / -FLOOR})`;
    bar.classList.toggle("over", levels[bus] > -0.5);
  }
  byId("music-meter").classList.toggle("ducked", duckingNow() < 0.97);
  if (busy) requestAnimationFrame(meter);
}

/** Listen to the faders and show the stems. */
export function startMix() {
  for (const bus of BUSES) {
    byId(`${bus}-level`).addEventListener("input", (/** @type {any} */ event) => setMix({ [bus]: { level: Number(event.target.value), on: true } }));
    byId(`${bus}-level`).addEventListener("dblclick", () => setMix({ [bus]: { level: 0, on: true } }));
    byId(`${bus}-sound`).addEventListener("click", () => setMix({ [bus]: { ...store.now.mix[bus], on: !store.now.mix[bus].on } }));
  }
  byId("duck").addEventListener("change", (/** @type {any} */ event) => setMix({ duck: event.target.checked }));
  byId("equal").addEventListener("change", (/** @type {any} */ event) => setMix({ equal: event.target.checked }));
  store.follow(["mix", "version", "versions"], showFaders);
  store.follow(["stems", "version", "versions", "music", "busy"], showStems);
  store.follow(["mix", "version", "versions"], ({ playing, rate }) => automate(playheadTime(), playing, rate));
  store.follow(["playing"], ({ playing }) => {
    if (playing) requestAnimationFrame(meter);
  });
}
