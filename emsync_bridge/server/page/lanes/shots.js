/** The shots as a strip of pictures. */

import { thumbnailUrl } from "../work/api.js";
import { byId, el, keyed } from "../shell/dom.js";
import { framesOf, rateOf } from "../model/edits.js";
import { timecodeOf } from "../model/cut_timecode.js";
import { select } from "./ruler.js";
import { store } from "../model/state.js";
import { frameAt, timeOf } from "../model/smpte.js";
import { seek } from "../playback/transport.js";
import { onMove, redraw, shown, xOf } from "./view.js";

const PICTURE = 26; // pixels below which a shot has no room for its picture
const BOTH = 92; // pixels from which on its name fits beside it

/**
 * Give the frames from which to which a shot shows.
 * @param {import("../model/state.js").Doc} doc
 * @param {number} index
 */
export function framesOfShot(doc, index) {
  const shot = doc.spotting.shots[index];
  const rate = rateOf(doc);
  return { start: frameAt(shot.start, rate), end: frameAt(shot.end, rate) };
}

/**
 * Give the shot that shows at a frame.
 * @param {import("../model/state.js").Doc} doc
 * @param {number} frame
 */
export function shotAt(doc, frame) {
  const middle = timeOf(frame + 0.5, rateOf(doc));
  const found = doc.spotting.shots.findIndex((shot) => middle < shot.end);
  return found < 0 ? doc.spotting.shots.length - 1 : found;
}

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

function draw() {
  const { doc, place, media, selection } = store.now;
  if (!doc) return;
  const [from, to] = shown();
  const shots = doc.spotting.shots
    .map((/** @type {any} */ shot, /** @type {number} */ index) => ({ shot, index }))
    .filter((/** @type {any} */ { shot, index }) => (shot.end >= from && shot.start <= to) || index === current);
  keyed(
    byId("shots"),
    shots,
    ({ index }) => String(index),
    ({ index }) => {
      const node = el("button", { class: "shot", role: "option", type: "button" }, el("img", { alt: "", draggable: "false" }), el("span", { class: "shot-name" }));
      node.firstChild.addEventListener("error", () => without(index));
      node.addEventListener("click", (/** @type {MouseEvent} */ event) => choose(index, event.shiftKey));
      return node;
    },
    (node, { shot, index }) => {
      const width = Math.max(1, Math.round(xOf(shot.end)) - Math.round(xOf(shot.start)));
      const { start, end } = framesOfShot(doc, index);
      const inside = selection && start >= selection.start && end <= selection.end;
      const label = shot.name || `Shot ${index + 1}`;
      const words = `${index + 1}, ${label}, ${timecodeOf(doc, start)}, ${end - start} frames`;
      node.style.left = `${Math.round(xOf(shot.start))}px`;
      node.style.width = `${width}px`;
      node.tabIndex = index === current ? 0 : -1;
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
        waiting.push(picture);
        queueMicrotask(fetchNext);
      }
      picture.hidden = !wanted;
      node.classList.toggle("narrow", width < BOTH);
      const name = node.lastChild;
      name.textContent = width > 60 ? label : String(index + 1);
      name.hidden = wanted ? width < BOTH : width < PICTURE;
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
  const starts = doc.spotting.shots.map((/** @type {any} */ _, /** @type {number} */ i) => framesOfShot(doc, i).start);
  if (way > 0) return starts.find((/** @type {number} */ start) => start > frame) ?? framesOf(doc);
  return starts.findLast((/** @type {number} */ start) => start < frame) ?? 0;
}

/** Draw the strip and let it be walked by keys. */
export function startShots() {
  onMove(draw);
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
