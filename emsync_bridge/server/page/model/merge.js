/** Edits of a person carried over to another reading of the same cut. */

import { framesOf, isFixed, orderMood, rateOf } from "./edits.js";
import { frameAt, timeOf } from "./smpte.js";

/**
 * @typedef {import("./state.js").Doc} Doc
 * @typedef {import("./state.js").Hit} Hit
 * @typedef {import("./state.js").Edit} Edit
 */

const SAME = 0.0005; // of valence and arousal

/**
 * Carry edits over: hits that were added, moved, removed, weighted or left out, moods, silences and palettes that were
 * set, and all that is asked of the music. Edits outside of a part of the cut stay aside until more of it is read.
 * @param {Doc} edited The cut as the person has it.
 * @param {Doc} before The cut as it was read when the edits began.
 * @param {Doc} fresh The cut as it was read now.
 * @returns {Doc}
 */
export function mergeEdits(edited, before, fresh) {
  const { aside: _, ...read } = fresh;
  /** @type {Edit[]} */
  const aside = [];
  /** @type {Doc} */
  let merged = { ...read, ask: edited.ask };
  for (const edit of [...(edited.aside ?? []), ...editsOf(edited, before)]) {
    const [doc, left] = applied(merged, edit);
    merged = doc;
    aside.push(...left);
  }
  const hits = merged.spotting.hits.toSorted((a, b) => a.frame - b.frame);
  return { ...merged, spotting: { ...merged.spotting, hits }, ...(aside.length ? { aside } : {}) };
}

/**
 * List what a person has changed, in frames of the timeline, which are the same whatever part of it is read.
 * @param {Doc} edited
 * @param {Doc} before
 * @returns {Edit[]}
 */
function editsOf(edited, before) {
  return [...hitEdits(edited, before), ...directiveEdits(edited, before), ...moodEdits(edited, before)];
}

/** @param {Doc} edited @param {Doc} before @returns {Edit[]} */
function hitEdits(edited, before) {
  const rate = rateOf(edited);
  const at = (/** @type {Doc} */ doc) => new Map(doc.spotting.hits.filter((hit) => !isFixed(hit)).map((hit) => [frameAt(hit.time, rate) + edited.spotting.start_frame, hit]));
  const [now, then] = [at(edited), at(before)];
  /** @type {Edit[]} */
  const found = [];
  for (const [frame, hit] of then) if (!now.has(frame)) found.push({ kind: "removed", start: frame, end: frame, hit });
  for (const [frame, hit] of now) {
    const was = then.get(frame);
    if (was && was.answered === hit.answered && was.weight === hit.weight) continue;
    found.push({ kind: was ? "changed" : "added", start: frame, end: frame, hit });
  }
  return found;
}

/** @param {Doc} edited @param {Doc} before @returns {Edit[]} */
function directiveEdits(edited, before) {
  const rate = rateOf(edited);
  const { start_frame: first } = edited.spotting;
  const listed = (/** @type {Doc} */ doc) => new Map(doc.spotting.directives.map((each) => [JSON.stringify(each), each]));
  const [now, then] = [listed(edited), listed(before)];
  const frames = (/** @type {any} */ { start, end }) => ({ start: frameAt(start, rate) + first, end: end === null ? null : frameAt(end, rate) + first });
  const only = (/** @type {Map<string, any>} */ own, /** @type {Map<string, any>} */ other) => [...own].filter(([key]) => !other.has(key)).map(([, each]) => each);
  return [
    ...only(then, now).map((each) => ({ kind: /** @type {const} */ ("order removed"), ...frames(each), text: each.text })),
    ...only(now, then).map((each) => ({ kind: /** @type {const} */ ("order added"), ...frames(each), text: each.text })),
  ];
}

/** @param {Doc} edited @param {Doc} before @returns {Edit[]} */
function moodEdits(edited, before) {
  const rate = rateOf(edited);
  /** @type {Edit[]} */
  const found = [];
  for (const span of edited.curve.spans) {
    // a span that was set may cover several that were read
    const read = before.curve.spans.filter((each) => each.start < span.end - 1e-6 && each.end > span.start + 1e-6);
    const set = read.length === 0 || read.some((each) =>
      Math.abs(each.affect.valence - span.affect.valence) > SAME ||
      Math.abs(each.affect.arousal - span.affect.arousal) > SAME ||
      each.silence !== span.silence);
    if (!set) continue;
    const [start, end] = [span.start, span.end].map((time) => frameAt(time, rate) + edited.spotting.start_frame);
    found.push({ kind: "mood", start, end, mood: { ...span.affect, silence: span.silence, reason: span.reason } });
  }
  return found;
}

/**
 * Make an edit, as far as it lies in the part of the cut that is open.
 * @param {Doc} doc
 * @param {Edit} edit
 * @returns {[Doc, Edit[]]} The document, and what lies outside.
 */
function applied(doc, edit) {
  const { start_frame: first } = doc.spotting;
  const last = framesOf(doc);
  const from = edit.start - first;
  const to = (edit.end ?? edit.start) - first;
  if (edit.kind === "mood") {
    const [start, end] = [Math.max(0, from), Math.min(last, to)];
    if (start >= end) return [doc, [edit]];
    const left = [];
    if (from < 0) left.push({ ...edit, end: first });
    if (to > last) left.push({ ...edit, start: first + last });
    return [orderMood(doc, start, end, edit.mood ?? {}), left];
  }
  if (edit.kind === "order added" || edit.kind === "order removed") return [withOrder(doc, edit, from), from < 0 || from >= last ? [edit] : []];
  if (from <= 0 || from >= last) return [doc, [edit]];
  return [withHit(doc, edit, from), []];
}

/** @param {Doc} doc @param {Edit} edit @param {number} frame @returns {Doc} */
function withHit(doc, { kind, hit }, frame) {
  const { hits } = doc.spotting;
  const at = hits.findIndex((each) => each.frame === frame);
  const there = hits[at];
  const change = (/** @type {Hit[]} */ changed) => ({ ...doc, spotting: { ...doc.spotting, hits: changed } });
  if (!hit || (there && isFixed(there))) return doc;
  if (kind === "removed") return there && there.kind === hit.kind ? change(hits.toSpliced(at, 1)) : doc;
  if (there) return change(hits.with(at, { ...there, answered: hit.answered, weight: hit.weight }));
  if (kind === "changed" && !hit.answered) return doc;
  return change([...hits, { ...hit, frame, time: timeOf(frame, rateOf(doc)) }]);
}

/** @param {Doc} doc @param {Edit} edit @param {number} from @returns {Doc} */
function withOrder(doc, { kind, start, end, text }, from) {
  const rate = rateOf(doc);
  const { directives } = doc.spotting;
  if (from < 0 || from >= framesOf(doc)) return doc;
  const others = directives.filter((each) => each.text !== text || frameAt(each.start, rate) !== from);
  const order = { start: timeOf(from, rate), end: end === null ? null : timeOf(Math.min(framesOf(doc), from + end - start), rate), text: text ?? "" };
  const changed = kind === "order removed" ? others : [...others, order].sort((a, b) => a.start - b.start);
  return { ...doc, spotting: { ...doc.spotting, directives: changed } };
}
