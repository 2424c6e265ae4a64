/** Edits of a person carried over to another reading of the same cut. */

import { framesOf, isFixed, orderMood, rateOf } from "./edits.js";
import { frameAt, timeOf } from "./smpte.js";

/**
 * @typedef {import("./state.js").Doc} Doc
 * @typedef {import("./state.js").Hit} Hit
 */

const SAME = 0.0005; // of valence and arousal

/** Frames by which times of the one count later than those of the other: a part of a cut begins later. @param {Doc} edited @param {Doc} fresh */
const shiftOf = (edited, fresh) => edited.spotting.start_frame - fresh.spotting.start_frame;

/**
 * Carry edits over: hits that were added, moved, removed, weighted or left out, moods and silences that were set, and all
 * that is asked of the music.
 * @param {Doc} edited The cut as the person has it.
 * @param {Doc} before The cut as it was read when the edits began.
 * @param {Doc} fresh The cut as it was read now.
 * @returns {Doc}
 */
export function mergeEdits(edited, before, fresh) {
  const merged = { ...fresh, spotting: { ...fresh.spotting, hits: mergedHits(edited, before, fresh) }, ask: edited.ask };
  return withMoods(merged, edited, before);
}

/** @param {Doc} edited @param {Doc} before @param {Doc} fresh @returns {Hit[]} */
function mergedHits(edited, before, fresh) {
  const rate = rateOf(fresh);
  const last = framesOf(fresh);
  const shift = shiftOf(edited, fresh);
  const at = (/** @type {Doc} */ doc) => new Map(doc.spotting.hits.filter((hit) => !isFixed(hit)).map((hit) => [frameAt(hit.time, rate) + shift, hit]));
  const [now, then] = [at(edited), at(before)];
  /** @type {Map<number, Hit>} */
  const found = new Map(fresh.spotting.hits.map((hit) => [hit.frame, hit]));
  for (const [frame, hit] of then) {
    const there = found.get(frame);
    if (!now.has(frame) && there && !isFixed(there) && there.kind === hit.kind) found.delete(frame);
  }
  for (const [frame, hit] of now) {
    const was = then.get(frame);
    if (was && was.answered === hit.answered && was.weight === hit.weight) continue;
    const there = found.get(frame);
    if (there && isFixed(there)) continue;
    if (there) found.set(frame, { ...there, answered: hit.answered, weight: hit.weight });
    else if ((!was || hit.answered) && frame > 0 && frame < last) found.set(frame, { ...hit, frame, time: timeOf(frame, rate) });
  }
  return [...found.values()].sort((a, b) => a.frame - b.frame);
}

/** @param {Doc} merged @param {Doc} edited @param {Doc} before @returns {Doc} */
function withMoods(merged, edited, before) {
  const rate = rateOf(merged);
  const last = framesOf(merged);
  const shift = shiftOf(edited, merged);
  for (const span of edited.curve.spans) {
    // a span that was set may cover several that were read
    const read = before.curve.spans.filter((each) => each.start < span.end - 1e-6 && each.end > span.start + 1e-6);
    const set = read.length === 0 || read.some((each) =>
      Math.abs(each.affect.valence - span.affect.valence) > SAME ||
      Math.abs(each.affect.arousal - span.affect.arousal) > SAME ||
      each.silence !== span.silence);
    if (!set) continue;
    const [start, end] = [Math.max(0, frameAt(span.start, rate) + shift), Math.min(last, frameAt(span.end, rate) + shift)];
    if (start < end) merged = orderMood(merged, start, end, { ...span.affect, silence: span.silence, reason: span.reason });
  }
  return merged;
}
