/** Edits of a document, each as a function from one document to the next. */

import { parseRate, timeOf } from "./smpte.js";

/**
 * @typedef {import("./state.js").Doc} Doc
 * @typedef {import("./state.js").Hit} Hit
 * @typedef {import("./state.js").Span} Span
 */

export const WEIGHT = 1;

/** @param {Pick<Doc, "spotting">} doc */
export const rateOf = (doc) => parseRate(doc.spotting.rate);

/** @param {Doc} doc */
export const framesOf = (doc) => {
  const { num, den } = rateOf(doc);
  return Math.round((doc.spotting.duration * num) / den);
};

/** @param {Hit} hit */
export const isFixed = (hit) => hit.kind === "start" || hit.kind === "end";

/** @param {Doc} doc @param {Hit[]} hits @returns {Doc} */
const withHits = (doc, hits) => ({ ...doc, spotting: { ...doc.spotting, hits } });

/** @param {Doc} doc @param {number} frame */
export const hitAt = (doc, frame) => doc.spotting.hits.findIndex((hit) => hit.frame === frame);

/**
 * Add a hit point, or ask for the one that is there already.
 * @param {Doc} doc
 * @param {number} frame
 * @returns {{doc: Doc, index: number}}
 */
export function addHit(doc, frame) {
  const there = hitAt(doc, frame);
  if (there >= 0) return { doc: isFixed(doc.spotting.hits[there]) ? doc : changeHit(doc, there, { answered: true }), index: there };
  /** @type {Hit} */
  const hit = { time: timeOf(frame, rateOf(doc)), frame, kind: "marker", weight: WEIGHT, name: "", answered: true, span: null };
  const hits = [...doc.spotting.hits, hit].sort((a, b) => a.frame - b.frame);
  return { doc: withHits(doc, hits), index: hits.indexOf(hit) };
}

/**
 * Change some properties of a hit point; start and end stay as they are.
 * @param {Doc} doc
 * @param {number} index
 * @param {Partial<Hit>} patch
 * @returns {Doc}
 */
export function changeHit(doc, index, patch) {
  const hit = doc.spotting.hits[index];
  if (!hit || isFixed(hit) || Object.entries(patch).every(([name, value]) => hit[/** @type {keyof Hit} */ (name)] === value)) return doc;
  return withHits(doc, doc.spotting.hits.with(index, { ...hit, ...patch }));
}

/**
 * Move a hit point to a frame inside the cut where no other is.
 * @param {Doc} doc
 * @param {number} index
 * @param {number} frame
 * @returns {{doc: Doc, index: number}}
 */
export function moveHit(doc, index, frame) {
  const hit = doc.spotting.hits[index];
  const to = Math.max(1, Math.min(framesOf(doc) - 1, frame));
  if (!hit || isFixed(hit) || (hitAt(doc, to) >= 0 && hitAt(doc, to) !== index) || to === hit.frame) return { doc, index };
  const moved = { ...hit, frame: to, time: timeOf(to, rateOf(doc)) };
  const hits = doc.spotting.hits.with(index, moved).sort((a, b) => a.frame - b.frame);
  return { doc: withHits(doc, hits), index: hits.indexOf(moved) };
}

/**
 * Take away a hit point that a person has set; any other is only no longer asked for.
 * @param {Doc} doc
 * @param {number} index
 * @returns {Doc}
 */
export function dropHit(doc, index) {
  const hit = doc.spotting.hits[index];
  if (!hit || isFixed(hit)) return doc;
  if (hit.kind === "marker" && !hit.name) return withHits(doc, doc.spotting.hits.toSpliced(index, 1));
  return changeHit(doc, index, { answered: false });
}

/**
 * Order a mood from one frame to another; spans that reach out are divided there.
 * @param {Doc} doc
 * @param {number} start Frame.
 * @param {number} end Frame, later than `start`.
 * @param {{valence?: number, arousal?: number, silence?: boolean, reason?: string}} mood
 * @returns {Doc}
 */
export function orderMood(doc, start, end, mood) {
  const rate = rateOf(doc);
  const [from, to] = [timeOf(start, rate), timeOf(end, rate)];
  const half = timeOf(1, rate) / 2;
  const limit = (/** @type {number} */ value) => Math.round(Math.max(-1, Math.min(1, value)) * 1000) / 1000;
  /** @type {Span[]} */
  const spans = [];
  for (const span of doc.curve.spans) {
    if (span.end <= from + half || span.start >= to - half) {
      spans.push(span);
      continue;
    }
    const [inStart, inEnd] = [
      span.start < from - half ? from : span.start,
      span.end > to + half ? to : span.end,
    ];
    if (inStart > span.start) spans.push({ ...span, end: inStart });
    spans.push({
      ...span,
      start: inStart,
      end: inEnd,
      affect: {
        valence: limit(mood.valence ?? span.affect.valence),
        arousal: limit(mood.arousal ?? span.affect.arousal),
      },
      sigma: [0, 0],
      confidence: 1,
      ekman: null,
      silence: mood.silence ?? span.silence,
      reason: mood.reason ?? "set by hand",
      // what a person has set stays when the cut is felt again, as after a conform
      ordered: [span.ordered?.[0] || mood.valence !== undefined || Boolean(mood.silence), span.ordered?.[1] || mood.arousal !== undefined || Boolean(mood.silence)],
    });
    if (inEnd < span.end) spans.push({ ...span, start: inEnd });
  }
  return { ...doc, curve: { ...doc.curve, spans } };
}

/**
 * Change what is asked of the music.
 * @param {Doc} doc
 * @param {Partial<import("./state.js").Ask>} patch
 * @returns {Doc}
 */
export const askFor = (doc, patch) => ({ ...doc, ask: { ...doc.ask, ...patch } });
