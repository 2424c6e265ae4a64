/** Jobs: start, follow, cancel; what comes of them becomes the document and its versions. */

import * as api from "./api.js";
import { able, byId } from "../shell/dom.js";
import { complain, forgive, inWords, say } from "../shell/notice.js";
import { store } from "../model/state.js";
import { mergeEdits } from "../model/merge.js";
import { beginDraft, stopDraft } from "./drafts.js";
import { documentOf, isTimeline, nameOf } from "./records.js";
import { gather, chooseVersion } from "./versions.js";
import { hearVersion } from "../playback/transport.js";

/** Readings of cuts by the job that made them: an undone step may lead back to an earlier one. @type {Map<string, any>} */
const readings = new Map();

const DOING = {
  spot: "Reading the cut", feel: "Reading the cut", score: "Composing", redo: "Composing a section", conform: "Conforming the music", take: "Rendering the take", players: "Rendering single players", live: "Playing",
};
const DONE = { spot: "Cut read", feel: "Cut read", score: "Music composed", redo: "Section composed", conform: "Music conformed", take: "Take rendered", live: "Played" };

/** @type {{stop: () => void} | null} */
let following = null;

/** Put what is worked at into the address, so that a reload goes on there. */
function remember(/** @type {Record<string, string | null>} */ where) {
  const hash = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of Object.entries(where)) {
    if (value) hash.set(name, value);
    else hash.delete(name);
  }
  history.replaceState(null, "", hash.size ? `#${hash}` : location.pathname);
}

/** Fields of a request that every reading of its cut needs. */
const reading = (/** @type {any} */ { source, read, emotion, editor }) => ({
  source,
  ...(read ? { read } : {}),
  ...(emotion ? { emotion } : {}),
  ...(editor ? { editor } : {}),
});

/**
 * Read a cut and feel it.
 * @param {any} request `source` and what `read`, `emotion` hold.
 */
export const readCut = (request) => run({ kind: "feel", ...reading(request) });

/** Compose for the document as it stands. */
export function compose() {
  const { doc, root } = store.now;
  const { palette, ensemble, bpm, meter, key, max_bend, smooth_tempo, takes, seed, stems } = doc.ask;
  const [numerator, denominator] = meter.split("/").map(Number);
  return run({
    kind: "score",
    ...reading(root.request),
    render: { ...(root.request.render ?? {}), stems },
    music: { ...(root.request.music ?? {}), palette: palette || null, ensemble, bpm, max_bend, smooth_tempo, key: key || null, meter: meter ? { numerator, denominator } : null },
    seed,
    takes,
    spotting: doc.spotting,
    curve: doc.curve,
  });
}

/** Wishes that a section has in common with the rest of the music. */
const COMMON = { bpm: "tempo", meter: "meter", key: "key", max_bend: "drift of the tempo", smooth_tempo: "changes of the tempo" };

/**
 * Compose a section again for the document as it stands: its hits, moods and silences, and the instruments.
 * @param {any} section `job`, `start`, `end` and `seed`.
 * @param {import("../model/state.js").Ask | undefined} before Wishes that the rest was composed for.
 */
export async function redo(section, before) {
  const { doc, root } = store.now;
  const { spotting, curve, ask } = doc;
  const players = (/** @type {import("../model/state.js").Ask} */ { palette, ensemble }) => ({ palette: palette || null, ensemble });
  const other = before && JSON.stringify(players(before)) !== JSON.stringify(players(ask));
  const music = other ? { music: { ...(root.request.music ?? {}), ...players(ask) } } : {};
  await run({ kind: "redo", ...section, spotting, curve, ...music });
  const left = Object.entries(COMMON).filter(([name]) => before && JSON.stringify(/** @type {any} */ (before)[name]) !== JSON.stringify(/** @type {any} */ (ask)[name]));
  if (left.length && store.now.job?.state === "done") say(`Section composed; ${left.map(([, words]) => words).join(", ")} stay as in the rest: compose the whole for that`);
}

/** @param {any} request */
export async function run(request) {
  if (store.now.busy) return;
  forgive();
  store.set({ busy: true, job: { kind: request.kind, state: "queued", request } });
  try {
    const record = await api.startJob(request);
    // until it is read again, a reload finds the cut as it is open
    if (request.kind === "feel") store.now.doc || remember({ job: record.id, cut: null });
    else remember({ job: record.id, cut: store.now.place });
    await follow(record);
  } catch (problem) {
    complain(problem);
  } finally {
    store.set({ busy: false });
  }
}

/** Follow a job until it ends, and take in what came of it. */
async function follow(/** @type {any} */ record) {
  following?.stop();
  store.set({ job: record });
  say(`${DOING[/** @type {keyof typeof DOING} */ (record.kind)]} …`);
  const { ended, stop } = api.follow(record.id, (progress) => {
    if (store.now.job?.id === record.id) store.set({ job: { ...record, state: "running", progress } });
  });
  following = { stop };
  const last = await ended;
  following = null;
  if (store.now.job?.id !== record.id) return;
  store.set({ job: last });
  await arrive(last);
}

/** Do what a job was asked for again with another sequence of its file, which is a cut of its own. */
async function openSequence(/** @type {any} */ { kind, request }, /** @type {string} */ sequence) {
  const named = { ...request, read: { ...(request.read ?? {}), sequence } };
  if (kind === "conform") {
    await conformCut(named);
    return;
  }
  closeCut();
  await readCut(named);
}

/** Carry music over to a changed cut, and open that cut. */
export async function conformCut(/** @type {any} */ request) {
  await run(request);
  const { job } = store.now;
  if (job?.kind !== "conform" || job.state !== "done") return;
  closeCut();
  await resume(job.id);
}

/** Take in what came of a job; `opened` when its document is on the page already. */
async function arrive(/** @type {any} */ record, opened = false) {
  if (record.state === "failed") {
    complain(record.error, record.error.setting === "sequence" ? (sequence) => openSequence(record, sequence) : undefined);
    say("It failed");
  }
  if (record.state === "cancelled") say("Cancelled");
  if (record.state !== "done") return;
  if (record.kind === "conform" && store.now.doc && !opened) return; // the changed cut takes the place of this one
  const { doc, root } = await documentOf(record);
  const before = store.now.doc;
  if (record.kind === "feel") {
    if (before && !opened) {
      await mergeReading(record, doc, root);
      await showVersionsOf(record);
    }
    remember({ job: store.now.versions.length ? store.now.versions.at(-1).job : record.id, cut: record.id });
    picturesFrom(record);
    tellLengths(record.result?.lengths);
    tellNotPermitted(record.result?.not_permitted);
  }
  if (!before) await open(doc, root);
  if (!before && record.kind === "feel") await showVersionsOf(record);
  if (record.files?.cue) {
    if (!store.now.place) picturesFrom(record);
    await gather(record);
    await chooseVersion(record.id, record.result.cue.chosen);
  }
  store.set({ warnings: record.result?.warnings ?? [] });
  const gone = record.removed?.length ? `; the oldest versions (${record.removed.join(", ")}) were removed to make room. Star or name those to keep` : "";
  say(`${DONE[/** @type {keyof typeof DONE} */ (record.kind)]}${gone}`);
}

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

/** Show the versions that a reading has: its file may have been dropped again, or another cue of it be open. */
async function showVersionsOf(/** @type {any} */ record) {
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
function picturesFrom(/** @type {any} */ record) {
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

async function open(/** @type {any} */ doc, /** @type {any} */ root) {
  store.set({ root, hit: null, selection: null });
  store.open(doc && { ...doc, cut: store.now.place });
  if (doc) await beginDraft(root.cut, carriedOver);
}

/** Edits that were kept, as they are laid on the reading that is open: it may be another one than theirs. */
async function carriedOver(/** @type {any} */ edited) {
  const { doc } = store.now;
  const read = edited.cut ? await api.job(edited.cut).then(documentOf, () => ({ doc: null, root: null })) : { doc: null, root: null };
  // a file that was dropped again or moved is read from where it is now
  const moved = read.root?.source !== store.now.root.source;
  if (JSON.stringify(edited.spotting.shots) === JSON.stringify(doc.spotting.shots)) return moved ? { ...edited, cut: doc.cut } : edited;
  return { ...mergeEdits(edited, read.doc ?? edited, doc), cut: doc.cut };
}

/** Take another reading of the open cut in, with the person's edits on it, as one step that can be undone. */
async function mergeReading(/** @type {any} */ record, /** @type {any} */ fresh, /** @type {any} */ root) {
  const { doc, place } = store.now;
  const read = place ? await documentOf(readings.get(place)?.record ?? (await api.job(place))) : { doc };
  readings.set(record.id, { record, root });
  store.edit("analysing again", { ...mergeEdits(doc, read.doc ?? doc, fresh), cut: record.id });
  store.set({ root, hit: null });
}

/** Go back to the pictures of the reading that an undone step leads to. */
async function followReading(/** @type {any} */ { doc, place, busy }) {
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

/** Begin with nothing. */
export function closeCut() {
  stopDraft();
  following?.stop();
  following = null;
  remember({ job: null, cut: null });
  say("");
  store.set({ job: null, root: null, place: null, media: [], playable: false, video: false, versions: [], notes: {}, version: null, music: null, selection: null, hit: null, warnings: [], frame: 0 });
  store.open(null);
}

/** Take up a job: from the address after a reload, or from the list. */
export async function resume(/** @type {string} */ id, /** @type {string | null} */ cut = null) {
  store.set({ busy: true });
  try {
    const record = await api.job(id);
    remember({ job: id, cut });
    if (cut) {
      const read = await api.job(cut).catch(() => null);
      if (read?.state === "done") picturesFrom(read);
    }
    const { doc, root } = await documentOf(record);
    if (doc) {
      await open(doc, root);
      await gather(record);
      const { versions } = store.now;
      // a record with music of its own brings it to be heard below
      if (!record.files?.cue && versions.length) await chooseVersion(versions.at(-1).job, versions.at(-1).take);
    }
    await (record.ended ? (store.set({ job: record }), arrive(record, Boolean(doc))) : follow(record));
  } catch (problem) {
    complain(problem);
    if (/** @type {any} */ (problem).status === 404) closeCut();
  } finally {
    store.set({ busy: false });
  }
}

/** Go on with what is left after a job was removed; the document stays as it is. */
export async function forget(/** @type {string} */ id) {
  const { root, place } = store.now;
  const rest = (await api.jobsOf(root.cut)).reverse().filter((/** @type {any} */ each) => each.id !== id && each.state === "done" && !["live", "players"].includes(each.kind));
  if (!rest.length) {
    closeCut();
    return;
  }
  remember({ job: rest[0].id, cut: place === id ? null : place });
  hearVersion(null);
  store.set({ versions: [], version: null, music: null });
  await gather(rest[0]);
  const last = store.now.versions.at(-1);
  if (last) await chooseVersion(last.job, last.take);
}

/** Take up what the address names, if anything. */
export async function resumeFromAddress() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const id = hash.get("job");
  if (id) await resume(id, hash.get("cut"));
}

function showProgress(/** @type {any} */ { job, busy }) {
  const { step = "", share = 0, seconds_left: left = null } = job?.progress ?? {};
  const bar = byId("progress");
  byId("progress-area").classList.toggle("busy", busy);
  able(byId("cancel"), busy && Boolean(job?.id || job?.stop) && !job.ended);
  document.body.classList.toggle("working", busy);
  if (!busy) {
    bar.removeAttribute("aria-valuenow");
    return;
  }
  const waiting = !job || job.state === "queued";
  const words = waiting ? "Waiting" : step || DOING[/** @type {keyof typeof DOING} */ (job.kind)];
  byId("progress-fill").style.transform = `scaleX(${share})`;
  byId("progress-step").textContent = words;
  byId("progress-left").textContent = left === null || waiting ? "" : `${inWords(left)} left`;
  // no number before the bridge has taken the job in
  if (job?.id) bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  bar.setAttribute("aria-valuetext", `${words}, ${Math.round(share * 100)} %`);
}

/** Show progress and cancel. */
export function startJobs() {
  store.follow(["job", "busy"], showProgress);
  byId("cancel").addEventListener("click", async () => {
    const { job, busy } = store.now;
    if (busy && job?.stop) job.stop();
    if (!busy || !job?.id) return;
    try {
      await api.cancelJob(job.id);
    } catch (problem) {
      complain(problem);
    }
  });
  store.follow(["doc", "busy"], followReading);
}
