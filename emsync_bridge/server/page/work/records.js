/** Records of jobs, and the documents that they hold or were made from. */

import * as api from "./api.js";
import { askOf } from "../model/ask.js";

/**
 * Give the document that a record holds or was made from.
 * @param {any} record
 * @returns {Promise<{doc: import("../model/state.js").Doc | null, root: any}>}
 */
export async function documentOf(record) {
  const { request, result } = record;
  if (request.job && !request.source) {
    const before = await documentOf(await parentOf(record));
    const cue = result?.cue;
    return { ...before, doc: cue && before.doc ? { ...before.doc, spotting: cue.spotting, curve: cue.curve } : before.doc };
  }
  const { spotting, curve } = result?.cue ?? (result?.curve ? result : request);
  const root = { source: request.source, cut: record.cut, name: spotting?.name ?? nameOf(request.source), request };
  return { doc: spotting && curve ? { spotting, curve, ask: askOf(request) } : null, root };
}

/** The job that a record builds on, or what it began with where that has been removed. */
async function parentOf(/** @type {any} */ { request, basis, result, cut }) {
  try {
    return await api.job(request.job);
  } catch (problem) {
    if (/** @type {any} */ (problem).status !== 404 || !basis?.source) throw problem;
    return { request: basis, result, cut };
  }
}

/** True for the name of a timeline's file. */
export const isTimeline = (/** @type {string} */ name) => /\.(otio|otioz|otiod|xml|fcpxml|edl|aaf)$/i.test(name);

/** The last part of a path of any system. */
export const nameOf = (/** @type {string} */ path) => path.split(/[\\/]/).pop() ?? path;
