/** The time axis that all lanes share: zoom, scrolling, drawing. */

import { byId } from "../shell/dom.js";
import { framesOf, rateOf } from "../model/edits.js";
import { store } from "../model/state.js";
import { reducedMotion } from "../shell/theme.js";
import { timeOf } from "../model/smpte.js";

const MAX_PER_FRAME = 48;

/** Pixels that stay free right of the last frame. */
const MARGIN = 24;

export const view = {
  /** Pixels per second. */
  scale: 10,
  /** Pixels that are scrolled out at the left. */
  left: 0,
  /** Pixels of the window onto the strip. */
  width: 800,
  /** True while the whole cut is to fit. */
  fitted: true,
};

/** @type {(() => void)[]} */
const drawers = [];
let waiting = false;

/** Pixels from the strip's start of a time in seconds. */
export const xOf = (/** @type {number} */ time) => time * view.scale;

/** Pixels in the window of a time in seconds. */
export const inWindow = (/** @type {number} */ time) => Math.round(time * view.scale - view.left);

/** Start and end in seconds of what the window shows. */
export const shown = () => [view.left / view.scale, (view.left + view.width) / view.scale];

/** Draw all lanes before the next picture. */
export function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    for (const draw of drawers) draw();
  });
}

/**
 * Have a canvas that stays in the window drawn whenever the axis or the data change.
 * @param {string} id
 * @param {string[]} names What in the store it shows.
 * @param {(context: CanvasRenderingContext2D, width: number, height: number) => void} draw
 */
export function lane(id, names, draw) {
  /** @type {HTMLCanvasElement} */
  const canvas = byId(id);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  drawers.push(() => {
    const { clientWidth: width, clientHeight: height } = canvas;
    const dots = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * dots) || canvas.height !== Math.round(height * dots)) {
      canvas.width = Math.round(width * dots);
      canvas.height = Math.round(height * dots);
    }
    context.setTransform(dots, 0, 0, dots, 0, 0);
    context.clearRect(0, 0, width, height);
    if (store.now.doc) draw(context, width, height);
  });
  store.follow([...names, "doc", "theme"], redraw);
}

/**
 * Call back whenever the axis moves, before the next picture.
 * @param {() => void} place
 */
export function onMove(place) {
  drawers.push(place);
}

/** Seconds of the document, never zero. */
export const duration = () => Math.max(store.now.doc?.spotting.duration ?? 1, 1e-3);

function resize() {
  const scroller = byId("scroller");
  view.width = Math.max(50, scroller.clientWidth);
  if (view.fitted) view.scale = (view.width - MARGIN) / duration();
  byId("strip").style.width = `${Math.max(view.width, Math.round(xOf(duration())) + MARGIN)}px`;
  scroller.style.setProperty("--window", `${view.width}px`);
  view.left = scroller.scrollLeft;
  redraw();
}

/** Show the whole cut. */
export function fit() {
  view.fitted = true;
  resize();
}

/**
 * Zoom while one moment stays where it is.
 * @param {number} factor
 * @param {number} [time] Seconds; the playhead's when it shows, else the middle's.
 */
export function zoom(factor, time) {
  const { doc, frame } = store.now;
  if (!doc) return;
  const [start, end] = shown();
  const head = timeOf(frame, rateOf(doc));
  const still = time ?? (head >= start && head <= end ? head : (start + end) / 2);
  const least = (view.width - MARGIN) / duration();
  const most = MAX_PER_FRAME / timeOf(1, rateOf(doc));
  const at = inWindow(still);
  view.scale = Math.max(least, Math.min(Math.max(most, least), view.scale * factor));
  view.fitted = view.scale <= least * 1.0001;
  resize();
  byId("scroller").scrollLeft = xOf(still) - at;
}

/**
 * Scroll until a time shows; while playing, a page at a time.
 * @param {number} time Seconds.
 * @param {boolean} [playing]
 */
export function reveal(time, playing = false) {
  const x = xOf(time) - view.left;
  if (x >= 0 && x <= view.width - 8) return;
  const left = playing ? xOf(time) - 24 : xOf(time) - view.width / 2;
  byId("scroller").scrollTo({ left, behavior: playing || reducedMotion.matches ? "instant" : "smooth" });
}

/** Give the frame under a pointer. */
export function frameUnder(/** @type {PointerEvent | MouseEvent} */ event) {
  const doc = store.now.doc;
  const { left } = byId("strip").getBoundingClientRect();
  const { num, den } = rateOf(doc);
  const frame = Math.round((((event.clientX - left) / view.scale) * num) / den);
  return Math.max(0, Math.min(framesOf(doc), frame));
}

/** Begin to follow the window's size, scrolling and the wheel. */
export function startView() {
  const scroller = byId("scroller");
  new ResizeObserver(resize).observe(scroller);
  scroller.addEventListener("scroll", () => {
    view.left = scroller.scrollLeft;
    redraw();
  });
  scroller.addEventListener(
    "wheel",
    (/** @type {WheelEvent} */ event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) return;
      event.preventDefault();
      const { left } = byId("strip").getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 300), (event.clientX - left) / view.scale);
    },
    { passive: false },
  );
  byId("zoom-in").addEventListener("click", () => zoom(1.6));
  byId("zoom-out").addEventListener("click", () => zoom(1 / 1.6));
  byId("zoom-fit").addEventListener("click", fit);
  let length = 0;
  store.follow(["doc"], ({ doc }) => {
    if (!doc || doc.spotting.duration === length) return;
    length = doc.spotting.duration;
    view.fitted = true;
    // after the page has laid the work area out
    requestAnimationFrame(resize);
  });
}
