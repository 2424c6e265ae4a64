/** The tempo lane: bars with their numbers, the tempo as it bends towards hits, the form, and the themes. */

import { firstAbove } from "../model/lookup.js";
import { store } from "../model/state.js";
import { byId } from "../shell/dom.js";
import { font, palette, textScale } from "../shell/theme.js";
import { hitLines } from "./hits.js";
import { inWindow, lane, shown, view } from "./view.js";

const THEME_COLOURS = ["bass", "guitar", "piano", "strings"];

/** Pixels of a row of the form or of the themes. */
const rowHeight = () => Math.round(14 * textScale());

/** Pixels between two bar numbers at least. */
const NUMBER = 26;

function bars(/** @type {CanvasRenderingContext2D} */ context, /** @type {number[]} */ times, /** @type {number} */ height) {
  const { line, soft } = palette();
  const [from, to] = shown();
  let last = -Infinity;
  let labelled = -Infinity;
  for (let index = Math.max(0, firstAbove(times, from) - 1); index < times.length && times[index] <= to; index++) {
    const x = inWindow(times[index]);
    if (x - last >= 4) {
      context.fillStyle = line;
      context.fillRect(x, 0, 1, height);
      last = x;
    }
    if (x - labelled < NUMBER) continue;
    context.fillStyle = soft;
    context.fillText(String(index + 1), x + 3, 7);
    labelled = x;
  }
}

/** Draw the tempo as steps between the lowest and the highest. */
function tempo(/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ top, /** @type {number} */ bottom, /** @type {number} */ width) {
  const { music } = store.now;
  const { accent, ink, panel } = palette();
  const { low, high } = tempoRange(music);
  const yOf = (/** @type {number} */ bpm) => (high > low ? bottom - ((bpm - low) / (high - low)) * (bottom - top) : (top + bottom) / 2);
  context.strokeStyle = accent;
  context.lineWidth = 1.5;
  context.beginPath();
  music.tempo.forEach((/** @type {[number, number]} */ [time, bpm], /** @type {number} */ index) => {
    const [x, y] = [inWindow(time), yOf(bpm)];
    if (index) context.lineTo(x, yOf(music.tempo[index - 1][1]));
    else context.moveTo(x, y);
    context.lineTo(x, y);
  });
  context.lineTo(Math.min(width, inWindow(store.now.doc.spotting.duration)), yOf(music.tempo.at(-1)[1]));
  context.stroke();
  context.lineWidth = 1;
  let free = -Infinity;
  let written = "";
  music.tempo.forEach((/** @type {[number, number]} */ [time, bpm], /** @type {number} */ index) => {
    // the tempo that the window begins with stands at its edge
    if (inWindow(music.tempo[index + 1]?.[0] ?? Infinity) <= 0) return;
    const x = Math.max(inWindow(time), 0) + 3;
    const text = String(Math.round(bpm * 10) / 10);
    if (x < free || x > width || text === written) return;
    const wide = context.measureText(text).width;
    // below the numbers of the bars, and above the form
    const y = Math.max(top + 2, Math.min(bottom - 2, yOf(bpm) > (top + bottom) / 2 ? yOf(bpm) - 6 : yOf(bpm) + 7));
    context.fillStyle = panel;
    context.globalAlpha = 0.8;
    context.fillRect(x - 1, y - 5, wide + 2, 10);
    context.globalAlpha = 1;
    context.fillStyle = ink;
    context.fillText(text, x, y);
    free = x + wide + 22;
    written = text;
  });
}

/** The slowest and the fastest tempo of a take. */
const tempoRange = (/** @type {any} */ { tempo: all }) => {
  const values = all.map((/** @type {any} */ each) => each[1]);
  return { low: Math.min(...values), high: Math.max(...values) };
};

/**
 * Draw stretches with a name on each.
 * @param {CanvasRenderingContext2D} context
 * @param {{start: number, end: number, words: string[], colour: string, ink: string, alpha: number}[]} stretches
 * @param {number} top
 */
function blocks(context, stretches, top) {
  const [from, to] = shown();
  const row = rowHeight();
  for (const { start, end, words, colour, ink, alpha } of stretches) {
    if (end < from || start > to) continue;
    const x = inWindow(start);
    const wide = Math.max(2, (end - start) * view.scale - 2);
    context.fillStyle = colour;
    context.globalAlpha = alpha;
    context.fillRect(x, top, wide, row - 2);
    context.globalAlpha = 1;
    context.fillStyle = ink;
    const text = words.find((each) => context.measureText(each).width < wide - 6) ?? "";
    context.fillText(text, Math.max(x, 0) + 4, top + row / 2 - 0.5);
  }
}

function draw(/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ width, /** @type {number} */ height) {
  const { music } = store.now;
  const colours = palette();
  if (!music) {
    hitLines(context, height);
    return;
  }
  context.font = font(10);
  context.textBaseline = "middle";
  const row = rowHeight();
  const rows = (music.sections.length ? row : 0) + (music.statements.length ? row : 0);
  bars(context, music.bars, height - rows);
  hitLines(context, height - rows);
  tempo(context, 17, height - rows - 5, width);
  let top = height - rows;
  if (music.sections.length) {
    blocks(context, music.sections.map((/** @type {any} */ [start, end, label, character]) => ({
      start, end, words: [`${label}  ${character}`, label], colour: colours.line, ink: colours.ink, alpha: 0.8,
    })), top);
    top += row;
  }
  const themes = [...new Set(music.statements.map((/** @type {any} */ each) => each[2]))];
  blocks(context, music.statements.map((/** @type {any} */ [start, end, theme, kind]) => ({
    start, end, words: [kind && kind !== "whole" ? `theme ${theme}, ${kind}` : `theme ${theme}`, theme],
    colour: colours[THEME_COLOURS[themes.indexOf(theme) % THEME_COLOURS.length]], ink: colours.panel, alpha: 0.9,
  })), top);
}

/** Draw the lane, and say its facts to screen readers. */
export function startTempo() {
  lane("tempo-map", ["music", "hit"], draw);
  store.follow(["music"], ({ music }) => {
    const canvas = byId("tempo-map");
    if (!music) {
      canvas.setAttribute("aria-label", "Tempo and form: no music yet");
      return;
    }
    const { low, high } = tempoRange(music);
    const form = music.sections.map((/** @type {any} */ each) => each[2]).join(" ");
    canvas.setAttribute("aria-label", `Tempo from ${Math.round(low)} to ${Math.round(high)} bpm, ${music.bars.length} bars, form ${form || "free"}`);
  });
}
