/** Readings of a cut: the pictures and media that they found, and a person's edits carried from one to another. */

import * as api from "./api.js";
import { complain } from "../shell/notice.js";
import { remember } from "../shell/address.js";
import { store } from "../model/state.js";
import { mergeEdits } from "../model/merge.js";
import { documentOf, isTimeline, nameOf } from "./records.js";
import { gather, chooseVersion } from "./versions.js";
import { hearVersion } from "../playback/transport.js";

/** Readings of cuts by the job that made them: an undone step may lead back to an earlier one. @type {Map<string, any>} */
const readings = new Map();

/** Say which media the system keeps from the bridge: they are there, so looking for them elsewhere is no use. */
function tellNotPermitted(/** @type {{media: string[], hint: string} | undefined} */ { media, hint } = { media: [], hint: "" }) {
  if (media.length) complain({ what: `The system does not let the bridge read ${media.length === 1 ? "a file" : `${media.length} media`}`, where: media[0], hint });
}

/** Say when the movie of the cut is not as long as the cut: it may be of another version of it. */
function tellLengths(/** @type {{movie: number, cut: number} | null | undefined} */ lengths) {
  if (!lengths) return;
  const [movie, cut] = [lengths.movie, lengths.cut].map((seconds) => `${seconds.toFixed(1)} s`);
  const lacks = lengths.movie < lengths.cut ? "After its end there is no picture to go by" : "What comes after the cut's end is not looked at";
  complain({ what: `The movie lasts ${movie} and the cut ${cut}`, hint: `${lacks}. Export the movie of this version of the cut and drop it here, or empty 'Movie' under Cut and analyse again` });
}

/**
 * Say what is odd about the media of a reading.
 * @param {{lengths?: any, not_permitted?: any}} result
 */
export function tellMedia({ lengths, not_permitted }) {
  tellLengths(lengths);
  tellNotPermitted(not_permitted);
}

/** Show the versions that a reading has: its file may have been dropped again, or another cue of it be open. */
export async function showVersionsOf(/** @type {any} */ record) {
  await gather(record);
  const { version, versions } = store.now;
  if (versions.some((/** @type {any} */ each) => each.letter === version)) return;
  const last = versions.at(-1);
  if (last) await chooseVersion(last.job, last.take);
  else {
    hearVersion(null);
    store.set({ version: null, music: null });
  }
}

/** Have shots and picture come from a job. */
export function picturesFrom(/** @type {any} */ record) {
  const { id, request, result, cut: own } = record;
  const root = { source: request.source, cut: own, name: (result?.spotting ?? result?.cue?.spotting)?.name ?? nameOf(request.source ?? ""), request };
  if (record.kind === "feel") readings.set(id, { record, root });
  const { media, video, spotting, cue } = result ?? {};
  const shots = (spotting ?? cue?.spotting)?.shots ?? [];
  store.set({
    place: id,
    media: media ?? shots.map((/** @type {any} */ shot) => shot.media !== null),
    playable: Boolean(media),
    video: video ?? Boolean(request.emotion?.picture || !isTimeline(request.source ?? "")),
  });
}

/** Edits that were kept, as they are laid on the reading that is open: it may be another one than theirs. */
export async function carriedOver(/** @type {any} */ edited) {
  const { doc } = store.now;
  const read = edited.cut ? await api.job(edited.cut).then(documentOf, () => ({ doc: null, root: null })) : { doc: null, root: null };
  // a file that was dropped again or moved is read from where it is now
  const moved = read.root?.source !== store.now.root.source;
  if (JSON.stringify(edited.spotting.shots) === JSON.stringify(doc.spotting.shots)) return moved ? { ...edited, cut: doc.cut } : edited;
  return { ...mergeEdits(edited, read.doc ?? edited, doc), cut: doc.cut };
}

/** Take another reading of the open cut in, with the person's edits on it, as one step that can be undone. */
export async function mergeReading(/** @type {any} */ record, /** @type {any} */ fresh, /** @type {any} */ root) {
  const { doc, place } = store.now;
  const read = place ? await documentOf(readings.get(place)?.record ?? (await api.job(place))) : { doc };
  readings.set(record.id, { record, root });
  store.edit("analysing again", { ...mergeEdits(doc, read.doc ?? doc, fresh), cut: record.id });
  store.set({ root, hit: null });
}

/** Go back to the pictures of the reading that an undone step leads to. */
export async function followReading(/** @type {any} */ { doc, place, busy }) {
  if (!doc?.cut || doc.cut === place || busy || !place) return;
  if (!readings.has(doc.cut)) {
    const record = await api.job(doc.cut).catch(() => null);
    if (!record?.result || store.now.doc?.cut !== doc.cut) return;
    readings.set(doc.cut, { record, root: (await documentOf(record)).root });
  }
  const found = readings.get(doc.cut);
  store.set({ root: found.root });
  picturesFrom(found.record);
  remember({ cut: doc.cut });
  await showVersionsOf(found.record);
}
