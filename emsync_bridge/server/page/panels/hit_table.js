/** The hit points as a table: what the music does at each, and every edit without a mouse. */

import { able, byId, el, keyed } from "../shell/dom.js";
import { changeHit, isFixed } from "../model/edits.js";
import { answerAt, chooseHit, dropSelectedHit, moveHitTo, shapeOf, toggleHit } from "../lanes/hits.js";
import { say } from "../shell/notice.js";
import { textScale } from "../shell/theme.js";
import { frameOfTimecode, timecodeOf } from "../model/cut_timecode.js";
import { firstAbove, spanAt } from "../model/lookup.js";
import { store } from "../model/state.js";

/** Half a frame in milliseconds: what counts as landed. */
const half = (/** @type {import("../model/state.js").Doc} */ doc) => {
  const [num, den = 1] = doc.spotting.rate.split("/").map(Number);
  return (500 * den) / num;
};

/** True for a hit point in an ordered silence, where no music answers it. */
const isSilent = (/** @type {import("../model/state.js").Doc} */ doc, /** @type {import("../model/state.js").Hit} */ hit) =>
  Boolean(spanAt(doc.curve.spans, hit.time + 1e-6)?.silence);

function errorWords(/** @type {any} */ answer) {
  if (!answer) return "";
  if (answer.error_ms === null) return "silent";
  const error = Math.abs(answer.error_ms) < 0.05 ? 0 : answer.error_ms;
  return `${error > 0 ? "+" : error < 0 ? "\u2212" : ""}${Math.abs(error).toFixed(1)}`;
}

/** The bar that a hit falls on, with the beat where it is another than the first. */
function placeInMusic(/** @type {any} */ music, /** @type {any} */ { onset }) {
  if (onset === null) return "";
  const bar = firstAbove(music.bars, onset + 1e-3) - 1;
  if (bar < 0) return "";
  const [, bpm] = music.tempo[Math.max(0, firstAbove(music.tempo.map((/** @type {[number, number]} */ [time]) => time), music.bars[bar] + 1e-3) - 1)];
  const beats = ((onset - music.bars[bar]) * bpm) / 60;
  return `bar ${bar + 1}${beats < 0.05 ? "" : `.${Math.floor(beats + 0.05) + 1}`}`;
}

function makeRow() {
  const cell = (/** @type {any[]} */ ...children) => el("td", {}, ...children);
  const accept = el("input", { type: "checkbox", "aria-label": "Land on it" });
  const place = el("input", { type: "text", class: "timecode-field", "aria-label": "Timecode", spellcheck: "false" });
  const weight = el("input", { type: "number", min: 0, max: 1, step: 0.1, "aria-label": "Weight" });
  const node = el("tr", {}, cell(accept), cell(place), el("td", { class: "hit-what" }), cell(weight), el("td", { class: "hit-error number" }), el("td", { class: "hit-where" }));
  const index = () => Number(node.dataset.key);
  node.addEventListener("focusin", () => store.now.hit !== index() && chooseHit(index()));
  node.addEventListener("click", () => store.now.hit !== index() && chooseHit(index()));
  accept.addEventListener("change", () => toggleHit(index()));
  place.addEventListener("change", () => {
    const { doc } = store.now;
    const frame = frameOfTimecode(doc, place.value);
    if (frame === null) say(`${place.value} is not a timecode of this cut`);
    else if (moveHitTo(index(), frame) === index() && store.now.doc === doc) say("There is a hit point already");
    place.value = timecodeOf(store.now.doc, store.now.doc.spotting.hits[index()].frame);
  });
  weight.addEventListener("change", () => {
    if (weight.checkValidity() && weight.value !== "") store.edit("Weight of hit point", changeHit(store.now.doc, index(), { weight: Number(weight.value) }));
  });
  return node;
}

function fillRow(/** @type {any} */ node, /** @type {import("../model/state.js").Hit} */ hit, /** @type {number} */ index) {
  const { doc, hit: selected, music } = store.now;
  const silence = isSilent(doc, hit);
  const shown = [hit, index, index === selected, music, silence, doc.spotting.rate];
  // most rows are as they were when one hit point moves
  if (node.shown?.every((/** @type {any} */ each, /** @type {number} */ at) => each === shown[at])) return;
  node.shown = shown;
  const fixed = isFixed(hit);
  const [accept, place, weight] = node.querySelectorAll("input");
  const [, , what, , error, where] = node.children;
  accept.checked = hit.answered && !fixed;
  accept.disabled = place.disabled = weight.disabled = fixed;
  if (document.activeElement !== place) place.value = timecodeOf(doc, hit.frame);
  if (document.activeElement !== weight) weight.value = String(Math.round(hit.weight * 100) / 100);
  const words = hit.name || hit.kind;
  what.replaceChildren(el("span", { class: "sign", "data-kind": hit.kind, "aria-label": hit.kind, role: "img", text: shapeOf(hit.kind) }), ` ${words}`);
  what.title = words;
  const answer = hit.answered && !fixed ? answerAt(hit.frame) : null;
  error.textContent = music && hit.answered && !fixed ? errorWords(answer) || (silence ? "silent" : "new") : "";
  error.dataset.state = !answer ? "" : answer.error_ms === null ? "silent" : Math.abs(answer.error_ms) <= half(doc) ? "landed" : "beyond";
  const bend = answer && Math.abs(answer.bend) >= 0.0005 ? `${answer.bend > 0 ? "+" : "\u2212"}${Math.abs(answer.bend * 100).toFixed(1)} %` : "";
  where.textContent = answer ? `${placeInMusic(music, answer)} ${bend}`.trim() : "";
  node.setAttribute("aria-rowindex", String(index + 2));
  node.classList.toggle("selected", index === selected);
  node.classList.toggle("left-out", !hit.answered);
}

/**
 * Sum up what the take does at all hit points: a few words, the sentence behind them, and whether all is well.
 * @returns {{words: string, sentence: string, good: boolean}}
 */
export function verdict() {
  const { doc, music } = store.now;
  if (!doc) return { words: "", sentence: "", good: true };
  const asked = doc.spotting.hits.filter((/** @type {any} */ hit) => hit.answered && !isFixed(hit));
  if (!music) return { words: `${asked.length} hit points`, sentence: "", good: true };
  const sounding = asked.filter((/** @type {any} */ hit) => !isSilent(doc, hit));
  const answers = sounding.map((/** @type {any} */ hit) => answerAt(hit.frame));
  const errors = answers.filter((/** @type {any} */ a) => a && a.error_ms !== null).map((/** @type {any} */ a) => Math.abs(a.error_ms));
  const landed = errors.filter((/** @type {number} */ error) => error <= half(doc)).length;
  const silent = asked.length - sounding.length + answers.filter((/** @type {any} */ a) => a && a.error_ms === null).length;
  const fresh = answers.filter((/** @type {any} */ a) => !a).length;
  const parts = [`${landed} of ${errors.length} hits within half a frame`];
  if (errors.length) parts.push(`worst ${Math.max(...errors).toFixed(1)} ms`);
  if (silent) parts.push(`${silent} in silence`);
  if (fresh) parts.push(`${fresh} not composed for yet`);
  return {
    words: `${landed}/${errors.length} on frame${fresh ? `, ${fresh} new` : ""}`,
    sentence: parts.join(", "),
    good: landed === errors.length && !fresh,
  };
}

/** Pixels of a row, as the stylesheet has it. */
const rowHeight = () => 26 * textScale();

/** Rows that are made above and below the window, so that Tab finds the next one. */
const SPARE = 8;

let waiting = false;

/** Fill the table before the next picture. */
function show() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    fill();
  });
}

function fill() {
  const { doc, panel } = store.now;
  if (!doc || panel !== "hits-panel") return;
  const hits = doc.spotting.hits;
  const scroller = byId("hits-scroll");
  const row = rowHeight();
  const first = Math.max(0, Math.min(hits.length - 1, Math.floor(scroller.scrollTop / row)) - SPARE);
  const last = Math.min(hits.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / row) + SPARE);
  byId("hits-above").style.height = `${first * row}px`;
  byId("hits-below").style.height = `${(hits.length - last) * row}px`;
  byId("hits-table").setAttribute("aria-rowcount", String(hits.length + 1));
  const rows = Array.from({ length: last - first }, (_, offset) => first + offset);
  keyed(byId("hit-rows"), rows, String, makeRow, (node, index) => fillRow(node, hits[index], index));
}

/** Bring the row of the chosen hit point into the window. */
function reveal(/** @type {number | null} */ hit) {
  const scroller = byId("hits-scroll");
  if (hit === null || scroller.contains(document.activeElement)) return;
  const row = rowHeight();
  const [top, room] = [hit * row, scroller.clientHeight - row - 4];
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top + row > scroller.scrollTop + room) scroller.scrollTop = top + row - room;
}

/** Fill the table and keep the selected row in sight. */
export function startHitTable() {
  store.follow(["doc", "music", "hit", "panel"], show);
  store.follow(["hit", "panel"], ({ hit, panel }) => {
    if (panel === "hits-panel") reveal(hit);
    able(byId("drop-hit"), hit !== null);
  });
  byId("hits-scroll").addEventListener("scroll", show);
  new ResizeObserver(show).observe(byId("hits-scroll"));
  byId("drop-hit").addEventListener("click", dropSelectedHit);
}
