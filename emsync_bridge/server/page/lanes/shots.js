/** The shots as a strip of pictures. */

import { thumbnailUrl } from "../work/api.js";
import { byId, el, keyed } from "../shell/dom.js";
import { framesOf, rateOf } from "../model/edits.js";
import { timecodeOf } from "../model/cut_timecode.js";
import { select } from "./ruler.js";
import { store } from "../model/state.js";
import { firstAbove, framesOfShot, shotAt, shotFrames, within } from "../model/lookup.js";
import { timeOf } from "../model/smpte.js";
import { palette } from "../shell/theme.js";
import { area, columns } from "./density.js";
import { seek } from "../playback/transport.js";
import { frameUnder, inWindow, lane, onMove, redraw, shown, view, xOf } from "./view.js";

const ROOM = 6; // pixels that a shot needs to be an object of its own
const PICTURE = 18; // pixels below which a shot has no room for its picture
const LABELLED = 56; // from which on its name fits over the picture
const NAME = 64; // pixels that its name takes beside the picture

/** Pictures that are fetched at a time: a browser opens six connections to one place, and the movie wants some. */
const AT_ONCE = 2;

let current = 0;
let fetching = 0;
/** @type {HTMLImageElement[]} */
const waiting = [];

/** Fetch the next pictures of the strip. */
function fetchNext() {
  while (fetching < AT_ONCE && waiting.length) {
    const picture = /** @type {HTMLImageElement} */ (waiting.shift());
    const { wanted } = picture.dataset;
    if (!picture.isConnected || !wanted || picture.getAttribute("src") === wanted) continue;
    fetching += 1;
    const over = () => {
      fetching -= 1;
      fetchNext();
    };
    picture.onload = over;
    picture.onerror = over;
    picture.src = wanted;
  }
}

/** Note that there is no picture of a shot. */
function without(/** @type {number} */ index) {
  store.set({ media: store.now.media.with(index, false) });
}

function choose(/** @type {number} */ index, /** @type {boolean} */ extend) {
  const { doc, selection } = store.now;
  const { start, end } = framesOfShot(doc, index);
  current = index;
  store.set({ hit: null });
  if (extend && selection) select(Math.min(selection.start, start), Math.max(selection.end, end));
  else {
    select(start, end);
    seek(start);
  }
  redraw();
}

/** True for a shot with room to be an object of its own; the others are drawn. */
const isSingle = (/** @type {import("../model/state.js").Shot} */ shot) => (shot.end - shot.start) * view.scale >= ROOM;

/** Draw the shots that have no room: the faster the cuts, the higher. */
function crowd(/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ width, /** @type {number} */ height) {
  const { doc, selection } = store.now;
  const all = doc.spotting.shots;
  const [first, last] = within(all, ...shown());
  const small = [];
  for (let index = first; index < last; index++) if (!isSingle(all[index])) small.push(all[index].start);
  if (!small.length) return;
  const { shot, soft, accent } = palette();
  context.fillStyle = shot;
  context.fillRect(Math.max(0, inWindow(0)), 0, Math.min(width, inWindow(doc.spotting.duration)) - Math.max(0, inWindow(0)), height);
  const counts = columns(small, 0, small.length, view.left, view.scale, width);
  context.fillStyle = soft;
  context.globalAlpha = 0.75;
  area(context, counts, height);
  context.globalAlpha = 1;
  if (!selection) return;
  const rate = rateOf(doc);
  const [x, to] = [inWindow(timeOf(selection.start, rate)), inWindow(timeOf(selection.end, rate))];
  context.strokeStyle = accent;
  context.lineWidth = 2;
  context.strokeRect(x + 1, 1, Math.max(2, to - x - 2), height - 2);
  context.lineWidth = 1;
}

function draw() {
  const { doc, place, media, selection } = store.now;
  if (!doc) return;
  const [from, to] = shown();
  const all = doc.spotting.shots;
  const [first, last] = within(all, from, to);
  const both = (byId("lane-shots").clientHeight * 16) / 9 + NAME;
  const seen = [];
  for (let index = first; index < last; index++) if (isSingle(all[index])) seen.push(index);
  const stop = Math.min(current, all.length - 1);
  if (!seen.includes(stop)) seen.splice(stop < first ? 0 : seen.length, 0, stop);
  keyed(
    byId("shots"),
    seen,
    String,
    (index) => {
      const node = el("button", { class: "shot", role: "option", type: "button" }, el("img", { alt: "", draggable: "false" }), el("span", { class: "shot-name" }));
      node.firstChild.addEventListener("error", () => without(index));
      node.addEventListener("click", (/** @type {MouseEvent} */ event) => choose(index, event.shiftKey));
      return node;
    },
    (node, index) => {
      const shot = all[index];
      const width = Math.max(1, Math.round(xOf(shot.end)) - Math.round(xOf(shot.start)));
      const { start, end } = framesOfShot(doc, index);
      const inside = selection && start >= selection.start && end <= selection.end;
      const label = shot.name || `Shot ${index + 1}`;
      const words = `${index + 1}, ${label}, ${timecodeOf(doc, start)}, ${end - start} frames`;
      node.style.left = `${Math.round(xOf(shot.start))}px`;
      node.style.width = `${width}px`;
      node.tabIndex = index === stop ? 0 : -1;
      node.setAttribute("aria-selected", String(Boolean(inside)));
      if (node.getAttribute("aria-label") !== words) {
        node.setAttribute("aria-label", words);
        node.title = `${label}\n${timecodeOf(doc, start)} to ${timecodeOf(doc, end)}, ${end - start} frames`;
      }
      node.classList.toggle("odd", index % 2 === 1);
      node.classList.toggle("empty", shot.media === null);
      const picture = node.firstChild;
      const wanted = place && media[index] && width >= PICTURE ? thumbnailUrl(place, index) : "";
      if (wanted && picture.dataset.wanted !== wanted) {
        picture.dataset.wanted = wanted;
        picture.removeAttribute("src"); // of another cut
        waiting.push(picture);
        queueMicrotask(fetchNext);
      }
      picture.hidden = !wanted;
      node.classList.toggle("narrow", Boolean(wanted) && width < both);
      const name = node.lastChild;
      name.textContent = width >= LABELLED ? label : String(index + 1);
      name.hidden = width < (wanted ? LABELLED : PICTURE);
    },
  );
}

function go(/** @type {number} */ index, /** @type {boolean} */ extend) {
  const { doc } = store.now;
  const to = Math.max(0, Math.min(doc.spotting.shots.length - 1, index));
  choose(to, extend);
  draw();
  byId("shots").querySelector(`[data-key="${to}"]`)?.focus();
}

/**
 * Give the frame of the next cut after, or the last before a frame.
 * @param {number} frame
 * @param {1 | -1} way
 */
export function nextCut(frame, way) {
  const { doc } = store.now;
  const starts = shotFrames(doc).subarray(0, doc.spotting.shots.length);
  if (way > 0) return starts[firstAbove(starts, frame)] ?? framesOf(doc);
  return starts[firstAbove(starts, frame - 1) - 1] ?? 0;
}

/** Draw the strip and let it be walked by keys. */
export function startShots() {
  onMove(draw);
  lane("shots-crowd", ["selection"], crowd);
  byId("shots").addEventListener("click", (/** @type {MouseEvent} */ event) => {
    if (event.target === byId("shots") && store.now.doc) choose(shotAt(store.now.doc, frameUnder(event)), event.shiftKey);
  });
  store.follow(["doc", "place", "media", "selection"], redraw);
  byId("shots").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "Enter") choose(current, event.shiftKey);
    else if (way === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    else go(current + way, event.shiftKey);
    event.preventDefault();
    event.stopPropagation();
  });
}
