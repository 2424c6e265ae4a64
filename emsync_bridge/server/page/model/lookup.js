/** Quick answers about a document: arrays of numbers, made once for each list, and searched by halving. */

import { parseRate, timeOf, frameAt } from "./smpte.js";

/**
 * @typedef {import("./state.js").Doc} Doc
 * @typedef {import("./state.js").Shot} Shot
 * @typedef {import("./state.js").Hit} Hit
 * @typedef {import("./state.js").Span} Span
 */

/**
 * Remember what is made of a list for as long as the list lives.
 * @template {object} L
 * @template T
 * @param {(list: L) => T} make
 * @returns {(list: L) => T}
 */
function once(make) {
  /** @type {WeakMap<L, T>} */
  const made = new WeakMap();
  return (list) => {
    let found = made.get(list);
    if (found === undefined) {
      found = make(list);
      made.set(list, found);
    }
    return found;
  };
}

/** Starts in seconds of shots or spans. */
export const startsOf = once((/** @type {(Shot | Span)[]} */ list) => Float64Array.from(list, (each) => each.start));

/** Ends in seconds of shots or spans. */
export const endsOf = once((/** @type {(Shot | Span)[]} */ list) => Float64Array.from(list, (each) => each.end));

/** Times of hit points. */
export const timesOf = once((/** @type {Hit[]} */ list) => Float64Array.from(list, (each) => each.time));

/** @type {WeakMap<object, {rate: string, frames: Int32Array}>} */
const framesMade = new WeakMap();

/**
 * Give the frames at which the shots begin, and the one after the last as one more.
 * @param {Pick<Doc, "spotting">} doc
 */
export function shotFrames(doc) {
  const { shots, rate } = doc.spotting;
  const known = framesMade.get(shots);
  if (known?.rate === rate) return known.frames;
  const exact = parseRate(rate);
  const frames = new Int32Array(shots.length + 1);
  shots.forEach((shot, index) => {
    frames[index] = frameAt(shot.start, exact);
  });
  frames[shots.length] = shots.length ? frameAt(shots[shots.length - 1].end, exact) : 0;
  framesMade.set(shots, { rate, frames });
  return frames;
}

/**
 * Give the first place at which a sorted array is greater than a value.
 * @param {ArrayLike<number>} sorted
 * @param {number} value
 */
export function firstAbove(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Give the places of a list from and to which it shows between two times.
 * @param {(Shot | Span)[]} list
 * @param {number} from Seconds.
 * @param {number} to Seconds.
 * @returns {[number, number]} The second is one past the last.
 */
export const within = (list, from, to) => [firstAbove(endsOf(list), from), firstAbove(startsOf(list), to)];

/** Give the place of the shot that shows at a frame. */
export function shotAt(/** @type {Pick<Doc, "spotting">} */ doc, /** @type {number} */ frame) {
  const { shots, rate } = doc.spotting;
  const middle = timeOf(frame + 0.5, parseRate(rate));
  return Math.min(shots.length - 1, firstAbove(endsOf(shots), middle));
}

/** Give the frames from which to which a shot shows. */
export function framesOfShot(/** @type {Pick<Doc, "spotting">} */ doc, /** @type {number} */ index) {
  const { shots, rate } = doc.spotting;
  const frames = shotFrames(doc);
  const next = shots[index + 1];
  // shots follow each other; where they do not, the shot's own end counts
  const end = !next || Math.abs(next.start - shots[index].end) < 1e-9 ? frames[index + 1] : frameAt(shots[index].end, parseRate(rate));
  return { start: frames[index], end };
}

/** Give the span of a curve that holds at a time; the last one after its end. */
export const spanAt = (/** @type {Span[]} */ spans, /** @type {number} */ time) => spans[Math.min(spans.length - 1, firstAbove(endsOf(spans), time))];
