/** The piano roll of the take that is heard, with bar lines, hit points and what the music does there. */

import { byId } from "../shell/dom.js";
import { spelt } from "../model/ask.js";
import { hitLines } from "./hits.js";
import { store } from "../model/state.js";
import { font, palette } from "../shell/theme.js";
import { inWindow, lane, redraw, shown, view } from "./view.js";

const DRUMS = "drums";

/** Colours of the families that have none of their own name. @type {Record<string, string>} */
const COLOURS = { keys: "piano", guitars: "guitar", percussion: "drums" };

const colourOf = (/** @type {string} */ family) => COLOURS[family] ?? family;
const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

/** Give a MIDI note number's name; 60 is C4. */
export const noteName = (/** @type {number} */ pitch) => `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

/**
 * Find the first note that may still sound at a time.
 * @param {[number, number, string, number, number, string][]} notes In order of start.
 * @param {number} time
 */
function firstAt(notes, time) {
  let [low, high] = [0, notes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (notes[middle][0] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bars(/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ height) {
  const { music } = store.now;
  const [from, to] = shown();
  context.fillStyle = palette().line;
  let last = -Infinity;
  for (const time of music.bars) {
    if (time < from || time > to || inWindow(time) - last < 4) continue;
    last = inWindow(time);
    context.fillRect(last, 0, 1, height);
  }
}

/** Pixels of an octave from which on octaves are named. */
const OCTAVE_ROOM = 11;

/** Height above the notes, for the swells. */
const ABOVE = 10;

/** Draw swells as wedges that open to their hits. */
function swells(/** @type {CanvasRenderingContext2D} */ context, /** @type {any} */ music) {
  const [from, to] = shown();
  context.fillStyle = palette().ink;
  for (const [start, hit] of music.swells) {
    if (hit < from || start > to) continue;
    context.beginPath();
    context.moveTo(inWindow(start), 5);
    context.lineTo(inWindow(hit), 2);
    context.lineTo(inWindow(hit), 8);
    context.fill();
  }
}

function draw(/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ width, /** @type {number} */ height) {
  const { music } = store.now;
  const colours = palette();
  if (!music) {
    hitLines(context, height);
    return;
  }
  const [from, to] = shown();
  const notes = music.notes;
  const band = music.drums ? 14 : 0;
  const top = ABOVE;
  const room = height - top - band - 4;
  const step = room / (music.high - music.low + 1);
  const yOf = (/** @type {number} */ pitch) => top + (music.high - pitch) * step;
  context.fillStyle = colours.faint;
  for (let pitch = Math.ceil(music.low / 12) * 12; pitch <= music.high; pitch += 12) context.fillRect(0, Math.round(yOf(pitch) + step), width, 1);
  bars(context, height);
  hitLines(context, height);
  swells(context, music);
  const thick = Math.max(2, Math.min(9, step - 0.5));
  for (let i = firstAt(notes, from - music.longest); i < notes.length && notes[i][0] <= to; i++) {
    const [start, end, instrument, pitch, velocity, family] = notes[i];
    if (end < from) continue;
    const x = start * view.scale - view.left;
    context.fillStyle = colours[colourOf(family)];
    context.globalAlpha = 0.45 + 0.55 * (velocity / 127);
    if (instrument === DRUMS) context.fillRect(x, height - band + ((pitch * 5) % 10), 2, 4);
    else context.fillRect(x, yOf(pitch) + (step - thick) / 2, Math.max(1.5, (end - start) * view.scale - 0.75), thick);
  }
  context.globalAlpha = 1;
  context.fillStyle = colours.soft;
  context.font = font(10);
  context.textBaseline = "bottom";
  if (step * 12 >= OCTAVE_ROOM) for (let pitch = Math.ceil(music.low / 12) * 12; pitch <= music.high; pitch += 12) context.fillText(noteName(pitch), 3, Math.round(yOf(pitch) + step));
}

/**
 * Make a take's document ready to be drawn and asked.
 * @param {any} document As the daemon tells it.
 * @param {import("../model/state.js").Hit[]} hits Of the job that it belongs to.
 */
export function readMusic(document, hits) {
  const notes = document.notes;
  const pitched = notes.filter((/** @type {any} */ note) => note[2] !== DRUMS).map((/** @type {any} */ note) => note[3]);
  return {
    ...document,
    key: spelt(document.key ?? ""),
    low: Math.min(48, ...pitched) - 1,
    high: Math.max(72, ...pitched) + 1,
    drums: notes.some((/** @type {any} */ note) => note[2] === DRUMS),
    instruments: [...new Set(notes.map((/** @type {any} */ note) => note[5]))].sort(),
    longest: notes.reduce((/** @type {number} */ most, /** @type {any} */ note) => Math.max(most, note[1] - note[0]), 0),
    byFrame: new Map(document.answers.map((/** @type {any} */ answer) => [hits[answer.hit]?.frame, answer])),
  };
}

function legend() {
  const { music } = store.now;
  byId("legend").replaceChildren(
    ...(music?.instruments ?? []).map((/** @type {string} */ name) => {
      const item = document.createElement("li");
      item.textContent = name;
      item.className = colourOf(name);
      return item;
    }),
  );
  const pitched = music?.notes.filter((/** @type {any} */ note) => note[2] !== DRUMS).map((/** @type {any} */ note) => note[3]) ?? [];
  byId("roll").setAttribute(
    "aria-label",
    pitched.length
      ? `Piano roll: ${music.notes.length} notes, ${music.instruments.join(", ")}, from ${noteName(Math.min(...pitched))} to ${noteName(Math.max(...pitched))}, ${music.bars.length} bars`
      : "Piano roll: no music yet",
  );
}

/** Draw the roll. */
export function startRoll() {
  lane("roll", ["music", "hit"], draw);
  store.follow(["music"], () => {
    legend();
    redraw();
  });
}
