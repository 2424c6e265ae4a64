/** Edits of the mood of a stretch: ramps from one mood to another, steps, and who plays there. */

import { orderMood, rateOf } from "./edits.js";
import { timeOf } from "./smpte.js";

/**
 * @typedef {import("./state.js").Doc} Doc
 * @typedef {{valence: number, arousal: number}} Affect
 */

/** Seconds of the steps of a ramp, as `--set 'calm -> fear'` has them. */
const STEP = 2;

/** By how much a step moves the mood. */
export const STEPS = Object.freeze({
  more: { words: "More", valence: 0, arousal: 0.2 },
  less: { words: "Less", valence: 0, arousal: -0.2 },
  darker: { words: "Darker", valence: -0.2, arousal: 0 },
  brighter: { words: "Brighter", valence: 0.2, arousal: 0 },
});

/**
 * Let the mood go evenly from one to another.
 * @param {Doc} doc
 * @param {number} start Frame.
 * @param {number} end Frame.
 * @param {Affect} from
 * @param {Affect} to
 * @param {string} reason
 * @returns {Doc}
 */
export function ramp(doc, start, end, from, to, reason) {
  const { num, den } = rateOf(doc);
  const count = Math.max(2, Math.min(end - start, Math.round(((end - start) * den) / num / STEP)));
  let ramped = doc;
  for (let step = 0; step < count; step++) {
    const share = step / (count - 1);
    const [first, last] = [step, step + 1].map((each) => start + Math.round(((end - start) * each) / count));
    if (last <= first) continue;
    const at = (/** @type {"valence" | "arousal"} */ axis) => from[axis] + (to[axis] - from[axis]) * share;
    ramped = orderMood(ramped, first, last, { valence: at("valence"), arousal: at("arousal"), silence: false, reason });
  }
  return ramped;
}

/**
 * Move the mood of a stretch, each shot from where it is.
 * @param {Doc} doc
 * @param {number} start Frame.
 * @param {number} end Frame.
 * @param {Affect} by
 * @param {string} reason
 * @returns {Doc}
 */
export function moveMood(doc, start, end, by, reason) {
  const rate = rateOf(doc);
  const [from, to] = [timeOf(start, rate), timeOf(end, rate)];
  const half = timeOf(1, rate) / 2;
  // the stretch is divided from the rest first, then each of its spans is moved
  const divided = orderMood(doc, start, end, { reason });
  const limit = (/** @type {number} */ value) => Math.round(Math.max(-1, Math.min(1, value)) * 1000) / 1000;
  const spans = divided.curve.spans.map((span) =>
    span.start >= from - half && span.end <= to + half
      ? {
          ...span,
          affect: { valence: limit(span.affect.valence + by.valence), arousal: limit(span.affect.arousal + by.arousal) },
          ordered: /** @type {[boolean, boolean]} */ ([span.ordered?.[0] || by.valence !== 0, span.ordered?.[1] || by.arousal !== 0]),
        }
      : span,
  );
  return { ...divided, curve: { ...divided.curve, spans } };
}

const PALETTE = /^\s*palette\s*[=:]/i;

/** Give the palette that is ordered at a frame; empty where none is. */
export function paletteAt(/** @type {Doc} */ doc, /** @type {number} */ frame) {
  const time = timeOf(frame + 0.5, rateOf(doc));
  const found = doc.spotting.directives.filter((each) => PALETTE.test(each.text) && each.start <= time && time < (each.end ?? doc.spotting.duration));
  return found.at(-1)?.text.replace(PALETTE, "").trim().toLowerCase() ?? "";
}

/**
 * Order who plays in a stretch; an empty name orders nothing there.
 * @param {Doc} doc
 * @param {number} start Frame.
 * @param {number} end Frame.
 * @param {string} name
 * @returns {Doc}
 */
export function orderPalette(doc, start, end, name) {
  const rate = rateOf(doc);
  const [from, to] = [timeOf(start, rate), timeOf(end, rate)];
  const kept = doc.spotting.directives.flatMap((each) => {
    const until = each.end ?? doc.spotting.duration;
    if (!PALETTE.test(each.text) || until <= from || each.start >= to) return [each];
    // what an older order says before and after the stretch stays
    const parts = [];
    if (each.start < from) parts.push({ ...each, end: from });
    if (until > to) parts.push({ ...each, start: to, end: until });
    return parts;
  });
  const directives = name ? [...kept, { start: from, end: to, text: `palette=${name}` }] : kept;
  directives.sort((a, b) => a.start - b.start);
  return { ...doc, spotting: { ...doc.spotting, directives } };
}
