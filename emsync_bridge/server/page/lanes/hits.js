/** The hit points above the shots: choose, accept, drop, move by frames. */

import { byId, drag, el, keyed } from "../shell/dom.js";
import { addHit, changeHit, dropHit, isFixed, moveHit, rateOf } from "../model/edits.js";
import { say } from "../shell/notice.js";
import { timecodeOf } from "../model/cut_timecode.js";
import { store } from "../model/state.js";
import { font, palette } from "../shell/theme.js";
import { firstAbove, timesOf } from "../model/lookup.js";
import { timeOf } from "../model/smpte.js";
import { area, columns } from "./density.js";
import { seek } from "../playback/transport.js";
import { frameUnder, inWindow, lane, onMove, redraw, reveal, shown, view, xOf } from "./view.js";

const SHAPES = { cut: "▼", transition: "◆", marker: "★", start: "❙", end: "❙" };

/** Give a hit point's kind as a sign. */
export const shapeOf = (/** @type {string} */ kind) => SHAPES[/** @type {keyof typeof SHAPES} */ (kind)] ?? "▼";

/**
 * Say what a hit point is.
 * @param {import("../model/state.js").Doc} doc
 * @param {import("../model/state.js").Hit} hit
 */
export const describeHit = (doc, hit) =>
  [hit.kind, hit.name, timecodeOf(doc, hit.frame), hit.answered ? "" : "left out"].filter(Boolean).join(", ");

/**
 * Give the answer of the take that is heard to a frame's hit point.
 * @param {number} frame
 * @returns {{onset: number | null, error_ms: number | null, metrical: string, bend: number} | undefined}
 */
export const answerAt = (frame) => store.now.music?.byFrame.get(frame);

/** Select a hit point and go there. */
export function chooseHit(/** @type {number | null} */ index, go = true) {
  const { doc } = store.now;
  store.set({ hit: index });
  if (index === null || !go) return;
  const { frame } = doc.spotting.hits[index];
  seek(frame);
  reveal(timeOf(frame, rateOf(doc)));
}

/** Move the selected or a given hit point to a frame. */
export function moveHitTo(/** @type {number} */ index, /** @type {number} */ frame, /** @type {string | null} */ gesture = null) {
  const moved = moveHit(store.now.doc, index, frame);
  if (moved.doc === store.now.doc) return index;
  store.edit("Move hit point", moved.doc, gesture);
  store.set({ hit: moved.index });
  return moved.index;
}

/** Add a hit point at the playhead. */
export function addHitHere() {
  const { doc, frame } = store.now;
  const added = addHit(doc, frame);
  store.edit("Add hit point", added.doc);
  store.set({ hit: added.index });
  const hit = store.now.doc.spotting.hits[added.index];
  say(added.doc === doc ? `There is a hit point at ${timecodeOf(doc, frame)} already` : `Hit point at ${timecodeOf(doc, hit.frame)}`);
}

/** Accept or leave out a hit point. */
export function toggleHit(/** @type {number} */ index) {
  const hit = store.now.doc.spotting.hits[index];
  if (!hit || isFixed(hit)) return;
  store.edit(hit.answered ? "Leave out hit point" : "Accept hit point", changeHit(store.now.doc, index, { answered: !hit.answered }));
  say(describeHit(store.now.doc, store.now.doc.spotting.hits[index]));
}

/** Remove the selected hit point. */
export function dropSelectedHit() {
  const { doc, hit } = store.now;
  if (hit === null) return;
  store.edit("Remove hit point", dropHit(doc, hit));
  const left = store.now.doc.spotting.hits;
  if (left.length < doc.spotting.hits.length) store.set({ hit: null });
  say("Hit point removed");
}

/** Pixels that a hit point needs to be held as an object of its own. */
const ROOM = 6;

/** Hit points that are objects of their own at most; the others are drawn. */
const MOST = 240;

/** The hit points that show: places from and to, and whether each has room. */
function seenNow() {
  const { doc } = store.now;
  const [from, to] = shown();
  const times = timesOf(doc.spotting.hits);
  const [first, last] = [firstAbove(times, from - 1), firstAbove(times, to + 1)];
  return { times, first, last, single: last - first <= MOST && (last - first) * ROOM <= view.width };
}

function draw() {
  const { doc, hit: selected } = store.now;
  if (!doc) return;
  const hits = doc.spotting.hits;
  const { first, last, single } = seenNow();
  const stop = Math.min(selected ?? 0, hits.length - 1);
  const seen = [];
  for (let index = single ? first : last; index < last; index++) seen.push(index);
  if (hits.length && !seen.includes(stop)) seen.splice(stop < first ? 0 : seen.length, 0, stop);
  keyed(
    byId("hits"),
    seen,
    String,
    (index) => {
      const node = el("button", { class: "hit", role: "option", type: "button" });
      node.addEventListener("pointerdown", (/** @type {PointerEvent} */ down) => grab(down, Number(node.dataset.key)));
      node.addEventListener("click", (/** @type {MouseEvent} */ event) => event.detail === 0 && chooseHit(index));
      node.addEventListener("dblclick", () => toggleHit(Number(node.dataset.key)));
      return node;
    },
    (node, index) => {
      const hit = hits[index];
      const answer = answerAt(hit.frame);
      const words = describeHit(doc, hit);
      node.style.left = `${Math.round(xOf(hit.time))}px`;
      node.textContent = shapeOf(hit.kind);
      node.dataset.kind = hit.kind;
      node.dataset.answer = !answer || !hit.answered ? "" : answer.error_ms === null ? "silent" : "landed";
      node.classList.toggle("left-out", !hit.answered);
      node.tabIndex = index === stop ? 0 : -1;
      node.setAttribute("aria-selected", String(index === selected));
      if (node.getAttribute("aria-label") !== words) {
        node.setAttribute("aria-label", words);
        node.title = words;
      }
    },
  );
}

/** Draw how dense the hit points are, where single ones have no room. */
function crowd(/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ width, /** @type {number} */ height) {
  const { doc } = store.now;
  const { times, first, last, single } = seenNow();
  if (single) return;
  const { soft, marker } = palette();
  const counts = columns(times, first, last, view.left, view.scale, width);
  context.fillStyle = soft;
  area(context, counts, height);
  context.fillStyle = marker;
  for (let i = first; i < last; i++) if (doc.spotting.hits[i].kind === "marker") context.fillRect(inWindow(times[i]), 1, 2, 6);
}

/** Hold the hit point nearest to the pointer where there is no object to hold. */
function grabNear(/** @type {PointerEvent} */ down) {
  const { doc } = store.now;
  if (down.button || !doc || seenNow().single || down.target !== byId("hits")) return;
  const times = timesOf(doc.spotting.hits);
  const time = (down.clientX - byId("strip").getBoundingClientRect().left) / view.scale;
  const after = firstAbove(times, time);
  const nearest = after > 0 && (after >= times.length || time - times[after - 1] < times[after] - time) ? after - 1 : after;
  if (Math.abs(times[nearest] - time) * view.scale <= ROOM) grab(down, nearest);
}

function grab(/** @type {PointerEvent} */ down, /** @type {number} */ index) {
  if (down.button) return;
  const { doc } = store.now;
  chooseHit(index);
  if (isFixed(doc.spotting.hits[index])) return;
  const offset = doc.spotting.hits[index].frame - frameUnder(down);
  const gesture = `drag hit ${down.timeStamp}`;
  const x = down.clientX;
  let at = index;
  let dragged = false;
  // the lane holds the pointer, because the buttons may be replaced while a hit passes another
  const lane_ = byId("hits");
  const held = { currentTarget: lane_, pointerId: down.pointerId };
  drag(/** @type {any} */ (held), (event) => {
    dragged ||= Math.abs(event.clientX - x) > 3;
    if (!dragged) return;
    at = moveHitTo(at, frameUnder(event) + offset, gesture);
    seek(store.now.doc.spotting.hits[at].frame);
  }, () => {
    store.seal();
    if (dragged) say(`Hit point moved to ${timecodeOf(store.now.doc, store.now.doc.spotting.hits[at].frame)}`);
    lane_.querySelector(`[data-key="${at}"]`)?.focus();
  });
}

/** Go to the next or last hit point in the row, with the focus. */
function walk(/** @type {number} */ way) {
  const { doc, hit } = store.now;
  const to = Math.max(0, Math.min(doc.spotting.hits.length - 1, (hit ?? 0) + way));
  chooseHit(to);
  draw();
  byId("hits").querySelector(`[data-key="${to}"]`)?.focus();
}

function onKey(/** @type {KeyboardEvent} */ event) {
  const { doc, hit } = store.now;
  const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!doc || event.ctrlKey || event.metaKey) return;
  if (way && event.altKey) {
    if (hit !== null) {
      const to = moveHitTo(hit, doc.spotting.hits[hit].frame + way * (event.shiftKey ? 10 : 1));
      seek(store.now.doc.spotting.hits[to].frame);
      say(timecodeOf(doc, store.now.doc.spotting.hits[to].frame));
      draw();
      byId("hits").querySelector(`[data-key="${to}"]`)?.focus();
    }
  } else if (way) walk(way);
  else if (event.key === "Home") walk(-Infinity);
  else if (event.key === "End") walk(Infinity);
  else if (event.key === "Enter") toggleHit(hit ?? 0);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Pixels that lie between lines through a lane at least, in the mean. */
const LINE_ROOM = 8;

/**
 * Draw the hit points as lines through a lane.
 * @param {CanvasRenderingContext2D} context
 * @param {number} height
 */
export function hitLines(context, height) {
  const { doc, hit: selected } = store.now;
  const { hit: plain, line, accent } = palette();
  const [from, to] = shown();
  const times = timesOf(doc.spotting.hits);
  const [first, last] = [firstAbove(times, from - 1e-6), firstAbove(times, to)];
  // a hatching would hide what the lane shows
  const crowded = (last - first) * LINE_ROOM > view.width;
  doc.spotting.hits.slice(first, last).forEach((/** @type {import("../model/state.js").Hit} */ hit, /** @type {number} */ offset) => {
    const index = first + offset;
    if (isFixed(hit) || (crowded && index !== selected)) return;
    context.beginPath();
    context.setLineDash(hit.answered ? [] : [2, 3]);
    context.strokeStyle = index === selected ? accent : hit.answered ? plain : line;
    const x = inWindow(hit.time) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, height);
    context.stroke();
  });
  context.setLineDash([]);
}

/** Draw the row and listen to it. */
export function startHits() {
  onMove(draw);
  store.follow(["hit", "music", "doc"], redraw);
  byId("hits").addEventListener("pointerdown", grabNear);
  lane("hit-names", ["hit"], (context, width, height) => {
    const { doc } = store.now;
    crowd(context, width, height);
    if (!seenNow().single) return;
    const { marker } = palette();
    context.font = font(11);
    context.textBaseline = "middle";
    context.fillStyle = marker;
    const hits = doc.spotting.hits;
    hits.forEach((/** @type {import("../model/state.js").Hit} */ hit, /** @type {number} */ index) => {
      if (hit.kind !== "marker" || !hit.name) return;
      const room = xOf((hits[index + 1]?.time ?? doc.spotting.duration) - hit.time) - 22;
      if (context.measureText(hit.name).width <= room) context.fillText(hit.name, inWindow(hit.time) + 10, height / 2);
    });
  });
  byId("hits").addEventListener("keydown", onKey);
}
